/* The host's load between two snapshots. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/host_load.h"

static void shares_are_of_all_cpus_and_ours_is_taken_out(void **state UNUSED)
{
	double tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
	struct host_load before = { .at_ns = 0,
				    .has_cpu = true,
				    .has_pressure = { true, false, true },
				    .cpu = { 1000, 5000, 10, 100, 2 } };
	struct host_load after = before;
	struct host_load_delta d;

	/* 2 CPUs for 10 s: 2,000 ticks of 10 ms, 40 stolen, 1,360 idle; 570 were sampled as busy. */
	after.at_ns = (int64_t)(2000 * tick_s / 2 * 1e9);
	after.cpu = (struct procfs_cpu){ 1570, 6360, 50, 600, 2 };
	after.pressure[PRESSURE_CPU].some_total_us = 2500000;
	host_load_between(&before, &after, (int64_t)(400 * tick_s * 1e9), &d);
	assert_true(fabs(d.seconds - 1000 * tick_s) < 1e-9);
	assert_true(fabs(d.busy_frac - 0.3) < 1e-12);
	assert_true(fabs(d.steal_frac - 0.02) < 1e-12);
	assert_true(fabs(d.foreign_frac - 0.1) < 1e-12);
	assert_true(fabs(d.switches_per_s - 50) < 1e-12);
	assert_true(fabs(d.pressure_frac[PRESSURE_CPU] - 0.25) < 1e-12);
	assert_true(isnan(d.pressure_frac[PRESSURE_IO]));
	assert_true(d.pressure_frac[PRESSURE_MEMORY] == 0);
}

static void what_is_missing_is_no_number(void **state UNUSED)
{
	struct host_load none = { .at_ns = 0 }, later = { .at_ns = NS_PER_S };
	struct host_load_delta d;
	struct buf text = { 0 };

	host_load_between(&none, &later, 0, &d);
	assert_true(isnan(d.busy_frac) && isnan(d.steal_frac) && isnan(d.foreign_frac));
	assert_true(isnan(d.switches_per_s) && isnan(d.pressure_frac[PRESSURE_CPU]));
	host_load_text(&none, &text);
	assert_string_equal(buf_str(&text),
			    "load average unavailable: /proc/loadavg cannot be read, "
			    "cpu pressure unavailable: no /proc/pressure/cpu, "
			    "io pressure unavailable: no /proc/pressure/io, "
			    "memory pressure unavailable: no /proc/pressure/memory");
	buf_release(&text);
}

/* A quarter of a second of our own work shows as busy and not as foreign. */
static void our_own_work_is_busy_and_not_foreign(void **state UNUSED)
{
	struct host_load before, after;
	struct host_load_delta d;
	int64_t cpu_ns = host_load_own_cpu_ns();
	double cpus;

	host_load_take(&before);
	assert_true(before.has_cpu && before.has_average);
	while (host_load_own_cpu_ns() - cpu_ns < 250 * NS_PER_MS)
		;
	host_load_take(&after);
	cpus = (double)after.cpu.cpus;
	cpu_ns = host_load_own_cpu_ns() - cpu_ns;
	host_load_between(&before, &after, cpu_ns, &d);
	/* Ticks are 10 ms: 3 of them on either side. */
	assert_true(d.busy_frac * d.seconds * cpus > 0.25 - 0.06);
	assert_true(fabs(d.busy_frac - d.foreign_frac - (double)cpu_ns / 1e9 / d.seconds / cpus) <
		    0.15);
	assert_true(d.foreign_frac < d.busy_frac);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_of_all_cpus_and_ours_is_taken_out),
		cmocka_unit_test(what_is_missing_is_no_number),
		cmocka_unit_test(our_own_work_is_busy_and_not_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
