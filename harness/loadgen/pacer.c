/* The hybrid wait; see pacer.h. */
#include "harness/loadgen/pacer.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <time.h>

#include "extractors/base/clock.h"

#define MARGIN_FIRST_NS 50000
#define MARGIN_LEAST_NS 1000
#define MARGIN_MOST_NS	300000 /* beyond it a late wakeup is the host's, not the timer's */
#define PERCENTILE	95
#define STEP_DIVISOR	1600 /* a step up is 95/1600 of the margin, a step down 5/1600 */

void pacer_init(struct pacer *p)
{
	int policy = sched_getscheduler(0);

	*p = (struct pacer){ .margin_ns = MARGIN_FIRST_NS,
			     .may_spin = policy != SCHED_FIFO && policy != SCHED_RR };
	prctl(PR_SET_TIMERSLACK, 1UL); /* refused only to real-time threads, which have none */
}

void pacer_learn(struct pacer *p, int64_t late_ns)
{
	int64_t step = p->margin_ns / STEP_DIVISOR + 1;

	p->sleeps++;
	p->slept_late_ns += late_ns;
	p->margin_ns += late_ns > p->margin_ns ? step * PERCENTILE : -step * (100 - PERCENTILE);
	if (p->margin_ns < MARGIN_LEAST_NS)
		p->margin_ns = MARGIN_LEAST_NS;
	if (p->margin_ns > MARGIN_MOST_NS)
		p->margin_ns = MARGIN_MOST_NS;
}

/* Sleep to `target_ns`.  Descriptors ready, 0 when the time came, negative errno. */
static int sleep_to(struct pacer *p, int64_t now_ns, int64_t target_ns, struct pollfd *fds,
		    nfds_t n)
{
	int64_t left_ns = target_ns - now_ns;
	struct timespec ts = { .tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S };
	int ready = ppoll(fds, n, &ts, NULL);

	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (ready == 0)
		pacer_learn(p, clock_mono_ns() - target_ns);
	return ready;
}

static void spin_to(struct pacer *p, int64_t now_ns, int64_t due_ns)
{
	for (; now_ns < due_ns; now_ns = clock_mono_ns())
		if (p->idle && due_ns - now_ns >= PACER_IDLE_NS)
			p->idle(p->idle_ctx);
}

int pacer_wait(struct pacer *p, int64_t due_ns, struct pollfd *fds, nfds_t n)
{
	for (;;) {
		int64_t now_ns = clock_mono_ns();
		int64_t target_ns = p->may_spin ? due_ns - p->margin_ns : due_ns;
		int ready;

		if (now_ns >= target_ns) {
			spin_to(p, now_ns, due_ns);
			return 0;
		}
		ready = sleep_to(p, now_ns, target_ns, fds, n);
		if (ready)
			return ready;
	}
}
