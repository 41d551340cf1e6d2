/*
 * What a session measured: the raw values, nothing derived.
 *
 * Every report is a function of this (spec/measurement.md, rule 11); it is
 * written as results.json and read back by result_json.h.
 * Ownership: result_release() frees what result_add_* allocated; the strings
 * inside are copies.
 */
#ifndef HARNESS_RESULT_H
#define HARNESS_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/wire/event.h"
#include "harness/ledger.h"
#include "harness/metric.h"
#include "harness/series.h"
#include "harness/timeline.h"

#define RESULT_VERSION	 2
#define RESULT_PAIRS_MAX 100000 /* of a comparison */

enum run_status {
	RUN_OK,	       /* ledger closed, oracle satisfied: its metrics count */
	RUN_VOID,      /* ledger or oracle failed: no score */
	RUN_FAILED,    /* the subject could not be run to the end */
	RUN_DISTURBED, /* the host was, beyond the limits declared beforehand */
	RUN_STOPPED, /* a trial that was ended because the subject fell behind: no books were made */
	RUN_UNFINISHED, /* of a soak that was cut off: the books stand as of the last segment */
	RUN_STATUSES
};
extern const char *const run_status_names[RUN_STATUSES];

/* What the oracle said about a run's feature messages. */
struct oracle_summary {
	int64_t checked, wrong;
	int64_t unchecked; /* no way to tell the expected value; `note` says why */
	char note[160];	   /* the first difference, or why unchecked */
};

/* What the measuring itself cost and how well it kept its plan (rule 10). */
struct instrument {
	double generator_cpu_ns_per_event;
	double tap_cpu_ns_per_event;
	double pacing_p50_us, pacing_p99_us, pacing_max_us; /* NaN: nothing was paced */
	double little_ratio; /* mean outstanding / (rate * mean latency); 1 is perfect, NaN unknown */
	double held_back_frac; /* share of the drain in which the bound on outstanding data held the generator */
	int64_t outstanding_max_bytes; /* largest output buffer Redis held for the subject */
	int64_t stats_asked;	       /* SIGUSR1 questions to the subject */
	double prober_cpu_us;	       /* what sampling /proc took, in all */
	int64_t prober_samples;
	/* of the generator: without spinning for due times; how late its sleeps ended (NaN: none did) */
	double generator_work_ns_per_event, wake_p50_us, wake_p99_us;
	double generator_behind_ms; /* an event was due for more than 0.1 ms, unsent; NaN: not paced */
	int64_t generator_connections, generator_writes;
	int64_t generator_batched_events, generator_largest_batch; /* in writes of several */
	/*
	 * eBPF minus procfs from the first sample to the last (probes/reconcile.h); NaN: not
	 * measured, with the reason in ebpf_why ("": it was not to be).
	 */
	double ebpf_cpu_us_per_10s, ebpf_cpu_and_wait_us_per_10s, ebpf_switches, ebpf_faults;
	double ebpf_cpu_within, ebpf_cpu_and_wait_within; /* the goal: 0 or 1 */
	double ebpf_unseen_frac; /* of time slices, whose beginning eBPF missed */
	char ebpf_why[96];
};

/*
 * The samples of a run of latency, in the order of the triggers: what histograms are
 * merged from.  Allocated; the result they are added to frees them.
 */
struct latency_samples {
	size_t n;
	int64_t *response_ns, *service_ns;
};

/*
 * Where the service times of a traced run went, in the order of its latency_samples
 * (probes/attribution.h: what the parts are).  Allocated, as they are.
 */
enum split_outcome {
	SPLIT_WHOLE,
	SPLIT_AWAKE,   /* it ran when the event reached it: no wakeup, so no run queue */
	SPLIT_NO_SEND, /* the parts are not known */
	SPLIT_OUTCOMES
};
extern const char *const split_outcome_names[SPLIT_OUTCOMES];
enum split_part { SPLIT_REDIS, SPLIT_RUNQ, SPLIT_COMPUTE, SPLIT_DELIVERY, SPLIT_PARTS };
extern const char *const split_part_names[SPLIT_PARTS];

struct split_samples {
	size_t n;
	int64_t lost;		       /* events that the tracing missed */
	int *outcome;		       /* enum split_outcome */
	int64_t *part_ns[SPLIT_PARTS]; /* 0 where not known */
};
#define SPLIT_PHASE "attribution"
/* The fact "<scenario>, ..." that says why there are none. */
#define SPLIT_FACT ", where the time goes"

struct host_noise {
	double steal_frac;   /* of all CPU time during the run */
	double foreign_frac; /* CPU time of processes that are not ours */
};

struct run {
	char id[48]; /* "keystroke-drain-03-python" */
	char scenario[24], phase[16], subject[48], implementation[24];
	enum event_type extractor;
	int comparison; /* index into comparisons, or -1 */
	int pair;	/* number of the pair within the comparison, or -1 */
	char side;	/* 'a' or 'b' */
	int64_t started_wall_us;
	double seconds; /* from start to stop */
	int64_t plan_events, plan_own_events;
	uint64_t plan_checksum, plan_seed;
	/* Of a soak: rows of its series that elapsed later are in no book; NaN: all are in. */
	double books_until_s;
	enum run_status status;
	char why[256]; /* when not RUN_OK */
	struct metric_value metrics[METRICS];
	struct ledger ledger;
	struct oracle_summary oracle;
	struct instrument instrument;
	struct host_noise noise;
	struct latency_samples latency; /* n = 0: not that scenario */
	struct split_samples split;	/* n = 0: not traced */
};

