/*
 * The engine with an extractor of three lines in it: verdicts, counters, when an
 * attempt is made and with which clock, live and in replay.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/mem.h"
#include "extractors/engine.h"

/* Counts what it is given; has features from three events on. */
struct fake {
	struct extractor_params params;
	int accepted, extracted;
	int64_t last_ts_us, last_now_us;
};

static int alive; /* fakes that were made and not freed */

static void *fake_new(const struct extractor_params *p)
{
	struct fake *f = mem_calloc(1, sizeof(*f));

	f->params = *p;
	alive++;
	return f;
}

static void fake_free(void *self)
{
	alive--;
	free(self);
}

static bool fake_accept(void *self, const struct event *ev, struct feature_msg *out UNUSED)
{
	struct fake *f = self;

	f->accepted++;
	f->last_ts_us = ev->ts_us;
	return false;
}

static bool fake_extract(void *self, int64_t now_us, struct feature_msg *out)
{
	struct fake *f = self;

	f->extracted++;
	f->last_now_us = now_us;
	if (f->accepted < 3)
		return false;
	feature_msg_reset(out);
	feature_add_int(out, "accepted", f->accepted);
	return true;
}

static const struct extractor_ops keystroke_like = {
	.type = EVENT_KEYSTROKE,
	.program = "fake",
	.new = fake_new,
	.free = fake_free,
	.accept = fake_accept,
	.extract = fake_extract,
};

/* Like app: no attempts, every second event makes a message with the event's own time. */
static bool transition_accept(void *self, const struct event *ev, struct feature_msg *out)
{
	struct fake *f = self;

	if (++f->accepted % 2)
		return false;
	feature_msg_reset(out);
	out->time_us = ev->ts_us;
	return true;
}

static const struct extractor_ops app_like = {
	.type = EVENT_APP,
	.program = "fake",
	.new = fake_new,
	.free = fake_free,
	.accept = transition_accept,
};

/* The wall clock of the tests: every look at it moves it on, and is counted. */
static int64_t wall_us, wall_looks;

static int64_t look_at_wall(void)
{
	wall_looks++;
	return wall_us;
}

static void begin(struct engine *en, const struct extractor_ops *ops, double interval_s,
		  double start_s)
{
	struct engine_conf conf = { .params = { .max_events = 7, .window_s = 30, .dev_mode = true },
				    .update_interval_s = interval_s };

	wall_us = 1795547434278528;
	wall_looks = 0;
	engine_init(en, ops, &conf, start_s);
}

static const char *key_at(int64_t ts_us)
{
	static char msg[128];

	snprintf(msg, sizeof(msg),
		 "{\"type\":\"keystroke\",\"ts\":%lld,\"key\":\"KeyA\",\"event\":\"press\"}",
		 (long long)ts_us);
	return msg;
}

static const char *app_at(int64_t ts_us)
{
	static char msg[128];

	snprintf(msg, sizeof(msg), "{\"type\":\"app\",\"ts\":%lld,\"app_name\":\"a\"}",
		 (long long)ts_us);
	return msg;
}

static const struct engine_output *live(struct engine *en, const char *msg, double now_s,
					enum event_verdict expected)
{
	enum event_verdict v;
	const struct engine_output *o = engine_live(en, msg, strlen(msg), now_s, look_at_wall, &v);

	assert_int_equal(v, expected);
	return o;
}

static const struct engine_output *replay(struct engine *en, const char *msg,
					  enum event_verdict expected)
{
	enum event_verdict v;
	const struct engine_output *o = engine_replay(en, msg, strlen(msg), &v);

	assert_int_equal(v, expected);
	return o;
}

static void the_extractor_gets_the_parameters_and_is_freed(void **state UNUSED)
{
	struct engine en;
	struct fake *f;

	begin(&en, &keystroke_like, 5, 0);
	f = en.core;
	assert_int_equal(alive, 1);
	assert_int_equal(f->params.max_events, 7);
	assert_true(f->params.window_s == 30 && f->params.dev_mode);
	engine_release(&en);
	assert_int_equal(alive, 0);
	engine_release(&en);
	assert_int_equal(alive, 0);
}

