/* A gnuplot script of the pairs of a scenario; strips.h says what is in it. */
#ifndef REPORT_RENDER_PAIRS_H
#define REPORT_RENDER_PAIRS_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* `terminal`, `file`: as render_gnuplot().  False: no pair has a ratio. */
bool render_pairs(const struct model *m, const char *scenario, const char *terminal,
		  const char *file, struct buf *out);

#endif
