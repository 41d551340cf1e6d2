/* Early stopping: bounds against printed ones, error rates by simulation, judgements by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "harness/stats/brownian.h"
#include "harness/stats/normal.h"
#include "harness/stats/sequential.h"
#include "harness/stats/signed_rank.h"
#include "tests/unit/harness/stats/coverage.h"

#define PAIRS_MAX 200

static void normal_quantiles_are_the_printed_ones(void **state UNUSED)
{
	assert_true(fabs(normal_upper(0.025) - 1.959963984540054) < 1e-12);
	assert_true(fabs(normal_upper(0.0005) - 3.290526731491896) < 1e-12);
	assert_true(fabs(normal_upper(0.9) + 1.281551565544600) < 1e-12);
}

/* Jennison and Turnbull, tables 2.1 and 2.3: two-sided 5 %, equal steps. */
static void bounds_are_those_of_pocock_and_of_o_brien_and_fleming(void **state UNUSED)
{
	static const struct {
		int looks;
		double pocock, fleming;
	} rows[] = {
		{ 1, 1.960, 1.960 }, { 2, 2.178, 1.977 }, { 5, 2.413, 2.040 }, { 10, 2.555, 2.087 }
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double out_pocock = 0, out_fleming = 0;
		struct brownian p, f;

		brownian_init(&p);
		brownian_init(&f);
		for (int k = 1; k <= rows[i].looks; k++) {
			double t = (double)k / rows[i].looks, z = rows[i].fleming / sqrt(t);

			out_pocock += brownian_leaves(&p, t, rows[i].pocock);
			brownian_cut(&p, t, rows[i].pocock);
			out_fleming += brownian_leaves(&f, t, z);
			brownian_cut(&f, t, z);
		}
		assert_true(fabs(out_pocock - 0.05) < 1e-4);
		assert_true(fabs(out_fleming - 0.05) < 1e-4);
	}
}

static void a_bound_gives_back_its_share(void **state UNUSED)
{
	struct brownian b;

	brownian_init(&b);
	assert_true(fabs(brownian_bound(&b, 0.3, 0.05) - 1.959963984540054) < 1e-9);
	brownian_cut(&b, 0.3, 2.5);
	assert_true(fabs(brownian_leaves(&b, 0.7, brownian_bound(&b, 0.7, 0.01)) - 0.01) < 1e-9);
}

static void one_look_is_the_ordinary_interval(void **state UNUSED)
{
	struct sequential_plan plan;

	sequential_plan_init(&plan, 6, 0.05);
	assert_int_equal(plan.n_looks, 1);
	assert_int_equal(plan.looks[0], 6);
	/* the level that six pairs attain */
	assert_true(fabs(plan.levels[0] - 0.96875) < 1e-12);
	sequential_plan_init(&plan, 3, 0.05);
	assert_true(sequential_level(&plan, 3) >= 1); /* three pairs cannot be so sure */
}

static void looks_grow_by_a_third_and_end_with_the_plan(void **state UNUSED)
{
	static const size_t expected[] = { 6, 8, 11, 15, 20, 27, 36, 40 };
	struct sequential_plan plan;

	sequential_plan_init(&plan, 40, 0.05);
	assert_int_equal(plan.n_looks, ARRAY_SIZE(expected));
	assert_memory_equal(plan.looks, expected, sizeof(expected));
	assert_true(sequential_is_look(&plan, 15) && sequential_is_look(&plan, 40));
	assert_false(sequential_is_look(&plan, 16) || sequential_is_look(&plan, 0) ||
		     sequential_is_look(&plan, 41));
	for (size_t n_max = 1; n_max < 30; n_max++) {
		sequential_plan_init(&plan, n_max, 0.01);
		assert_int_equal(plan.looks[plan.n_looks - 1], n_max);
	}
	sequential_plan_init(&plan, 100000, 0.05); /* more than there is room for looks */
	assert_int_equal(plan.looks[plan.n_looks - 1], 100000);
}

static void the_level_follows_from_n_and_the_plan(void **state UNUSED)
{
	struct sequential_plan plan;

	sequential_plan_init(&plan, 40, 0.05);
	for (size_t i = 0; i < plan.n_looks; i++)
		assert_true(sequential_level(&plan, plan.looks[i]) == plan.levels[i]);
	assert_true(sequential_level(&plan, 0) >= 1);
	assert_true(sequential_level(&plan, 5) >= 1);
	for (size_t n = 8; n <= 40; n++) {
		double level = sequential_level(&plan, n);

		assert_true(level > 0.95 && level < 0.998);
	}
	assert_true(sequential_level(&plan, 50) == plan.levels[plan.n_looks - 1]);
}

/* Pairs so far in the order of |d|, with the signs that chance gave them. */
struct ranked {
	size_t n;
	double size[PAIRS_MAX];
	bool positive[PAIRS_MAX];
};

