#include "extractors/feature/moves.h"
#include "tests/unit/extractors/feature/naive_mouse.h"

/* Eighths of a second are whole in binary: every difference below is exact. */
#define AT(eighths) (1000 * S + (eighths) * (S / 8))
#define WINDOW_S    40
#define NOW	    AT(200)
#define EVENTS_MIN  50

static void *fresh(size_t max_events, double window_s)
{
	struct extractor_params p = { .max_events = max_events, .window_s = window_s };

	return mouse_ops.new(&p);
}

static void feed(void *m, const struct event *ev, size_t n)
{
	struct feature_msg out;

	for (size_t i = 0; i < n; i++)
		assert_false(mouse_ops.accept(m, &ev[i], &out));
}

/* The events, and as many that only count as make a window. */
static void extract_padded(const struct event *ev, size_t n, struct feature_msg *out)
{
	void *m = fresh(1000, WINDOW_S);
	struct event click = mouse(AT(0), KIND_CLICK, "Left");

	feed(m, ev, n);
	for (size_t i = n; i < EVENTS_MIN; i++)
		feed(m, &click, 1);
	assert_true(mouse_ops.extract(m, NOW, out));
	assert_int_equal(out->n_values, 39);
	mouse_ops.free(m);
}

struct expected {
	const char *name;
	double value;
};

static void assert_all(const struct feature_msg *out, const struct expected *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_member(out, rows[i].name, rows[i].value);
}

static void four_moves_worked_by_hand(void **state UNUSED)
{
	const struct event ev[] = { move(AT(0), 0, 0), move(AT(1), 3, 4), move(AT(3), 3, 14),
				    move(AT(4), 3, 14) };
	/* dt .125 .25 .125, dist 5 10 0, v 40 40 0, a 0 -160, j -1280, angles atan2(4,3) pi/2 0 */
	const double up = atan2(4, 3), t1 = M_PI_2 - up, t2 = M_PI_2;
	const struct expected rows[] = {
		{ "move_0", 80.0 / 3 },
		{ "move_1", sqrt(3200.0 / 9) },
		{ "move_2", 40 },
		{ "move_3", 40 },
		{ "move_4", 80 },
		{ "move_5", 80 },
		{ "move_6", 160 },
		{ "move_7", 1 - sqrt(205) / 15 },
		{ "move_8", (t1 + t2) / 2 },
		{ "move_9", (t2 - t1) / 2 },
		{ "move_10", 1280 },
		{ "move_11", 0 },
		{ "move_12", 15 },
		{ "move_13", sqrt(205) },
		{ "move_14", 3.75 },
		{ "move_15", 1 },
		{ "move_16", 0.5 / 3 },
		{ "move_17", sqrt(0.03125 / 9) },
		{ "move_18", sqrt(205) / 15 },
		{ "move_19", 0.1 },
		{ "click_0", 0 },
		{ "click_9", 0 },
		{ "scroll_0", 0 },
		{ "scroll_7", 0 },
		{ "dev_mode", 0 },
	};
	struct feature_msg out;

	extract_padded(ev, ARRAY_SIZE(ev), &out);
	assert_all(&out, rows, ARRAY_SIZE(rows));
	assert_int_equal(out.time_us, NOW);
}

static void two_moves_are_too_few_and_three_have_no_jerk(void **state UNUSED)
{
	const struct event ev[] = { move(AT(0), 0, 0), move(AT(1), 1, 0), move(AT(2), 3, 0) };
	struct feature_msg out;

	extract_padded(ev, 2, &out);
	assert_member(&out, "move_12", 0);
	assert_member(&out, "move_19", 0);
	extract_padded(ev, 3, &out);
	assert_member(&out, "move_12", 3);
	assert_member(&out, "move_6", 64); /* 8 and 16 px/s, an eighth apart */
	assert_member(&out, "move_10", 0);
	assert_member(&out, "move_11", 0);
}

static void null_coordinates_count_for_the_window_alone(void **state UNUSED)
{
	const struct event ev[] = { move(AT(0), 0, 0), mouse(AT(1), KIND_MOVE, NULL),
				    move(AT(2), 3, 4), mouse(AT(3), KIND_MOVE, "Left"),
				    move(AT(4), 6, 8) };
	struct feature_msg out;

	extract_padded(ev, ARRAY_SIZE(ev), &out);
	assert_member(&out, "move_12", 10);
	assert_member(&out, "move_19", 3.0 / WINDOW_S);
	assert_member(&out, "move_0", 20);
}

