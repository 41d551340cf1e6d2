/*
 * What the clock and the timers of this host are worth.
 *
 * Cost and resolution of CLOCK_MONOTONIC by reading it many times in a row (about
 * 1 ms where the vDSO answers, 0.1 s where the kernel must), and how late a sleeper
 * wakes, by sleeping to absolute deadlines.  Threads: the caller's.
 */
#ifndef HARNESS_CLOCK_CHECK_H
#define HARNESS_CLOCK_CHECK_H

#include <stddef.h>
#include <stdint.h>

struct clock_check {
	size_t n_reads;
	double cost_ns;	   /* of a reading: median of the means of batches */
	int64_t step_ns;   /* smallest difference above 0 between two readings; 0: it never moved */
	int64_t backwards; /* readings that were before the last */
};
void clock_check_read(struct clock_check *out);

struct wakeup_check {
	size_t n;
	double p50_us, p99_us, max_us; /* woken behind the deadline */
};
#define WAKEUP_CHECK_MAX 1000
/* n sleeps (at most WAKEUP_CHECK_MAX) of interval_ns each. */
void clock_check_wakeups(size_t n, int64_t interval_ns, struct wakeup_check *out);

#endif
