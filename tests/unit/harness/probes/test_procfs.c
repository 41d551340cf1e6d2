/*
 * The /proc probe on processes whose use of CPU, memory and switches is known.
 *
 * Limits on time and memory are wide: they tell right from wrong, not fast from slow.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/probes/procfs.h"
#include "tests/unit/harness/probes/worker.h"

struct world {
	struct worker worker;
	struct probe *probe;
};

static int make(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err e = ERR_INIT;

	*state = w;
	return worker_start(&w->worker) || procfs_probe.open(&w->probe, w->worker.pid, &e);
}

static int drop(void **state)
{
	struct world *w = *state;

	procfs_probe.close(w->probe);
	worker_stop(&w->worker);
	free(w);
	return 0;
}

static void ask(struct world *w, char what)
{
	assert_true(worker_ask(&w->worker, what));
}

static void sample(struct world *w, uint64_t want, struct probe_sample *s)
{
	probe_sample_reset(s);
	assert_int_equal(procfs_probe.sample(w->probe, want, s), 0);
}

static int64_t delta(const struct probe_sample *a, const struct probe_sample *b,
		     enum probe_metric m)
{
	int64_t d = -1;

	if (!probe_delta(a, b, m, &d))
		fail_msg("%s: %s", probe_metrics[m].name, b->reason[m]);
	return d;
}

#define assert_between(v, low, high)                                                     \
	do {                                                                             \
		int64_t v_ = (v);                                                        \
		if (v_ < (low) || v_ > (high))                                           \
			fail_msg("%s = %lld is not in %lld ... %lld", #v, (long long)v_, \
				 (long long)(low), (long long)(high));                   \
	} while (0)

static void cpu_time_is_what_was_used_by_every_count(void **state)
{
	struct world *w = *state;
	struct probe_sample a, b;

	sample(w, PROBE_ALL, &a);
	ask(w, 'c');
	sample(w, PROBE_ALL, &b);
	/* It burns until its own clock says 100 ms; waking and answering come on top. */
	assert_between(delta(&a, &b, PROBE_CPU_NS), 99 * NS_PER_MS, 115 * NS_PER_MS);
	assert_between(delta(&a, &b, PROBE_SCHED_CPU_NS), 99 * NS_PER_MS, 115 * NS_PER_MS);
	assert_between(delta(&a, &b, PROBE_USER_NS) + delta(&a, &b, PROBE_SYSTEM_NS),
		       70 * NS_PER_MS, 140 * NS_PER_MS);
	assert_between(delta(&a, &b, PROBE_TIMESLICES), 1, 100000);
	assert_true(delta(&a, &b, PROBE_RUNQ_WAIT_NS) >= 0);
	assert_int_equal(delta(&a, &b, PROBE_THREADS), 1);
}

static void the_cpu_time_of_a_thread_that_is_gone_is_in_the_sum(void **state)
{
	struct world *w = *state;
	struct probe_sample a, b;
	int64_t cpu_ns, sched_ns;

	sample(w, PROBE_ALL, &a);
	ask(w, 't');
	sample(w, PROBE_ALL, &b);
	cpu_ns = delta(&a, &b, PROBE_CPU_NS);
	sched_ns = delta(&a, &b, PROBE_SCHED_CPU_NS);
	assert_between(cpu_ns, 99 * NS_PER_MS, 115 * NS_PER_MS);
	/* Born and gone between two samples: schedstat cannot know, and the difference shows it. */
	assert_true(sched_ns < 20 * NS_PER_MS);
	assert_between(cpu_ns - sched_ns, 95 * NS_PER_MS, 115 * NS_PER_MS);
}

