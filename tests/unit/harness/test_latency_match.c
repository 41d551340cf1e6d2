/* Which message answers which trigger: by number, by time, and what answers nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/latency_match.h"

#define FILL 100

/* Three triggers, sent at 1000, 2000 and 3000, the second one late. */
static void set(struct latency_trigger t[3])
{
	t[0] = (struct latency_trigger){ 1000, 1000, 0 };
	t[1] = (struct latency_trigger){ 1900, 2000, 0 };
	t[2] = (struct latency_trigger){ 3000, 3000, 0 };
}

struct row {
	const char *what;
	size_t n;
	struct latency_answer answers[5];
	struct latency_account expected;
	int64_t answered_ns[3];
};

static const struct row rows[] = {
	{ "by number; the fill's are left alone",
	  4,
	  { { 500, 99 }, { 1100, 101 }, { 2100, 102 }, { 3100, 103 } },
	  { 3, 0, 0, SIZE_MAX },
	  { 1100, 2100, 3100 } },
	{ "by time; what came before the first is the fill's",
	  4,
	  { { 999, 0 }, { 1000, 0 }, { 2900, 0 }, { 3100, 0 } },
	  { 3, 0, 0, SIZE_MAX },
	  { 1000, 2900, 3100 } },
	{ "none for the second",
	  2,
	  { { 1100, 101 }, { 3100, 103 } },
	  { 2, 0, 0, 1 },
	  { 1100, 0, 3100 } },
	{ "by time, none for the second",
	  2,
	  { { 1100, 0 }, { 3100, 0 } },
	  { 2, 0, 0, 1 },
	  { 1100, 0, 3100 } },
	{ "two for the first",
	  4,
	  { { 1100, 101 }, { 1200, 101 }, { 2100, 102 }, { 3100, 103 } },
	  { 3, 1, 0, SIZE_MAX },
	  { 1100, 2100, 3100 } },
	{ "by time, two for the first",
	  4,
	  { { 1100, 0 }, { 1200, 0 }, { 2100, 0 }, { 3100, 0 } },
	  { 3, 1, 0, SIZE_MAX },
	  { 1100, 2100, 3100 } },
	{ "the second's before it was sent, though after it was due",
	  3,
	  { { 1100, 101 }, { 1950, 102 }, { 3100, 103 } },
	  { 2, 0, 1, 1 },
	  { 1100, 0, 3100 } },
	{ "of an event that is not in the plan, and of none at all",
	  5,
	  { { 1100, 101 }, { 2100, 102 }, { 3100, 103 }, { 3200, 104 }, { 3300, LATENCY_WRONG } },
	  { 3, 2, 0, SIZE_MAX },
	  { 1100, 2100, 3100 } },
	{ "nothing", 0, { { 0, 0 } }, { 0, 0, 0, 0 }, { 0, 0, 0 } },
};

static void every_trigger_has_one_answer_and_the_rest_is_counted(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct latency_trigger t[3];
		struct latency_account a;

		set(t);
		latency_match(t, 3, FILL, r->answers, r->n, &a);
		print_message("%s\n", r->what);
		assert_int_equal(a.answered, r->expected.answered);
		assert_int_equal(a.stray, r->expected.stray);
		assert_int_equal(a.early, r->expected.early);
		assert_int_equal(a.unanswered, r->expected.unanswered);
		for (int k = 0; k < 3; k++)
			assert_int_equal(t[k].answered_ns, r->answered_ns[k]);
	}
}

static void a_trigger_that_was_never_sent_cannot_be_answered(void **state UNUSED)
{
	const struct latency_answer by_number = { 5000, FILL + 3 }, by_time = { 5000, 0 };
	struct latency_trigger t[3];
	struct latency_account a;

	set(t);
	t[2].sent_ns = 0;
	latency_match(t, 3, FILL, &by_number, 1, &a);
	assert_int_equal(a.early, 1);
	assert_int_equal(t[2].answered_ns, 0);
	latency_match(t, 3, FILL, &by_time, 1, &a);
	assert_int_equal(t[1].answered_ns, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_trigger_has_one_answer_and_the_rest_is_counted),
		cmocka_unit_test(a_trigger_that_was_never_sent_cannot_be_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
