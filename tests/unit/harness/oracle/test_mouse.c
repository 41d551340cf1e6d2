/* Mouse features worked out by hand from spec/features.md. */
#include <math.h>

#include "tests/unit/harness/oracle/fixture.h"

#define WINDOW_S 30

static const struct oracle_params at_15_s = { .now_us = 15000000,
					      .window_s = WINDOW_S,
					      .max_buffer = 50000 };

/* Events that only count as events, so that hand-worked streams reach the fifty. */
static bool extract(const struct event *ev, size_t n, struct feature_msg *out)
{
	struct event all[50];

	assert_true(n <= ARRAY_SIZE(all));
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		all[i] = i < n ? ev[i] : (struct event)BUTTON(14000, "Left", CLICK);
	return oracle_features(EVENT_MOUSE, all, ARRAY_SIZE(all), &at_15_s, out);
}

static void every_member_of_a_short_session_is_right(void **state)
{
	static const struct event ev[] = {
		MOVE(0, 0, 0),
		MOVE(1000, 3, 4),
		MOVE(3000, 3, 16),
		BUTTON(1000, "Left", PRESS),
		BUTTON(1125, "Left", RELEASE),
		BUTTON(1250, "Left", PRESS), /* hides the click before it */
		BUTTON(4000, "Right", PRESS),
		BUTTON(4250, "Right", RELEASE),
		NO_BUTTON(6000, PRESS),
		NO_BUTTON(6500, RELEASE),
		SCROLL(7000, 1),
		NO_BUTTON(8000, SCROLL),
		SCROLL(10000, -3),
		SCROLL(11000, 2),
	};
	const double straight = sqrt(265), turn = M_PI / 2 - atan2(4, 3);
	const struct expected want[] = {
		/* dist 5 12, dt 1 2, v 5 6, a 1, j 0 */
		{ "move_0", 5.5 },
		{ "move_1", 0.5 },
		{ "move_2", 6 },
		{ "move_3", 5.5 },
		{ "move_4", 1 },
		{ "move_5", 0 },
		{ "move_6", 1 },
		{ "move_7", 1 - straight / 17 },
		{ "move_8", turn },
		{ "move_9", 0 },
		{ "move_10", 0 },
		{ "move_11", 0 },
		{ "move_12", 17 },
		{ "move_13", straight },
		{ "move_14", 17.0 / 3 },
		{ "move_15", 1 },
		{ "move_16", 1.5 },
		{ "move_17", 0.5 },
		{ "move_18", straight / 17 },
		{ "move_19", 3.0 / WINDOW_S },
		/* Left: 1125 - 1250 < 0; Right 250, none 500 */
		{ "click_0", 375 },
		{ "click_1", 125 },
		{ "click_2", 2 },
		{ "click_3", 1 },
		{ "click_4", 0 },
		{ "click_5", 2.0 / 3 },
		{ "click_6", 1 },
		{ "click_7", 1.0 / 4 },
		{ "click_8", 4.0 / WINDOW_S },
		{ "click_9", 375 },
		/* deltas 1 -3 2, gaps 1 2 1 s */
		{ "scroll_0", 2 },
		{ "scroll_1", sqrt(14.0 / 3) },
		{ "scroll_2", 2 },
		{ "scroll_3", 1 },
		{ "scroll_4", 2.0 / 3 },
		{ "scroll_5", 4.0 / WINDOW_S },
		{ "scroll_6", 4.0 / 3 },
		{ "scroll_7", sqrt(2.0 / 9) },
		{ "dev_mode", 0 },
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_values(&m, want, ARRAY_SIZE(want));
	assert_int_equal(m.n_values, ARRAY_SIZE(want));
}

static void forty_nine_events_are_too_few(void **state)
{
	struct event ev[50];
	struct feature_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ev); i++)
		ev[i] = (struct event)BUTTON(1000, "Left", CLICK);
	assert_false(oracle_features(EVENT_MOUSE, ev, 49, &at_15_s, &m));
	assert_true(oracle_features(EVENT_MOUSE, ev, 50, &at_15_s, &m));
	for (size_t i = 0; i < m.n_values; i++) /* a click is no press: nothing but zeros */
		assert_value(&m, m.values[i].name, 0);
	assert_int_equal(m.n_values, 39);
}

static void two_moves_and_a_move_to_nowhere_are_no_path(void **state)
{
	static const struct event ev[] = { MOVE(1000, 0, 0), MOVE(2000, 100, 0),
					   NO_BUTTON(3000, MOVE) };
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "move_12", 0);
	assert_value(&m, "move_19", 0);
}