static void threads_that_come_and_stay_are_counted(void **state)
{
	struct world *w = *state;
	struct probe_sample a, b;
	int64_t deadline_ns;

	sample(w, PROBE_ALL, &a);
	ask(w, 'i');
	ask(w, 'i');
	/* Each goes to sleep, soon. */
	deadline_ns = clock_mono_ns() + 20 * NS_PER_S;
	do {
		sample(w, PROBE_ALL, &b);
	} while (delta(&a, &b, PROBE_VOL_SWITCHES) < 2 && clock_mono_ns() < deadline_ns);
	assert_true(delta(&a, &b, PROBE_VOL_SWITCHES) >= 2);
	assert_int_equal(delta(&a, &b, PROBE_THREADS), 3);
	assert_true(delta(&a, &b, PROBE_SCHED_CPU_NS) > 0);
}

static void a_thread_seen_before_it_went_keeps_its_counts(void **state UNUSED)
{
	struct probe_sample a, b;
	struct probe *p;
	struct err e = ERR_INIT;
	int64_t ns = 50 * NS_PER_MS;
	pthread_t t;

	/* On ourselves, as only we know when our thread has done its work. */
	assert_int_equal(procfs_probe.open(&p, getpid(), &e), 0);
	probe_sample_reset(&a);
	assert_int_equal(procfs_probe.sample(p, PROBE_ALL, &a), 0);
	assert_int_equal(pthread_create(&t, NULL, worker_burn_thread, &ns), 0);
	do {
		probe_sample_reset(&b);
		assert_int_equal(procfs_probe.sample(p, PROBE_ALL, &b), 0);
	} while (delta(&a, &b, PROBE_SCHED_CPU_NS) < 10 * NS_PER_MS || b.value[PROBE_THREADS] != 2);
	pthread_join(t, NULL);
	a = b;
	probe_sample_reset(&b);
	assert_int_equal(procfs_probe.sample(p, PROBE_ALL, &b), 0);
	assert_true(delta(&a, &b, PROBE_SCHED_CPU_NS) >= 0); /* never backwards */
	assert_true(delta(&a, &b, PROBE_VOL_SWITCHES) >= 0);
	procfs_probe.close(p);
}

static void sleeping_is_a_voluntary_switch(void **state)
{
	struct world *w = *state;
	struct probe_sample a, b;

	sample(w, PROBE_ALL, &a);
	ask(w, 's');
	sample(w, PROBE_ALL, &b);
	assert_between(delta(&a, &b, PROBE_VOL_SWITCHES), 20, 24); /* and around the question */
}

static void read_and_write_calls_are_exact(void **state)
{
	struct world *w = *state;
	struct probe_sample a, b;

	sample(w, PROBE_ALL, &a);
	for (int i = 0; i < 50; i++)
		ask(w, '.');
	sample(w, PROBE_ALL, &b);
	assert_between(delta(&a, &b, PROBE_READ_CALLS), 50, 50);
	assert_between(delta(&a, &b, PROBE_WRITE_CALLS), 50, 50);
	assert_between(delta(&a, &b, PROBE_READ_BYTES), 50, 50);
	assert_between(delta(&a, &b, PROBE_WRITTEN_BYTES), 50, 50);
}

static void memory_is_resident_private_and_remembered(void **state)
{
	struct world *w = *state;
	struct probe_sample a, b;

	sample(w, PROBE_ALL, &a);
	ask(w, 'm');
	sample(w, PROBE_ALL, &b);
	assert_between(b.value[PROBE_RSS_BYTES] - a.value[PROBE_RSS_BYTES], 32 * MIB, 34 * MIB);
	assert_between(b.value[PROBE_USS_BYTES] - a.value[PROBE_USS_BYTES], 32 * MIB, 34 * MIB);
	assert_between(b.value[PROBE_PSS_BYTES] - a.value[PROBE_PSS_BYTES], 32 * MIB, 34 * MIB);
	assert_between(b.value[PROBE_RSS_FAST_BYTES] - a.value[PROBE_RSS_FAST_BYTES], 30 * MIB,
		       36 * MIB);
	assert_true(b.value[PROBE_PEAK_RSS_BYTES] >= 32 * MIB);
	assert_true(b.value[PROBE_USS_BYTES] <= b.value[PROBE_PSS_BYTES] &&
		    b.value[PROBE_PSS_BYTES] <= b.value[PROBE_RSS_BYTES]);
	assert_true(delta(&a, &b, PROBE_MINOR_FAULTS) >= 16); /* 8,192, fewer with huge pages */
}

