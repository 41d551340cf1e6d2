/* Lies by number: which event is lost, what a feature message and the counters then say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/selfcheck/lies.h"

static struct span text(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static void events_are_lost_by_their_number(void **state UNUSED)
{
	static const struct {
		struct lies lies;
		const char *fates; /* of events 1, 2, … */
	} rows[] = {
		{ { 0 }, "......" },
		{ { .drop_every = 3 }, "..D..D" },
		{ { .drop_at = 1 }, "D....." },
		{ { .drop_every = 4, .drop_at = 2 }, ".D.D.." },
		{ { .stop_after = 2 }, "..SSSS" },
		{ { .pause_at = 3 }, "..P..." },
		{ { .pause_at = 4, .drop_every = 2 }, ".D.D.D" },
		{ { .stop_after = 4, .drop_every = 2 }, ".D.DSS" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lies_count c = { 0 };
		size_t lost = 0;

		for (const char *f = rows[i].fates; *f; f++) {
			lost += *f == 'D';
			assert_int_equal(".DSP"[lies_event(&rows[i].lies, &c)], *f);
		}
		assert_int_equal(c.dropped, lost);
	}
}

static const char *altered(const char *member, const char *json, struct lies_count *c,
			   struct buf *out)
{
	struct lies l = { .alter = (char *)(uintptr_t)member };

	buf_reset(out);
	lies_feature(&l, c, text(json), out);
	return buf_str(out);
}

static void one_member_is_off_by_a_millionth_of_its_size_but_at_least_of_1(void **state UNUSED)
{
	static const char json[] = "{\"a\":2000,\"b\" : 0.5,\"s\":\"7\",\"t\":{\"a\":9},\"c\":-3}";
	struct lies_count c = { 0 };
	struct buf out = { 0 };

	assert_string_equal(altered("a", json, &c, &out),
			    "{\"a\":2000.002,\"b\" : 0.5,\"s\":\"7\",\"t\":{\"a\":9},\"c\":-3}");
	assert_string_equal(altered("b", json, &c, &out),
			    "{\"a\":2000,\"b\" : 0.500001,\"s\":\"7\",\"t\":{\"a\":9},\"c\":-3}");
	assert_string_equal(altered("c", json, &c, &out),
			    "{\"a\":2000,\"b\" : 0.5,\"s\":\"7\",\"t\":{\"a\":9},\"c\":-2.999997}");
	assert_int_equal(c.altered, 3);
	buf_release(&out);
}

static void the_numbers_take_turns(void **state UNUSED)
{
	struct lies_count c = { 0 };
	struct buf out = { 0 };

	assert_string_equal(altered(LIES_ANY, "{\"a\":0,\"s\":\"\",\"b\":1}", &c, &out),
			    "{\"a\":1e-06,\"s\":\"\",\"b\":1}");
	assert_string_equal(altered(LIES_ANY, "{\"a\":0,\"s\":\"\",\"b\":1}", &c, &out),
			    "{\"a\":0,\"s\":\"\",\"b\":1.000001}");
	assert_string_equal(altered(LIES_ANY, "{\"a\":0,\"s\":\"\",\"b\":1}", &c, &out),
			    "{\"a\":1e-06,\"s\":\"\",\"b\":1}");
	buf_release(&out);
}

static void what_has_no_such_number_stays_as_it_is(void **state UNUSED)
{
	static const char *const rows[] = { "",	       "{}",  "{\"s\":\"1\"}", "[1]",
					    "{\"a\":", "{\"", "{\"x\" 1}",     "null" };
	struct lies_count c = { 0 };
	struct buf out = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_string_equal(altered("a", rows[i], &c, &out), rows[i]);
		assert_string_equal(altered(LIES_ANY, rows[i], &c, &out), rows[i]);
	}
	assert_int_equal(c.altered, 0);
	assert_int_equal(c.features, 2 * ARRAY_SIZE(rows));
	buf_release(&out);
}

static void who_denies_counts_what_was_lost(void **state UNUSED)
{
	static const struct {
		bool deny;
		const char *line, *said;
	} rows[] = {
		{ true, "stats {\"received\":10,\"accepted\":7,\"features\":2}\n",
		  "stats {\"received\":13,\"accepted\":10,\"features\":2}\n" },
		{ false, "stats {\"received\":10,\"accepted\":7}\n",
		  "stats {\"received\":10,\"accepted\":7}\n" },
		{ true, "stats {\"received\":10}\n", "stats {\"received\":13}\n" },
		{ true, "INFO x: \"received\":10\n", "INFO x: \"received\":10\n" },
		{ true, "stats {", "stats {" },
	};
	const struct lies_count c = { .dropped = 3 };
	struct buf out = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lies l = { .deny = rows[i].deny };

		buf_reset(&out);
		lies_words(&l, &c, text(rows[i].line), &out);
		assert_string_equal(buf_str(&out), rows[i].said);
	}
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_lost_by_their_number),
		cmocka_unit_test(one_member_is_off_by_a_millionth_of_its_size_but_at_least_of_1),
		cmocka_unit_test(the_numbers_take_turns),
		cmocka_unit_test(what_has_no_such_number_stays_as_it_is),
		cmocka_unit_test(who_denies_counts_what_was_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
