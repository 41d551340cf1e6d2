/* Statistics with known values, and the numbering of names. */
#include <math.h>
#include <stdio.h>

#include "harness/oracle/names.h"
#include "harness/oracle/numbers.h"
#include "tests/unit/harness/oracle/fixture.h"

static void statistics_of_known_series(void **state)
{
	static const struct {
		double v[8];
		size_t n;
		double sum, mean, var, min, max, median, q25, q75;
	} rows[] = {
		{ { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
		{ { 7 }, 1, 7, 7, 0, 7, 7, 7, 7, 7 },
		{ { 4, 1 }, 2, 5, 2.5, 2.25, 1, 4, 2.5, 1.75, 3.25 },
		{ { 3, 1, 2 }, 3, 6, 2, 2.0 / 3, 1, 3, 2, 1.5, 2.5 },
		/* numpy: quantile([1, 2, 4, 8, 16], .25) = 2 */
		{ { 16, 1, 8, 2, 4 }, 5, 31, 6.2, 29.76, 1, 16, 4, 2, 8 },
		{ { -1, -1, 1, 1, -3, 3 }, 6, 0, 0, 22.0 / 6, -3, 3, 0, -1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct numbers s = { 0 };

		for (size_t k = 0; k < rows[i].n; k++)
			numbers_add(&s, rows[i].v[k]);
		assert_true(oracle_equal(numbers_sum(&s), rows[i].sum));
		assert_true(oracle_equal(numbers_mean(&s), rows[i].mean));
		assert_true(oracle_equal(numbers_var(&s), rows[i].var));
		assert_true(oracle_equal(numbers_std(&s), sqrt(rows[i].var)));
		assert_true(oracle_equal(numbers_min(&s), rows[i].min));
		assert_true(oracle_equal(numbers_max(&s), rows[i].max));
		assert_true(oracle_equal(numbers_quantile(&s, 0.5), rows[i].median));
		assert_true(oracle_equal(numbers_quantile(&s, 0.25), rows[i].q25));
		assert_true(oracle_equal(numbers_quantile(&s, 0.75), rows[i].q75));
		numbers_release(&s);
	}
}

static void a_constant_series_of_fifty_thousand_has_no_spread(void **state)
{
	struct numbers s = { 0 };

	(void)state;
	for (int i = 0; i < 50000; i++)
		numbers_add(&s, 7071.0678118654755);
	assert_true(numbers_std(&s) < 1e-9);
	numbers_release(&s);
}

static void names_are_numbered_in_the_order_of_their_first_sight(void **state)
{
	struct names t = { 0 };
	char name[16];

	(void)state;
	assert_int_equal(names_id(&t, "b", 1), 0);
	assert_int_equal(names_id(&t, "a", 1), 1);
	assert_int_equal(names_id(&t, "b", 1), 0);
	assert_int_equal(names_id(&t, "a\0", 2), 2); /* bytes, not C strings */
	assert_int_equal(names_id(&t, "", 0), 3);
	for (size_t i = 0; i < 10000; i++) {
		int len = snprintf(name, sizeof(name), "name%zu", i);

		assert_int_equal(names_id(&t, name, (size_t)len), 4 + i);
	}
	assert_int_equal(names_id(&t, "name77", 6), 4 + 77);
	assert_int_equal(names_id(&t, "a", 1), 1);
	assert_memory_equal(t.list[4 + 77].p, "name77", 6);
	names_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_of_known_series),
		cmocka_unit_test(a_constant_series_of_fifty_thousand_has_no_spread),
		cmocka_unit_test(names_are_numbered_in_the_order_of_their_first_sight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
