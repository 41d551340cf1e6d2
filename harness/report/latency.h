/*
 * Latency in a report: percentiles of merged histograms, and the goal's two sides.
 *
 * A cell is one implementation in one section; its histograms hold the samples of
 * all its valid runs.  A percentile is stated when the samples have an interval for
 * it (stats/order.h), else how many it would need.
 * Pure.  Ownership: latency_report_new()/latency_report_free(); names point into the
 * result and the sections, which must outlive it.
 */
#ifndef REPORT_LATENCY_H
#define REPORT_LATENCY_H

#include "harness/loadgen/hist.h"
#include "harness/report/model.h"
#include "harness/report/split.h"

enum { LATENCY_P50, LATENCY_P90, LATENCY_P99, LATENCY_P999, LATENCY_PERCENTILES };

struct latency_percentile_info {
	const char *title;
	double q;
};
extern const struct latency_percentile_info latency_percentiles[LATENCY_PERCENTILES];

struct latency_percentile {
	bool there;
	double value_us, low_us, high_us; /* infinite: above the histogram's range */
	uint64_t needs;			  /* samples, when not there */
};

enum latency_time { LATENCY_RESPONSE, LATENCY_SERVICE, LATENCY_TIMES };
extern const char *const latency_time_names[LATENCY_TIMES];

struct latency_cell {
	const char *implementation;
	size_t runs;
	struct hist *hist[LATENCY_TIMES];
	struct latency_percentile p[LATENCY_TIMES][LATENCY_PERCENTILES];
	struct estimate cpu_us; /* per trigger, over runs; n = 0: not measured in this phase */
};

enum latency_verdict { LATENCY_MET, LATENCY_MISSED, LATENCY_UNDECIDED, LATENCY_VERDICTS };
extern const char *const latency_verdict_names[LATENCY_VERDICTS];

#define LATENCY_GOAL_US \
	100.0 /* goals: p99 <= the relay's + extraction + this, with a full window */

/* One implementation against the goal. */
struct latency_goal {
	const char *implementation;
	struct latency_percentile p99, relay_p99;
	/* CPU per trigger above the relay's, alone and full; the range by both intervals */
	double extraction_us, extraction_low_us, extraction_high_us;
	enum latency_verdict verdict;
	const char *why; /* not NULL: it could not be told */
};

struct latency_section {
	const struct model_section *section;
	size_t n_cells, n_goals;
	struct latency_cell cells[MODEL_IMPLEMENTATIONS_MAX];
	struct latency_goal goals[MODEL_IMPLEMENTATIONS_MAX]; /* of phases with a full buffer */
};

struct latency_report {
	size_t n;
	struct latency_section *sections;
	struct split_report split;
};

/* NULL when no run has samples. */
struct latency_report *latency_report_new(const struct model *m);
void latency_report_free(struct latency_report *l);

#endif
