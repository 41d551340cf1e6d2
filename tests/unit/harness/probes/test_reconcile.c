/* eBPF against procfs, by hand-worked figures. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/probes/reconcile.h"

struct pair {
	struct probe_sample from, to;
};

/* Ten seconds between the samples, all metrics 1,000 at first and unchanged. */
static void begin(struct pair *p)
{
	probe_sample_reset(&p->from);
	for (enum probe_metric m = 0; m < PROBE_METRICS; m++)
		probe_set(&p->from, m, 1000);
	p->to = p->from;
	p->from.at_ns = 5 * NS_PER_S;
	p->to.at_ns = 15 * NS_PER_S;
}

static void grow(struct pair *p, enum probe_metric m, int64_t by)
{
	p->to.value[m] += by;
}

static struct reconcile result_of(const struct pair *p)
{
	struct reconcile r;

	reconcile(&p->from, &p->to, &r);
	assert_true(fabs(r.seconds - 10) < 1e-9);
	return r;
}

static void cpu_time_is_within_when_it_differs_by_half_a_per_cent(void **state)
{
	/* procfs, ebpf, within: 0.5 % of 4 s is 20 ms; 1 ms counts where 0.5 % is less */
	static const struct {
		int64_t procfs_us, ebpf_us;
		bool within;
		double pct;
	} rows[] = {
		{ 4000000, 4020000, true, 0.5 },  { 4000000, 4020001, false, 0.500025 },
		{ 4000000, 3980000, true, -0.5 }, { 4000000, 3979999, false, -0.500025 },
		{ 10000, 11000, true, 10 },	  { 10000, 11001, false, 10.01 },
		{ 200000, 201000, true, 0.5 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pair p;
		struct reconcile r;
		const struct reconcile_row *row = &r.rows[RECONCILE_CPU];

		begin(&p);
		grow(&p, PROBE_CPU_NS, rows[i].procfs_us * NS_PER_US);
		grow(&p, PROBE_EBPF_CPU_NS, rows[i].ebpf_us * NS_PER_US);
		r = result_of(&p);
		assert_true(row->there && row->judged);
		assert_true(row->procfs == rows[i].procfs_us * NS_PER_US);
		assert_true(row->residual == (rows[i].ebpf_us - rows[i].procfs_us) * NS_PER_US);
		assert_true(fabs(row->residual_pct - rows[i].pct) < 1e-9);
		assert_int_equal(row->within, rows[i].within);
	}
}

static void time_that_moves_between_cpu_and_wait_is_missed_by_neither_sum(void **state)
{
	struct pair p;
	struct reconcile r;
	(void)state;

	/* 1,000 wakeups whose 15 us of interrupt are CPU time for procfs, wait for eBPF */
	begin(&p);
	grow(&p, PROBE_SCHED_CPU_NS, 25 * NS_PER_MS);
	grow(&p, PROBE_RUNQ_WAIT_NS, 2 * NS_PER_MS);
	grow(&p, PROBE_EBPF_CPU_NS, 10 * NS_PER_MS);
	grow(&p, PROBE_EBPF_RUNQ_WAIT_NS, 17 * NS_PER_MS);
	r = result_of(&p);
	assert_false(r.rows[RECONCILE_SCHED_CPU].within);
	assert_true(r.rows[RECONCILE_SCHED_CPU].residual == -15 * NS_PER_MS);
	assert_true(r.rows[RECONCILE_WAIT].residual == 15 * NS_PER_MS);
	assert_false(r.rows[RECONCILE_WAIT].judged);
	assert_true(r.rows[RECONCILE_CPU_AND_WAIT].procfs == 27 * NS_PER_MS);
	assert_true(r.rows[RECONCILE_CPU_AND_WAIT].residual == 0);
	assert_true(r.rows[RECONCILE_CPU_AND_WAIT].within);
}

static void faults_are_minor_and_major_together(void **state)
{
	struct pair p;
	struct reconcile r;
	(void)state;

	begin(&p);
	grow(&p, PROBE_MINOR_FAULTS, 40);
	grow(&p, PROBE_MAJOR_FAULTS, 2);
	grow(&p, PROBE_EBPF_FAULTS, 43);
	r = result_of(&p);
	assert_int_equal(r.rows[RECONCILE_FAULTS].procfs, 42);
	assert_int_equal(r.rows[RECONCILE_FAULTS].residual, 1);
}

static void nothing_at_all_is_no_difference_and_no_per_cent(void **state)
{
	struct pair p;
	struct reconcile r;
	(void)state;

	begin(&p);
	r = result_of(&p);
	for (int i = 0; i < RECONCILE_ROWS; i++) {
		assert_true(r.rows[i].there);
		assert_true(r.rows[i].residual == 0 && isnan(r.rows[i].residual_pct));
		assert_int_equal(r.rows[i].within, r.rows[i].judged);
	}
}

static void a_side_without_a_value_leaves_its_reason(void **state)
{
	struct pair p;
	struct reconcile r;
	(void)state;

	begin(&p);
	p.to.have &= ~PROBE_BIT(PROBE_EBPF_CPU_NS);
	strcpy(p.to.reason[PROBE_EBPF_CPU_NS], "built without clang");
	p.from.have &= ~PROBE_BIT(PROBE_RUNQ_WAIT_NS);
	strcpy(p.from.reason[PROBE_RUNQ_WAIT_NS], "schedstat: Permission denied");
	r = result_of(&p);
	assert_false(r.rows[RECONCILE_CPU].there || r.rows[RECONCILE_CPU].judged);
	assert_string_equal(r.rows[RECONCILE_CPU].why, "built without clang");
	assert_string_equal(r.rows[RECONCILE_WAIT].why, "schedstat: Permission denied");
	assert_true(r.rows[RECONCILE_VOLUNTARY].there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_time_is_within_when_it_differs_by_half_a_per_cent),
		cmocka_unit_test(time_that_moves_between_cpu_and_wait_is_missed_by_neither_sum),
		cmocka_unit_test(faults_are_minor_and_major_together),
		cmocka_unit_test(nothing_at_all_is_no_difference_and_no_per_cent),
		cmocka_unit_test(a_side_without_a_value_leaves_its_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
