/*
 * Waiting for an absolute time, to the microsecond, without burning the core.
 *
 * A sleeping thread wakes late by some 5 to 60 us in a virtual machine; so the
 * pacer sleeps to a margin before the time and spins the rest.  The margin
 * follows the measured lateness: it is the 95th percentile, tracked by small
 * steps (Robbins and Monro, 1951), so five sleeps in a hundred end too late.
 *
 * Leave the thread SCHED_OTHER: under SCHED_FIFO or SCHED_RR the kernel stops a
 * spinner for the rest of the second once it used up sched_rt_runtime_us, which
 * was seen in a VM from 80 % of a core on.  In a real-time thread the pacer
 * therefore only sleeps: steadier on a busy host, and some 20 us late always.
 * Threads: one; a pacer belongs to the thread that called pacer_init().
 */
#ifndef LOADGEN_PACER_H
#define LOADGEN_PACER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct pacer {
	int64_t margin_ns;
	bool may_spin;
	/* While spinning with at least PACER_IDLE_NS left: something short and useful, or NULL. */
	void (*idle)(void *ctx);
	void *idle_ctx;
	uint64_t sleeps;       /* ended by the time, not by a descriptor */
	int64_t slept_late_ns; /* their sum, for the mean */
};

#define PACER_IDLE_NS 3000

/* Also asks the kernel for the finest timers for this thread (PR_SET_TIMERSLACK, default 50 us). */
void pacer_init(struct pacer *p);

/*
 * Until `due_ns` (monotonic) or until one of the descriptors is ready, which only
 * a sleep notices.  Returns how many are ready (see poll(2)), 0 when it is time,
 * or a negative errno; a signal does not end it.
 */
int pacer_wait(struct pacer *p, int64_t due_ns, struct pollfd *fds, nfds_t n);

/* One measured lateness of a sleep: moves the margin.  For tests; pacer_wait() calls it. */
void pacer_learn(struct pacer *p, int64_t late_ns);

#endif
