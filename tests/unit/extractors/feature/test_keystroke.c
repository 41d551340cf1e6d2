#include "tests/unit/extractors/feature/naive_keystroke.h"

/* Eighths of a second are whole in binary: every difference below is exact. */
#define AT(eighths) (1000 * S + (eighths) * (S / 8))

static void *fresh(size_t max_events, double window_s)
{
	struct extractor_params p = { .max_events = max_events, .window_s = window_s };

	return keystroke_ops.new(&p);
}

static void feed(void *k, const struct event *ev, size_t n)
{
	struct feature_msg out;

	for (size_t i = 0; i < n; i++)
		assert_false(keystroke_ops.accept(k, &ev[i], &out));
}

static bool extract_all(const struct event *ev, size_t n, struct feature_msg *out)
{
	void *k = fresh(10000, 86400);
	bool made;

	feed(k, ev, n);
	made = keystroke_ops.extract(k, AT(8 * 3600), out);
	keystroke_ops.free(k);
	return made;
}

static void a_short_text_worked_by_hand(void **state UNUSED)
{
	const struct event ev[] = {
		key(AT(0), "a", KIND_PRESS),	       key(AT(1), "a", KIND_RELEASE),
		key(AT(2), "b", KIND_PRESS),	       key(AT(4), "b", KIND_RELEASE),
		key(AT(4), "a", KIND_PRESS),	       key(AT(5), "a", KIND_RELEASE),
		key(AT(8), "b", KIND_PRESS),	       key(AT(9), "b", KIND_RELEASE),
		key(AT(12), "BackspaceX", KIND_PRESS), key(AT(14), "BackspaceX", KIND_RELEASE),
	};
	static const struct {
		const char *name;
		double value;
	} rows[] = {
		/* 125 250 125 125 250 */
		{ "dwell_mean", 175 },
		{ "dwell_std", 61.237243569579455 },
		{ "dwell_min", 125 },
		{ "dwell_max", 250 },
		{ "dwell_median", 125 },
		{ "dwell_q25", 125 },
		{ "dwell_q75", 250 },
		{ "dwell_range", 125 },
		/* 125, 0 (not kept), 375, 375 */
		{ "flight_mean", 875.0 / 3 },
		{ "flight_min", 125 },
		{ "flight_max", 375 },
		{ "flight_median", 375 },
		{ "flight_q25", 250 },
		{ "flight_q75", 375 },
		{ "flight_range", 250 },
		/* a_b 250 500, b_a 250, b_BackspaceX 500 */
		{ "digraph_0_mean", 375 },
		{ "digraph_1_mean", 250 },
		{ "digraph_2_mean", 500 },
		{ "digraph_3_mean", 0 },
		{ "digraph_19_mean", 0 },
		{ "backspace_frequency", 0.2 },
		{ "backspace_count", 1 },
		{ "correction_rate", 0.25 },
		{ "clean_typing_ratio", 0.8 },
		/* 250 250 500 500: median and mean 375, variance 125^2 */
		{ "rhythm_consistency", 2.0 / 3 },
		{ "burst_frequency", 0.5 },
		{ "pause_frequency", 0.5 },
		{ "avg_burst_speed", 250 },
		{ "avg_pause_duration", 500 },
		{ "rhythm_variation", 125 },
		{ "typing_speed_wpm", 32 },
		{ "rhythm_stability", 1 / 15626.0 },
		{ "dev_mode", 0 },
		{ "total_keys", 5 },
	};
	struct feature_msg out;

	assert_true(extract_all(ev, ARRAY_SIZE(ev), &out));
	assert_int_equal(out.n_values, 50);
	assert_int_equal(out.n_labels, 0);
	assert_int_equal(out.time_us, AT(8 * 3600));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_member(&out, rows[i].name, rows[i].value);
}

