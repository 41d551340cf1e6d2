/* The message check: right messages pass, and each way of being wrong is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/check.h"
#include "harness/oracle/oracle.h"

#define BASE_US 1795430000000000
#define EVENTS	40

/* Presses and releases of one key, 50 ms apart; sent when they happen. */
struct fixture {
	struct event own[EVENTS];
	int64_t sent[EVENTS];
	struct check_spec spec;
	struct buf json;
	struct check_message message;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	for (int i = 0; i < EVENTS; i++) {
		f->own[i] = (struct event){
			.type = EVENT_KEYSTROKE,
			.kind = i % 2 ? KIND_RELEASE : KIND_PRESS,
			.ts_us = BASE_US + i * 50000 + i * i,
			.name = { "KeyA", 4 },
			.has_name = true,
		};
		f->sent[i] = f->own[i].ts_us;
	}
	f->spec = (struct check_spec){ .type = EVENT_KEYSTROKE,
				       .own = f->own,
				       .sent_wall_us = f->sent,
				       .n_own = EVENTS,
				       .window_s = 30,
				       .max_buffer = 10000,
				       .traced = true };
	*state = f;
	return 0;
}

static int drop(void **state)
{
	struct fixture *f = *state;

	buf_release(&f->json);
	free(f);
	return 0;
}

/* The right message for the first `events` events, as a subject would send it. */
static void say(struct fixture *f, size_t events, struct feature_trace *trace)
{
	struct oracle_params p = { .now_us = trace->now_us, .window_s = 30, .max_buffer = 10000 };
	struct feature_msg msg;

	assert_true(oracle_features(EVENT_KEYSTROKE, f->own, events, &p, &msg));
	buf_reset(&f->json);
	feature_write_json(&f->json, &msg, EVENT_KEYSTROKE, trace);
	f->message = (struct check_message){ trace->now_us + 100, f->json.data, f->json.len };
}

static struct feature_trace true_trace(const struct fixture *f, size_t events)
{
	return (struct feature_trace){ .trigger_ts_us = f->own[events - 1].ts_us,
				       .events = events,
				       .now_us = f->sent[events - 1] + 50 };
}

static struct oracle_summary check_one(struct fixture *f)
{
	struct oracle_summary out;

	check_features(&f->spec, &f->message, 1, &out);
	return out;
}

static void a_right_message_is_right(void **state)
{
	struct fixture *f = *state;
	struct feature_trace t = true_trace(f, 30);
	struct oracle_summary out;

	say(f, 30, &t);
	out = check_one(f);
	assert_int_equal(out.checked, 1);
	assert_int_equal(out.wrong, 0);
}

static void features_of_other_events_are_wrong(void **state)
{
	struct fixture *f = *state;
	struct feature_trace t = true_trace(f, 30);

	say(f, 28, &t); /* two events were lost, the trace lies */
	assert_int_equal(check_one(f).wrong, 1);
}

static void a_trace_that_cannot_be_is_wrong(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int64_t trigger_off, now_off;
		uint64_t events;
		const char *expected;
	} rows[] = {
		{ 1, 0, 30, "trigger_ts" },
		{ 0, -3000, 30, "before the event was sent" },
		{ 0, 0, EVENTS + 1, "outside the plan" },
		{ 0, 0, 0, "outside the plan" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct feature_trace t = true_trace(f, 30);
		struct oracle_summary out;

		t.trigger_ts_us += rows[i].trigger_off;
		t.now_us += rows[i].now_off;
		t.events = rows[i].events;
		say(f, 30, &t);
		out = check_one(f);
		assert_int_equal(out.wrong, 1);
		assert_non_null(strstr(out.note, rows[i].expected));
	}
}

static void a_message_cannot_be_received_before_its_clock(void **state)
{
	struct fixture *f = *state;
	struct feature_trace t = true_trace(f, 30);

	say(f, 30, &t);
	f->message.received_wall_us = t.now_us - 10000;
	assert_non_null(strstr(check_one(f).note, "after the message was received"));
}

static void the_same_message_twice_is_wrong(void **state)
{
	struct fixture *f = *state;
	struct feature_trace t = true_trace(f, 30);
	struct check_message twice[2];
	struct oracle_summary out;

	say(f, 30, &t);
	twice[0] = twice[1] = f->message;
	check_features(&f->spec, twice, 2, &out);
	assert_int_equal(out.wrong, 1);
	assert_non_null(strstr(out.note, "did not grow"));
}

static void one_millionth_in_one_member_is_found(void **state)
{
	struct fixture *f = *state;
	struct feature_trace t = true_trace(f, 30);
	struct oracle_params p = { .now_us = t.now_us, .window_s = 30, .max_buffer = 10000 };
	struct feature_msg msg;
	size_t planted = 0;

	assert_true(oracle_features(EVENT_KEYSTROKE, f->own, 30, &p, &msg));
	for (size_t i = 0; i < msg.n_values; i++) {
		struct feature_msg bad = msg;

		if (msg.values[i].kind != FEATURE_FLOAT || msg.values[i].value == 0)
			continue;
		bad.values[i].value *= 1 + 1e-6;
		buf_reset(&f->json);
		feature_write_json(&f->json, &bad, EVENT_KEYSTROKE, &t);
		f->message = (struct check_message){ t.now_us + 100, f->json.data, f->json.len };
		assert_int_equal(check_one(f).wrong, 1);
		planted++;
	}
	assert_true(planted > 20);
}

static void without_trace_only_what_follows_the_last_event_can_be_checked(void **state)
{
	struct fixture *f = *state;
	struct feature_trace t = true_trace(f, EVENTS);
	struct oracle_summary out;

	f->spec.traced = false;
	say(f, EVENTS, &t);
	out = check_one(f);
	assert_int_equal(out.checked, 1);
	assert_int_equal(out.wrong, 0);
	assert_true(check_has_last(&f->spec, &f->message, 1));
	f->message.received_wall_us = f->sent[EVENTS - 1] - 1;
	out = check_one(f);
	assert_int_equal(out.unchecked, 1);
	assert_false(check_has_last(&f->spec, &f->message, 1));
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_right_message_is_right),
		T(features_of_other_events_are_wrong),
		T(a_trace_that_cannot_be_is_wrong),
		T(a_message_cannot_be_received_before_its_clock),
		T(the_same_message_twice_is_wrong),
		T(one_millionth_in_one_member_is_found),
		T(without_trace_only_what_follows_the_last_event_can_be_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
