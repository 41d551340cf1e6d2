/* Keystroke features worked out by hand from spec/features.md. */
#include <stdio.h>

#include "tests/unit/harness/oracle/fixture.h"

static const struct oracle_params at_10_s = { .now_us = 10000000,
					      .window_s = 30,
					      .max_buffer = 10000 };

static bool extract(const struct event *ev, size_t n, struct feature_msg *out)
{
	return oracle_features(EVENT_KEYSTROKE, ev, n, &at_10_s, out);
}

/*
 * ms     1000 1100 1200 1250 1350 1450 1600 1700 1800 1900
 *        A    a    B    C    b    c    A    a    B    b      (small: released)
 */
static const struct event typed[] = {
	KEY(1000, "A", PRESS),	 KEY(1100, "A", RELEASE), KEY(1200, "B", PRESS),
	KEY(1250, "C", PRESS),	 KEY(1350, "B", RELEASE), KEY(1450, "C", RELEASE),
	KEY(1600, "A", PRESS),	 KEY(1700, "A", RELEASE), KEY(1800, "B", PRESS),
	KEY(1900, "B", RELEASE),
};

static void every_member_of_a_typed_word_is_right(void **state)
{
	static const struct expected want[] = {
		/* dwell 100 150 200 100 100 */
		{ "dwell_mean", 130 },
		{ "dwell_std", 40 },
		{ "dwell_min", 100 },
		{ "dwell_max", 200 },
		{ "dwell_median", 100 },
		{ "dwell_q25", 100 },
		{ "dwell_q75", 150 },
		{ "dwell_range", 100 },
		/* flight 100 150 150 100 */
		{ "flight_mean", 125 },
		{ "flight_std", 25 },
		{ "flight_min", 100 },
		{ "flight_max", 150 },
		{ "flight_median", 125 },
		{ "flight_q25", 100 },
		{ "flight_q75", 150 },
		{ "flight_range", 50 },
		/* A_B 200 200, then B_C 50, C_A 350 */
		{ "digraph_0_mean", 200 },
		{ "digraph_1_mean", 50 },
		{ "digraph_2_mean", 350 },
		{ "digraph_3_mean", 0 },
		{ "digraph_19_mean", 0 },
		{ "backspace_frequency", 0 },
		{ "backspace_count", 0 },
		{ "correction_rate", 0 },
		{ "clean_typing_ratio", 1 },
		/* intervals 200 50 350 200: median 200, one burst, three pauses, var 11250 */
		{ "rhythm_consistency", 1 - 106.0660171779821287 / 200 },
		{ "burst_frequency", 0.25 },
		{ "pause_frequency", 0.75 },
		{ "avg_burst_speed", 50 },
		{ "avg_pause_duration", 250 },
		{ "rhythm_variation", 106.0660171779821287 },
		{ "typing_speed_wpm", 60 },
		{ "rhythm_stability", 1.0 / 11251 },
		{ "dev_mode", 0 },
		{ "total_keys", 5 },
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(typed, ARRAY_SIZE(typed), &m));
	assert_values(&m, want, ARRAY_SIZE(want));
	assert_int_equal(m.n_values, 50);
	assert_int_equal(m.n_labels, 0);
	assert_int_equal(m.time_us, at_10_s.now_us);
	assert_int_equal(oracle_value(&m, "dev_mode")->kind, FEATURE_BOOL);
}

static void nine_events_in_the_window_are_too_few(void **state)
{
	struct feature_msg m;

	(void)state;
	assert_false(extract(typed, 9, &m));
	assert_false(extract(typed, 0, &m));
}

static void the_window_is_open_at_its_old_end(void **state)
{
	struct oracle_params p = at_10_s;
	struct feature_msg m;

	(void)state;
	p.now_us = 31000000 - 1; /* the press at 1 s is 1 us inside */
	assert_true(oracle_features(EVENT_KEYSTROKE, typed, ARRAY_SIZE(typed), &p, &m));
	p.now_us = 31000000; /* at the very edge: outside, and 9 are left */
	assert_false(oracle_features(EVENT_KEYSTROKE, typed, ARRAY_SIZE(typed), &p, &m));
}

static void a_full_buffer_keeps_the_latest_arrivals(void **state)
{
	struct event twice[2 * ARRAY_SIZE(typed)];
	struct oracle_params p = at_10_s;
	struct feature_msg m;

	(void)state;
	memcpy(twice, typed, sizeof(typed));
	memcpy(twice + ARRAY_SIZE(typed), typed, sizeof(typed));
	twice[0].name = (struct span)NAME("Delete");
	p.max_buffer = ARRAY_SIZE(typed);
	assert_true(oracle_features(EVENT_KEYSTROKE, twice, ARRAY_SIZE(twice), &p, &m));
	assert_value(&m, "total_keys", 5);
	assert_value(&m, "backspace_count", 0);
	p.max_buffer = ARRAY_SIZE(typed) - 1;
	assert_false(oracle_features(EVENT_KEYSTROKE, twice, ARRAY_SIZE(twice), &p, &m));
}

static void a_second_press_replaces_the_first_and_a_lone_release_gives_no_dwell(void **state)
{
	static const struct event ev[] = {
		KEY(1000, "A", PRESS),	 KEY(1300, "A", PRESS),	  KEY(1350, "A", RELEASE),
		KEY(1400, "A", RELEASE), KEY(2000, "B", RELEASE), KEY(3000, "C", PRESS),
		KEY(4000, "C", RELEASE),			  /* 1000 ms: not kept */
		KEY(5000, "D", PRESS),	 KEY(5000, "D", RELEASE), /* 0 ms: not kept */
		KEY(6000, "E", PRESS),
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "dwell_mean", 50);
	assert_value(&m, "dwell_range", 0);
}

