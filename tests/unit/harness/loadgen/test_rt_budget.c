/* The real-time allowance: what a thread may take in any second stays below the kernel's limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/compiler.h"
#include "harness/loadgen/rt_budget.h"

static void the_share_follows_the_kernels_settings(void **state UNUSED)
{
	static const struct {
		int64_t runtime_us, period_us;
		double share;
	} rows[] = {
		{ 950000, 1000000, RT_SHARE * 0.95 },
		{ 500000, 1000000, RT_SHARE * 0.5 },
		{ 0, 1000000, 0 },
		{ -1, 1000000, 1 },
		{ 1000000, 1000000, 1 },
		{ 5, 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rt_budget b;

		rt_budget_init(&b, rows[i].runtime_us, rows[i].period_us, 0);
		assert_true(b.share > rows[i].share - 1e-12 && b.share < rows[i].share + 1e-12);
	}
}

/* Spinning whenever it is allowed: what is used in any second is the share and the burst at most. */
static void a_greedy_spinner_stays_within_its_share(void **state UNUSED)
{
	static int64_t busy_to[4000]; /* sums, one a millisecond */
	struct rt_budget b;

	rt_budget_init(&b, 950000, 1000000, 0);
	for (int ms = 1; ms < 4000; ms++) {
		bool spins = rt_budget_allows(&b, NS_PER_MS);

		rt_budget_spend(&b, ms * NS_PER_MS, spins ? NS_PER_MS : 0);
		busy_to[ms] = busy_to[ms - 1] + (spins ? NS_PER_MS : 0);
	}
	for (int ms = 1000; ms < 4000; ms++) {
		int64_t used_ns = busy_to[ms] - busy_to[ms - 1000];

		assert_true(used_ns <= (int64_t)(b.share * (double)NS_PER_S) + RT_BURST_NS);
		assert_true(used_ns >= (int64_t)(0.6 * (double)NS_PER_S)); /* and uses it */
	}
}

static void without_a_limit_everything_is_allowed(void **state UNUSED)
{
	struct rt_budget b;

	rt_budget_init(&b, -1, 1000000, 0);
	rt_budget_spend(&b, 10, 3600 * NS_PER_S);
	assert_true(rt_budget_allows(&b, NS_PER_S));
}

static void with_nothing_allowed_the_first_burst_is_all_there_is(void **state UNUSED)
{
	struct rt_budget b;

	rt_budget_init(&b, 0, 1000000, 0);
	rt_budget_spend(&b, RT_BURST_NS, RT_BURST_NS);
	assert_false(rt_budget_allows(&b, 1));
	rt_budget_spend(&b, 3600 * NS_PER_S, 0);
	assert_false(rt_budget_allows(&b, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_share_follows_the_kernels_settings),
		cmocka_unit_test(a_greedy_spinner_stays_within_its_share),
		cmocka_unit_test(without_a_limit_everything_is_allowed),
		cmocka_unit_test(with_nothing_allowed_the_first_burst_is_all_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