/* Why a comparison has no more pairs. */
enum comparison_end {
	COMPARISON_UNDECIDED,	  /* all planned pairs were made and leave it open */
	COMPARISON_DECIDED,	  /* they were enough, perhaps fewer than planned */
	COMPARISON_OUT_OF_BUDGET, /* the time was spent before */
	COMPARISON_STOPPED,	  /* the session was */
	COMPARISON_ENDS
};
extern const char *const comparison_end_names[COMPARISON_ENDS];

/* Two implementations that are compared, for one extractor in one phase of a scenario. */
struct comparison {
	char scenario[24], phase[16];
	enum event_type extractor;
	char a[24], b[24]; /* implementations; equal: A/A */
	int pairs_planned; /* at most; looks and their levels follow (stats/sequential.h) */
	enum comparison_end end;
};

/* One trial of the search for the highest sustained rate. */
struct trial {
	char scenario[24], subject[48], implementation[24];
	enum event_type extractor;
	int search; /* which search, from 0 */
	double rate_per_s, max_lag_ms, hold_s;
	double pacing_p99_us; /* how late the generator itself was; NaN: nothing was sent */
	int run;	      /* its run in runs: ledger, oracle, noise, status */
	bool held;
	char why[160]; /* why it was not held */
};

/* What another tool says of a subject, beside our own figure. */
struct opinion {
	char scenario[24], implementation[24];
	enum event_type extractor;
	char tool[48];			       /* with its version */
	char metric[24];		       /* what it measured; ends in its unit */
	int64_t n;			       /* 0: unavailable, `why` says the reason */
	double median, mean, stddev, min, max; /* in the metric's unit; NaN: unknown */
	char why[160];
};

/* The fact "settings of <scenario>": what was done, beyond the defaults. */
#define RESULT_FACT_SETTINGS "settings of "

/* The fact that is there when the host was unfit and --anyway was said: why. */
#define RESULT_FACT_UNFIT "unfit"

/* One value of one parameter in scenario `tuning`, and what it is set against. */
struct setting {
	char scenario[24], phase[16]; /* of the comparison default:value */
	enum event_type extractor;
	char base[24];		 /* the implementation that is tuned */
	char parameter[24];	 /* INFLUX_BATCH_SIZE, …, build */
	char value[24];		 /* "500" */
	char reference[24];	 /* the default's value */
	char implementation[24]; /* label of the value in runs and comparisons; "": not measured */
	char against[24];	 /* label of the default */
	char primary[40];	 /* key of the metric that decides */
	bool other_work;	 /* the subject does not do the same work under it */
	char note[256];		 /* what the parameter means, where that bears on the choice */
	char why[160];		 /* not measured: the reason */
};

enum item_outcome {
	ITEM_PASS,
	ITEM_FAIL,
	ITEM_UNAVAILABLE,
	ITEM_OUTCOMES,
};
extern const char *const item_outcome_names[ITEM_OUTCOMES];

/* One item of the integration checklist for one subject. */
struct item_result {
	char scenario[24], implementation[24];
	enum event_type extractor;
	char item[64];	/* its name: harness/items.h */
	char what[200]; /* what is checked, one sentence */
	enum item_outcome outcome;
	char value
		[256]; /* fail: the offending value; unavailable: the reason; pass: what was seen, or "" */
	char run[48]; /* id of the run that shows it */
};

/* A fact about host, versions or configuration. */
struct fact {
	char *key, *value;
};

struct result {
	char id[64];
	char profile[16];
	int64_t started_wall_us, finished_wall_us;
	uint64_t seed;
	bool complete;	     /* every planned run was made */
	char stopped_by[64]; /* why not complete */
	struct fact *facts;
	size_t n_facts;
	struct comparison *comparisons;
	size_t n_comparisons;
	struct run *runs;
	size_t n_runs;
	struct trial *trials;
	size_t n_trials;
	/* of soaks: in files of their own beside results.json, soak/<run>.csv */
	struct series *series;
	size_t n_series;
	/* of runs of memory and cpu: likewise, timeline/<run>.csv */
	struct timeline *timelines;
	size_t n_timelines;
	struct item_result *items;
	size_t n_items;
	struct setting *settings;
	size_t n_settings;
	struct opinion *opinions;
	size_t n_opinions;
};

void result_release(struct result *r);
void result_add_fact(struct result *r, const char *key, const char *value_fmt, ...) PRINTF(3, 4);
const char *result_fact(const struct result *r, const char *key); /* NULL when absent */
int result_add_comparison(struct result *r, const char *scenario, const char *phase,
			  enum event_type extractor, const char *a, const char *b);
/* What the run has allocated becomes the result's. */
struct run *result_add_run(struct result *r, const struct run *run);
/* Frees what a run holds that was not added. */
void run_release(struct run *run);
struct item_result *result_add_item(struct result *r, const struct item_result *item);
struct setting *result_add_setting(struct result *r, const struct setting *setting);
struct trial *result_add_trial(struct result *r, const struct trial *trial);
/* Takes over what *series holds. */
void result_add_series(struct result *r, struct series *series);
/* Of that run, or NULL. */
const struct series *result_series(const struct result *r, const struct run *run);
/* Takes over what *timeline holds. */
void result_add_timeline(struct result *r, struct timeline *timeline);
/* Of that run, or NULL. */
const struct timeline *result_timeline(const struct result *r, const struct run *run);
/* How many of its rows, from the first, the run's books cover. */
size_t run_rows_booked(const struct run *run, const struct series *series);
struct opinion *result_add_opinion(struct result *r, const struct opinion *opinion);

void run_set(struct run *run, enum metric_id id, double value);
void run_unavailable(struct run *run, enum metric_id id, const char *why);

#endif
