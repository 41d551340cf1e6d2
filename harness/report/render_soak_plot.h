/* A gnuplot script of a soak: private memory of every subject over the load's time. */
#ifndef REPORT_RENDER_SOAK_PLOT_H
#define REPORT_RENDER_SOAK_PLOT_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* As render_gnuplot() draws, of the session.  False: no soak, or none of its series is there. */
bool render_soak_plot(const struct model *m, const char *scenario, const char *terminal,
		      const char *file, struct buf *out);

#endif
