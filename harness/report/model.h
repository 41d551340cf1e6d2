/*
 * The report with every number decided: what the renderers only print.
 *
 * A pure function of a struct result (spec/measurement.md, rule 11): the
 * bootstrap's seed is the session's.
 * Ownership: no allocation stays; names point into the result, which must
 * outlive the model.
 */
#ifndef REPORT_MODEL_H
#define REPORT_MODEL_H

#include "harness/result.h"
#include "harness/stats/estimate.h"

enum verdict {
	VERDICT_BETTER,
	VERDICT_WORSE,
	VERDICT_NO_DIFFERENCE,
	VERDICT_TOO_FEW,
	VERDICT_VOID,
	VERDICTS
};
extern const char *const verdict_names[VERDICTS];

#define MODEL_LEVEL    0.95
#define MODEL_AA_LEVEL 0.99

/* One implementation's value of one metric. */
struct model_cell {
	const char *implementation;
	struct estimate est;
	const char *why; /* when est.n is 0 */
};

/* One comparison's ratio B/A of one metric. */
struct model_ratio {
	const char *a, *b;
	struct estimate est;   /* of B/A */
	struct estimate noise; /* A/A of this metric, as a ratio; n = 0 when there was none */
	enum verdict verdict;
	/* leaving disturbed pairs out and leaving them in (rule 8) */
	struct estimate with_disturbed;
};

#define MODEL_IMPLEMENTATIONS_MAX 8
#define MODEL_COMPARISONS_MAX	  16
#define MODEL_SECTIONS_MAX	  64

struct model_row {
	enum metric_id metric;
	size_t n_cells, n_ratios;
	struct model_cell cells[MODEL_IMPLEMENTATIONS_MAX];
	struct model_ratio ratios[MODEL_COMPARISONS_MAX];
};

/* One line of the ledger over all runs of an implementation. */
struct model_line {
	const char *name;
	size_t closed, open, unavailable; /* runs */
	int64_t expected, got;		  /* sums over runs in which it could be told */
	const char *why;		  /* of the first run in which it could not */
};

struct model_ledger {
	const char *implementation;
	size_t n, runs;
	struct model_line lines[LEDGER_LINES_MAX];
};

/* One extractor in one phase of a scenario: a table of the report. */
struct model_section {
	const char *scenario, *phase;
	enum event_type type;
	size_t n_implementations;
	const char *implementations[MODEL_IMPLEMENTATIONS_MAX]; /* floor first */
	struct model_ledger
		ledgers[MODEL_IMPLEMENTATIONS_MAX]; /* in the order of implementations */
	size_t n_rows;
	struct model_row rows[METRICS];
};

struct model {
	const struct result *result;
	size_t n_sections;
	struct model_section sections[MODEL_SECTIONS_MAX];
	size_t by_status[RUN_STATUSES];
	int64_t events_planned, messages_checked, messages_wrong, messages_unchecked;
	/* the instrument, medians over runs */
	struct estimate generator_cpu_ns, tap_cpu_ns, little_ratio, pacing_p99_us, steal_frac,
		foreign_frac;
	int64_t outstanding_max_bytes;
};

void model_build(struct model *m, const struct result *r);

#endif
