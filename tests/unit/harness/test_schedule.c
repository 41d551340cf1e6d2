/* The order of runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/schedule.h"

static void every_pair_stands_together_and_blocks_are_abba_or_baab(void **state UNUSED)
{
	struct schedule s;
	struct rng rng;
	int abba = 0, baab = 0;

	rng_init(&rng, 5, 0);
	schedule_build(&s, 3, (int[]){ 40, 40, 40 }, &rng);
	assert_int_equal(s.n, 3 * 40 * 2);
	for (size_t i = 0; i < s.n; i += 4) {
		char sides[5] = { s.entries[i].side, s.entries[i + 1].side, s.entries[i + 2].side,
				  s.entries[i + 3].side, 0 };

		for (size_t k = 0; k < 4; k++) {
			assert_int_equal(s.entries[i + k].comparison, s.entries[i].comparison);
			assert_int_equal(s.entries[i + k].pair, s.entries[i].pair + (int)k / 2);
		}
		abba += !strcmp(sides, "abba");
		baab += !strcmp(sides, "baab");
	}
	assert_int_equal(abba + baab, 60);
	assert_true(abba > 10 && baab > 10); /* by lot: 60 fair tosses, 5 sd */
	schedule_release(&s);
}

static void every_round_holds_every_comparison(void **state UNUSED)
{
	struct schedule s;
	struct rng rng;

	rng_init(&rng, 6, 0);
	schedule_build(&s, 3, (int[]){ 5, 5, 5 }, &rng); /* two rounds of two pairs, one of one */
	for (int round = 0; round < 2; round++) {
		int seen[3] = { 0 };

		for (int i = 0; i < 12; i++)
			seen[s.entries[round * 12 + i].comparison]++;
		assert_true(seen[0] == 4 && seen[1] == 4 && seen[2] == 4);
	}
	assert_int_equal(s.n, 30);
	schedule_release(&s);
}

static void each_comparison_has_its_own_number_of_pairs(void **state UNUSED)
{
	int seen[2] = { 0 };
	struct schedule s;
	struct rng rng;

	rng_init(&rng, 7, 0);
	schedule_build(&s, 2, (int[]){ 3, 8 }, &rng);
	for (size_t i = 0; i < s.n; i++)
		seen[s.entries[i].comparison]++;
	assert_true(s.n == 22 && seen[0] == 6 && seen[1] == 16);
	schedule_release(&s);
}

static void the_seed_decides_the_order(void **state UNUSED)
{
	static const int eight[4] = { 8, 8, 8, 8 };
	struct schedule a, b, c;
	struct rng rng;

	rng_init(&rng, 1, 0);
	schedule_build(&a, 4, eight, &rng);
	rng_init(&rng, 1, 0);
	schedule_build(&b, 4, eight, &rng);
	schedule_build(&c, 4, eight, &rng);
	for (size_t i = 0, other = 0; i < a.n; i++) {
		assert_int_equal(a.entries[i].comparison, b.entries[i].comparison);
		assert_int_equal(a.entries[i].side, b.entries[i].side);
		other += a.entries[i].comparison != c.entries[i].comparison ||
			 a.entries[i].side != c.entries[i].side;
		if (i + 1 == a.n)
			assert_true(other > 0);
	}
	schedule_release(&a);
	schedule_release(&b);
	schedule_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_stands_together_and_blocks_are_abba_or_baab),
		cmocka_unit_test(every_round_holds_every_comparison),
		cmocka_unit_test(each_comparison_has_its_own_number_of_pairs),
		cmocka_unit_test(the_seed_decides_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
