#include <errno.h>

#include "tests/unit/extractors/feature/feature_tests.h"

static void *fresh(size_t max_events)
{
	struct extractor_params p = { .max_events = max_events, .window_s = 30 };

	return app_ops.new(&p);
}

static void assert_label(const struct feature_msg *m, size_t i, const char *name, const char *value)
{
	assert_string_equal(m->labels[i].name, name);
	assert_int_equal(m->labels[i].value.len, strlen(value));
	assert_memory_equal(m->labels[i].value.p, value, strlen(value));
}

static void a_change_of_app_makes_a_transition(void **state UNUSED)
{
	static const struct {
		int64_t ts_us;
		const char *app, *from; /* from NULL: no transition */
		double duration_ms;
	} rows[] = {
		{ 1000 * S, "code", NULL, 0 },
		{ 1002 * S, "firefox", "code", 2000 },
		{ 1003 * S, "firefox", NULL, 0 },
		{ 1003 * S + 500000, "code", "firefox", 500 }, /* since the latest event */
		{ 1003 * S + 500000, "vlc", "code", 0 },
		{ 1001 * S + 250000, "code", "vlc", -2250 }, /* arrived late */
		{ 1001 * S + 250001, "Code", "code", 0 },
	};
	void *a = fresh(1000);
	struct feature_msg m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[16];
		struct event ev;

		strcpy(name, rows[i].app); /* a message's bytes, gone after accept() */
		ev = app(rows[i].ts_us, name);
		assert_int_equal(app_ops.accept(a, &ev, &m), rows[i].from != NULL);
		memset(name, '!', sizeof(name));
		if (!rows[i].from)
			continue;
		assert_int_equal(m.n_labels, 2);
		assert_label(&m, 0, "from_app", rows[i].from);
		assert_label(&m, 1, "to_app", rows[i].app);
		assert_int_equal(m.n_values, 1);
		assert_string_equal(m.values[0].name, "duration_ms");
		assert_int_equal(m.values[0].kind, FEATURE_INT);
		assert_true(m.values[0].value == rows[i].duration_ms);
		assert_int_equal(m.time_us, rows[i].ts_us);
	}
	app_ops.free(a);
}

/* t = ts / 1e6 has steps of 2^-22 s here, so a whole number of ms is often one short. */
static void duration_truncates_a_difference_of_doubles(void **state UNUSED)
{
	static const struct {
		int64_t from_us, to_us;
		double ms;
	} rows[] = {
		{ 1795430000000000, 1795430001000000, 1000 },
		{ 1795430000273863, 1795430000274863, 0 },
		{ 1795430000273863, 1795430000278863, 4 },
		{ 1795430000273863, 1795430001274863, 1000 },
		{ 1795430001274863, 1795430000273863, -1000 },
	};
	struct feature_msg m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		void *a = fresh(1000);
		struct event ev = app(rows[i].from_us, "a");

		assert_false(app_ops.accept(a, &ev, &m));
		ev = app(rows[i].to_us, "b");
		assert_true(app_ops.accept(a, &ev, &m));
		assert_true(m.values[0].value == rows[i].ms);
		app_ops.free(a);
	}
}

static void names_are_compared_as_bytes_of_their_length(void **state UNUSED)
{
	static const struct span names[] = {
		{ "a", 1 }, { "a\0", 2 }, { "a\0b", 3 }, { "a\0c", 3 }
	};
	void *a = fresh(1000);
	struct feature_msg m;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(names); i++) {
		struct event ev = app(1000 * S, "");

		ev.name = names[i / 2];
		assert_int_equal(app_ops.accept(a, &ev, &m), i && i % 2 == 0);
	}
	app_ops.free(a);
}

static void transitions_do_not_depend_on_how_many_apps_are_kept(void **state UNUSED)
{
	void *few = fresh(1), *many = fresh(1000);
	struct feature_msg m1, m2;
	uint64_t seed = 17;
	char name[16];

	for (int i = 0; i < 5000; i++) {
		struct event ev;
		bool made;

		snprintf(name, sizeof(name), "app-%d", (int)rnd_below(&seed, 50));
		ev = app(1000 * S + i * 1000, name);
		made = app_ops.accept(few, &ev, &m1);
		assert_int_equal(app_ops.accept(many, &ev, &m2), made);
		if (!made)
			continue;
		for (int k = 0; k < 2; k++) {
			assert_int_equal(m1.labels[k].value.len, m2.labels[k].value.len);
			assert_memory_equal(m1.labels[k].value.p, m2.labels[k].value.p,
					    m1.labels[k].value.len);
		}
		assert_true(m1.values[0].value == m2.values[0].value);
	}
	assert_true(app_ops.evicted(few) > 4000);
	app_ops.free(few);
	app_ops.free(many);
}

static void memory_is_bounded_whatever_apps_arrive(void **state UNUSED)
{
	assert_memory_is_bounded(&app_ops, app(1000 * S, ""), KIND_FOCUS, KIND_FOCUS);
}

static void patterns_are_put_out_and_saved_and_loaded(void **state UNUSED)
{
	static const char want[] =
		"{\"transition_matrix\":{\"a->b\":1,\"b->a\":1},"
		"\"time_preferences\":{\"a\":{\"0\":0.5,\"1\":0.5},\"b\":{\"0\":1}},"
		"\"usage_stats\":{\"most_used\":[[\"a\",1],[\"b\",1]],"
		"\"avg_durations\":{\"a\":2,\"b\":3600},\"total_transitions\":2,\"unique_apps\":2},"
		"\"dev_mode\":false}";
	static const char *const names[] = { "a", "b", "a" };
	static const int64_t at_s[] = { 1, 3, 3603 };
	void *a = fresh(1000), *b = fresh(1000);
	struct buf json = { 0 }, saved = { 0 }, again = { 0 };
	struct feature_msg m;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct event ev = app(at_s[i] * S, names[i]);

		app_ops.accept(a, &ev, &m);
	}
	app_ops.patterns_write(a, &json);
	assert_string_equal(buf_str(&json), want);
	app_ops.patterns_save(a, &saved);
	assert_int_equal(app_ops.patterns_load(b, saved.data, saved.len, &e), 0);
	app_ops.patterns_save(b, &again);
	assert_string_equal(buf_str(&again), buf_str(&saved));
	assert_int_equal(app_ops.patterns_load(b, "{}", 2, &e), -EINVAL);
	assert_non_null(strstr(e.text, "counts"));
	buf_release(&json);
	buf_release(&saved);
	buf_release(&again);
	app_ops.free(a);
	app_ops.free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_app_makes_a_transition),
		cmocka_unit_test(duration_truncates_a_difference_of_doubles),
		cmocka_unit_test(names_are_compared_as_bytes_of_their_length),
		cmocka_unit_test(transitions_do_not_depend_on_how_many_apps_are_kept),
		cmocka_unit_test(memory_is_bounded_whatever_apps_arrive),
		cmocka_unit_test(patterns_are_put_out_and_saved_and_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
