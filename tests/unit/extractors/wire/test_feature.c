/* Feature messages: routes and JSON. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/wire/feature.h"
#include "tests/unit/capture.h"

static void every_type_has_its_channel_measurement_and_tags(void **state UNUSED)
{
	static const struct {
		const char *channel, *measurement;
		size_t n_tags;
	} rows[EVENT_TYPES] = {
		[EVENT_KEYSTROKE] = { "seclyzer:features:keystroke", "keystroke_features", 2 },
		[EVENT_MOUSE] = { "seclyzer:features:mouse", "mouse_features", 1 },
		[EVENT_APP] = { "seclyzer:features:app", "app_transitions", 1 },
	};

	assert_string_equal(EVENTS_CHANNEL, "seclyzer:events");
	for (int t = 0; t < EVENT_TYPES; t++) {
		const struct feature_route *r = &feature_routes[t];

		assert_string_equal(r->channel, rows[t].channel);
		assert_string_equal(r->measurement, rows[t].measurement);
		assert_int_equal(r->n_tags, rows[t].n_tags);
		for (size_t i = 1; i < r->n_tags; i++)
			assert_true(strcmp(r->tags[i - 1].name, r->tags[i].name) < 0);
		assert_string_equal(r->tags[r->n_tags - 1].name, "user_id");
		assert_string_equal(r->tags[r->n_tags - 1].value, "default");
	}
	assert_string_equal(feature_routes[EVENT_KEYSTROKE].tags[0].name, "device_id");
	assert_string_equal(feature_routes[EVENT_KEYSTROKE].tags[0].value, "keyboard_0");
}

static void fill_nothing(struct feature_msg *m UNUSED)
{
}

static void fill_numbers(struct feature_msg *m)
{
	m->time_us = 1795547434278528;
	feature_add(m, "dwell_mean", 101.25);
	feature_add(m, "whole", 3);
	feature_add(m, "third", 1.0 / 3);
	feature_add_int(m, "total_keys", 7);
	feature_add_bool(m, "dev_mode", false);
	feature_add_bool(m, "on", true);
}

static void fill_odd_numbers(struct feature_msg *m)
{
	m->time_us = 1795547434000000;
	feature_add(m, "nan", NAN);
	feature_add(m, "inf", INFINITY);
	feature_add(m, "minus_inf", -INFINITY);
	feature_add(m, "minus_zero", -0.0);
	feature_add(m, "large", 1.5e300);
}

static void fill_labels(struct feature_msg *m)
{
	m->time_us = 1;
	feature_add_label(m, "from_app", (struct span){ "a\"b\0c", 5 });
	feature_add_label(m, "to_app", (struct span){ "\xc3\xa9", 2 });
	feature_add_int(m, "duration_ms", -1);
}

static void messages_are_members_then_time_then_type(void **state UNUSED)
{
	static const struct feature_trace trace = { 5, 12, 1795547434278528 };
	static const struct {
		void (*fill)(struct feature_msg *);
		enum event_type type;
		const struct feature_trace *trace;
		const char *expected;
	} rows[] = {
		{ fill_nothing, EVENT_MOUSE, NULL,
		  "{\"timestamp\":\"1970-01-01T00:00:00+00:00\",\"type\":\"mouse\"}" },
		{ fill_numbers, EVENT_KEYSTROKE, NULL,
		  "{\"dwell_mean\":101.25,\"whole\":3,\"third\":0.3333333333333333,\"total_keys\":7,"
		  "\"dev_mode\":false,\"on\":true,\"timestamp\":\"2026-11-24T19:10:34.278528+00:00\","
		  "\"type\":\"keystroke\"}" },
		{ fill_numbers, EVENT_KEYSTROKE, &trace,
		  "{\"dwell_mean\":101.25,\"whole\":3,\"third\":0.3333333333333333,\"total_keys\":7,"
		  "\"dev_mode\":false,\"on\":true,\"timestamp\":\"2026-11-24T19:10:34.278528+00:00\","
		  "\"type\":\"keystroke\",\"trace\":{\"trigger_ts\":5,\"events\":12,\"now_us\":1795547434278528}}" },
		{ fill_odd_numbers, EVENT_MOUSE, NULL,
		  "{\"nan\":null,\"inf\":null,\"minus_inf\":null,\"minus_zero\":-0,\"large\":1.5e+300,"
		  "\"timestamp\":\"2026-11-24T19:10:34+00:00\",\"type\":\"mouse\"}" },
		{ fill_labels, EVENT_APP, NULL,
		  "{\"from_app\":\"a\\\"b\\u0000c\",\"to_app\":\"\xc3\xa9\",\"duration_ms\":-1,"
		  "\"timestamp\":\"1970-01-01T00:00:00.000001+00:00\",\"type\":\"app\"}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct feature_msg m;
		struct buf b = { 0 };

		memset(&m, 0xA5, sizeof(m));
		feature_msg_reset(&m);
		rows[i].fill(&m);
		buf_add_str(&b, "x");
		feature_write_json(&b, &m, rows[i].type, rows[i].trace);
		assert_string_equal(buf_str(&b) + 1, rows[i].expected);
		buf_release(&b);
	}
}

static void members_alone_have_no_braces(void **state UNUSED)
{
	struct feature_msg m;
	struct buf b = { 0 };

	feature_msg_reset(&m);
	feature_write_members(&b, &m);
	assert_int_equal(b.len, 0);
	fill_labels(&m);
	feature_write_members(&b, &m);
	assert_string_equal(
		buf_str(&b),
		"\"from_app\":\"a\\\"b\\u0000c\",\"to_app\":\"\xc3\xa9\",\"duration_ms\":-1");
	buf_release(&b);
}

static void add_too_many_values(void)
{
	struct feature_msg m;

	feature_msg_reset(&m);
	for (int i = 0; i <= FEATURE_VALUES_MAX; i++)
		feature_add(&m, "v", i);
}

static void add_too_many_labels(void)
{
	struct feature_msg m;

	feature_msg_reset(&m);
	for (int i = 0; i <= FEATURE_LABELS_MAX; i++)
		feature_add_label(&m, "l", (struct span){ "x", 1 });
}

static void more_than_there_is_room_for_is_a_bug(void **state UNUSED)
{
	static struct capture c;

	capture_start(&c);
	assert_int_equal(exit_status_of(add_too_many_values), 70);
	assert_int_equal(exit_status_of(add_too_many_labels), 70);
	capture_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_its_channel_measurement_and_tags),
		cmocka_unit_test(messages_are_members_then_time_then_type),
		cmocka_unit_test(members_alone_have_no_braces),
		cmocka_unit_test(more_than_there_is_room_for_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