/* At the limits: 10000 px/s is out, the time between moves is at least a millisecond. */
static void limits_leave_values_out_and_zero_time_is_a_millisecond(void **state UNUSED)
{
	const struct event ev[] = { move(AT(0), 0, 0), move(AT(1), 1250, 0), move(AT(2), 1251, 0),
				    move(AT(2), 1252, 0), move(AT(1), 1253, 0) };
	const struct expected rows[] = {
		{ "move_2", 1000 }, /* 10000, 8, 1000, 1000 */
		{ "move_3", 1000 },	  { "move_0", 2008.0 / 3 },
		{ "move_6", 79936 }, /* -79936, 7936, 0 */
		{ "move_16", 0.252 / 4 }, { "move_15", 0.5 },
	};
	struct feature_msg out;

	extract_padded(ev, ARRAY_SIZE(ev), &out);
	assert_all(&out, rows, ARRAY_SIZE(rows));
}

static void turning_is_not_wrapped(void **state UNUSED)
{
	/* Just above and just below the negative x axis: nearly a whole turn apart. */
	const struct event ev[] = { move(AT(0), 0, 0), move(AT(1), -1000, 1),
				    move(AT(2), -2000, 0) };
	struct feature_msg out;

	extract_padded(ev, ARRAY_SIZE(ev), &out);
	assert_member(&out, "move_8", 2 * (M_PI - atan(0.001)));
}

static void clicks_worked_by_hand(void **state UNUSED)
{
	/* Left is pressed twice: its first release is compared with its last press. */
	const struct event ev[] = {
		mouse(AT(0), KIND_PRESS, "Left"),      mouse(AT(1), KIND_RELEASE, "Left"),
		mouse(AT(3), KIND_PRESS, "Left"),      mouse(AT(5), KIND_RELEASE, "Left"),
		mouse(AT(8), KIND_PRESS, "Right"),     mouse(AT(10), KIND_RELEASE, "Right"),
		mouse(AT(11), KIND_RELEASE, "Right"),  mouse(AT(20), KIND_PRESS, "Middle"),
		mouse(AT(60), KIND_RELEASE, "Middle"), mouse(AT(62), KIND_PRESS, NULL),
		mouse(AT(68), KIND_RELEASE, NULL),     mouse(AT(69), KIND_RELEASE, "Other"),
		mouse(AT(70), KIND_PRESS, ""),
	};
	/*
	 * Durations: Left -250 (not kept), Right 250, Middle 5000 (not kept), null 750; presses
	 * at 0 3 8 20 62 70 eighths: one gap below half a second.
	 */
	const struct expected rows[] = {
		{ "click_0", 500 }, { "click_1", 250 },	    { "click_2", 2 },
		{ "click_3", 1 },   { "click_4", 1 },	    { "click_5", 0.5 },
		{ "click_6", 1 },   { "click_7", 1.0 / 6 }, { "click_8", 6.0 / WINDOW_S },
		{ "click_9", 500 },
	};
	struct feature_msg out;

	extract_padded(ev, ARRAY_SIZE(ev), &out);
	assert_all(&out, rows, ARRAY_SIZE(rows));
	assert_int_equal(member(&out, "click_2")->kind, FEATURE_INT);
}

/* A time of less than a limit after zero is not a time after a press that never was. */
static void a_release_without_press_in_the_first_seconds_of_the_epoch(void **state UNUSED)
{
	void *m = fresh(1000, 1000);
	struct event release = mouse(S, KIND_RELEASE, "Left");
	struct feature_msg out;

	for (int i = 0; i < EVENTS_MIN; i++)
		feed(m, &release, 1);
	assert_true(mouse_ops.extract(m, 2 * S, &out));
	assert_member(&out, "click_0", 0);
	mouse_ops.free(m);
}

static void presses_half_a_second_apart_are_no_double_click(void **state UNUSED)
{
	const struct event ev[] = {
		mouse(AT(4), KIND_PRESS, "Left"),
		mouse(AT(0), KIND_PRESS, "Left"), /* late */
		mouse(AT(8), KIND_PRESS, "Left"),
		mouse(AT(8), KIND_PRESS, "Left"),
	};
	struct feature_msg out;

	extract_padded(ev, ARRAY_SIZE(ev), &out);
	assert_member(&out, "click_6", 1); /* the two at one time */
	assert_member(&out, "click_0", 0);
}

