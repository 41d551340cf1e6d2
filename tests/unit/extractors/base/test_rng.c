/* Random numbers against their authors' values, their own algebra, and what they must average to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"

static void the_seeding_is_splitmix64(void **state UNUSED)
{
	/* First outputs of the authors' splitmix64.c from state 0. */
	static const uint64_t expected[] = { 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4,
					     0x06c45d188009454f, 0xf88bb8a8724c81ec };
	uint64_t state_ = 0;
	struct rng rng;

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_true(rng_splitmix(&state_) == expected[i]);
	rng_init(&rng, 0, 0);
	assert_memory_equal(rng.s, expected, sizeof(expected));
}

static void the_generator_is_xoshiro256_starstar(void **state UNUSED)
{
	/* The authors' xoshiro256starstar.c from the state 1, 2, 3, 4; the first three by hand:
	 * rotl(2 * 5, 7) * 9 = 11520; then s[1] = 0; then s[1] = 2^18 + ... */
	static const uint64_t expected[] = { 11520,
					     0,
					     1509978240,
					     1215971899390074240,
					     1216172134540287360,
					     607988272756665600,
					     16172922978634559625U,
					     8476171486693032832,
					     10595114339597558777U,
					     2904607092377533576 };
	struct rng rng = { { 1, 2, 3, 4 } };

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_true(rng_u64(&rng) == expected[i]);
}

#define BITS 256

/* Column j of a matrix over GF(2): where bit j of the state goes. */
struct matrix {
	struct rng column[BITS];
};

static void apply(const struct matrix *m, const struct rng *v, struct rng *out)
{
	struct rng sum = { { 0 } };

	for (int j = 0; j < BITS; j++)
		if (v->s[j / 64] >> (j % 64) & 1)
			for (int k = 0; k < 4; k++)
				sum.s[k] ^= m->column[j].s[k];
	*out = sum;
}

/* One draw is linear in the state, so 2^128 of them are its matrix squared 128 times. */
static void streams_are_2_to_the_128_draws_apart(void **state UNUSED)
{
	static struct matrix m, squared;
	struct rng first, second, third, expected;

	for (int j = 0; j < BITS; j++) {
		m.column[j] = (struct rng){ { 0 } };
		m.column[j].s[j / 64] = 1ULL << (j % 64);
		rng_u64(&m.column[j]);
	}
	for (int i = 0; i < 128; i++) {
		for (int j = 0; j < BITS; j++)
			apply(&m, &m.column[j], &squared.column[j]);
		m = squared;
	}
	rng_init(&first, 42, 0);
	rng_init(&second, 42, 1);
	rng_init(&third, 42, 2);
	apply(&m, &first, &expected);
	assert_memory_equal(&second, &expected, sizeof(expected));
	apply(&m, &second, &expected);
	assert_memory_equal(&third, &expected, sizeof(expected));
}

static void below_stays_below_and_favours_nobody(void **state UNUSED)
{
	enum { CELLS = 10, DRAWS = 200000 };
	int count[CELLS] = { 0 };
	double chi2 = 0;
	struct rng rng;

	rng_init(&rng, 3, 0);
	for (int i = 0; i < DRAWS; i++)
		count[rng_below(&rng, CELLS)]++;
	for (int i = 0; i < CELLS; i++)
		chi2 += pow(count[i] - DRAWS / CELLS, 2) / (DRAWS / CELLS);
	assert_true(chi2 < 33.7); /* 9 degrees of freedom, one in 10,000 */
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(rng_below(&rng, 1), 0);
		assert_true(rng_below(&rng, UINT64_MAX) < UINT64_MAX);
	}
}

/* Of 2^64 values 3/4 of that range: without rejection the first third would come twice as often. */
static void below_is_fair_when_a_quarter_must_be_drawn_again(void **state UNUSED)
{
	const uint64_t n = 3ULL << 62;
	int low = 0;
	struct rng rng;

	rng_init(&rng, 4, 0);
	for (int i = 0; i < 30000; i++) {
		uint64_t v = rng_below(&rng, n);

		assert_true(v < n);
		low += v < n / 3;
	}
	assert_in_range(low, 9674, 10326); /* 10000, 4 standard deviations of 81.6 */
}

static void units_lie_from_0_to_below_1(void **state UNUSED)
{
	struct rng rng = { { 0, UINT64_MAX, 0, 0 } };
	double sum = 0;

	assert_true(rng_unit(&rng) < 1);
	rng_init(&rng, 9, 0);
	for (int i = 0; i < 100000; i++) {
		double u = rng_unit(&rng);

		assert_true(u >= 0 && u < 1);
		sum += u;
	}
	assert_true(fabs(sum / 100000 - 0.5) < 0.0037); /* 4 sd of 0.289 / sqrt(n) */
}

struct moments {
	double mean, sd;
};

static struct moments sample(double (*draw)(struct rng *))
{
	enum { N = 100000 };
	double sum = 0, squares = 0, v;
	struct rng rng;

	rng_init(&rng, 17, 0);
	for (int i = 0; i < N; i++) {
		v = draw(&rng);
		sum += v;
		squares += v * v;
	}
	return (struct moments){ sum / N, sqrt(squares / N - sum / N * sum / N) };
}

static double log_of_a_lognormal(struct rng *r)
{
	return log(rng_lognormal(r, 4.5, 0.3));
}

static double one_in_five(struct rng *r)
{
	return rng_chance(r, 0.2);
}

static void variates_have_their_mean_and_spread(void **state UNUSED)
{
	/* n = 100,000: four standard errors of the mean and of the standard deviation */
	static const struct {
		double (*draw)(struct rng *);
		double mean, sd, mean_error, sd_error;
	} rows[] = {
		{ rng_normal, 0, 1, 0.0127, 0.009 },
		{ rng_exponential, 1, 1, 0.0127, 0.018 },
		{ log_of_a_lognormal, 4.5, 0.3, 0.0038, 0.0027 },
		{ one_in_five, 0.2, 0.4, 0.0051, 0.0038 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct moments m = sample(rows[i].draw);

		assert_true(fabs(m.mean - rows[i].mean) < rows[i].mean_error);
		assert_true(fabs(m.sd - rows[i].sd) < rows[i].sd_error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seeding_is_splitmix64),
		cmocka_unit_test(the_generator_is_xoshiro256_starstar),
		cmocka_unit_test(streams_are_2_to_the_128_draws_apart),
		cmocka_unit_test(below_stays_below_and_favours_nobody),
		cmocka_unit_test(below_is_fair_when_a_quarter_must_be_drawn_again),
		cmocka_unit_test(units_lie_from_0_to_below_1),
		cmocka_unit_test(variates_have_their_mean_and_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
