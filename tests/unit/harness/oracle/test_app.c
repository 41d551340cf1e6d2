/* App transitions and patterns worked out by hand from spec/features.md. */
#include <stdlib.h>

#include "extractors/base/buf.h"
#include "tests/unit/harness/oracle/fixture.h"

#define HOUR_US 3600000000LL

static void assert_label(const struct feature_msg *m, size_t i, const char *name, const char *value)
{
	assert_string_equal(m->labels[i].name, name);
	assert_int_equal(m->labels[i].value.len, strlen(value));
	assert_memory_equal(m->labels[i].value.p, value, strlen(value));
}

static void a_transition_names_both_apps_and_truncates_the_difference_of_doubles(void **state)
{
	static const struct {
		int64_t from_us, to_us;
		double want_ms;
	} rows[] = {
		{ 1000000, 1000999, 0 },
		{ 1000000, 2500000, 1500 },
		/* 1 ms between doubles near 1.8e9 is 0.9999275 or 1.0001659 ms */
		{ 1795461034276530, 1795461034277530, 0 },
		{ 1795461034276532, 1795461034277532, 1 },
		{ 5000000, 3000000, -2000 },
		{ 5000999, 5000000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct event from = FOCUS(rows[i].from_us, "code");
		struct event to = FOCUS(rows[i].to_us, "a,b");
		struct oracle_app *app = oracle_app_new(false);
		struct feature_msg m;

		assert_false(oracle_app_event(app, &from, &m));
		assert_true(oracle_app_event(app, &to, &m));
		assert_label(&m, 0, "from_app", "code");
		assert_label(&m, 1, "to_app", "a,b");
		assert_int_equal(m.n_values, 1);
		assert_value(&m, "duration_ms", rows[i].want_ms);
		assert_int_equal(m.time_us, rows[i].to_us);
		oracle_app_free(app);
	}
}

static void the_same_app_again_is_no_transition_but_starts_anew(void **state)
{
	static const struct event ev[] = { FOCUS(1000000, "a"), FOCUS(4000000, "a"),
					   FOCUS(4500000, "b") };
	struct oracle_app *app = oracle_app_new(false);
	struct feature_msg m;

	(void)state;
	assert_false(oracle_app_event(app, &ev[0], &m));
	assert_false(oracle_app_event(app, &ev[1], &m));
	assert_true(oracle_app_event(app, &ev[2], &m));
	assert_value(&m, "duration_ms", 500);
	oracle_app_free(app);
}

static void assert_patterns(const struct event *ev, size_t n, bool dev_mode, const char *want)
{
	struct oracle_app *app = oracle_app_new(dev_mode);
	struct feature_msg m;
	struct buf json = { 0 };

	for (size_t i = 0; i < n; i++)
		(void)oracle_app_event(app, &ev[i], &m);
	oracle_app_patterns(app, &json);
	assert_string_equal(buf_str(&json), want);
	buf_release(&json);
	oracle_app_free(app);
}

static void patterns_of_nothing_are_empty(void **state)
{
	(void)state;
	assert_patterns(NULL, 0, false,
			"{\"transition_matrix\":{},\"time_preferences\":{},\"usage_stats\":{"
			"\"most_used\":[],\"avg_durations\":{},\"total_transitions\":0,"
			"\"unique_apps\":0},\"dev_mode\":false}");
}

static void patterns_count_transitions_hours_and_times(void **state)
{
	/* a 2 s, b 1 s, a 4 s, c 1 s, b still open; the second a is in another hour. */
	static const struct event ev[] = {
		FOCUS(HOUR_US - 3000000, "a"), FOCUS(HOUR_US - 1000000, "b"), FOCUS(HOUR_US, "a"),
		FOCUS(HOUR_US + 4000000, "c"), FOCUS(HOUR_US + 5000000, "b"),
	};

	(void)state;
	assert_patterns(ev, ARRAY_SIZE(ev), true,
			"{\"transition_matrix\":{\"a->b\":0.5,\"b->a\":1,\"a->c\":0.5,\"c->b\":1},"
			"\"time_preferences\":{\"a\":{\"0\":0.5,\"1\":0.5},"
			"\"b\":{\"0\":0.5,\"1\":0.5},\"c\":{\"1\":1}},"
			"\"usage_stats\":{\"most_used\":[[\"a\",2],[\"b\",1],[\"c\",1]],"
			"\"avg_durations\":{\"a\":3,\"b\":1,\"c\":1},"
			"\"total_transitions\":4,\"unique_apps\":3},\"dev_mode\":true}");
}

static void only_the_ten_most_left_are_listed_ties_by_first_sight(void **state)
{
	static const char *const names = "abcdefghijkl";
	struct oracle_app *app = oracle_app_new(false);
	struct event ev = FOCUS(1000000, "");
	struct feature_msg m;
	struct buf json = { 0 };

	(void)state;
	for (int i = 0; i < 14; i++) { /* a ... l, then k, l: k is left twice */
		ev.name = (struct span){ &names[i < 12 ? i : i - 2], 1 };
		(void)oracle_app_event(app, &ev, &m);
	}
	oracle_app_patterns(app, &json);
	assert_non_null(strstr(buf_str(&json),
			       "\"most_used\":[[\"k\",2],[\"a\",1],[\"b\",1],[\"c\",1],"
			       "[\"d\",1],[\"e\",1],[\"f\",1],[\"g\",1],[\"h\",1],"
			       "[\"i\",1]],"));
	assert_non_null(strstr(buf_str(&json), "\"unique_apps\":12}"));
	buf_release(&json);
	oracle_app_free(app);
}

static void pairs_of_the_same_text_are_one_member_with_the_later_pairs_share(void **state)
{
	/* a->b + c and a + b->c: "a->b->c"; the first is 1 of 1, the second 1 of 2 from a. */
	static const struct event ev[] = { FOCUS(1000000, "a->b"), FOCUS(2000000, "c"),
					   FOCUS(3000000, "a"),	   FOCUS(4000000, "b->c"),
					   FOCUS(5000000, "a"),	   FOCUS(6000000, "c") };
	struct oracle_app *app = oracle_app_new(false);
	struct feature_msg m;
	struct buf json = { 0 };
	const char *first;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ev); i++)
		(void)oracle_app_event(app, &ev[i], &m);
	oracle_app_patterns(app, &json);
	first = strstr(buf_str(&json), "{\"a->b->c\":0.5,\"c->a\":1,");
	assert_non_null(first);
	assert_null(strstr(first + 5, "\"a->b->c\""));
	buf_release(&json);
	oracle_app_free(app);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_transition_names_both_apps_and_truncates_the_difference_of_doubles),
		cmocka_unit_test(the_same_app_again_is_no_transition_but_starts_anew),
		cmocka_unit_test(patterns_of_nothing_are_empty),
		cmocka_unit_test(patterns_count_transitions_hours_and_times),
		cmocka_unit_test(only_the_ten_most_left_are_listed_ties_by_first_sight),
		cmocka_unit_test(pairs_of_the_same_text_are_one_member_with_the_later_pairs_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