static void every_message_is_counted_once(void **state UNUSED)
{
	static const struct {
		const char *msg;
		enum event_verdict verdict;
		int times;
	} rows[] = {
		{ "{\"type\":\"keystroke\",\"ts\":1,\"key\":\"a\",\"event\":\"press\"}", EVENT_OWN,
		  5 },
		{ "{\"type\":\"mouse\",\"ts\":1}", EVENT_OTHER, 4 },
		{ "{\"ts\":1,\"type\":\"app\"}", EVENT_OTHER, 3 },
		{ "nonsense", REJECT_NOT_JSON, 6 },
		{ "{}", REJECT_BAD_TYPE, 2 },
		{ "{\"type\":\"keystroke\",\"ts\":0}", REJECT_BAD_TS, 1 },
	};
	struct engine en;
	uint64_t sum = 0;

	begin(&en, &keystroke_like, 5, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int k = 0; k < rows[i].times; k++)
			assert_null(live(&en, rows[i].msg, 0, rows[i].verdict));
	assert_int_equal(en.count.received, 21);
	assert_int_equal(en.count.verdicts[EVENT_OTHER], 7);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].verdict != EVENT_OTHER)
			assert_int_equal(en.count.verdicts[rows[i].verdict], rows[i].times);
	for (int v = 0; v < EVENT_VERDICTS; v++)
		sum += en.count.verdicts[v];
	assert_int_equal(sum, en.count.received);
	assert_int_equal(((struct fake *)en.core)->accepted, 5);
	engine_release(&en);
}

static void attempts_keep_their_distance_from_the_last_attempt(void **state UNUSED)
{
	static const struct {
		double now_s;
		int extracted; /* attempts so far */
		bool features;
	} rows
		[] = {
			{ 100, 0, false },  { 104.999, 0, false },
			{ 105, 1, true }, /* five from the start */
			{ 105, 1, false },  { 109.999, 1, false },
			{ 110.5, 2, true }, { 115.4, 2, false },
			{ 115.5, 3, true }, /* not from the grid of the first */
			{ 90, 3, false },   /* a clock that went back: nothing is due */
			{ 120.5, 4, true },
		};
	struct engine en;
	const struct fake *f;

	begin(&en, &keystroke_like, 5, 100);
	f = en.core;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct engine_output *o = live(&en, key_at(1), rows[i].now_s, EVENT_OWN);

		assert_int_equal(f->extracted, rows[i].extracted);
		assert_true(!o == !rows[i].features);
	}
	assert_int_equal(en.count.features, 4);
	assert_int_equal(en.count.no_features_too_few, 0);
	assert_int_equal(wall_looks, 4); /* asked once for each attempt, and only then */
	engine_release(&en);
}

static void an_attempt_without_features_counts_as_made(void **state UNUSED)
{
	struct engine en;

	begin(&en, &keystroke_like, 5, 0);
	assert_null(live(&en, key_at(1), 5, EVENT_OWN)); /* one event: too few */
	assert_null(live(&en, key_at(1), 6, EVENT_OWN));
	assert_null(live(&en, key_at(1), 9.9, EVENT_OWN));
	assert_non_null(live(&en, key_at(1), 10, EVENT_OWN));
	assert_int_equal(en.count.no_features_too_few, 1);
	assert_int_equal(en.count.features, 1);
	engine_release(&en);
}

static void only_own_events_cause_attempts(void **state UNUSED)
{
	struct engine en;

	begin(&en, &keystroke_like, 5, 0);
	assert_null(live(&en, app_at(1), 100, EVENT_OTHER));
	assert_null(live(&en, "?", 100, REJECT_NOT_JSON));
	assert_int_equal(((struct fake *)en.core)->extracted, 0);
	assert_null(live(&en, key_at(1), 100, EVENT_OWN));
	assert_int_equal(((struct fake *)en.core)->extracted, 1);
	engine_release(&en);
}

static void interval_zero_tries_on_every_own_event(void **state UNUSED)
{
	struct engine en;

	begin(&en, &keystroke_like, 0, 0);
	for (int i = 1; i <= 5; i++)
		assert_true(!live(&en, key_at(1), 0, EVENT_OWN) == (i < 3));
	assert_int_equal(en.count.features, 3);
	assert_int_equal(en.count.no_features_too_few, 2);
	engine_release(&en);
}

static void a_message_carries_the_wall_clock_and_its_trigger(void **state UNUSED)
{
	const struct engine_output *o;
	struct engine en;

	begin(&en, &keystroke_like, 0, 0);
	live(&en, key_at(11), 0, EVENT_OWN);
	live(&en, app_at(12), 0, EVENT_OTHER);
	live(&en, key_at(13), 0, EVENT_OWN);
	o = live(&en, key_at(14), 0, EVENT_OWN);
	assert_non_null(o);
	assert_int_equal(o->msg.time_us, wall_us);
	assert_int_equal(o->msg.n_values, 1);
	assert_int_equal(o->trace.trigger_ts_us, 14);
	assert_int_equal(o->trace.events, 3);
	assert_int_equal(o->trace.now_us, wall_us);
	assert_int_equal(((struct fake *)en.core)->last_now_us, wall_us);
	engine_release(&en);
}

