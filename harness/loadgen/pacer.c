/* The hybrid wait; see pacer.h. */
#include "harness/loadgen/pacer.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "extractors/base/clock.h"

#define MARGIN_FIRST_NS 50000
#define MARGIN_LEAST_NS 1000
#define MARGIN_MOST_NS	300000 /* beyond it a late wakeup is the host's, not the timer's */
#define PERCENTILE	95
#define STEP_DIVISOR	1600 /* a step up is 95/1600 of the margin, a step down 5/1600 */
/* One turn of the spin takes less; a longer one was an interrupt or another thread's. */
#define TURN_MOST_NS 2000
#define PRIORITY     1 /* the lowest: above all normal threads, below the kernel's own */

static bool is_realtime(void)
{
	int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;

	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static void become_realtime(struct pacer *p)
{
	const struct sched_param param = { .sched_priority = PRIORITY };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		snprintf(p->no_realtime, sizeof(p->no_realtime), "unavailable: SCHED_FIFO: %s",
			 strerror(errno));
	else
		p->made_realtime = true;
}

void pacer_start(struct pacer *p, enum pacer_class class)
{
	struct hist *wake = p->wake;

	*p = (struct pacer){ .margin_ns = MARGIN_FIRST_NS,
			     .woke_ns = clock_mono_ns(),
			     .wake = wake };
	prctl(PR_SET_TIMERSLACK, 1UL); /* refused only to real-time threads, which have none */
	if (class == PACER_REALTIME && !is_realtime())
		become_realtime(p);
	p->realtime = is_realtime();
	rt_budget_open(&p->budget, p->woke_ns);
	p->charged_ns = clock_thread_cpu_ns();
}

void pacer_stop(struct pacer *p)
{
	const struct sched_param param = { 0 };

	if (p->made_realtime)
		sched_setscheduler(0, SCHED_OTHER, &param);
}

void pacer_learn(struct pacer *p, int64_t late_ns)
{
	int64_t step = p->margin_ns / STEP_DIVISOR + 1;

	p->sleeps++;
	if (p->wake)
		hist_record(p->wake, late_ns);
	p->margin_ns += late_ns > p->margin_ns ? step * PERCENTILE : -step * (100 - PERCENTILE);
	if (p->margin_ns < MARGIN_LEAST_NS)
		p->margin_ns = MARGIN_LEAST_NS;
	if (p->margin_ns > MARGIN_MOST_NS)
		p->margin_ns = MARGIN_MOST_NS;
}

/*
 * Sleep to `target_ns`.  Descriptors ready, 0 when the time came, negative errno.
 * Without descriptors there is the call that takes an absolute time.
 */
static int sleep_to(struct pacer *p, int64_t now_ns, int64_t target_ns, struct pollfd *fds,
		    nfds_t n)
{
	int64_t left_ns = n ? target_ns - now_ns : target_ns;
	struct timespec ts = { .tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S };
	int ready = n ? ppoll(fds, n, &ts, NULL)
		      : -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);

	if (ready < 0 && n)
		ready = -errno;
	p->woke_ns = clock_mono_ns();
	if (ready == -EINTR)
		return 0;
	if (ready == 0)
		pacer_learn(p, p->woke_ns - target_ns);
	return ready;
}

static void spin_to(struct pacer *p, int64_t now_ns, int64_t due_ns)
{
	while (now_ns < due_ns) {
		bool worked = p->idle && due_ns - now_ns >= PACER_IDLE_NS && p->idle(p->idle_ctx);
		int64_t then_ns = clock_mono_ns();

		if (!worked && then_ns - now_ns < TURN_MOST_NS)
			p->spin_ns += then_ns - now_ns;
		now_ns = then_ns;
	}
}

#define CHARGE_EVERY_NS 500000 /* the question costs a system call */

/* In a real-time thread all its CPU time counts, work and waking up included. */
static void charge(struct pacer *p, int64_t now_ns)
{
	int64_t cpu_ns;

	if (now_ns - p->budget.seen_ns < CHARGE_EVERY_NS)
		return;
	cpu_ns = clock_thread_cpu_ns();
	rt_budget_spend(&p->budget, now_ns, cpu_ns - p->charged_ns);
	p->charged_ns = cpu_ns;
}

static bool may_spin(struct pacer *p, int64_t now_ns, int64_t due_ns)
{
	int64_t spin_ns = due_ns - now_ns < p->margin_ns ? due_ns - now_ns : p->margin_ns;
	bool may;

	if (!p->realtime)
		return true;
	charge(p, now_ns);
	may = rt_budget_allows(&p->budget, spin_ns);
	p->unspun += !may;
	return may;
}

int pacer_wait(struct pacer *p, int64_t due_ns, bool exact, struct pollfd *fds, nfds_t n)
{
	int64_t now_ns = clock_mono_ns();
	bool spins = now_ns < due_ns && exact && may_spin(p, now_ns, due_ns);

	for (;;) {
		int64_t target_ns = spins ? due_ns - p->margin_ns : due_ns;
		int ready;

		if (now_ns >= target_ns) {
			spin_to(p, now_ns, due_ns);
			return 0;
		}
		ready = sleep_to(p, now_ns, target_ns, fds, n);
		if (ready)
			return ready;
		now_ns = p->woke_ns;
	}
}
