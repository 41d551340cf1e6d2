/* oracle_compare() finds every way to be wrong, and nothing wrong with what is right. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "extractors/base/buf.h"
#include "tests/unit/harness/oracle/fixture.h"

static const struct oracle_params params = { .now_us = 1795430000123456,
					     .window_s = 30,
					     .max_buffer = 50000 };

/* A message of each type with all its members. */
static void keystroke_message(struct feature_msg *m)
{
	struct event ev[20];

	for (size_t i = 0; i < ARRAY_SIZE(ev); i++) {
		ev[i] = (struct event)KEY(0, "KeyA", PRESS);
		ev[i].kind = i % 2 ? KIND_RELEASE : KIND_PRESS;
		ev[i].ts_us = params.now_us - 9000000 + (int64_t)(i * i) * 10000;
	}
	assert_true(oracle_features(EVENT_KEYSTROKE, ev, ARRAY_SIZE(ev), &params, m));
	assert_int_equal(m->n_values, 50);
}

static void mouse_message(struct feature_msg *m)
{
	struct event ev[60];

	for (size_t i = 0; i < ARRAY_SIZE(ev); i++) {
		ev[i] = (struct event)MOVE(0, (double)(i * i), (double)(i % 7) * 10);
		ev[i].kind = i % 10 == 7   ? KIND_PRESS
			     : i % 10 == 8 ? KIND_RELEASE
			     : i % 10 == 9 ? KIND_SCROLL
					   : KIND_MOVE;
		ev[i].has_scroll = true;
		ev[i].scroll_delta = (int32_t)(i % 4) - 1;
		ev[i].ts_us = params.now_us - 9000000 + (int64_t)(i * i) * 1000;
	}
	assert_true(oracle_features(EVENT_MOUSE, ev, ARRAY_SIZE(ev), &params, m));
	assert_int_equal(m->n_values, 39);
}

static struct event two_apps[] = { FOCUS(1795430000000000, "firefox"),
				   FOCUS(1795430001500000, "a\n\"b\\\xc3\xb6") };

static struct oracle_app *app_message(struct feature_msg *m)
{
	struct oracle_app *app = oracle_app_new(false);

	assert_false(oracle_app_event(app, &two_apps[0], m));
	assert_true(oracle_app_event(app, &two_apps[1], m));
	return app;
}

static int compare(struct buf *json, const struct feature_msg *want, enum event_type type,
		   struct err *why)
{
	err_reset(why);
	return oracle_compare(json->data, json->len, want, type, true, why);
}

static void assert_right(const struct feature_msg *got, const struct feature_msg *want,
			 enum event_type type)
{
	struct feature_trace trace = { 1, 2, 3 };
	struct buf json = { 0 };
	struct err why = ERR_INIT;

	feature_write_json(&json, got, type, NULL);
	assert_int_equal(compare(&json, want, type, &why), 0);
	buf_reset(&json);
	feature_write_json(&json, got, type, &trace);
	assert_int_equal(compare(&json, want, type, &why), 0);
	assert_int_equal(why.code, 0);
	buf_release(&json);
}

/* Wrong, and said to be so in this member. */
static void assert_wrong(const struct feature_msg *got, const struct feature_msg *want,
			 enum event_type type, const char *member)
{
	struct buf json = { 0 };
	struct err why = ERR_INIT;
	char start[80];

	snprintf(start, sizeof(start), "member %s: ", member);
	feature_write_json(&json, got, type, NULL);
	assert_int_equal(compare(&json, want, type, &why), -EBADMSG);
	if (strncmp(why.text, start, strlen(start)))
		fail_msg("planted in %s, found: %s", member, why.text);
	buf_release(&json);
}

