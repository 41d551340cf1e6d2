/* Recordings: what is read, what is refused, and real ones where they are at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/loadgen/replay.h"

#define KEY(ts, key, kind) \
	"{\"type\":\"keystroke\",\"ts\":" ts ",\"key\":\"" key "\",\"event\":\"" kind "\"}"

static struct recording *parse(const char *text)
{
	struct recording *r = NULL;
	struct err e = ERR_INIT;

	if (recording_parse(&r, text, strlen(text), &e))
		fail_msg("%s", e.text);
	return r;
}

static void assert_name(const struct event *ev, const char *name)
{
	assert_true(ev->has_name);
	assert_int_equal(ev->name.len, strlen(name));
	assert_memory_equal(ev->name.p, name, ev->name.len);
}

static void a_recording_may_begin_at_time_zero(void **state UNUSED)
{
	struct recording *r = parse(KEY("0", "KeyA", "press") "\n" KEY(
		"0", "KeyB", "press") "\n" KEY("1500", "KeyA", "release") "\n");

	assert_int_equal(r->n, 3);
	assert_int_equal(r->per_type[EVENT_KEYSTROKE], 3);
	assert_int_equal(r->events[0].ts_us, 0);
	assert_int_equal(r->events[1].ts_us, 0);
	assert_int_equal(r->events[2].ts_us, 1500);
	assert_name(&r->events[1], "KeyB");
	assert_int_equal(r->events[2].kind, KIND_RELEASE);
	assert_int_equal(r->out_of_order, 0);
	assert_int_equal(r->period_us, 1500 + 750);
	recording_free(r);
}

static void a_live_capture_is_counted_from_its_first_event(void **state UNUSED)
{
	struct recording *r = parse(KEY("1700000000000000", "KeyA",
					"press") "\n" KEY("1700000000250000", "KeyA", "release"));

	assert_int_equal(r->events[0].ts_us, 0);
	assert_int_equal(r->events[1].ts_us, 250000);
	recording_free(r);
}

static void events_out_of_order_are_played_with_their_predecessor_and_counted(void **state UNUSED)
{
	struct recording *r = parse(KEY("100", "A", "press") "\n" KEY("50", "B", "press") "\n" KEY(
		"90", "C", "press") "\n" KEY("200", "D", "press") "\n" KEY("150", "E", "press"));
	static const int64_t times[] = { 0, 0, 0, 100, 100 };

	for (size_t i = 0; i < r->n; i++)
		assert_int_equal(r->events[i].ts_us, times[i]);
	assert_int_equal(r->out_of_order, 3);
	recording_free(r);
}

static void blank_lines_carriage_returns_and_spaces_are_no_matter(void **state UNUSED)
{
	struct recording *r =
		parse("\n\r\n  \t\n{ \"ts\" : 0 , \"type\":\"app\", \"app_name\":\"x\" }  \r\n\n");

	assert_int_equal(r->n, 1);
	assert_int_equal(r->period_us, 1);
	recording_free(r);
}

static void names_with_escapes_outlive_the_text(void **state UNUSED)
{
	char text[] = "{\"type\":\"app\",\"ts\":5,\"app_name\":\"a\\\"b\\u00e9\\n\"}\n"
		      "{\"type\":\"mouse\",\"ts\":6,\"x\":1.5,\"y\":-2,\"event\":\"move\"}\n"
		      "{\"type\":\"mouse\",\"ts\":7,\"event\":\"press\",\"button\":\"Left\"}\n";
	struct recording *r = parse(text);

	memset(text, 'x', sizeof(text));
	assert_name(&r->events[0], "a\"b\xc3\xa9\n");
	assert_false(r->events[1].has_name);
	assert_true(r->events[1].x == 1.5 && r->events[1].y == -2);
	assert_name(&r->events[2], "Left");
	recording_free(r);
}

static void wrong_lines_are_refused_by_number_and_reason(void **state UNUSED)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "no event in the recording" },
		{ "\n\n", "no event in the recording" },
		{ "x", "line 1: no event: not_json" },
		{ KEY("1", "A", "press") "\n" KEY("2", "A", "hold"),
		  "line 2: no event: bad_event" },
		{ KEY("-1", "A", "press"), "line 1: no event: bad_ts" },
		{ KEY("0.0", "A", "press"), "line 1: no event: bad_ts" },
		{ KEY("\"0\"", "A", "press"), "line 1: no event: bad_ts" },
		{ "{\"type\":\"app\",\"app_name\":\"ts\"}", "line 1: no event: bad_ts" },
		{ "{\"type\":\"app\",\"app_name\":\"\\\"ts\\\":0,\"}", "line 1: no event: bad_ts" },
		{ "{\"type\":\"app\",\"app_name\":\"x\",\"o\":{\"ts\":0}}",
		  "line 1: no event: bad_ts" },
		{ "{\"type\":\"app\",\"app_name\":\"x\",\"ts\":0,\"ts\":false}",
		  "line 1: no event: bad_ts" },
		{ "{\"type\":\"app\",\"app_name\":\"x\",\"ts\":0", "line 1: no event: not_json" },
		{ KEY("0", "", "press"), "line 1: no event: bad_key" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct recording *r = NULL;
		struct err e = ERR_INIT;

		assert_int_not_equal(recording_parse(&r, rows[i].text, strlen(rows[i].text), &e),
				     0);
		assert_null(r);
		assert_string_equal(e.text, rows[i].expected);
	}
}

/* Any cut of a valid line is either refused or (at the line's end) the whole. */
static void no_cut_of_a_line_is_taken_for_an_event(void **state UNUSED)
{
	static const char line[] = KEY("0", "Key\\u0041", "press");

	for (size_t n = 0; n < sizeof(line) - 1; n++) {
		struct recording *r = NULL;
		char *copy = malloc(n ? n : 1); /* exact size: a sanitizer sees a byte too far */

		memcpy(copy, line, n);
		assert_int_not_equal(recording_parse(&r, copy, n, NULL), 0);
		free(copy);
	}
}

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *text;

	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	*len = (size_t)ftell(f);
	rewind(f);
	text = malloc(*len);
	assert_int_equal(fread(text, 1, *len, f), *len);
	fclose(f);
	return text;
}

