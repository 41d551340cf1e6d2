/* A gnuplot script of a scenario's runs over time; timelines.h says what is in it. */
#ifndef REPORT_RENDER_TIMELINE_H
#define REPORT_RENDER_TIMELINE_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* `terminal`, `file`: as render_gnuplot().  False: no run of it has a timeline. */
bool render_timeline(const struct model *m, const char *scenario, const char *terminal,
		     const char *file, struct buf *out);

#endif
