/*
 * A session: everything that lives as long as one `bench run`.
 *
 * Private servers, the guardian that cleans up whatever happens, the subjects,
 * the result so far.  Scenarios run inside it; see drain.h and sustain.h.
 * Ownership: session_open()/session_close().  Threads: one; SIGINT and SIGTERM
 * set `stopped` through the loop.
 */
#ifndef HARNESS_SESSION_H
#define HARNESS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/base/loop.h"
#include "extractors/base/rng.h"
#include "harness/cpus.h"
#include "harness/guard.h"
#include "harness/loadgen/replay.h"
#include "harness/proc.h"
#include "harness/progress.h"
#include "harness/result.h"
#include "harness/scenario.h"
#include "harness/subject.h"
#include "harness/sut.h"

struct session_conf {
	const char *root;		   /* of the repository */
	const char *bin;		   /* where the release programs are */
	const char *out;		   /* where the session's folder goes */
	const char *const *scenario_paths; /* run one after the other; n = 0: every one there is */
	size_t n_scenarios;
	enum profile profile;
	uint64_t seed;
	const char *subject_path;   /* one more subject's file, or NULL */
	const char *recording_path; /* events to replay instead of the scenario's source, or NULL */
	int64_t drop_event;	    /* fault to plant: do not send this event; -1: none */
	double duration_s;	    /* of a soak; 0: the scenario's */
	const char *resume;	    /* a session's folder to go on with, or NULL */
	bool realtime;		    /* the generator under SCHED_FIFO, where that is permitted */
	bool duet;		    /* --duet */
	bool quiet, anyway;
};

struct session {
	struct session_conf conf;
	struct scenario *scenarios;
	size_t n_scenarios;
	struct scenario scenario; /* the one that runs: a copy, its strings are the array's */
	const struct scenario_size *size;
	int64_t deadline_ns; /* of its pairs, monotonic */
	struct subjects subjects;
	struct recording *recording; /* NULL: the human model */
	struct cpus cpus;
	struct loop *loop;
	struct guard *guard;
	struct proc_hooks hooks;
	char dir[TEMPDIR_PATH_MAX]; /* private, removed at the end */
	struct sut *sut;
	struct rng rng;
	struct result result;
	struct buf out_dir; /* reports/out/<id> */
	bool holds_ebpf;
	struct progress progress;
	bool stopped; /* somebody pressed Ctrl-C */
	int n_runs;   /* numbers databases and sockets */
};

int session_open(struct session *s, const struct session_conf *conf, struct err *e) MUST_CHECK;
/* Stops and removes everything that was started; *e keeps the first thing that went wrong. */
int session_close(struct session *s, struct err *e) MUST_CHECK;

/* Turn to the i-th scenario: its recording, its facts, its budget begin. */
int session_begin(struct session *s, size_t i, struct err *e) MUST_CHECK;

/* Where subjects store their points in the scenario that runs; NULL: nowhere. */
const struct influx_target *session_database(const struct session *s);

/*
 * Put a subject on record: its command, environment and version.  -EINVAL for a
 * build that is not the release variant (rule 8), unless told --anyway.
 */
int session_add_subject(struct session *s, const struct subject *subject, struct err *e) MUST_CHECK;

/* Put load average and pressure on record. */
void session_add_load(struct session *s, const char *when);

/*
 * One more private Redis, without a database, for subjects that cannot be told apart on one: two of
 * an extractor publish on one channel.  `name` is its folder's; sut_stop() ends it.  -EINVAL when
 * the session's own Redis is not private either.
 */
int session_start_redis(struct session *s, const char *name, const cpu_set_t *cpus,
			struct sut **out, struct err *e) MUST_CHECK;

/* Write results.json as it is now. */
int session_save(struct session *s, struct err *e) MUST_CHECK;

#endif
