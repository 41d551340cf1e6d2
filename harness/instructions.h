/*
 * Instructions per event, by callgrind: a count that repeats exactly where there are
 * no hardware counters.
 *
 * The subject runs under `valgrind --tool=callgrind` against a replay_server, once
 * with N and once with 2N events of the same plan; the difference divided by N is
 * what one event costs, as start and end are the same in both.  User space only: what
 * the kernel does for it is not counted.  Its features are far between (it is
 * told an update interval of a day), so this is the way of an event from the socket into the buffer.
 * Source: valgrind.org, "Callgrind"; Weidendorfer et al., "A Tool Suite for
 * Simulation Based Analysis of Memory Access Behavior", ICCS 2004.
 * Threads: one, that of the loop.
 */
#ifndef HARNESS_INSTRUCTIONS_H
#define HARNESS_INSTRUCTIONS_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "harness/loadgen/plan.h"
#include "harness/proc.h"
#include "harness/strv.h"

struct instructions_conf {
	const char *name;	 /* of the subject, for errors */
	const struct strv *argv; /* of the subject */
	const struct strv *env;	 /* of the subject; REDIS_SOCKET is replaced */
	const char *dir;	 /* private */
	const cpu_set_t *cpus;	 /* or NULL */
	const struct proc_hooks *hooks;
	struct loop *loop;
	const struct plan *plan; /* of at least 2N events */
	size_t events;		 /* N */
	int64_t timeout_ns;	 /* for each of the two */
};

struct instructions {
	double per_event;
	int64_t start;	   /* instructions of start and end together: T(N) - N * per_event */
	int64_t sent;	   /* events of both */
	int64_t received;  /* by the subject's counters; -1: it has none */
	int64_t published; /* PUBLISH commands that were taken */
	int64_t features;  /* by the subject's counters; -1: it has none */
};

/* -ENOENT: "valgrind is not installed". */
int instructions_available(struct err *e) MUST_CHECK;
/*
 * -EINTR: somebody stopped the loop; -ENOTSUP: the subject is several processes, of
 * which callgrind would count only the first.
 */
int instructions_count(const struct instructions_conf *conf, struct instructions *out,
		       struct err *e) MUST_CHECK;

/* The `totals:` of a callgrind.out file.  Pure.  -EINVAL: there is no such line. */
int instructions_parse(const char *text, size_t len, int64_t *total, struct err *e) MUST_CHECK;

#endif
