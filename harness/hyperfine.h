/*
 * Somebody else's stopwatch: hyperfine, on a command line as a subject's is.
 *
 * hyperfine (github.com/sharkdp/hyperfine) times a command from before fork to the
 * end of the process.  A subject gets --exit-when-ready: it connects, subscribes,
 * notifies and exits.  So its figure has fork, exit and reaping on top of our
 * exec-to-ready, but no socket to notify, and as runs follow each other at once
 * the core's caches are warm: a second opinion of about the same, not of exactly
 * the same.
 * Threads: one, that of the loop.
 */
#ifndef HARNESS_HYPERFINE_H
#define HARNESS_HYPERFINE_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/proc.h"
#include "harness/strv.h"

struct hyperfine_conf {
	const struct strv *argv; /* of the subject; --exit-when-ready is added */
	const struct strv *env;	 /* the whole environment */
	const char *dir;	 /* private: working directory and place of the JSON */
	const cpu_set_t *cpus;	 /* of hyperfine, which waits, and of what it starts */
	const struct proc_hooks *hooks;
	struct loop *loop;
	int64_t warmup, runs;
	int64_t once_ns; /* a subject that has not ended after that long does not know the option */
};

struct hyperfine_times {
	size_t n;
	double mean_ms, stddev_ms, median_ms, min_ms, max_ms; /* stddev: NAN for n < 2 */
};

/* "hyperfine 1.15.0"; -ENOENT: "hyperfine is not installed". */
int hyperfine_version(struct buf *out, struct err *e) MUST_CHECK;
/*
 * -ENOTSUP: the subject does not end with exit 0 when told --exit-when-ready.
 * -EINTR: somebody stopped the loop.
 */
int hyperfine_run(const struct hyperfine_conf *conf, struct hyperfine_times *out,
		  struct err *e) MUST_CHECK;

/* What --export-json wrote: the one result in it.  Pure.  -EINVAL with what is wrong. */
int hyperfine_parse(const char *text, size_t len, struct hyperfine_times *out,
		    struct err *e) MUST_CHECK;
/* The words as one command line that hyperfine -N splits into the same words.  Pure. */
void hyperfine_quote(const struct strv *argv, struct buf *out);

#endif