static void transitions_come_out_at_once_with_their_own_time(void **state UNUSED)
{
	const struct engine_output *o;
	struct engine en;

	begin(&en, &app_like, 0, 0);
	assert_null(live(&en, app_at(20), 100, EVENT_OWN));
	assert_int_equal(wall_looks, 0);
	o = live(&en, app_at(21), 200, EVENT_OWN);
	assert_non_null(o);
	assert_int_equal(o->msg.time_us, 21);
	assert_int_equal(o->trace.trigger_ts_us, 21);
	assert_int_equal(o->trace.events, 2);
	assert_int_equal(o->trace.now_us, wall_us);
	assert_int_equal(en.count.features, 1);
	assert_int_equal(en.count.no_features_too_few, 0); /* app makes no attempts */
	engine_release(&en);
}

#define S 1000000LL

static void in_replay_the_messages_are_the_clock(void **state UNUSED)
{
	const struct engine_output *o;
	struct engine en;

	begin(&en, &keystroke_like, 5, 12345);
	assert_null(replay(&en, key_at(100 * S), EVENT_OWN)); /* the start of the process */
	assert_null(replay(&en, key_at(105 * S - 1), EVENT_OWN));
	o = replay(&en, key_at(105 * S), EVENT_OWN);
	assert_non_null(o);
	assert_int_equal(o->msg.time_us, 105 * S);
	assert_int_equal(o->trace.now_us, 105 * S);
	assert_int_equal(((struct fake *)en.core)->last_now_us, 105 * S);
	assert_null(replay(&en, key_at(90 * S),
			   EVENT_OWN)); /* late: nothing due, and the clock is back */
	assert_null(replay(&en, key_at(109 * S), EVENT_OWN));
	assert_non_null(replay(&en, key_at(110 * S), EVENT_OWN));
	engine_release(&en);
}

static void in_replay_valid_messages_of_other_types_move_the_clock_too(void **state UNUSED)
{
	static const struct {
		const char *first; /* message before a key at 105 s */
		enum event_verdict verdict;
		bool starts; /* it set the start of the process at 100 s */
	} rows[] = {
		{ "{\"type\":\"app\",\"ts\":100000000,\"app_name\":\"a\"}", EVENT_OTHER, true },
		{ "{\"ts\":100000000,\"type\":\"mouse\",\"event\":\"click\"}", EVENT_OTHER, true },
		{ "{\"type\":\"app\",\"ts\":100000000,\"app_name\":\"\"}", EVENT_OTHER, false },
		{ "{\"type\":\"app\",\"ts\":100000000,garbage}", EVENT_OTHER, false },
		{ "{\"type\":\"keystroke\",\"ts\":100000000,\"key\":\"a\"}", REJECT_BAD_EVENT,
		  false },
		{ "garbage", REJECT_NOT_JSON, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct engine en;

		begin(&en, &keystroke_like, 5, 0);
		assert_null(replay(&en, rows[i].first, rows[i].verdict));
		assert_null(replay(&en, key_at(105 * S), EVENT_OWN));
		assert_int_equal(((struct fake *)en.core)->extracted, rows[i].starts);
		assert_int_equal(en.count.received, 2);
		engine_release(&en);
	}
}

static void in_replay_transitions_keep_their_time(void **state UNUSED)
{
	const struct engine_output *o;
	struct engine en;

	begin(&en, &app_like, 5, 0);
	assert_null(replay(&en, app_at(100 * S), EVENT_OWN));
	o = replay(&en, app_at(101 * S), EVENT_OWN);
	assert_non_null(o);
	assert_int_equal(o->msg.time_us, 101 * S);
	assert_int_equal(o->trace.now_us, 101 * S);
	assert_int_equal(wall_looks, 0);
	engine_release(&en);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_extractor_gets_the_parameters_and_is_freed),
		cmocka_unit_test(every_message_is_counted_once),
		cmocka_unit_test(attempts_keep_their_distance_from_the_last_attempt),
		cmocka_unit_test(an_attempt_without_features_counts_as_made),
		cmocka_unit_test(only_own_events_cause_attempts),
		cmocka_unit_test(interval_zero_tries_on_every_own_event),
		cmocka_unit_test(a_message_carries_the_wall_clock_and_its_trigger),
		cmocka_unit_test(transitions_come_out_at_once_with_their_own_time),
		cmocka_unit_test(in_replay_the_messages_are_the_clock),
		cmocka_unit_test(in_replay_valid_messages_of_other_types_move_the_clock_too),
		cmocka_unit_test(in_replay_transitions_keep_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
