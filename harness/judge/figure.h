/*
 * What a rule can ask of an implementation: every metric, and what reports derive of them.
 *
 * Derived are the percentiles of all samples of latency together (report/latency.h), and
 * the time that 1,000 events take at the drained rate.  A figure is named by its key and
 * stated in its unit, which is the one that reports print.  Pure; nothing is allocated.
 */
#ifndef JUDGE_FIGURE_H
#define JUDGE_FIGURE_H

#include "extractors/base/buf.h"
#include "harness/report/latency.h"
#include "harness/result.h"

enum figure_source { FIGURE_METRIC, FIGURE_PERCENTILE, FIGURE_PER_1000 };

struct figure {
	const char *key, *title, *unit, *what;
	double scale; /* stated = value * scale; of FIGURE_PER_1000: scale / value */
	int decimals;
	enum metric_better better;
	enum figure_source source;
	enum metric_id metric;	/* of FIGURE_METRIC and FIGURE_PER_1000 */
	enum latency_time time; /* of FIGURE_PERCENTILE */
	int percentile;		/* the same; LATENCY_P50 ... */
};

/* False: there is none of that key. */
bool figure_find(const char *key, struct figure *out);
/* The most similar key, or NULL when none is close. */
const char *figure_nearest(const char *key);
/* A table of all, for generated documentation. */
void figure_markdown(struct buf *out);

#endif