/* v = 5 px / 1 ms = 5000; 10 px / 1 ms = 10000 is at the limit and does not count. */
static void values_at_the_limits_leave_the_statistics_but_not_the_series(void **state)
{
	static const struct event ev[] = { MOVE(1000, 0, 0), MOVE(1000, 3, 4), MOVE(1000, 3, 14),
					   MOVE(1000, 3, 14) };
	/* v 5000 10000 0, a 5e6 -1e7, j -1.5e10: of them only v's 5000 and 0 count */
	static const struct expected want[] = {
		{ "move_0", 2500 }, { "move_1", 2500 }, { "move_2", 5000 },   { "move_3", 2500 },
		{ "move_4", 0 },    { "move_5", 0 },	{ "move_6", 0 },      { "move_10", 0 },
		{ "move_12", 15 },  { "move_15", 0 },	{ "move_16", 0.001 }, { "move_17", 0 },
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_values(&m, want, ARRAY_SIZE(want));
}

static void turns_are_not_wrapped(void **state)
{
	/* Left and a little up, then left and a little down: nearly 2 pi, not nearly 0. */
	static const struct event ev[] = { MOVE(1000, 0, 0), MOVE(2000, -1000, 1),
					   MOVE(3000, -2000, 0) };
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "move_8", 2 * (M_PI - atan(1.0 / 1000)));
}

static void jerk_is_over_the_dt_of_its_place(void **state)
{
	/* dt 1 2 4, dist 1 4 16, v 1 2 4, a 1 1, j 0; then dist 40 over 1 s: v 40, a 9, j 4 */
	static const struct event ev[] = { MOVE(1000, 0, 0), MOVE(2000, 1, 0), MOVE(4000, 5, 0),
					   MOVE(8000, 21, 0), MOVE(9000, 61, 0) };
	static const struct expected want[] = {
		{ "move_4", 11.0 / 3 }, { "move_5", sqrt(128.0) / 3 },
		{ "move_6", 9 },	{ "move_10", 2 },
		{ "move_11", 2 },
	};
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_values(&m, want, ARRAY_SIZE(want));
}

static void a_double_click_is_less_than_half_a_second_in_order_of_time(void **state)
{
	static const struct event ev[] = { BUTTON(3000, "Left", PRESS),
					   BUTTON(1000, "Right", PRESS),
					   BUTTON(3499, "Middle", PRESS),
					   BUTTON(1500, "Left", PRESS) };
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "click_6", 1); /* 3000 to 3499; 1000 to 1500 is half a second */
	assert_value(&m, "click_0", 0);
}

static void a_release_without_a_press_and_an_unnamed_button_are_not_confused(void **state)
{
	/* The button "" is not the button null. */
	static const struct event ev[] = { BUTTON(1000, "", PRESS), NO_BUTTON(1100, RELEASE),
					   BUTTON(1250, "", RELEASE), BUTTON(1500, "", RELEASE) };
	struct feature_msg m;

	(void)state;
	assert_true(extract(ev, ARRAY_SIZE(ev), &m));
	assert_value(&m, "click_0", 250);
	assert_value(&m, "click_1", 0);
	assert_value(&m, "click_5", 0);
}

static void scrolls_without_a_delta_are_zeros_and_one_scroll_has_no_gap(void **state)
{
	static const struct event none[] = { NO_BUTTON(1000, SCROLL), NO_BUTTON(2000, SCROLL) };
	static const struct event one[] = { SCROLL(1000, 0) };
	struct feature_msg m;

	(void)state;
	assert_true(extract(none, ARRAY_SIZE(none), &m));
	assert_value(&m, "scroll_5", 0);
	assert_value(&m, "scroll_6", 0);
	assert_true(extract(one, ARRAY_SIZE(one), &m));
	assert_value(&m, "scroll_4", 0);
	assert_value(&m, "scroll_5", 1.0 / WINDOW_S);
	assert_value(&m, "scroll_6", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_of_a_short_session_is_right),
		cmocka_unit_test(forty_nine_events_are_too_few),
		cmocka_unit_test(two_moves_and_a_move_to_nowhere_are_no_path),
		cmocka_unit_test(values_at_the_limits_leave_the_statistics_but_not_the_series),
		cmocka_unit_test(turns_are_not_wrapped),
		cmocka_unit_test(jerk_is_over_the_dt_of_its_place),
		cmocka_unit_test(a_double_click_is_less_than_half_a_second_in_order_of_time),
		cmocka_unit_test(a_release_without_a_press_and_an_unnamed_button_are_not_confused),
		cmocka_unit_test(scrolls_without_a_delta_are_zeros_and_one_scroll_has_no_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
