/*
 * The report with every number decided: what the renderers only print.
 *
 * A pure function of a struct result (spec/measurement.md, rule 11): the
 * bootstrap's seed is the session's.
 * Ownership: model_build() allocates the lists, model_release() frees them;
 * names point into the result, which must outlive the model.
 */
#ifndef REPORT_MODEL_H
#define REPORT_MODEL_H

#include "extractors/base/err.h"
#include "harness/report/tuning_rule.h"
#include "harness/result.h"
#include "harness/stats/estimate.h"
#include "harness/stats/verdict.h"

#define MODEL_LEVEL 0.95
#define MODEL_POWER 0.95 /* of `smallest` */

/* One implementation's value of one metric. */
struct model_cell {
	const char *implementation;
	struct estimate est;
	size_t n_bounds; /* of est.n: only lower bounds, as the search found no rate too high */
	char why[224];	 /* when est.n is 0 */
};

/* Which side of a ratio is only a lower bound. */
enum model_bound { BOUND_NONE, BOUND_BELOW /* B is: the ratio is at least that */, BOUND_ABOVE };

/* One comparison's ratio B/A of one metric. */
struct model_ratio {
	const char *a, *b;
	const struct comparison *comparison;
	double smallest; /* ratio above 1 that as many pairs find in 95 % of sessions; NaN: unknown */
	struct estimate est;   /* of B/A */
	struct estimate noise; /* A/A of this metric, as a ratio; n = 0 when there was none */
	enum model_bound bound;
	enum verdict verdict;
	const char *why; /* of no value or of VERDICT_TOO_FEW; NULL: no reason is known */
	/* leaving disturbed pairs out and leaving them in (rule 8) */
	struct estimate with_disturbed;
};

/* What scenario.h lets through; test_scenario.c holds them together. */
#define MODEL_IMPLEMENTATIONS_MAX 8
#define MODEL_COMPARISONS_MAX	  16

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
	bool of_tuning; /* its ratios are summed up as a recommendation */
	size_t n_implementations;
	const char *implementations[MODEL_IMPLEMENTATIONS_MAX]; /* floor, C, Python, others */
	struct model_ledger
		ledgers[MODEL_IMPLEMENTATIONS_MAX]; /* in the order of implementations */
	size_t n_rows;
	struct model_row rows[METRICS];
};

/* Every ledger line of every run, trials too, but for those that were stopped. */
struct model_ledger_sum {
	size_t closed, open, unavailable;
	size_t runs_without; /* ended before their ledger */
};

/* Trials of searches, by what became of their runs. */
struct model_trials {
	size_t n, held, without_run;
	size_t by_status[RUN_STATUSES];
};

/* An implementation whose messages the oracle could not pin to one cut-off of the window. */
struct model_untraced {
	const char *implementation, *note; /* note: "" when none was given */
	size_t runs;
	int64_t unchecked;
};

struct latency_report; /* report/latency.h */
/* A leak below this is none: spec of the project's goals, "a leak of 1 MB/h told from 0". */
#define MODEL_LEAK_LIMIT_BYTES_PER_H 1e6
/*
 * Allocators and caches settle for minutes, which looks like a leak: less than
 * this much load is too short to tell.
 */
#define MODEL_LEAK_SPAN_MIN_S 300.0
#define MODEL_SOAKS_MAX	      (MODEL_IMPLEMENTATIONS_MAX * EVENT_TYPES)

enum model_leak { MODEL_LEAK_NO, MODEL_LEAK_YES, MODEL_LEAK_UNDECIDED, MODEL_LEAKS };
extern const char *const model_leak_names[MODEL_LEAKS];

/* What the series of some stretches of a subject show. */
struct model_slopes {
	size_t stretches, samples;
	double hours;  /* of load */
	double seen_s; /* without the stretches' beginnings */
	struct estimate leak_bytes_per_h, response_drift_us_per_h, cpu_drift_ns_per_h;
	double resolution_bytes_per_h;	  /* one page over the time seen */
	struct estimate late_bytes_per_h; /* the same of the later half of each stretch */
	enum model_leak leak;
	const char *leak_why; /* when undecided */
	double uss_first_bytes, uss_last_bytes;
	struct estimate response_us, cpu_ns_per_event; /* medians of the slopes' points */
};

/* One subject of a soak over all stretches; soak.h says what counts. */
struct model_soak {
	enum event_type type;
	const char *implementation;
	size_t stretches, counted, unfinished;
	size_t disturbed; /* of the host alone: they would count */
	int64_t events, checked, wrong;
	double reconnects;
	size_t reconnects_unknown; /* stretches that could not tell */
	const char *why;	   /* of the first stretch that does not count, or NULL */
	/* leaving disturbed stretches out and leaving them in (rule 8) */
	struct model_slopes slopes, with_disturbed;
};

/* As few pairs as have an interval at VERDICT_NOISE_LEVEL: stats/estimate.h. */
#define MODEL_AA_BLOCK 8

/* k of n, and the exact binomial interval of the share. */
struct model_share {
	size_t k, n;
	double low, high;
};

/* One implementation against itself in one metric; aa.h. */
struct model_aa {
	const char *scenario, *phase, *implementation;
	enum metric_id metric;
	struct estimate est;			/* of the ratio, over all pairs */
	double floor_frac;			/* the larger bound of |ratio - 1| */
	struct model_share verdicts, intervals; /* false differences */
};

