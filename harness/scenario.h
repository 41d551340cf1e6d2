/*
 * What a scenario file says: what is measured, with which load and limits.
 *
 * scenarios/README.md lists every key with unit and default; it is generated
 * from the tables in scenario.c (`make scenario-docs`).
 * Ownership: scenario_load() fills, scenario_release() frees.
 */
#ifndef HARNESS_SCENARIO_H
#define HARNESS_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/wire/event.h"

enum profile { PROFILE_QUICK, PROFILE_STANDARD, PROFILE_FULL, PROFILES };
extern const char *const profile_names[PROFILES + 1]; /* NULL-terminated */

/* In the order of a whole suite. */
enum scenario_kind {
	SCENARIO_STARTUP,
	SCENARIO_MEMORY,
	SCENARIO_CPU,
	SCENARIO_LATENCY,
	SCENARIO_THROUGHPUT,
	SCENARIO_INTEGRATION,
	SCENARIO_TUNING,
	SCENARIO_SOAK,
	SCENARIO_AA,
	SCENARIO_KINDS
};
extern const char *const scenario_kind_names[SCENARIO_KINDS + 1];
/* People's rates, events/s (spec/measurement.md: 15 key, 60 mouse; 141 app changes an hour). */
extern const double scenario_human_hz[EVENT_TYPES];
/* MAX_BUFFER_SIZE, the contract's defaults. */
extern const size_t scenario_buffer_events[EVENT_TYPES];

enum load_mix { MIX_OWN, MIX_HUMAN };
enum database { DATABASE_NONE, DATABASE_INFLUX, DATABASE_VICTORIA };

/* How much is done: the keys of [quick], [standard] and [full]. */
struct scenario_size {
	double budget_s;		 /* no new pair is begun after that long; 0: no bound */
	int64_t pairs;			 /* of each comparison, at most */
	int64_t aa_pairs;		 /* of a subject with itself */
	int64_t drain_events;		 /* of the plan of a drain */
	int64_t searches;		 /* for the highest sustained rate, of each subject */
	int64_t search_trials;		 /* rates tried in a search */
	double hold_s;			 /* how long a rate must be held */
	double idle_s, human_s, flood_s; /* stages of memory and cpu */
	double settle_s;		 /* between them */
	int64_t triggers;		 /* latency: samples of a run */
	char *phases;			 /* latency: which of them */
	char *survey_phases;		 /* latency: these with one pair of each comparison, */
	int64_t survey_triggers;	 /* of so many samples a run */
	double soak_s;			 /* how long a soak is */
	int64_t aa_drain_pairs;		 /* aa: of the drain, which costs more than a start */
	/* tuning: the values that are set against the default, words; "": not swept */
	char *batch_sizes, *buffer_sizes, *pool_sizes, *builds;
	int64_t store_events;	      /* tuning: events that each bring out a point */
	int64_t hyperfine_runs;	      /* startup: of each subject; 0: none */
	int64_t attribution_events;   /* cpu: of the run under tracing; 0: none */
	int64_t attribution_triggers; /* latency: of a traced run; 0: none */
	int64_t instruction_events;   /* cpu: N of instructions per event; 0: not counted */
	double duet_rate_hz, duet_s;  /* throughput: rate of a duet; its length, cpu's, too */
};

/* What a report has room for; `compare` may not name more. */
#define SCENARIO_IMPLEMENTATIONS_MAX 8
#define SCENARIO_COMPARISONS_MAX     16

struct scenario {
	char *path;
	char name[24]; /* the file's: what results call it */
	int kind;      /* enum scenario_kind */
	char *title, *extractors, *compare, *recording;
	int mix[EVENT_TYPES]; /* enum load_mix */
	int database;	      /* enum database */
	double window_s, update_interval_s;
	int64_t outstanding_bytes;
	double lag_limit_ms;
	double margin_frac;			     /* a ratio so near to 1 does not matter */
	double interval_us_per_event, other_rate_hz; /* latency */
	double steal_limit_frac, foreign_limit_frac;
	struct scenario_size sizes[PROFILES];
};

/* Is the file a scenario, not one of the rules (harness/judge/) that stand beside them? */
bool scenario_is_one(const char *path);
int scenario_load(struct scenario *sc, const char *path, struct err *e) MUST_CHECK;
void scenario_release(struct scenario *sc);

/* Is that file of the scenarios' folder one?  Rules of judgements lie there, too. */
bool scenario_is_one(const char *path);

/*
 * Every scenario of a folder, in the order of their kinds: `*out` is an array of
 * *n, the caller's to release and free.  -ENOENT when there is none.
 */
int scenario_load_dir(struct scenario **out, size_t *n, const char *dir, struct err *e) MUST_CHECK;

/* Can the sides of its pairs run at once, too (duet.h)? */
bool scenario_has_duet(const struct scenario *sc);

/* Does `extractors` name this one? */
bool scenario_has(const struct scenario *sc, enum event_type extractor);

/*
 * The comparisons of `compare`, "a:b" words: the i-th, as two implementation
 * names; false when there are no more.
 */
bool scenario_comparison(const struct scenario *sc, size_t i, char a[24], char b[24]);

/* Every implementation that `compare` names, once, in that order; how many. */
size_t scenario_implementations(const struct scenario *sc,
				char names[SCENARIO_IMPLEMENTATIONS_MAX][24]);

/*
 * What is done in a profile, as "key=value" words: of [subjects], [load] and the profile's keys
 * those that are not their defaults; not how often it is done.
 */
void scenario_settings(const struct scenario *sc, enum profile profile, struct buf *out);

/* The generated part of scenarios/README.md. */
void scenario_markdown(struct buf *out);

#endif
