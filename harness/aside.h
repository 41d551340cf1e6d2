/*
 * A phase on the side: a run or a few of every subject that the scenario compares,
 * without pairs.
 *
 * For what is a count, which needs none, and for what is traced, which is slower for
 * it and must never be scored.  Plan, ledger and oracle are as in any run.
 * Threads: the session's.
 */
#ifndef HARNESS_ASIDE_H
#define HARNESS_ASIDE_H

#include "harness/loadgen/plan.h"
#include "harness/session.h"

struct aside {
	const char *phase; /* "instructions": in results */
	const char *what;  /* "the instructions of": for the progress line */
	/* Where this is not 0 there are no runs, but this fact with the reason. */
	int (*available)(struct err *e);
	const char *fact;
	uint64_t seed; /* of the plans; a subject's runs, and all subjects, share one a type */
	int repeats;
	int64_t slow_ns; /* a run that takes longer is its subject's last; 0: no bound */
	bool compared;	 /* its metrics are to stand in a table of the report */
	int (*plan)(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
		    struct err *e);
	int (*run)(struct session *s, const struct subject *subject, struct plan *plan,
		   struct run *run, struct err *e);
};

/* Runs into s->result, saved after each.  -EINTR when stopped by a signal. */
int aside_run(struct session *s, const struct aside *aside, struct err *e) MUST_CHECK;

/* An available() of who traces by attribution.h. */
int aside_can_trace(struct err *e) MUST_CHECK;

#endif
