/*
 * One subject, one load, one look before and one after: what most checks are.
 *
 * Ownership: the structs are the caller's; job_subject()/subject_release().
 */
#ifndef SELFCHECK_JOB_H
#define SELFCHECK_JOB_H

#include "harness/selfcheck/selfcheck.h"

/*
 * A subject by its command line (as in a subject's file, ${bin} filled in), for
 * keystroke or SUBJECT_ANY.  -EINVAL when it is no command line.
 */
int job_subject(struct subject *out, const struct selfcheck *sc, int extractor,
		const char *command) MUST_CHECK;

struct job {
	const struct subject *subject;
	enum event_type type;
	size_t events;
	double rate_hz;
	double start_s; /* of the load, from the first look */
	double tail_s;	/* from the last event to the second look */
	enum gen_mode mode;
	/* At each step of waiting; may be NULL.  */
	int (*during)(struct live *lv, int64_t start_ns, void *ctx, struct err *e);
	/* When the books are made; looks[0] and [1].  May be NULL. */
	void (*after)(struct live *lv, const struct probe_sample *looks, void *ctx);
	void *ctx;
};

/* Fills *run, which goes into the session's result as well. */
int job_run(struct selfcheck *sc, const struct job *job, struct run *run, struct err *e) MUST_CHECK;

/* Do the lines of the ledger close, whatever the oracle thinks of a fake's answers? */
bool job_closed(const struct run *run);

#endif