/* Each value off by 1e-6 (relative where it is above 1), missing, and of another type. */
static void plant_in_every_member(const struct feature_msg *want, enum event_type type)
{
	for (size_t i = 0; i < want->n_values; i++) {
		const struct feature_value *v = &want->values[i];
		struct feature_msg got = *want;
		double off = 1e-6 * fmax(1, fabs(v->value));

		if (v->kind == FEATURE_BOOL) {
			got.values[i].value = !v->value;
			assert_wrong(&got, want, type, v->name);
			got.values[i] = (struct feature_value){ v->name, v->value, FEATURE_INT };
			assert_wrong(&got, want, type, v->name);
			continue;
		}
		got.values[i].value = v->value + off;
		assert_wrong(&got, want, type, v->name);
		got.values[i].value = v->value - off;
		assert_wrong(&got, want, type, v->name);
		got.values[i].value = NAN; /* null */
		assert_wrong(&got, want, type, v->name);
		got.values[i] = (struct feature_value){ v->name, 1, FEATURE_BOOL };
		assert_wrong(&got, want, type, v->name);
		got = *want;
		got.values[i] = got.values[--got.n_values];
		assert_wrong(&got, want, type, v->name);
		got = *want;
		got.values[got.n_values++] = *v;
		assert_wrong(&got, want, type, v->name);
	}
}

static void an_error_of_a_millionth_in_any_member_is_found(void **state)
{
	struct feature_msg want;
	struct oracle_app *app;

	(void)state;
	keystroke_message(&want);
	assert_right(&want, &want, EVENT_KEYSTROKE);
	plant_in_every_member(&want, EVENT_KEYSTROKE);
	mouse_message(&want);
	assert_right(&want, &want, EVENT_MOUSE);
	plant_in_every_member(&want, EVENT_MOUSE);
	app = app_message(&want);
	assert_right(&want, &want, EVENT_APP);
	plant_in_every_member(&want, EVENT_APP);
	oracle_app_free(app);
}

static void rounding_within_1e_9_is_no_error(void **state)
{
	struct feature_msg want, got;

	(void)state;
	mouse_message(&want);
	got = want;
	for (size_t i = 0; i < got.n_values; i++)
		if (got.values[i].kind != FEATURE_BOOL)
			got.values[i].value += 0.9e-9 * fmax(1, fabs(got.values[i].value));
	assert_right(&got, &want, EVENT_MOUSE);
}

static void no_number_equals_what_is_not_finite(void **state)
{
	static const double rows[][2] = { { INFINITY, 1 }, { 1, -INFINITY }, { INFINITY, INFINITY },
					  { NAN, 1 },	   { NAN, NAN },     { NAN, INFINITY } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_false(oracle_equal(rows[i][0], rows[i][1]));
	assert_true(oracle_equal(-0.0, 0.0));
	assert_true(oracle_equal(1e15, 1e15 * (1 + 0.9e-9)));
	assert_false(oracle_equal(1e15, 1e15 * (1 + 1.1e-9)));
	assert_false(oracle_equal(0, 1.1e-9));
}

static void labels_type_and_timestamp_are_compared_to_the_letter(void **state)
{
	static const struct {
		const char *name;
		struct span value;
	} rows[] = {
		{ "from_app", NAME("firefo") },
		{ "from_app", NAME("firefox ") },
		{ "from_app", NAME("Firefox") },
		{ "to_app", NAME("") },
		{ "to_app", NAME("a\n\"b\\\xc3\xb7") },
		{ "to_app", NAME("a\n\"b\\\xc3\xb6\0") }, /* a NUL byte more */
	};
	struct feature_msg want, got;
	struct oracle_app *app = app_message(&want);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		got = want;
		got.labels[rows[i].name[0] == 't'].value = rows[i].value;
		assert_wrong(&got, &want, EVENT_APP, rows[i].name);
	}
	got = want;
	got.time_us++;
	assert_wrong(&got, &want, EVENT_APP, "timestamp");
	got = want;
	got.n_labels = 1;
	assert_wrong(&got, &want, EVENT_APP, "to_app");
	oracle_app_free(app);
}

/* A small expectation, so that whole messages can be written down. */
static const struct feature_msg small = {
	.time_us = 1795430000500000,
	.n_values = 2,
	.values = { { "a", 1.5, FEATURE_FLOAT }, { "b", 2, FEATURE_INT } },
};
#define TAIL "\"timestamp\":\"2026-11-23T10:33:20.500000+00:00\",\"type\":\"mouse\""