static void scrolls_worked_by_hand(void **state UNUSED)
{
	/* Times in order of arrival 0 2 1 5: differences .25 -.125 .5 s */
	const struct event ev[] = { scroll(AT(0), 3), scroll(AT(2), -1),
				    mouse(AT(1), KIND_SCROLL, NULL), scroll(AT(5), 0) };
	const struct expected rows[] = {
		{ "scroll_0", 4.0 / 3 },
		{ "scroll_1", sqrt(26.0) / 3 }, /* mean 2/3, squares 49 + 25 + 4 over 9 * 3 */
		{ "scroll_2", 1 },
		{ "scroll_3", 1 },
		{ "scroll_4", 1.0 / 3 },
		{ "scroll_5", 4.0 / WINDOW_S },
		{ "scroll_6", 0.625 / 3 },
		{ "scroll_7", sqrt((0.0625 + 0.015625 + 0.25) / 3 - 0.625 * 0.625 / 9) },
	};
	struct feature_msg out;

	extract_padded(ev, ARRAY_SIZE(ev), &out);
	assert_all(&out, rows, ARRAY_SIZE(rows));

	extract_padded(ev, 1, &out); /* a single one has no gap */
	assert_member(&out, "scroll_0", 3);
	assert_member(&out, "scroll_6", 0);
	assert_member(&out, "scroll_7", 0);

	extract_padded(ev + 2, 1, &out); /* none has a delta */
	assert_member(&out, "scroll_5", 0);
}

static void fewer_than_fifty_events_make_no_features(void **state UNUSED)
{
	struct event click = mouse(AT(0), KIND_CLICK, NULL);
	void *m = fresh(1000, WINDOW_S);
	struct feature_msg out;

	assert_false(mouse_ops.extract(m, NOW, &out));
	for (int i = 0; i < 49; i++)
		feed(m, &click, 1);
	assert_false(mouse_ops.extract(m, NOW, &out));
	feed(m, &click, 1);
	assert_true(mouse_ops.extract(m, NOW, &out));
	assert_false(mouse_ops.extract(m, AT(8 * WINDOW_S), &out)); /* exactly at the cut */
	assert_true(mouse_ops.extract(m, AT(8 * WINDOW_S) - 1, &out));
	mouse_ops.free(m);
}

/* Every press has a name of its own; the table must not outgrow the buffer. */
static void button_names_go_with_their_events(void **state UNUSED)
{
	void *m = fresh(60, WINDOW_S);
	struct feature_msg out;
	char name[16];

	for (int i = 0; i < 3000; i++) {
		struct event ev;

		snprintf(name, sizeof(name), "b%d", i / 2);
		ev = mouse(AT(0) + i, i % 2 ? KIND_RELEASE : KIND_PRESS, name);
		feed(m, &ev, 1);
	}
	assert_int_equal(mouse_ops.evicted(m), 2940);
	assert_true(mouse_ops.extract(m, AT(1), &out));
	assert_member(&out, "click_0", 0.001);
	assert_member(&out, "click_2", 0);
	assert_member(&out, "click_8", 30.0 / WINDOW_S);
	mouse_ops.free(m);
}

static void memory_is_bounded_whatever_buttons_arrive(void **state UNUSED)
{
	assert_memory_is_bounded(&mouse_ops, mouse(AT(0), KIND_PRESS, ""), KIND_PRESS,
				 KIND_RELEASE);
}

static void every_kind_is_cut_at_the_window_alike(void **state UNUSED)
{
	const struct event at_the_cut[] = { move(AT(0), 1, 1), mouse(AT(0), KIND_PRESS, "Left"),
					    scroll(AT(0), 1) };
	void *m = fresh(1000, 10);
	struct feature_msg out;

	for (int i = 0; i < EVENTS_MIN; i++) { /* one after the other, so in one stretch */
		const struct event within[] = { move(AT(1), 0, 0),
						mouse(AT(1), KIND_PRESS, "Right"),
						scroll(AT(1), -1) };

		feed(m, &at_the_cut[i % 3], 1);
		feed(m, &within[i % 3], 1);
	}
	assert_true(mouse_ops.extract(m, AT(80), &out)); /* ten seconds after AT(0) */
	assert_member(&out, "move_12", 0);
	assert_member(&out, "move_19", 1.7);
	assert_member(&out, "click_2", 0);
	assert_member(&out, "click_3", 17);
	assert_member(&out, "scroll_2", 0);
	assert_member(&out, "scroll_3", 16);
	mouse_ops.free(m);
}