static void add_pair(struct ranked *r, struct rng *rng)
{
	double size = rng_unit(rng);
	size_t i = r->n++;

	for (; i > 0 && r->size[i - 1] > size; i--) {
		r->size[i] = r->size[i - 1];
		r->positive[i] = r->positive[i - 1];
	}
	r->size[i] = size;
	r->positive[i] = rng_chance(rng, 0.5);
}

/* The smaller of the two rank sums. */
static size_t rank_sum(const struct ranked *r)
{
	size_t w = 0, all = r->n * (r->n + 1) / 2;

	for (size_t i = 0; i < r->n; i++)
		w += r->positive[i] ? i + 1 : 0;
	return w < all - w ? w : all - w;
}

static void cuts_of(const struct sequential_plan *plan, size_t *cuts)
{
	for (size_t i = 0; i < plan->n_looks; i++)
		cuts[i] = plan->levels[i] < 1
				  ? signed_rank_cut(plan->looks[i], (1 - plan->levels[i]) / 2)
				  : 0;
}

static bool errs(const struct sequential_plan *plan, const size_t *cuts, struct rng *rng)
{
	struct ranked r = { .n = 0 };

	for (size_t i = 0; i < plan->n_looks; i++) {
		while (r.n < plan->looks[i])
			add_pair(&r, rng);
		if (rank_sum(&r) < cuts[i])
			return true;
	}
	return false;
}

/*
 * Pairs whose sides could have been exchanged: signs are fair coins and independent of
 * the sizes, whatever the noise, so this one simulation is for all of them.  An interval
 * misses the truth exactly when the smaller rank sum is less than its cut.
 */
static void all_looks_together_err_no_more_often_than_planned(void **state UNUSED)
{
	static const size_t n_max[] = { 8, 12, 20, 30, 40, 100 };
	static const double alphas[] = { 0.05, 0.01 };
	int repeats = REPEATS(8000);
	struct rng rng;

	rng_init(&rng, 21, 0);
	for (size_t i = 0; i < ARRAY_SIZE(n_max) * ARRAY_SIZE(alphas); i++) {
		double alpha = alphas[i / ARRAY_SIZE(n_max)];
		size_t cuts[SEQUENTIAL_LOOKS_MAX];
		struct sequential_plan plan;
		int wrong = 0;

		sequential_plan_init(&plan, n_max[i % ARRAY_SIZE(n_max)], alpha);
		cuts_of(&plan, cuts);
		for (int k = 0; k < repeats; k++)
			wrong += errs(&plan, cuts, &rng);
		assert_at_most(wrong, alpha, repeats);
		assert_at_least(wrong, alpha / 2, repeats); /* nor so careful that it is no use */
	}
}

/* One session of the harness: a judgement after every pair. */
struct session {
	enum sequential_state state;
	size_t n;
	struct estimate log_ratio; /* the exact one: what the report has is never narrower */
};

static struct session run(const struct sequential_plan *plan, struct rng *rng, double effect,
			  double sd, struct sequential_bounds bounds)
{
	double a[PAIRS_MAX], b[PAIRS_MAX], d[PAIRS_MAX];
	struct session s = { .state = SEQUENTIAL_UNDECIDED };

	while (s.state == SEQUENTIAL_UNDECIDED) {
		a[s.n] = rng_lognormal(rng, 0, sd / M_SQRT2);
		b[s.n] = effect * rng_lognormal(rng, 0, sd / M_SQRT2);
		d[s.n] = log(b[s.n] / a[s.n]);
		s.n++;
		s.state = sequential_judge(plan, a, b, s.n, bounds, false, 1, NULL);
	}
	s.log_ratio = stats_exact_hl(d, s.n, sequential_level(plan, s.n));
	return s;
}

/* Intervals at the end of sessions that stopped when they saw something. */
static void intervals_of_stopped_sessions_cover_the_truth(void **state UNUSED)
{
	static const double effects[] = { 1, 1.01, 1.05, 0.5 };
	struct sequential_bounds bounds = { .margin = 0.01 };
	int repeats = REPEATS(400);
	struct sequential_plan plan;
	struct rng rng;

	rng_init(&rng, 22, 0);
	sequential_plan_init(&plan, 27, 0.05);
	for (size_t i = 0; i < ARRAY_SIZE(effects); i++) {
		int covered = 0, wrong = 0;

		for (int k = 0; k < repeats; k++) {
			struct session s = run(&plan, &rng, effects[i], 0.02, bounds);

			covered += s.log_ratio.low <= log(effects[i]) &&
				   s.log_ratio.high >= log(effects[i]);
			wrong += s.state == SEQUENTIAL_LOWER && effects[i] >= 1;
			wrong += s.state == SEQUENTIAL_HIGHER && effects[i] <= 1;
		}
		assert_at_least(covered, 0.95, repeats);
		assert_at_most(wrong, 0.05, repeats);
	}
}