#define MODEL_ITEM_COLUMNS_MAX (EVENT_TYPES * MODEL_IMPLEMENTATIONS_MAX)
#define MODEL_ITEM_ROWS_MAX    64

struct model_item_column {
	enum event_type type;
	const char *implementation;
};

/* The items of scenario `integration`: rows are items, columns subjects. */
struct model_items {
	size_t n_rows, n_columns;
	size_t by_outcome[ITEM_OUTCOMES];
	size_t left_out; /* of a results.json with more rows or columns than there is room for */
	struct model_item_column columns[MODEL_ITEM_COLUMNS_MAX];
	const char *names[MODEL_ITEM_ROWS_MAX], *whats[MODEL_ITEM_ROWS_MAX];
	/* NULL: not asked of this subject */
	const struct item_result *cells[MODEL_ITEM_ROWS_MAX][MODEL_ITEM_COLUMNS_MAX];
};

/* One value of a parameter: its ratios to the default, the one that decides first. */
#define MODEL_TUNING_RATIOS_MAX 6

struct model_tuning_value {
	const struct setting *setting;
	size_t n_ratios; /* 0: not measured */
	enum metric_id metrics[MODEL_TUNING_RATIOS_MAX];
	const struct model_ratio *ratios[MODEL_TUNING_RATIOS_MAX];
};

/* One parameter of one implementation of one extractor, and what is recommended. */
struct model_tuning {
	const struct setting *first; /* for what its values have in common */
	size_t n_values;
	struct model_tuning_value *values;
	enum tuning_advice advice;
	const struct model_tuning_value *chosen; /* NULL: the default stays */
};

/* Another tool's figure beside ours of the same subject. */
struct model_opinion {
	const struct opinion *theirs;
	struct estimate ours_ms; /* exec to ready, warm; n = 0: there is none */
	double ratio;		 /* theirs / ours, of the medians; NaN: one is missing */
};

struct model {
	const struct result *result;
	size_t n_aas;
	struct model_aa *aas;
	struct model_share aa_verdicts, aa_intervals; /* of all metrics */
	size_t n_soaks;
	struct model_soak soaks[MODEL_SOAKS_MAX]; /* by extractor */
	size_t n_sections;
	struct model_section *sections;
	size_t by_status[RUN_STATUSES];
	struct model_ledger_sum lines;
	struct model_trials trials;
	struct model_items items;
	size_t n_tunings;
	struct model_tuning *tunings;
	size_t n_untraced;
	struct model_untraced *untraced;
	size_t n_opinions;
	struct model_opinion *opinions;
	int64_t events_planned, messages_checked, messages_wrong, messages_unchecked;
	/* the instrument, medians over runs */
	struct estimate generator_cpu_ns, tap_cpu_ns, little_ratio, pacing_p99_us, held_back_frac,
		stats_asked, prober_samples, prober_cpu_us_per_sample, steal_frac, foreign_frac;
	struct estimate generator_work_ns, wake_p99_us, behind_ms, connections, events_per_write;
	/* eBPF minus procfs */
	struct estimate ebpf_cpu_us, ebpf_cpu_and_wait_us, ebpf_switches, ebpf_faults,
		ebpf_unseen_frac;
	struct model_share ebpf_cpu_within, ebpf_cpu_and_wait_within; /* the goal, of runs */
	const char *ebpf_why; /* the first reason why a run has none of it, or NULL */
	int64_t outstanding_max_bytes;
	struct latency_report *latency; /* NULL: no run has samples */
};

/* Has a report room for it?  -EINVAL says what there is too much of. */
int model_check(const struct result *r, struct err *e) MUST_CHECK;
/* Of a result that model_check() let through. */
void model_build(struct model *m, const struct result *r);
/* For aa.c: the rule of the verdicts.  `level`: what the ratio's interval must reach. */
enum verdict model_judge(struct model_ratio *ratio, double level, enum metric_better better);

void model_release(struct model *m);

/* Does it only what has to be done at least? */
bool model_is_floor(const char *implementation);
bool model_is_aa(const struct model_ratio *ratio);
/*
 * Which comparison of a section a reader looks for first, by its place among the ratios of
 * each row: C / Python; else one of two subjects, one with the floor, A/A.  -1: there is none.
 */
int model_main_ratio(const struct model_section *x);

/* That of these names; NULL: there is none, or nothing to look in. */
const struct model_section *model_section(const struct model *m, const char *scenario,
					  const char *phase, enum event_type type);
const struct model_row *model_row(const struct model_section *x, enum metric_id metric);
const struct model_cell *model_cell(const struct model_row *row, const char *implementation);
const struct model_ratio *model_ratio(const struct model_row *row, const char *a, const char *b);
/* The section of m with the names of x, which may be another session's; NULL: none. */
const struct model_section *model_same_section(const struct model *m,
					       const struct model_section *x);

/* The run of a trial, or NULL when it has none. */
const struct run *model_trial_run(const struct result *r, const struct trial *t);
/* Held for certain: by the trial, and in a run that counts. */
bool model_trial_held(const struct result *r, const struct trial *t);

#endif