static struct event random_event(uint64_t *seed, int64_t ts, unsigned moves_in_ten)
{
	static const char *const buttons[] = { "Left", "Right", "Middle", "Side", NULL, "" };
	static const enum event_kind kinds[] = { KIND_PRESS, KIND_RELEASE, KIND_CLICK, KIND_MOVE };
	double x = (double)rnd_below(seed, 2000), y = (double)rnd_below(seed, 4) / 4;

	if (rnd_below(seed, 10) < moves_in_ten)
		return move(ts, rnd_below(seed, 50) ? x : -0.0, rnd_below(seed, 50) ? y : 1e6);
	if (rnd_below(seed, 3) == 0)
		return rnd_below(seed, 5) ? scroll(ts, (int)rnd_below(seed, 7) - 3)
					  : mouse(ts, KIND_SCROLL, "Left");
	return mouse(ts, kinds[rnd_below(seed, 4)], buttons[rnd_below(seed, 6)]);
}

static void random_streams_agree_with_the_naive_reading(void **state UNUSED)
{
	static const int64_t steps_us[] = { 0, 1000, 8000, 16000, 125000, 700000, 3000000 };
	static struct event ev[NAIVE_MAX];
	uint64_t seed = 4242;
	size_t made = 0;

	for (int round = 0; round < 120; round++) {
		size_t n = 40 + rnd_below(&seed, round % 8 ? 400 : NAIVE_MAX - 40);
		size_t max = 50 + rnd_below(&seed, 3000);
		double window_s = (double)(1 + rnd_below(&seed, 60));
		unsigned moves_in_ten = (unsigned)rnd_below(&seed, 11);
		unsigned step = 1 + (unsigned)rnd_below(&seed, ARRAY_SIZE(steps_us));
		int64_t ts = 1795430000 * S;
		void *m = fresh(max, window_s);
		struct feature_msg got, want;

		for (size_t i = 0; i < n; i++) {
			bool late = rnd_below(&seed, 20) == 0;

			ts += steps_us[rnd_below(&seed, step)];
			ev[i] = random_event(&seed, late ? ts - (int64_t)rnd_below(&seed, S) : ts,
					     moves_in_ten);
			feed(m, &ev[i], 1);
			if (i % 97 && i + 1 < n)
				continue;
			assert_int_equal(mouse_ops.extract(m, ts, &got),
					 naive_mouse(ev, i + 1, max, window_s, ts, &want));
			if (naive_mouse(ev, i + 1, max, window_s, ts, &want)) {
				assert_same_message(&got, &want);
				made++;
			}
		}
		mouse_ops.free(m);
	}
	assert_true(made > 200);
}

/* Around the sizes at which a block is flushed, with moves alone. */
static void every_number_of_moves_around_a_block_is_right(void **state UNUSED)
{
	static struct event ev[3 * MOVES_BLOCK];
	uint64_t seed = 9;

	for (size_t i = 0; i < ARRAY_SIZE(ev); i++)
		ev[i] = move(AT(0) + (int64_t)(i * 9000 + rnd_below(&seed, 9000)),
			     (double)rnd_below(&seed, 900), (double)rnd_below(&seed, 700));
	for (size_t n = EVENTS_MIN; n <= ARRAY_SIZE(ev); n++) {
		void *m = fresh(ARRAY_SIZE(ev), WINDOW_S);
		struct feature_msg got, want;

		feed(m, ev, n);
		assert_true(mouse_ops.extract(m, AT(0), &got));
		assert_true(naive_mouse(ev, n, ARRAY_SIZE(ev), WINDOW_S, AT(0), &want));
		assert_same_message(&got, &want);
		mouse_ops.free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_moves_worked_by_hand),
		cmocka_unit_test(two_moves_are_too_few_and_three_have_no_jerk),
		cmocka_unit_test(null_coordinates_count_for_the_window_alone),
		cmocka_unit_test(limits_leave_values_out_and_zero_time_is_a_millisecond),
		cmocka_unit_test(turning_is_not_wrapped),
		cmocka_unit_test(clicks_worked_by_hand),
		cmocka_unit_test(a_release_without_press_in_the_first_seconds_of_the_epoch),
		cmocka_unit_test(presses_half_a_second_apart_are_no_double_click),
		cmocka_unit_test(scrolls_worked_by_hand),
		cmocka_unit_test(fewer_than_fifty_events_make_no_features),
		cmocka_unit_test(button_names_go_with_their_events),
		cmocka_unit_test(memory_is_bounded_whatever_buttons_arrive),
		cmocka_unit_test(every_kind_is_cut_at_the_window_alike),
		cmocka_unit_test(random_streams_agree_with_the_naive_reading),
		cmocka_unit_test(every_number_of_moves_around_a_block_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
