/* Latency by percentile: tables. */
#ifndef REPORT_RENDER_LATENCY_H
#define REPORT_RENDER_LATENCY_H

#include "harness/doc/doc.h"
#include "harness/report/latency.h"

/* What is measured how; the picture stands behind it, then render_latency(). */
void render_latency_intro(struct doc *d);
void render_latency(const struct latency_report *l, struct doc *d);

#endif
