/* Latency by percentile: Markdown tables and a gnuplot script. */
#ifndef REPORT_RENDER_LATENCY_H
#define REPORT_RENDER_LATENCY_H

#include "extractors/base/buf.h"
#include "harness/report/latency.h"

/* `plot`: the picture beside the report, or NULL. */
void render_latency_md(const struct latency_report *l, const char *plot, struct buf *out);
/* A panel for each section; the axis stretches the tail: 1 / (1 - percentile). */
void render_latency_gnuplot(const struct latency_report *l, const char *terminal, const char *file,
			    struct buf *out);

#endif