/* Figures of their own descriptions: events, and of which type. */
static void real_recordings_are_read_whole(void **state UNUSED)
{
	static const struct {
		const char *path;
		size_t n;
		bool type[EVENT_TYPES];
	} rows[] = {
		{ "../shared/data/keystroke_freetext.jsonl", 6000, { true, false, false } },
		{ "../shared/data/mouse_60hz.jsonl", 20500, { false, true, false } },
		{ "../shared/data/mixed_1khz.jsonl", 13401, { true, true, false } },
	};

	if (access(rows[0].path, R_OK)) {
		print_message("skipped: no recordings in ../shared/data\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct recording *r = NULL;
		size_t len = 0;
		char *text = read_file(rows[i].path, &len);

		assert_non_null(text);
		assert_int_equal(recording_parse(&r, text, len, NULL), 0);
		free(text);
		assert_int_equal(r->n, rows[i].n);
		assert_int_equal(r->out_of_order, 0);
		for (int t = 0; t < EVENT_TYPES; t++)
			assert_int_equal(r->per_type[t] > 0, rows[i].type[t]);
		recording_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_may_begin_at_time_zero),
		cmocka_unit_test(a_live_capture_is_counted_from_its_first_event),
		cmocka_unit_test(events_out_of_order_are_played_with_their_predecessor_and_counted),
		cmocka_unit_test(blank_lines_carriage_returns_and_spaces_are_no_matter),
		cmocka_unit_test(names_with_escapes_outlive_the_text),
		cmocka_unit_test(wrong_lines_are_refused_by_number_and_reason),
		cmocka_unit_test(no_cut_of_a_line_is_taken_for_an_event),
		cmocka_unit_test(real_recordings_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
