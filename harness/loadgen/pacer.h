/*
 * Waiting for an absolute time, to the microsecond, without burning the core.
 *
 * A sleeping thread wakes late by some 5 to 60 us in a virtual machine; so the
 * pacer sleeps to a margin before the time and spins the rest.  The margin
 * follows the measured lateness: it is the 95th percentile, tracked by small
 * steps (Robbins and Monro, 1951), so five sleeps in a hundred end too late.
 * How late sleeps end stands in a histogram of its own, apart from how late
 * events are sent.
 *
 * In a real-time thread (PACER_REALTIME, or whoever made it one) waking is much
 * steadier on a busy host, but the kernel stops a spinner that takes more than its
 * share: there the pacer spins only as far as rt_budget.h allows and sleeps else.
 * Threads: one; a pacer belongs to the thread that called pacer_start().
 * Ownership: the caller's struct; `wake` is the caller's too.
 */
#ifndef LOADGEN_PACER_H
#define LOADGEN_PACER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/loadgen/hist.h"
#include "harness/loadgen/rt_budget.h"

enum pacer_class { PACER_NORMAL, PACER_REALTIME };

struct pacer {
	int64_t margin_ns;
	bool realtime; /* the thread is SCHED_FIFO or SCHED_RR */
	bool made_realtime;
	struct rt_budget budget;
	int64_t charged_ns; /* CPU time the budget knows of */
	int64_t woke_ns;    /* when the last sleep ended */
	/*
	 * While spinning with at least PACER_IDLE_NS left: something short and useful,
	 * or NULL.  True: there was something to do.
	 */
	bool (*idle)(void *ctx);
	void *idle_ctx;
	uint64_t sleeps;      /* ended by the time, not by a descriptor */
	int64_t spin_ns;      /* CPU time spent on nothing but waiting */
	uint64_t unspun;      /* waits whose spinning the budget forbade */
	struct hist *wake;    /* lateness of sleeps that ended by the time */
	char no_realtime[96]; /* "unavailable: <why>", when it was asked for and refused */
};

#define PACER_IDLE_NS 3000

/*
 * Also asks the kernel for the finest timers for this thread (PR_SET_TIMERSLACK,
 * default 50 us).  PACER_REALTIME makes the thread SCHED_FIFO; when that is not permitted
 * it stays as it is and no_realtime says why.
 */
void pacer_start(struct pacer *p, enum pacer_class class);
/* Gives the thread its scheduling back, if it was changed. */
void pacer_stop(struct pacer *p);

/*
 * Until `due_ns` (monotonic) or until one of the descriptors is ready, which only
 * a sleep notices.  Returns how many are ready (see poll(2)), 0 when it is time,
 * or a negative errno; a signal does not end it.  With `exact` false the rest is
 * not spun: a little late for sure, and the core is free meanwhile.
 */
int pacer_wait(struct pacer *p, int64_t due_ns, bool exact, struct pollfd *fds, nfds_t n);

/* One measured lateness of a sleep: moves the margin.  For tests; pacer_wait() calls it. */
void pacer_learn(struct pacer *p, int64_t late_ns);

#endif
