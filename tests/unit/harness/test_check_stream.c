/* The check in instalments: windows reach over borders, and a lost event is found after one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/check_stream.h"
#include "harness/oracle/oracle.h"

#define BASE_US	 1795430000000000
#define EVENTS	 400
#define BORDER	 200
#define WINDOW_S 5

/* Presses and releases of one key, 50 ms apart: a window holds 100 of them. */
static struct event own[EVENTS];
static int64_t sent[EVENTS];

static int make(void **state)
{
	for (int i = 0; i < EVENTS; i++) {
		own[i] = (struct event){ .type = EVENT_KEYSTROKE,
					 .kind = i % 2 ? KIND_RELEASE : KIND_PRESS,
					 .ts_us = BASE_US + i * 50000 + i % 7 * 1000,
					 .name = { "KeyA", 4 },
					 .has_name = true };
		sent[i] = own[i].ts_us + 20;
	}
	*state = check_stream_new(&(struct check_stream_conf){ .type = EVENT_KEYSTROKE,
							       .window_s = WINDOW_S,
							       .max_buffer = 10000,
							       .traced = true });
	return 0;
}

static int drop(void **state)
{
	check_stream_free(*state);
	return 0;
}

/* What a subject says of the events of `list` up to number `events`. */
static void say(struct buf *json, const struct event *list, size_t events)
{
	struct feature_trace t = { .trigger_ts_us = list[events - 1].ts_us,
				   .events = events,
				   .now_us = list[events - 1].ts_us + 100 };
	struct oracle_params p = { .now_us = t.now_us, .window_s = WINDOW_S, .max_buffer = 10000 };
	struct feature_msg msg;

	assert_true(oracle_features(EVENT_KEYSTROKE, list, events, &p, &msg));
	buf_reset(json);
	feature_write_json(json, &msg, EVENT_KEYSTROKE, &t);
}

static bool hear(struct check_stream *c, const struct event *list, size_t events, bool last)
{
	struct buf json = { 0 };
	struct check_message m;
	bool taken;

	say(&json, list, events);
	m = (struct check_message){ list[events - 1].ts_us + 300, json.data, json.len };
	taken = check_stream_message(c, &m, last);
	buf_release(&json);
	return taken;
}

static void a_window_over_the_border_is_checked_whole(void **state)
{
	struct check_stream *c = *state;

	check_stream_events(c, own, sent, BORDER);
	assert_true(hear(c, own, 150, false));
	check_stream_events(c, own + BORDER, sent + BORDER, EVENTS - BORDER);
	for (size_t events = BORDER; events <= EVENTS; events += 10)
		assert_true(hear(c, own, events, false));
	assert_int_equal(check_stream_summary(c)->checked, 22);
	assert_int_equal(check_stream_summary(c)->wrong, 0);
}

static void a_message_of_the_next_segment_waits_for_its_events(void **state)
{
	struct check_stream *c = *state;

	check_stream_events(c, own, sent, BORDER);
	assert_false(hear(c, own, BORDER + 5, false));
	assert_int_equal(check_stream_summary(c)->checked, 0);
	check_stream_events(c, own + BORDER, sent + BORDER, EVENTS - BORDER);
	assert_true(hear(c, own, BORDER + 5, false));
	assert_int_equal(check_stream_summary(c)->wrong, 0);
}

static void a_message_of_events_that_never_were_is_wrong_at_the_end(void **state)
{
	struct check_stream *c = *state;

	check_stream_events(c, own, sent, BORDER);
	assert_true(hear(c, own, BORDER + 5, true));
	assert_int_equal(check_stream_summary(c)->wrong, 1);
	assert_non_null(strstr(check_stream_summary(c)->note, "outside the plan"));
}

static void an_event_lost_in_the_second_segment_is_found_there(void **state)
{
	struct check_stream *c = *state;
	static struct event short_of[EVENTS];

	memcpy(short_of, own, (BORDER + 10) * sizeof(*own));
	memcpy(short_of + BORDER + 10, own + BORDER + 11, (EVENTS - BORDER - 11) * sizeof(*own));
	check_stream_events(c, own, sent, BORDER);
	assert_true(hear(c, short_of, BORDER, false));
	check_stream_events(c, own + BORDER, sent + BORDER, EVENTS - BORDER);
	assert_true(hear(c, short_of, BORDER + 10, false));
	assert_int_equal(check_stream_summary(c)->wrong, 0);
	assert_true(hear(c, short_of, BORDER + 50, false));
	assert_int_equal(check_stream_summary(c)->wrong, 1);
	assert_non_null(strstr(check_stream_summary(c)->note, "segment 2: trace.trigger_ts"));
}

