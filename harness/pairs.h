/*
 * The paired runs of one phase of a scenario: the loop that all scenarios share.
 *
 * Every comparison of the scenario, for every extractor, in interleaved ABBA
 * blocks (schedule.h); both sides of a pair get the same plan, each pair another.
 * A subject that fails is a failed run, not the end of the session; only a
 * signal, or servers that do not answer any more, are.
 */
#ifndef HARNESS_PAIRS_H
#define HARNESS_PAIRS_H

#include "harness/loadgen/plan.h"
#include "harness/session.h"

struct pairs_phase {
	const char *name;	/* "drain": in results and reports */
	const char *does;	/* "drains": for the progress line */
	double cost_s;		/* of a run, about: for the progress line */
	enum metric_id primary; /* no more pairs of a comparison once they decide about this one */
	int (*plan)(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
		    struct err *e);
	int (*run)(struct session *s, const struct subject *subject, struct plan *plan,
		   struct run *run, struct err *e);
	int64_t pairs; /* of each comparison; 0: as the scenario says */
	bool no_aa;    /* one pair of A/A says nothing */
	/* Instead of run(): both sides of a pair at once, in the places that their order gives. */
	int (*run_both)(struct session *s, const struct subject *const subjects[2],
			struct plan *plan, struct run *const runs[2], struct err *e);
};

/*
 * Runs into s->result, saved after every run, until the pairs are made, or are
 * enough to decide, or deadline_ns (monotonic) has passed: then every comparison
 * has one pair at least.
 * -EINTR when stopped by a signal.
 */
int pairs_run(struct session *s, const struct pairs_phase *phase, int64_t deadline_ns,
	      struct err *e) MUST_CHECK;

/* A comparison of the phase in the result, its pairs still to be made; its index. */
int pairs_plan(struct session *s, const struct pairs_phase *phase, enum event_type type,
	       const char *a, const char *b);

/* The same for comparisons that stand in the result already, from `first` to the last. */
int pairs_run_from(struct session *s, const struct pairs_phase *phase, int first,
		   int64_t deadline_ns, struct err *e) MUST_CHECK;

/* Several phases after each other, which share the time until deadline_ns by what they cost. */
int pairs_run_all(struct session *s, const struct pairs_phase *phases, size_t n,
		  int64_t deadline_ns, struct err *e) MUST_CHECK;

/* What the phases will take at most, in s: for the progress line. */
double pairs_cost(const struct session *s, const struct pairs_phase *phases, size_t n);

/* A run with nothing measured yet. */
void run_begin(struct session *s, struct run *run, enum event_type type,
	       const struct subject *subject, const char *phase);
/* What a run's error means for the session: 0 to go on with the run marked as failed. */
int run_absorb(struct session *s, int rc, struct run *run, struct err *e) MUST_CHECK;

#endif
