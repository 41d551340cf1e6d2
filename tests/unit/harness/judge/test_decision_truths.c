/* Decisions on sessions of known truth, many seeds each; `make decision-check` has more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/stats/truths.h"

/* A session takes some 50 ms, with the sanitizers more: fewer there. */
#ifdef __SANITIZE_ADDRESS__
#define SEEDS 1
#else
#define SEEDS 5
#endif

static void a_decision_is_right_or_undecided_and_never_a_wrong_switch(void **state UNUSED)
{
	size_t right = 0, n = 0;
	struct decision_rules rules;

	truth_rules(&rules);
	for (size_t i = 0; i < ARRAY_SIZE(truths); i++)
		for (uint64_t seed = 1; !truth_at_limit(&truths[i]) && seed <= SEEDS; seed++) {
			struct decision_judgement j;
			struct result r;
			enum decision_verdict verdict;

			truth_session(&r, &truths[i], seed);
			verdict = truth_verdict(&truths[i], &rules, &r, &j);
			if (verdict != truths[i].right && verdict != DECISION_UNDECIDED)
				fail_msg("%s, seed %llu: %s by rule %s", truths[i].name,
					 (unsigned long long)seed, decision_verdict_names[verdict],
					 decision_rule_infos[j.deciding].name);
			right += verdict == truths[i].right;
			n++;
			result_release(&r);
		}
	/* Not by calling everything undecided. */
	assert_true(right * 10 >= n * 8);
	decision_rules_release(&rules);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decision_is_right_or_undecided_and_never_a_wrong_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
