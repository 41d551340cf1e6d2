/*
 * What others tell a running generator: stop, or how far it may go.
 *
 * Ownership: the caller's struct; gen_ctl_open()/gen_ctl_close().
 * Threads: any; gen_ctl_stop() may also be called from a signal handler.
 */
#ifndef LOADGEN_GEN_CTL_H
#define LOADGEN_GEN_CTL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/err.h"

struct gen_ctl {
	atomic_bool stop;
	atomic_bool asleep;	  /* the generator waits on event_fd */
	_Atomic uint64_t allowed; /* events with a lower number may be sent */
	_Atomic int64_t pace_from_ns;
	int event_fd;
};

/* Everything is allowed until gen_ctl_allow() is called. */
int gen_ctl_open(struct gen_ctl *c, struct err *e) MUST_CHECK;
void gen_ctl_close(struct gen_ctl *c);

/* No further event is sent; gen_run() returns once what is sent is answered. */
void gen_ctl_stop(struct gen_ctl *c);
/* Let the generator send the events 0 ... upto-1 of its plan: a bound on what is outstanding. */
void gen_ctl_allow(struct gen_ctl *c, uint64_t upto);
/* When the first paced event (gen_conf.paced_from) is due; to be said before it is allowed. */
void gen_ctl_pace(struct gen_ctl *c, int64_t from_ns);

#endif