static void five_per_cent_is_seen_early(void **state UNUSED)
{
	static const struct {
		double sd, pairs_at_most, decided;
	} rows[] = { { 0.01, 8.1, 1 }, { 0.02, 9, 1 }, { 0.05, 16, 0.99 } };
	struct sequential_bounds bounds = { .noise = 0 };
	int repeats = REPEATS(200);
	struct sequential_plan plan;
	struct rng rng;

	rng_init(&rng, 23, 0);
	sequential_plan_init(&plan, 40, 0.05);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int higher = 0;
		double pairs = 0;

		for (int k = 0; k < repeats; k++) {
			struct session s = run(&plan, &rng, 1.05, rows[i].sd, bounds);

			higher += s.state == SEQUENTIAL_HIGHER;
			pairs += (double)s.n / repeats;
		}
		assert_at_least(higher, rows[i].decided, repeats);
		assert_true(pairs < rows[i].pairs_at_most);
	}
}

static void states_are_hand_worked(void **state UNUSED)
{
	/* Ratios of exactly 2, 1/2 and 1: the interval is a point. */
	static const struct {
		double b, noise, margin;
		bool last;
		size_t n;
		enum sequential_state expected;
	} rows[] = {
		{ 2, 0, 0, false, 8, SEQUENTIAL_HIGHER },
		{ 2, 0.6, 0, false, 8, SEQUENTIAL_HIGHER },    /* log 2 = 0.693 */
		{ 2, 0.7, 0, false, 8, SEQUENTIAL_UNDECIDED }, /* A/A explains that */
		{ 0.5, 0.6, 0, false, 8, SEQUENTIAL_LOWER },
		{ 2, 0.7, 0.7, false, 8, SEQUENTIAL_EQUIVALENT },
		{ 1, 0, 0.01, false, 8, SEQUENTIAL_EQUIVALENT },
		{ 1, 0, 0, false, 8, SEQUENTIAL_UNDECIDED },
		{ 1, 0, 0, true, 8, SEQUENTIAL_OUT_OF_BUDGET },
		{ 1, 0, 0, false, 40, SEQUENTIAL_OUT_OF_BUDGET },
		{ 2, 0, 0, false, 9, SEQUENTIAL_UNDECIDED }, /* between looks */
		{ 2, 0, 0, true, 9, SEQUENTIAL_HIGHER },
		{ 2, 0, 0, false, 6, SEQUENTIAL_UNDECIDED }, /* passed over */
		{ 2, 0, 0, true, 6, SEQUENTIAL_OUT_OF_BUDGET },
		{ 2, 0, 0, true, 0, SEQUENTIAL_OUT_OF_BUDGET },
	};
	struct sequential_plan plan;

	sequential_plan_init(&plan, 40, 0.05);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sequential_bounds bounds = { rows[i].noise, rows[i].margin };
		double a[40], b[40];

		for (size_t k = 0; k < 40; k++) {
			a[k] = 1;
			b[k] = rows[i].b;
		}
		if (sequential_judge(&plan, a, b, rows[i].n, bounds, rows[i].last, 1, NULL) !=
		    rows[i].expected)
			fail_msg("row %zu", i);
	}
}

static void the_interval_is_the_one_that_the_report_makes(void **state UNUSED)
{
	double a[20], b[20];
	struct sequential_plan plan;
	struct estimate seen, made;
	struct rng rng;

	rng_init(&rng, 24, 0);
	sequential_plan_init(&plan, 40, 0.05);
	for (size_t n = 0; n < 20; n++) {
		struct sequential_bounds bounds = { .noise = 0 };

		a[n] = rng_lognormal(&rng, 0, 0.1);
		b[n] = rng_lognormal(&rng, 0, 0.1);
		sequential_judge(&plan, a, b, n + 1, bounds, true, 9, &seen);
		made = stats_estimate_ratio(a, b, n + 1, sequential_level(&plan, n + 1), 9);
		assert_true(seen.value == made.value && seen.level == made.level);
		if (n > 0)
			assert_true(seen.low == made.low && seen.high == made.high);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_quantiles_are_the_printed_ones),
		cmocka_unit_test(bounds_are_those_of_pocock_and_of_o_brien_and_fleming),
		cmocka_unit_test(a_bound_gives_back_its_share),
		cmocka_unit_test(one_look_is_the_ordinary_interval),
		cmocka_unit_test(looks_grow_by_a_third_and_end_with_the_plan),
		cmocka_unit_test(the_level_follows_from_n_and_the_plan),
		cmocka_unit_test(all_looks_together_err_no_more_often_than_planned),
		cmocka_unit_test(intervals_of_stopped_sessions_cover_the_truth),
		cmocka_unit_test(five_per_cent_is_seen_early),
		cmocka_unit_test(states_are_hand_worked),
		cmocka_unit_test(the_interval_is_the_one_that_the_report_makes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
