/*
 * The eBPF probe on processes whose use of the CPU is known, beside procfs.
 *
 * Where eBPF cannot be used each test skips with the one reason.  Limits on times are
 * wide: they tell right from wrong only.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "harness/file.h"
#include "harness/probes/ebpf.h"
#include "harness/probes/procfs.h"
#include "harness/probes/sched_rows.h"
#include "harness/procfs_parse.h"
#include "tests/unit/harness/probes/worker.h"

static bool usable;

struct world {
	struct worker worker;
	struct probe *ebpf, *procfs;
};

static void open_probes(struct world *w)
{
	struct err e = ERR_INIT;

	if (ebpf_probe.open(&w->ebpf, w->worker.pid, &e) ||
	    procfs_probe.open(&w->procfs, w->worker.pid, &e))
		fail_msg("%s", e.text);
}

static int make(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	*state = w;
	return worker_start(&w->worker);
}

static int drop(void **state)
{
	struct world *w = *state;

	ebpf_probe.close(w->ebpf);
	procfs_probe.close(w->procfs);
	worker_stop(&w->worker);
	free(w);
	return 0;
}

static struct world *world(void **state)
{
	if (!usable)
		skip();
	return *state;
}

static void ask(struct world *w, char what)
{
	assert_true(worker_ask(&w->worker, what));
}

static void sample(struct world *w, struct probe_sample *s)
{
	probe_sample_reset(s);
	assert_int_equal(ebpf_probe.sample(w->ebpf, PROBE_ALL, s), 0);
	assert_int_equal(procfs_probe.sample(w->procfs, PROCFS_CHEAP, s), 0);
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

static char state_of(pid_t pid)
{
	struct err e = ERR_INIT;
	struct buf text = { 0 };
	struct procfs_stat st;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (file_read(path, 4096, &text, &e) || !procfs_parse_stat(text.data, text.len, &st))
		fail_msg("%s: %s", path, e.text);
	buf_release(&text);
	return st.state;
}

/* It has answered and goes to sleep, soon: until it sleeps and its CPU time stands still. */
static void await_sleep(struct world *w)
{
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;
	struct probe_sample a, b;
	char state;

	do {
		sample(w, &a);
		state = state_of(w->worker.pid);
		sample(w, &b);
	} while ((state != 'S' || a.value[PROBE_EBPF_CPU_NS] != b.value[PROBE_EBPF_CPU_NS]) &&
		 clock_mono_ns() < deadline_ns);
}

static void cpu_time_agrees_with_the_cpu_clock(void **state)
{
	struct world *w = world(state);
	struct probe_sample a, b;

	open_probes(w);
	sample(w, &a);
	for (int i = 0; i < 3; i++)
		ask(w, 'c');
	sample(w, &b);
	/* Three wakeups; and what the hypervisor takes is in eBPF's time alone. */
	assert_between(delta(&a, &b, PROBE_EBPF_CPU_NS), 290 * NS_PER_MS, 600 * NS_PER_MS);
	assert_true(delta(&a, &b, PROBE_EBPF_RUNQ_WAIT_NS) >= 0);
}

static void the_slice_that_runs_now_is_in_the_sum(void **state)
{
	struct world *w = world(state);
	struct probe_sample a, b, c;
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;

	/* It runs before the watch begins, and on a free CPU it is not switched out at all. */
	ask(w, 'b');
	open_probes(w);
	sample(w, &a);
	do {
		sample(w, &b);
	} while (delta(&a, &b, PROBE_CPU_NS) < 50 * NS_PER_MS && clock_mono_ns() < deadline_ns);
	/* Whoever looks may be put off between two looks: so eBPF's stands between two of procfs'. */
	sample(w, &b);
	sample(w, &c);
	assert_between(delta(&a, &b, PROBE_EBPF_CPU_NS), 45 * NS_PER_MS,
		       2 * delta(&a, &c, PROBE_CPU_NS));
	assert_int_equal(delta(&a, &b, PROBE_EBPF_VOL_SWITCHES), 0);
	assert_int_equal(delta(&a, &b, PROBE_WAKEUPS), 0);
}

static void a_thread_between_two_samples_is_counted(void **state)
{
	struct world *w = world(state);
	struct probe_sample a, b;

	open_probes(w);
	sample(w, &a);
	ask(w, 't');
	sample(w, &b);
	assert_between(delta(&a, &b, PROBE_EBPF_CPU_NS), 95 * NS_PER_MS, 300 * NS_PER_MS);
	assert_true(delta(&a, &b, PROBE_SCHED_CPU_NS) < 20 * NS_PER_MS); /* procfs cannot know */
}

static void every_sleep_is_a_voluntary_switch_and_a_wakeup(void **state)
{
	struct world *w = world(state);
	struct probe_sample a, b;

	open_probes(w);
	await_sleep(w);
	sample(w, &a);
	ask(w, 's');
	await_sleep(w);
	sample(w, &b);
	/* 20, the question, and a lock; the last may come between two samples */
	assert_between(delta(&a, &b, PROBE_EBPF_VOL_SWITCHES), 20, 24);
	assert_between(delta(&a, &b, PROBE_EBPF_VOL_SWITCHES) - delta(&a, &b, PROBE_VOL_SWITCHES),
		       -1, 1);
	assert_between(delta(&a, &b, PROBE_WAKEUPS), 20, 24);
}