static void other_spellings_of_the_same_message_are_right(void **state)
{
	static const char *const rows[] = {
		"{\"a\":1.5,\"b\":2," TAIL "}",
		" { \"b\" : 2.0 ,\t\"a\" : 15e-1,\r\n" TAIL " } ",
		"{\"\\u0061\":1.5,\"b\":2," TAIL "}",
		"{\"a\":1.5,\"b\":2,\"timestamp\":\"2026-11-23T10:33:20.500000+00:00\",\"type\":\"m\\u006fuse\"}",
		"{\"trace\":{\"x\":[1,{\"a\":7}]},\"a\":1.5,\"b\":2," TAIL "}",
	};
	struct err why = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (oracle_compare(rows[i], strlen(rows[i]), &small, EVENT_MOUSE, true, &why))
			fail_msg("%s: %s", rows[i], why.text);
}

static void what_is_not_the_message_is_said(void **state)
{
	static const struct {
		struct span json;
		const char *why;
	} rows[] = {
		{ NAME(""), "message: not a JSON object" },
		{ NAME("null"), "message: not a JSON object" },
		{ NAME("[]"), "message: not a JSON object" },
		{ NAME("{}"), "member a: missing" },
		{ NAME("{\"a\":1.5,\"b\":2}"), "member timestamp: missing" },
		{ NAME("{\"a\":1.5,\"b\":2,\"timestamp\":\"2026-11-23T10:33:20.500000+00:00\"}"),
		  "member type: missing" },
		{ NAME("{\"a\":1.5,\"b\":2," TAIL ",\"c\":0}"),
		  "member c: got 0, expected no such member" },
		{ NAME("{\"a\":1.5,\"A\":1.5,\"b\":2," TAIL "}"),
		  "member A: got 1.5, expected no such member" },
		{ NAME("{\"a\":1.5,\"a\":1.5,\"b\":2," TAIL "}"), "member a: there twice" },
		{ NAME("{\"a\":1.5,\"b\":2," TAIL ",\"type\":\"mouse\"}"),
		  "member type: there twice" },
		{ NAME("{\"a\":\"1.5\",\"b\":2," TAIL "}"), "member a: got \"1.5\", expected 1.5" },
		{ NAME("{\"a\":null,\"b\":2," TAIL "}"), "member a: got null, expected 1.5" },
		{ NAME("{\"a\":1e999,\"b\":2," TAIL "}"), "member a: got 1e999, expected 1.5" },
		{ NAME("{\"a\":1.5,\"b\":2,\"timestamp\":1,\"type\":\"mouse\"}"),
		  "member timestamp: got 1, expected 2026-11-23T10:33:20.500000+00:00" },
		{ NAME("{\"a\":1.5,\"b\":2,\"timestamp\":\"2026-11-23T10:33:20.500000+00:00\",\"type\":\"app\"}"),
		  "member type: got \"app\", expected mouse" },
		/* what cJSON would let pass */
		{ NAME("{\"a\":01.5,\"b\":2," TAIL "}"), "message: not JSON at byte 5" },
		{ NAME("{\"a\":1.5,\"b\":2," TAIL "} x"), "message: 1 bytes behind the object" },
		{ NAME("{\"a\":1.5,\"b\":2," TAIL "}\0"), "message: 1 bytes behind the object" },
		{ NAME("{\"a\":1.5,\"b\":2," TAIL ",}"), "message: not JSON at byte " },
		{ NAME("{\"a\":1.5,\"b\":2," TAIL), "message: not JSON at byte " },
		{ NAME("{\"a\":NaN,\"b\":2," TAIL "}"), "message: not JSON at byte 5" },
		{ NAME("{\"a\":1.5,\"b\":2,\"\xff\":1," TAIL "}"), "message: not UTF-8" },
		{ NAME("{\"a\\u0000\":1.5,\"b\":2," TAIL "}"), "member a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err why = ERR_INIT;
		int rc = oracle_compare(rows[i].json.p, rows[i].json.len, &small, EVENT_MOUSE, true,
					&why);

		if (rc != -EBADMSG || strncmp(why.text, rows[i].why, strlen(rows[i].why)))
			fail_msg("%s: got: %d %s; expected: %s", rows[i].json.p, rc, why.text,
				 rows[i].why);
	}
}

static void a_cut_message_is_never_right(void **state)
{
	static const char json[] = "{\"a\":1.5,\"b\":2," TAIL "}";

	(void)state;
	for (size_t len = 0; len < sizeof(json) - 1; len++) {
		struct buf exact = { 0 }; /* its own bytes, so that a sanitizer sees an overrun */

		buf_add(&exact, json, len);
		assert_int_equal(oracle_compare(exact.data, len, &small, EVENT_MOUSE, true, NULL),
				 -EBADMSG);
		buf_release(&exact);
	}
}

static void a_timestamp_that_is_not_checked_must_still_be_one(void **state)
{
	static const struct {
		const char *text;
		bool right;
	} rows[] = {
		{ "2026-11-23T10:33:20.500000+00:00", true },
		{ "2026-11-23T10:33:20+00:00", true },
		{ "2026-11-23T10:33:20.5+00:00", true },
		{ "2028-02-29T23:59:59.999999999+00:00", true },
		{ "2026-02-29T10:33:20+00:00", false },
		{ "2026-13-01T10:33:20+00:00", false },
		{ "2026-00-01T10:33:20+00:00", false },
		{ "2026-11-31T10:33:20+00:00", false },
		{ "2026-11-23T24:00:00+00:00", false },
		{ "2026-11-23T10:60:00+00:00", false },
		{ "2026-11-23T10:33:60+00:00", false },
		{ "2026-11-23 10:33:20+00:00", false },
		{ "2026-11-23T10:33:20Z", false },
		{ "2026-11-23T10:33:20", false },
		{ "2026-11-23T10:33:20+01:00", false },
		{ "2026-11-23T10:33:20.+00:00", false },
		{ "2026-11-23T10:33:20.5x+00:00", false },
		{ "2026-11-23T10:33:20.1234567890+00:00", false },
		{ "26-11-23T10:33:20+00:00", false },
		{ "", false },
	};
	struct buf json = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err why = ERR_INIT;
		int rc;

		buf_reset(&json);
		buf_printf(&json, "{\"a\":1.5,\"b\":2,\"timestamp\":\"%s\",\"type\":\"mouse\"}",
			   rows[i].text);
		rc = oracle_compare(json.data, json.len, &small, EVENT_MOUSE, false, &why);
		if (rc != (rows[i].right ? 0 : -EBADMSG))
			fail_msg("%s: %d %s", rows[i].text, rc, why.text);
	}
	buf_release(&json);
}

