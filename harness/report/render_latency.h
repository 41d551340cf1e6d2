/* Latency by percentile: tables, and a gnuplot script. */
#ifndef REPORT_RENDER_LATENCY_H
#define REPORT_RENDER_LATENCY_H

#include "harness/doc/doc.h"
#include "harness/report/latency.h"

/* What is measured how; the picture stands behind it, then render_latency(). */
void render_latency_intro(struct doc *d);
void render_latency(const struct latency_report *l, struct doc *d);
/* A panel for each section; the axis stretches the tail: 1 / (1 - percentile). */
void render_latency_gnuplot(const struct latency_report *l, const char *terminal, const char *file,
			    struct buf *out);

#endif