static void page_faults_are_those_of_procfs(void **state)
{
	struct world *w = world(state);
	struct probe_sample a, b;
	int64_t minor;

	open_probes(w);
	sample(w, &a);
	ask(w, 'm');
	sample(w, &b);
	minor = delta(&a, &b, PROBE_MINOR_FAULTS) + delta(&a, &b, PROBE_MAJOR_FAULTS);
	assert_true(minor >= 16);
	assert_between(delta(&a, &b, PROBE_EBPF_FAULTS), minor - 2 - minor / 50,
		       minor + 2 + minor / 50);
}

static void an_idle_process_has_no_event_at_all(void **state)
{
	struct world *w = world(state);
	struct world other = { 0 };
	struct probe_sample a, b;
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;

	open_probes(w);
	assert_int_equal(worker_start(&other.worker), 0);
	ask(w, '.');
	do { /* who was preempted on its way to sleep looks asleep, and has one more turn */
		await_sleep(w);
		sample(w, &a);
		for (int i = 0; i < 20; i++) /* others are not idle */
			assert_true(worker_ask(&other.worker, '.'));
		sample(w, &b);
	} while (delta(&a, &b, PROBE_EBPF_INVOL_SWITCHES) + delta(&a, &b, PROBE_EBPF_CPU_NS) &&
		 clock_mono_ns() < deadline_ns);
	assert_int_equal(delta(&a, &b, PROBE_WAKEUPS), 0);
	assert_int_equal(delta(&a, &b, PROBE_EBPF_CPU_NS), 0);
	assert_int_equal(delta(&a, &b, PROBE_EBPF_FAULTS), 0);
	worker_stop(&other.worker);
}

static void eight_processes_at_a_time_and_a_closed_one_makes_room(void **state)
{
	struct world *w = world(state), others[SCHED_SLOTS];
	struct probe_sample s;
	struct err e = ERR_INIT;
	struct probe *ninth;

	open_probes(w);
	for (int i = 1; i < SCHED_SLOTS; i++) {
		assert_int_equal(worker_start(&others[i].worker), 0);
		assert_int_equal(ebpf_probe.open(&others[i].ebpf, others[i].worker.pid, &e), 0);
	}
	assert_int_equal(ebpf_probe.open(&ninth, getpid(), &e), -EBUSY);
	assert_string_equal(e.text, "eBPF: 8 processes are watched already");
	assert_true(worker_ask(&others[3].worker, 'c'));
	for (int i = 1; i < SCHED_SLOTS; i++) {
		probe_sample_reset(&s);
		assert_int_equal(ebpf_probe.sample(others[i].ebpf, PROBE_ALL, &s), 0);
		if (i == 3)
			assert_true(s.value[PROBE_EBPF_CPU_NS] >= 90 * NS_PER_MS);
		else
			assert_true(s.value[PROBE_EBPF_CPU_NS] < 90 * NS_PER_MS);
	}
	ebpf_probe.close(others[3].ebpf);
	assert_int_equal(ebpf_probe.open(&ninth, getpid(), &e), 0);
	probe_sample_reset(&s); /* a slot that was used begins with 0 */
	assert_int_equal(ebpf_probe.sample(ninth, PROBE_BIT(PROBE_EBPF_VOL_SWITCHES), &s), 0);
	assert_true(s.value[PROBE_EBPF_VOL_SWITCHES] < 10);
	ebpf_probe.close(ninth);
	for (int i = 1; i < SCHED_SLOTS; i++) {
		if (i != 3)
			ebpf_probe.close(others[i].ebpf);
		worker_stop(&others[i].worker);
	}
}

static void a_process_that_has_ended_is_told(void **state)
{
	struct world *w = world(state);
	struct probe_sample s;
	struct probe *p;
	struct err e = ERR_INIT;

	open_probes(w);
	kill(w->worker.pid, SIGKILL);
	assert_int_equal(waitpid(w->worker.pid, NULL, 0), w->worker.pid);
	probe_sample_reset(&s);
	assert_int_equal(ebpf_probe.sample(w->ebpf, PROBE_ALL, &s), -ESRCH);
	assert_int_equal(ebpf_probe.open(&p, w->worker.pid, &e), -ESRCH);
	w->worker.pid = -1;
}

static void only_its_own_metrics_are_filled_and_only_when_asked_for(void **state)
{
	struct world *w = world(state);
	struct probe_sample s;

	open_probes(w);
	probe_sample_reset(&s);
	assert_int_equal(ebpf_probe.sample(w->ebpf, PROBE_ALL, &s), 0);
	assert_true(s.have == PROBE_OF_EBPF);
	assert_true(s.at_ns > 0 && s.cost_ns > 0);
	probe_sample_reset(&s);
	assert_int_equal(ebpf_probe.sample(w->ebpf, PROBE_BIT(PROBE_WAKEUPS), &s), 0);
	assert_true(s.have == PROBE_BIT(PROBE_WAKEUPS));
	assert_string_equal(s.reason[PROBE_EBPF_CPU_NS], PROBE_NOT_ASKED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cpu_time_agrees_with_the_cpu_clock),
		TEST(the_slice_that_runs_now_is_in_the_sum),
		TEST(a_thread_between_two_samples_is_counted),
		TEST(every_sleep_is_a_voluntary_switch_and_a_wakeup),
		TEST(page_faults_are_those_of_procfs),
		TEST(an_idle_process_has_no_event_at_all),
		TEST(eight_processes_at_a_time_and_a_closed_one_makes_room),
		TEST(a_process_that_has_ended_is_told),
		TEST(only_its_own_metrics_are_filled_and_only_when_asked_for),
	};
	struct err why = ERR_INIT;
	int rc;

	usable = !ebpf_hold(&why);
	if (!usable)
		print_message("skipped: %s\n", why.text);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	if (usable)
		ebpf_release();
	return rc;
}