static void dwell_goes_by_arrival_and_flight_by_time(void **state)
{
	/* The release of A at 1100 arrives before its press at 1000. */
	static const struct event ev[] = {
		KEY(1100, "A", RELEASE), KEY(1000, "A", PRESS), KEY(1300, "B", PRESS),
		KEY(1400, "B", PRESS),	 KEY(1500, "B", PRESS), KEY(1600, "B", PRESS),
		KEY(1700, "B", PRESS),	 KEY(1800, "B", PRESS), KEY(1900, "B", PRESS),
		KEY(3100, "B", PRESS),
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_false(has_member(&m, "dwell_mean"));
	assert_false(has_member(&m, "dwell_range"));
	/* every later press counts from the release that stays remembered: 200 ... 800, not 2000 */
	assert_value(&m, "flight_mean", 500);
	assert_value(&m, "flight_max", 800);
}

static void key_pairs_of_the_same_text_are_one_digraph(void **state)
{
	/* a_b+c and a+b_c are both "a_b_c": 100 and 300 ms; c+a 250. */
	static const struct event ev[] = {
		KEY(1000, "a_b", PRESS), KEY(1100, "c", PRESS),	  KEY(1350, "a", PRESS),
		KEY(1650, "b_c", PRESS), KEY(1700, "x", RELEASE), KEY(1700, "x", RELEASE),
		KEY(1700, "x", RELEASE), KEY(1700, "x", RELEASE), KEY(1700, "x", RELEASE),
		KEY(1700, "x", RELEASE),
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "digraph_0_mean", 200);
	assert_value(&m, "digraph_1_mean", 250);
	assert_value(&m, "digraph_2_mean", 0);
}

static void twenty_digraphs_are_ranked_by_count_then_by_first_kept(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	struct event ev[28];
	struct feature_msg m;
	char name[24];

	(void)state;
	/* a b c ... z: 25 digraphs of 10, 11, 12 ... ms; then y z again, so y_z is first. */
	for (size_t i = 0, ms = 1000; i < 28; i++) {
		size_t key = i < 26 ? i : i - 2;

		ms += i == 26 ? 3000 : 9 + i;
		ev[i] = (struct event)KEY((int64_t)ms, "", PRESS);
		ev[i].name = (struct span){ &letters[key], 1 };
	}
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "digraph_0_mean", (9 + 25 + 9 + 27) / 2.0);
	for (int i = 1; i < 20; i++) {
		snprintf(name, sizeof(name), "digraph_%d_mean", i);
		assert_value(&m, name, 9 + i);
	}
}

static void corrections_are_keys_that_contain_the_words(void **state)
{
	static const struct event ev[] = {
		KEY(1000, "Backspace", PRESS),	     KEY(1100, "NumpadBackspace", PRESS),
		KEY(1200, "Delete", PRESS),	     KEY(1300, "DeleteForward", PRESS),
		KEY(1400, "backspace", PRESS),	     KEY(1500, "Back", PRESS),
		KEY(1600, "Backspace", RELEASE),     KEY(1700, "Delete", RELEASE),
		KEY(1800, "DeleteBackspace", PRESS), KEY(1900, "A", PRESS),
	};
	static const struct expected want[] = {
		{ "backspace_count", 5 },
		{ "backspace_frequency", 5.0 / 8 },
		{ "correction_rate", 5.0 / 3 },
		{ "clean_typing_ratio", 3.0 / 8 },
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_values(&m, want, ARRAY_SIZE(want));
}

static void without_an_interval_the_rhythm_has_its_other_names(void **state)
{
	struct event ev[10];
	struct feature_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ev); i++)
		ev[i] = (struct event)KEY(1000, "A", PRESS); /* intervals of 0 */
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "rhythm_0", 0);
	assert_value(&m, "rhythm_7", 0);
	assert_false(has_member(&m, "rhythm_stability"));
	ev[9].ts_us += 5000000; /* 5000 ms: not kept either */
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_true(has_member(&m, "rhythm_0"));
	ev[9].ts_us -= 1;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_false(has_member(&m, "rhythm_0"));
	assert_value(&m, "burst_frequency", 0);
	assert_value(&m, "pause_frequency", 1);
	assert_value(&m, "avg_burst_speed", 0);
	assert_value(&m, "avg_pause_duration", 4999.999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_of_a_typed_word_is_right),
		cmocka_unit_test(nine_events_in_the_window_are_too_few),
		cmocka_unit_test(the_window_is_open_at_its_old_end),
		cmocka_unit_test(a_full_buffer_keeps_the_latest_arrivals),
		cmocka_unit_test(
			a_second_press_replaces_the_first_and_a_lone_release_gives_no_dwell),
		cmocka_unit_test(dwell_goes_by_arrival_and_flight_by_time),
		cmocka_unit_test(key_pairs_of_the_same_text_are_one_digraph),
		cmocka_unit_test(twenty_digraphs_are_ranked_by_count_then_by_first_kept),
		cmocka_unit_test(corrections_are_keys_that_contain_the_words),
		cmocka_unit_test(without_an_interval_the_rhythm_has_its_other_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
