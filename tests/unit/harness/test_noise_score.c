/* The noise score: its arithmetic by hand, and that the real thing measures and cleans up. */
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/clock_check.h"
#include "harness/noise_score.h"

static void the_spread_is_the_interquartile_range_in_sigmas_of_the_median(void **state UNUSED)
{
	double times_ns[] = { 110, 90, 100, 95, 105 }; /* quartiles 95 and 105 */
	struct noise_spread s = noise_spread_of(times_ns, 5);

	assert_int_equal(s.n, 5);
	assert_true(s.median_ns == 100);
	assert_true(fabs(s.spread_pct - 10 / 1.349) < 1e-9);
	assert_true(fabs(s.p95_over_median - 1.09) < 1e-9);
}

static void a_normal_sample_gives_its_standard_deviation(void **state UNUSED)
{
	enum { N = 999 };
	/* The quantile function at 0.25 and 0.75 is -+0.6745: enough, as only quartiles count. */
	double times_ns[N];

	for (int i = 0; i < N; i++)
		times_ns[i] = 1000 + 20 * 0.6745 * ((i + 1) / 250.0 - 2);
	assert_true(fabs(noise_spread_of(times_ns, N).spread_pct - 2) < 0.01);
}

static void too_few_repetitions_are_no_spread_and_no_score(void **state UNUSED)
{
	static const struct noise_spread good = { 10, 100, 3, 1 };
	double times_ns[] = { 1, 2, 3 };
	struct noise_score score = { .piece = { good, good, noise_spread_of(times_ns, 3) } };

	assert_true(isnan(score.piece[2].spread_pct));
	assert_true(isnan(noise_score_pct(&score)));
	score.piece[2] = (struct noise_spread){ 10, 100, 7, 1 };
	assert_true(noise_score_pct(&score) == 7);
}

static void the_smallest_difference_falls_with_the_root_of_the_pairs(void **state UNUSED)
{
	/* 2.8 * 1.41421 * 1 % / sqrt(4) */
	assert_true(fabs(noise_smallest_difference_pct(1, 4) - 1.97990) < 1e-4);
	assert_true(fabs(noise_smallest_difference_pct(1, 16) * 2 -
			 noise_smallest_difference_pct(1, 4)) < 1e-12);
}

static void the_asked_pieces_are_measured_and_the_affinity_is_put_back(void **state UNUSED)
{
	struct cpus cpus;
	struct noise_score score = { 0 };
	struct err e = ERR_INIT;
	cpu_set_t before, after;

	cpus_assign(&cpus);
	sched_getaffinity(0, sizeof(before), &before);
	assert_int_equal(noise_score_measure(&cpus, NOISE_BIT(NOISE_PING_PONG), 4, 0, &score, &e),
			 0);
	assert_int_equal(score.piece[NOISE_PING_PONG].n, 4);
	assert_int_equal(score.piece[NOISE_BUSY].n, 0);
	assert_int_equal(noise_score_measure(&cpus, NOISE_BIT(NOISE_BUSY) | NOISE_BIT(NOISE_MEMORY),
					     5, 0, &score, &e),
			 0);
	assert_int_equal(score.piece[NOISE_BUSY].n, 5);
	assert_true(score.piece[NOISE_MEMORY].median_ns > 0);
	assert_true(noise_score_pct(&score) >= 0);
	sched_getaffinity(0, sizeof(after), &after);
	assert_true(CPU_EQUAL(&before, &after));
}

static void the_clock_is_read_and_sleepers_wake_behind_their_deadline(void **state UNUSED)
{
	struct clock_check c;
	struct wakeup_check w;

	clock_check_read(&c);
	assert_true(c.n_reads > 0 && c.cost_ns > 0);
	assert_int_equal(c.backwards, 0); /* CLOCK_MONOTONIC */
	clock_check_wakeups(5, 1000, &w);
	assert_int_equal(w.n, 5);
	assert_true(w.p50_us >= 0 && w.p99_us >= w.p50_us && w.max_us >= w.p99_us);
	clock_check_wakeups(0, 1000, &w);
	assert_int_equal(w.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_spread_is_the_interquartile_range_in_sigmas_of_the_median),
		cmocka_unit_test(a_normal_sample_gives_its_standard_deviation),
		cmocka_unit_test(too_few_repetitions_are_no_spread_and_no_score),
		cmocka_unit_test(the_smallest_difference_falls_with_the_root_of_the_pairs),
		cmocka_unit_test(the_asked_pieces_are_measured_and_the_affinity_is_put_back),
		cmocka_unit_test(the_clock_is_read_and_sleepers_wake_behind_their_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