static void only_what_is_asked_for_is_read(void **state)
{
	struct world *w = *state;
	struct probe_sample s;

	sample(w, PROBE_BIT(PROBE_CPU_NS) | PROBE_BIT(PROBE_THREADS), &s);
	assert_true(s.have == (PROBE_BIT(PROBE_CPU_NS) | PROBE_BIT(PROBE_THREADS)));
	assert_string_equal(s.reason[PROBE_RSS_BYTES], "not asked for");
	sample(w, PROCFS_CHEAP, &s);
	assert_false(probe_has(&s, PROBE_PSS_BYTES));
	assert_true(probe_has(&s, PROBE_RSS_FAST_BYTES));
}

static void what_it_cannot_know_has_a_reason(void **state)
{
	struct world *w = *state;
	struct probe_sample a, b;
	int64_t v;

	sample(w, PROBE_ALL, &a);
	sample(w, PROBE_ALL, &b);
	for (enum probe_metric m = 0; m < PROBE_METRICS; m++)
		assert_int_equal(probe_has(&a, m), !*a.reason[m]);
	assert_false(probe_delta(&a, &b, PROBE_SYSCALLS, &v));
	assert_string_equal(a.reason[PROBE_SYSCALLS], "procfs: does not count them");
}

static void a_process_that_has_ended_is_told(void **state)
{
	struct world *w = *state;
	struct probe_sample s;
	struct probe *p;
	struct err e = ERR_INIT;
	pid_t pid = w->worker.pid;

	close(w->worker.ask); /* the worker ends */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	w->worker.ask = dup(0);
	for (enum probe_metric m = 0; m < PROBE_METRICS; m++) {
		probe_sample_reset(&s);
		assert_int_equal(procfs_probe.sample(w->probe, PROBE_BIT(m), &s), -ESRCH);
	}
	assert_int_equal(procfs_probe.open(&p, pid, &e), -ENOENT);
	w->worker.pid = -1;
}

/* The limit is fifty times what it takes on a quiet host; the figure itself is printed. */
static void a_sample_is_cheap(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *name;
		uint64_t want;
	} rows[] = {
		{ "CPU, waiting, timeslices",
		  PROBE_BIT(PROBE_CPU_NS) | PROBE_BIT(PROBE_RUNQ_WAIT_NS) },
		{ "all but smaps_rollup", PROCFS_CHEAP },
		{ "all", PROBE_ALL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_sample s;
		int64_t from_ns = clock_thread_cpu_ns(), each_ns;

		for (int k = 0; k < 1000; k++)
			sample(w, rows[i].want, &s);
		each_ns = (clock_thread_cpu_ns() - from_ns) / 1000;
		print_message("%s: %.1f us a sample (n = 1000)\n", rows[i].name,
			      (double)each_ns / 1e3);
		assert_true(s.cost_ns > 0);
		assert_true(each_ns < 2500 * NS_PER_US);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(cpu_time_is_what_was_used_by_every_count),
		T(the_cpu_time_of_a_thread_that_is_gone_is_in_the_sum),
		T(threads_that_come_and_stay_are_counted),
		cmocka_unit_test(a_thread_seen_before_it_went_keeps_its_counts),
		T(sleeping_is_a_voluntary_switch),
		T(read_and_write_calls_are_exact),
		T(memory_is_resident_private_and_remembered),
		T(only_what_is_asked_for_is_read),
		T(what_it_cannot_know_has_a_reason),
		T(a_process_that_has_ended_is_told),
		T(a_sample_is_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
