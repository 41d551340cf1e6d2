/*
 * The instrument measures what is known; `bench selfcheck`.
 *
 * A session like any other (session.h), on servers of its own; each check runs
 * fake or lying subjects through live.c, pairs.c and the probes, and adds rows to
 * the table.  A check that cannot be made adds a row that says why.
 * Ownership: selfcheck_run() fills *t, the caller frees it.  Threads: the session's.
 */
#ifndef SELFCHECK_SELFCHECK_H
#define SELFCHECK_SELFCHECK_H

#include "harness/live.h"
#include "harness/selfcheck/known.h"

struct selfcheck {
	struct session *session;
	struct known_table table;
	bool quick;
	const char *only; /* names of checks that contain this; NULL: all */
};

/* Everything in the table of checks.  -EINTR when stopped; a check that fails is a row. */
int selfcheck_run(struct selfcheck *sc, struct err *e) MUST_CHECK;
/* "slowdown counts …", for --help. */
void selfcheck_names(struct buf *out);

/* ---- for the checks ---- */

/* One check of the table.  Its rows are its own; an error becomes a row KNOWN_WRONG. */
struct selfcheck_check {
	const char *name;
	int (*run)(struct selfcheck *sc, struct err *e);
	double cost_s; /* quick, about: for the progress line */
};

int check_counts(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_process(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_service(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_stop(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_slowdown(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_loss(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_altered(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_starts(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_pacing(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_resolution(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_prober(struct selfcheck *sc, struct err *e) MUST_CHECK;
int check_elsewhere(struct selfcheck *sc, struct err *e) MUST_CHECK;

#endif