/* An hour of segments: what is out of every window's reach is let go, the count goes on. */
static void the_numbering_outlives_events_that_were_forgotten(void **state UNUSED)
{
	struct check_stream *c =
		check_stream_new(&(struct check_stream_conf){ .type = EVENT_KEYSTROKE,
							      .window_s = WINDOW_S,
							      .max_buffer = 10000,
							      .traced = true });
	struct event *all = calloc(9 * EVENTS, sizeof(*all));
	int64_t *when = calloc(9 * EVENTS, sizeof(*when));

	for (int i = 0; i < 9 * EVENTS; i++) {
		all[i] = own[i % EVENTS];
		all[i].ts_us += i / EVENTS * 40 * 1000000LL;
		when[i] = all[i].ts_us + 20;
	}
	for (size_t k = 0; k < 9; k++) {
		check_stream_events(c, all + k * EVENTS, when + k * EVENTS, EVENTS);
		assert_true(hear(c, all, (k + 1) * EVENTS - 3, false));
	}
	assert_int_equal(check_stream_summary(c)->checked, 9);
	assert_int_equal(check_stream_summary(c)->wrong, 0);
	/* the first segment's are long gone: nothing can stand on them now */
	assert_true(hear(c, all, 100, false));
	assert_int_equal(check_stream_summary(c)->wrong, 1);
	free(all);
	free(when);
	check_stream_free(c);
}

static struct event focus(const char *name, int64_t ts_us)
{
	return (struct event){ .type = EVENT_APP,
			       .kind = KIND_FOCUS,
			       .ts_us = ts_us,
			       .name = { name, strlen(name) },
			       .has_name = true };
}

static void a_transition_over_the_border_is_one_and_a_stay_is_none(void **state UNUSED)
{
	struct check_stream *c = check_stream_new(&(struct check_stream_conf){
		.type = EVENT_APP, .window_s = 30, .max_buffer = 1000 });
	struct event apps[] = { focus("Firefox", BASE_US), focus("Terminal", BASE_US + 1000000),
				focus("Terminal", BASE_US + 2000000),
				focus("Slack", BASE_US + 3000000) };
	int64_t times[ARRAY_SIZE(apps)] = { 0 };
	struct oracle_app *app = oracle_app_new(false);
	struct feature_msg msg;
	struct buf json = { 0 };
	struct check_message m = { BASE_US + 4000000, NULL, 0 };

	check_stream_events(c, apps, times, 2);
	assert_int_equal(check_stream_expected(c), 1);
	check_stream_events(c, apps + 2, times + 2, 2);
	assert_int_equal(check_stream_expected(c), 2);
	for (size_t i = 0; i < ARRAY_SIZE(apps); i++) {
		if (!oracle_app_event(app, &apps[i], &msg))
			continue;
		buf_reset(&json);
		feature_write_json(&json, &msg, EVENT_APP, NULL);
		m.json = json.data;
		m.len = json.len;
		assert_true(check_stream_message(c, &m, false));
	}
	assert_int_equal(check_stream_summary(c)->checked, 2);
	assert_int_equal(check_stream_summary(c)->wrong, 0);
	assert_false(
		check_stream_message(c, &m, false));	/* one too many may belong to what comes */
	assert_true(check_stream_message(c, &m, true)); /* but not at the end */
	assert_int_equal(check_stream_summary(c)->wrong, 1);
	oracle_app_free(app);
	buf_release(&json);
	check_stream_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_window_over_the_border_is_checked_whole, make,
						drop),
		cmocka_unit_test_setup_teardown(a_message_of_the_next_segment_waits_for_its_events,
						make, drop),
		cmocka_unit_test_setup_teardown(
			a_message_of_events_that_never_were_is_wrong_at_the_end, make, drop),
		cmocka_unit_test_setup_teardown(an_event_lost_in_the_second_segment_is_found_there,
						make, drop),
		cmocka_unit_test_setup_teardown(the_numbering_outlives_events_that_were_forgotten,
						make, drop),
		cmocka_unit_test(a_transition_over_the_border_is_one_and_a_stay_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
