/*
 * The figures of this host, for doctor.h to judge.
 *
 * QUICK is what `bench run` asks before it starts anything, in less than a second on
 * a quiet host: what can make it unfit, and the noise score.  FULL is all of it and
 * takes some four seconds.
 * QUICK looks again, a few times, where steal or foreign load is over its limit:
 * what was there at first may be the end of a build.
 * Threads: one, whose affinity must be the process' own.  What cannot be found out
 * is a reason in the struct, so there is no error.
 */
#ifndef HARNESS_DOCTOR_GATHER_H
#define HARNESS_DOCTOR_GATHER_H

#include <errno.h>

#include "harness/doctor.h"

enum doctor_depth { DOCTOR_QUICK, DOCTOR_FULL };

struct doctor_conf {
	enum doctor_depth depth;
	struct doctor_limits limits;
	const char *out;  /* where reports go; it or its folder exists */
	const char *root; /* of the repository */
};

void doctor_gather(struct doctor_host *h, const struct doctor_conf *conf);

/* The error code of a session on an unfit host: it becomes exit code 3. */
#define DOCTOR_UNFIT_HOST (-EUCLEAN)

/*
 * What `bench run` asks first.  True when the host is fit; else a line for each
 * reason has been logged and *reasons names them all.
 */
bool doctor_is_fit(const struct doctor_conf *conf, struct buf *reasons, double *noise_score_pct);

#endif