static void the_trace_is_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *json;
		bool right;
	} rows[] = {
		{ "{\"a\":1,\"trace\":{\"trigger_ts\":7,\"events\":8,\"now_us\":9}}", true },
		{ "{\"trace\" : { \"now_us\": 9, \"x\": [], \"events\":8,\"trigger_ts\":7 } ,\"b\":{}}",
		  true },
		{ "{\"a\":1}", false },
		{ "{\"trace\":null}", false },
		{ "{\"trace\":{\"trigger_ts\":7,\"events\":8}}", false },
		{ "{\"trace\":{\"trigger_ts\":7,\"events\":8.0,\"now_us\":9}}", false },
		{ "{\"trace\":{\"trigger_ts\":7,\"events\":-8,\"now_us\":9}}", false },
		{ "{\"trace\":{\"trigger_ts\":7,\"events\":8,\"now_us\":\"9\"}}", false },
		{ "{\"trace\":{\"trigger_ts\":7,\"events\":8,\"events\":8,\"now_us\":9}}", false },
		{ "{\"trace\":{\"trigger_ts\":7,\"events\":8,\"now_us\":9", false },
		{ "[]", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct feature_trace t = { 0 };

		assert_int_equal(oracle_read_trace(rows[i].json, strlen(rows[i].json), &t),
				 rows[i].right);
		if (!rows[i].right)
			continue;
		assert_int_equal(t.trigger_ts_us, 7);
		assert_int_equal(t.events, 8);
		assert_int_equal(t.now_us, 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_of_a_millionth_in_any_member_is_found),
		cmocka_unit_test(rounding_within_1e_9_is_no_error),
		cmocka_unit_test(no_number_equals_what_is_not_finite),
		cmocka_unit_test(labels_type_and_timestamp_are_compared_to_the_letter),
		cmocka_unit_test(other_spellings_of_the_same_message_are_right),
		cmocka_unit_test(what_is_not_the_message_is_said),
		cmocka_unit_test(a_cut_message_is_never_right),
		cmocka_unit_test(a_timestamp_that_is_not_checked_must_still_be_one),
		cmocka_unit_test(the_trace_is_read_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
