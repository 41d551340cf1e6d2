/* The soak part of the report: its table, and the plot of memory over time. */
#ifndef REPORT_RENDER_SOAK_H
#define REPORT_RENDER_SOAK_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* `plot`: the picture's file, or NULL.  Nothing when there was no soak. */
void render_soak_md(const struct model *m, const char *plot, struct buf *out);
/* The gnuplot script, as render_gnuplot(). */
void render_soak_gnuplot(const struct model *m, const char *terminal, const char *file,
			 struct buf *out);

#endif