/* Ten events each; what the row expects of them. */
static void tricky_orders_of_presses_and_releases(void **state UNUSED)
{
	static const struct {
		const char *what;
		struct {
			int at;
			char key;
			enum event_kind kind;
		} ev[10];
		const char *name;
		double value; /* NAN: no such member */
	} rows[] = {
		{ "a second press replaces the first",
		  { { 0, 'a', KIND_PRESS },
		    { 2, 'a', KIND_PRESS },
		    { 3, 'a', KIND_RELEASE },
		    { 9, 'b', KIND_PRESS },
		    { 9, 'c', KIND_PRESS },
		    { 9, 'd', KIND_PRESS },
		    { 9, 'e', KIND_PRESS },
		    { 9, 'f', KIND_PRESS },
		    { 9, 'g', KIND_PRESS },
		    { 9, 'h', KIND_PRESS } },
		  "dwell_max",
		  125 },
		{ "a second release finds no press",
		  { { 0, 'a', KIND_PRESS },
		    { 1, 'a', KIND_RELEASE },
		    { 3, 'a', KIND_RELEASE },
		    { 9, 'b', KIND_PRESS },
		    { 9, 'c', KIND_PRESS },
		    { 9, 'd', KIND_PRESS },
		    { 9, 'e', KIND_PRESS },
		    { 9, 'f', KIND_PRESS },
		    { 9, 'g', KIND_PRESS },
		    { 9, 'h', KIND_PRESS } },
		  "dwell_max",
		  125 },
		{ "dwell goes by arrival: a press that arrives after its release has none",
		  { { 1, 'a', KIND_RELEASE },
		    { 0, 'a', KIND_PRESS },
		    { 9, 'b', KIND_PRESS },
		    { 9, 'c', KIND_PRESS },
		    { 9, 'd', KIND_PRESS },
		    { 9, 'e', KIND_PRESS },
		    { 9, 'f', KIND_PRESS },
		    { 9, 'g', KIND_PRESS },
		    { 9, 'h', KIND_PRESS },
		    { 9, 'i', KIND_PRESS } },
		  "dwell_mean",
		  NAN },
		{ "flight goes by time: a release that arrives late is found all the same",
		  { { 4, 'b', KIND_PRESS },
		    { 1, 'a', KIND_RELEASE },
		    { 24, 'b', KIND_PRESS },
		    { 24, 'c', KIND_PRESS },
		    { 24, 'd', KIND_PRESS },
		    { 24, 'e', KIND_PRESS },
		    { 24, 'f', KIND_PRESS },
		    { 24, 'g', KIND_PRESS },
		    { 24, 'h', KIND_PRESS },
		    { 24, 'i', KIND_PRESS } },
		  "flight_max",
		  375 },
		{ "a release stays remembered for every press after it",
		  { { 0, 'a', KIND_RELEASE },
		    { 1, 'b', KIND_PRESS },
		    { 3, 'c', KIND_PRESS },
		    { 3, 'd', KIND_PRESS },
		    { 40, 'e', KIND_PRESS },
		    { 40, 'f', KIND_PRESS },
		    { 40, 'g', KIND_PRESS },
		    { 40, 'h', KIND_PRESS },
		    { 40, 'i', KIND_PRESS },
		    { 40, 'j', KIND_PRESS } },
		  "flight_mean",
		  (125 + 375 + 375) / 3.0 },
		{ "a dwell of exactly a second is left out",
		  { { 0, 'a', KIND_PRESS },
		    { 8, 'a', KIND_RELEASE },
		    { 80, 'b', KIND_PRESS },
		    { 80, 'c', KIND_PRESS },
		    { 80, 'd', KIND_PRESS },
		    { 80, 'e', KIND_PRESS },
		    { 80, 'f', KIND_PRESS },
		    { 80, 'g', KIND_PRESS },
		    { 80, 'h', KIND_PRESS },
		    { 80, 'i', KIND_PRESS } },
		  "dwell_mean",
		  NAN },
		{ "a digraph of exactly two seconds is left out, as an interval it is kept",
		  { { 0, 'a', KIND_PRESS },
		    { 16, 'b', KIND_PRESS },
		    { 16, 'c', KIND_PRESS },
		    { 16, 'd', KIND_PRESS },
		    { 16, 'e', KIND_PRESS },
		    { 16, 'f', KIND_PRESS },
		    { 16, 'g', KIND_PRESS },
		    { 16, 'h', KIND_PRESS },
		    { 16, 'i', KIND_PRESS },
		    { 16, 'j', KIND_PRESS } },
		  "digraph_0_mean",
		  0 },
		{ "an interval of exactly five seconds is left out",
		  { { 0, 'a', KIND_PRESS },
		    { 40, 'b', KIND_PRESS },
		    { 40, 'c', KIND_PRESS },
		    { 40, 'd', KIND_PRESS },
		    { 40, 'e', KIND_PRESS },
		    { 40, 'f', KIND_PRESS },
		    { 40, 'g', KIND_PRESS },
		    { 40, 'h', KIND_PRESS },
		    { 40, 'i', KIND_PRESS },
		    { 40, 'j', KIND_PRESS } },
		  "rhythm_0",
		  0 },
		{ "equal times keep the order of arrival: a then b",
		  { { 0, 'x', KIND_PRESS },
		    { 1, 'a', KIND_PRESS },
		    { 1, 'b', KIND_PRESS },
		    { 3, 'x', KIND_PRESS },
		    { 4, 'b', KIND_PRESS },
		    { 8, 'x', KIND_PRESS },
		    { 8, 'y', KIND_PRESS },
		    { 8, 'y', KIND_PRESS },
		    { 8, 'y', KIND_PRESS },
		    { 8, 'y', KIND_PRESS } },
		  "digraph_0_mean",
		  375 }, /* b_x twice; the other order has x_b twice, 125 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char names[10][2] = { { 0 } };
		struct event ev[10];
		struct feature_msg out;
		const struct feature_value *v;

		for (int k = 0; k < 10; k++) {
			names[k][0] = rows[i].ev[k].key;
			ev[k] = key(AT(rows[i].ev[k].at), names[k], rows[i].ev[k].kind);
		}
		assert_true(extract_all(ev, 10, &out));
		v = member(&out, rows[i].name);
		if (isnan(rows[i].value) ? v != NULL : !v || !near(v->value, rows[i].value))
			fail_msg("%s: %s is %g", rows[i].what, rows[i].name, v ? v->value : NAN);
	}
}

static void rhythm_has_other_names_when_no_interval_is_kept(void **state UNUSED)
{
	struct event ev[20];
	struct feature_msg out;

	for (int i = 0; i < 20; i++)
		ev[i] = key(AT(40 * i), "a", i % 2 ? KIND_PRESS : KIND_RELEASE);
	assert_true(extract_all(ev, 20, &out)); /* ten seconds between presses */
	assert_member(&out, "rhythm_0", 0);
	assert_member(&out, "rhythm_7", 0);
	assert_null(member(&out, "rhythm_stability"));
	assert_null(member(&out, "dwell_mean"));
	assert_null(member(&out, "flight_mean"));
	assert_int_equal(out.n_values, 34);

	for (int i = 0; i < 20; i++)
		ev[i].kind = KIND_RELEASE; /* no press at all */
	assert_true(extract_all(ev, 20, &out));
	assert_member(&out, "rhythm_0", 0);
	assert_member(&out, "backspace_frequency", 0);
	assert_member(&out, "clean_typing_ratio", 0);
}

static void fewer_than_ten_events_make_no_features(void **state UNUSED)
{
	struct event ev[10];
	struct feature_msg out;

	for (int i = 0; i < 10; i++)
		ev[i] = key(AT(i), "a", i % 2 ? KIND_RELEASE : KIND_PRESS);
	assert_false(extract_all(ev, 0, &out));
	assert_false(extract_all(ev, 9, &out));
	assert_true(extract_all(ev, 10, &out));
}

static void an_event_exactly_at_the_cut_is_outside(void **state UNUSED)
{
	struct event ev[11];
	struct feature_msg out;
	void *k = fresh(100, 5);

	ev[0] = key(AT(0), "a", KIND_PRESS);
	for (int i = 1; i < 11; i++)
		ev[i] = key(AT(8), "a", i % 2 ? KIND_RELEASE : KIND_PRESS);
	feed(k, ev, 11);
	assert_true(keystroke_ops.extract(k, AT(40), &out)); /* 5 s after the first */
	assert_member(&out, "total_keys", 5);
	assert_true(keystroke_ops.extract(k, AT(40) - 1, &out));
	assert_member(&out, "total_keys", 5);	 /* 11 / 2 */
	assert_null(member(&out, "dwell_mean")); /* a second later: out of range */
	assert_false(keystroke_ops.extract(k, AT(48), &out));
	keystroke_ops.free(k);
}

static void the_oldest_go_first_and_are_counted(void **state UNUSED)
{
	struct feature_msg out;
	void *k = fresh(10, 1000);
	char name[16];

	for (int i = 0; i < 1000; i++) { /* 500 names, of which at most ten are there at a time */
		struct event ev;

		snprintf(name, sizeof(name), "K%d", i / 2);
		ev = key(AT(i), name, i % 2 ? KIND_RELEASE : KIND_PRESS);
		feed(k, &ev, 1);
	}
	assert_int_equal(keystroke_ops.evicted(k), 990);
	assert_true(keystroke_ops.extract(k, AT(1000), &out));
	assert_member(&out, "total_keys", 5);
	assert_member(&out, "dwell_mean", 125);
	assert_member(&out, "digraph_3_mean", 250);
	assert_member(&out, "digraph_4_mean", 0);
	keystroke_ops.free(k);
}

static void memory_is_bounded_whatever_keys_arrive(void **state UNUSED)
{
	assert_memory_is_bounded(&keystroke_ops, key(AT(0), "", KIND_PRESS), KIND_PRESS,
				 KIND_RELEASE);
}

/* A time of less than a limit after zero is not a time after a press that never was. */
static void events_of_the_first_second_of_the_epoch(void **state UNUSED)
{
	struct event ev[10];
	struct feature_msg out;

	for (int i = 0; i < 10; i++)
		ev[i] = key(1 + i, i % 2 ? "a" : "b", i < 5 ? KIND_PRESS : KIND_RELEASE);
	ev[5].name = ev[6].name = text("c"); /* never pressed */
	for (int i = 7; i < 10; i++)
		ev[i].kind = KIND_PRESS;
	assert_true(extract_all(ev, 10, &out));
	assert_null(member(&out, "dwell_mean"));
	assert_member(&out, "flight_min", 0.001); /* none to the five presses before */
	assert_member(&out, "flight_max", 0.003);
	assert_member(&out, "flight_mean", 0.002);
}

static void dev_mode_is_that_of_the_extractor(void **state UNUSED)
{
	struct extractor_params p = { .max_events = 10, .window_s = 1000, .dev_mode = true };
	void *k = keystroke_ops.new(&p);
	struct feature_msg out;

	for (int i = 0; i < 10; i++) {
		struct event ev = key(AT(i), "a", KIND_PRESS);

		feed(k, &ev, 1);
	}
	assert_true(keystroke_ops.extract(k, AT(10), &out));
	assert_member(&out, "dev_mode", 1);
	assert_int_equal(member(&out, "dev_mode")->kind, FEATURE_BOOL);
	keystroke_ops.free(k);
}

static const char *const names[] = { "KeyA",	  "KeyB",      "a",	   "b",	 "a_b",
				     "b_a",	  "_",	       "__",	   "",	 "Delete",
				     "Backspace", "XDelete_y", "\xc3\xb6", "a_", "_b" };

/* Streams of every kind of disorder; one extractor goes through all of a stream. */
static void random_streams_agree_with_the_naive_reading(void **state UNUSED)
{
	static const int64_t steps_us[] = { 0, 1, 999, 1000, 125000, 900000, 2000000, 6000000 };
	static struct event ev[NAIVE_MAX];
	uint64_t seed = 42;
	size_t made = 0;

	for (int round = 0; round < 150; round++) {
		size_t n = 5 + rnd_below(&seed, round % 10 ? 150 : NAIVE_MAX - 5);
		size_t max = 10 + rnd_below(&seed, 300);
		double window_s = (double)(1 + rnd_below(&seed, 60));
		unsigned used = 1 + (unsigned)rnd_below(&seed, ARRAY_SIZE(names));
		unsigned step = 1 + (unsigned)rnd_below(&seed, ARRAY_SIZE(steps_us));
		int64_t ts = round % 7 ? 1795430000 * S : 10 * S;
		void *k = fresh(max, window_s);
		struct feature_msg got, want;

		for (size_t i = 0; i < n; i++) {
			ts += steps_us[rnd_below(&seed, step)];
			ev[i] = key(
				ts - (rnd_below(&seed, 20) ? 0 : (int64_t)rnd_below(&seed, 3 * S)),
				names[rnd_below(&seed, used)],
				rnd_below(&seed, 2) ? KIND_PRESS : KIND_RELEASE);
			if (ev[i].name.len == 0)
				ev[i].name = text("empty");
			feed(k, &ev[i], 1);
			if (i % 50 && i + 1 < n)
				continue;
			assert_int_equal(keystroke_ops.extract(k, ts, &got),
					 naive_keystroke(ev, i + 1, max, window_s, ts, &want));
			if (naive_keystroke(ev, i + 1, max, window_s, ts, &want)) {
				assert_same_message(&got, &want);
				made++;
			}
		}
		keystroke_ops.free(k);
	}
	assert_true(made > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_text_worked_by_hand),
		cmocka_unit_test(tricky_orders_of_presses_and_releases),
		cmocka_unit_test(rhythm_has_other_names_when_no_interval_is_kept),
		cmocka_unit_test(fewer_than_ten_events_make_no_features),
		cmocka_unit_test(an_event_exactly_at_the_cut_is_outside),
		cmocka_unit_test(the_oldest_go_first_and_are_counted),
		cmocka_unit_test(memory_is_bounded_whatever_keys_arrive),
		cmocka_unit_test(events_of_the_first_second_of_the_epoch),
		cmocka_unit_test(dev_mode_is_that_of_the_extractor),
		cmocka_unit_test(random_streams_agree_with_the_naive_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
