/* A gnuplot script with its data inside: every run as a dot, medians as bars. */
#ifndef REPORT_RENDER_GNUPLOT_H
#define REPORT_RENDER_GNUPLOT_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/*
 * One scenario's.  `terminal` is gnuplot's ("pngcairo", "svg"), `file` what it writes.
 * False: nothing of it can be drawn.
 */
bool render_gnuplot(const struct model *m, const char *scenario, const char *terminal,
		    const char *file, struct buf *out);

#endif
