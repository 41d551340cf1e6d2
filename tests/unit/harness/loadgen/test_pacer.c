/* The hybrid wait: never early, woken by descriptors, a margin that learns. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "harness/loadgen/pacer.h"

static void it_is_never_early(void **state UNUSED)
{
	struct pacer p = { 0 };

	pacer_start(&p, PACER_NORMAL);
	for (int i = 0; i < 200; i++) {
		int64_t due_ns = clock_mono_ns() + i * 3000;

		assert_int_equal(pacer_wait(&p, due_ns, true, NULL, 0), 0);
		assert_true(clock_mono_ns() >= due_ns);
	}
	assert_true(p.sleeps > 0);
}

static void a_time_that_is_past_returns_at_once_and_without_sleeping(void **state UNUSED)
{
	struct pacer p = { 0 };

	pacer_start(&p, PACER_NORMAL);
	assert_int_equal(pacer_wait(&p, clock_mono_ns() - NS_PER_S, true, NULL, 0), 0);
	assert_int_equal(p.sleeps, 0);
}

static void a_ready_descriptor_ends_the_wait(void **state UNUSED)
{
	int64_t begin_ns = clock_mono_ns();
	struct pollfd fd = { .fd = eventfd(1, 0), .events = POLLIN };
	struct pacer p = { 0 };

	pacer_start(&p, PACER_NORMAL);
	assert_int_equal(pacer_wait(&p, begin_ns + 60 * NS_PER_S, true, &fd, 1), 1);
	assert_int_equal(fd.revents, POLLIN);
	assert_true(clock_mono_ns() - begin_ns < 30 * NS_PER_S);
	assert_int_equal(p.sleeps, 0); /* not ended by time: nothing learned */
	close(fd.fd);
}

static void the_margin_becomes_the_95th_percentile_of_lateness(void **state UNUSED)
{
	static const int64_t most_ns[] = { 10000, 60000, 200000 };
	struct rng rng;

	rng_init(&rng, 1, 0);
	for (size_t i = 0; i < sizeof(most_ns) / sizeof(most_ns[0]); i++) {
		struct pacer p = { 0 };
		double sum = 0;

		pacer_start(&p, PACER_NORMAL);
		for (int k = 0; k < 40000;
		     k++) { /* uniform lateness: the percentile is 0.95 * most */
			pacer_learn(&p, (int64_t)rng_below(&rng, (uint64_t)most_ns[i]));
			sum += k >= 20000 ? (double)p.margin_ns : 0;
		}
		assert_true(sum / 20000 > 0.90 * (double)most_ns[i]);
		assert_true(sum / 20000 < 1.02 * (double)most_ns[i]);
	}
}

static void the_margin_stays_within_its_bounds(void **state UNUSED)
{
	struct pacer p = { 0 };

	pacer_start(&p, PACER_NORMAL);
	for (int i = 0; i < 100000; i++)
		pacer_learn(&p, NS_PER_S);
	assert_int_equal(p.margin_ns, 300000);
	for (int i = 0; i < 100000; i++)
		pacer_learn(&p, 0);
	assert_int_equal(p.margin_ns, 1000);
}

static bool count_idle(void *ctx)
{
	++*(int *)ctx;
	return false;
}

static void it_works_while_it_spins(void **state UNUSED)
{
	struct pacer p = { 0 };
	int calls = 0;

	pacer_start(&p, PACER_NORMAL);
	p.idle = count_idle;
	p.idle_ctx = &calls;
	p.margin_ns = 300000;			/* so all of it is spun */
	for (int i = 0; i < 100 && !calls; i++) /* a preempted spin may find its time past */
		assert_int_equal(pacer_wait(&p, clock_mono_ns() + 200000, true, NULL, 0), 0);
	assert_true(calls > 0);
	assert_int_equal(p.sleeps, 0);
	assert_true(p.spin_ns > 0);
}

static void an_inexact_wait_is_slept_whole(void **state UNUSED)
{
	struct pacer p = { 0 };
	int64_t due_ns = clock_mono_ns() + 2 * NS_PER_MS;

	pacer_start(&p, PACER_NORMAL);
	assert_int_equal(pacer_wait(&p, due_ns, false, NULL, 0), 0);
	assert_true(clock_mono_ns() >= due_ns);
	assert_int_equal(p.sleeps, 1);
	assert_int_equal(p.spin_ns, 0);
}

static void how_late_sleeps_end_is_recorded_apart(void **state UNUSED)
{
	struct pacer p = { .wake = hist_new(HIST_HOUR_NS, HIST_DIGITS, NULL) };

	pacer_start(&p, PACER_NORMAL);
	for (int i = 0; i < 5; i++)
		assert_int_equal(pacer_wait(&p, clock_mono_ns() + NS_PER_MS, true, NULL, 0), 0);
	assert_int_equal(hist_count(p.wake), p.sleeps);
	assert_int_equal(hist_negative(p.wake), 0);
	hist_free(p.wake);
}

struct realtime {
	struct pacer p;
	int policy_in, policy_after;
};

static void *wait_in_real_time(void *ctx)
{
	struct realtime *r = ctx;

	pacer_start(&r->p, PACER_REALTIME);
	r->policy_in = sched_getscheduler(0);
	for (int i = 0; i < 20 && r->p.realtime; i++) {
		int64_t due_ns = clock_mono_ns() + 500000;

		if (i >= 10) /* overdrawn: it must sleep */
			r->p.budget.left_ns = -1e9;
		assert_int_equal(pacer_wait(&r->p, due_ns, true, NULL, 0), 0);
		assert_true(clock_mono_ns() >= due_ns);
	}
	pacer_stop(&r->p);
	r->policy_after = sched_getscheduler(0);
	return NULL;
}

static void a_real_time_thread_spins_only_within_its_budget(void **state UNUSED)
{
	struct realtime r = { 0 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wait_in_real_time, &r), 0);
	pthread_join(thread, NULL);
	assert_int_equal(r.policy_after, SCHED_OTHER);
	if (!r.p.realtime) {
		assert_int_equal(strncmp(r.p.no_realtime, "unavailable: SCHED_FIFO: ", 25), 0);
		assert_int_equal(r.policy_in, SCHED_OTHER);
		return;
	}
	assert_int_equal(r.policy_in, SCHED_FIFO);
	if (r.p.budget.share < 1)
		assert_true(r.p.unspun >= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_never_early),
		cmocka_unit_test(a_time_that_is_past_returns_at_once_and_without_sleeping),
		cmocka_unit_test(a_ready_descriptor_ends_the_wait),
		cmocka_unit_test(the_margin_becomes_the_95th_percentile_of_lateness),
		cmocka_unit_test(the_margin_stays_within_its_bounds),
		cmocka_unit_test(it_works_while_it_spins),
		cmocka_unit_test(an_inexact_wait_is_slept_whole),
		cmocka_unit_test(how_late_sleeps_end_is_recorded_apart),
		cmocka_unit_test(a_real_time_thread_spins_only_within_its_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
