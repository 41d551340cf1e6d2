/* The tap against scripted deliveries: what it counts, keeps, waits for and refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/tap.h"
#include "tests/unit/harness/loadgen/fake_redis.h"

#define N 3000

static struct plan *plan;

static int make_plan(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 15, 60, 1 }, .rate_hz = 10000, .count = N };
	const struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };

	return plan_build(&plan, &spec, NULL);
}

static int drop_plan(void **state UNUSED)
{
	plan_free(plan);
	return 0;
}

static void push_event(struct fake_redis *f, size_t i)
{
	char text[PLAN_BULK_MAX];
	struct span bulk = { text, plan_render(plan, i, text) };

	buf_add_str(&f->pushes, PLAN_MESSAGE);
	buf_add(&f->pushes, bulk.p, bulk.len);
}

static void push_feature(struct fake_redis *f, const char *channel, const char *payload)
{
	buf_printf(
		&f->pushes,
		"*4\r\n$8\r\npmessage\r\n$19\r\nseclyzer:features:*\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n",
		strlen(channel), channel, strlen(payload), payload);
}

static struct tap *start(struct fake_redis *f, struct tap_conf conf)
{
	struct tap *t = NULL;
	struct err e = ERR_INIT;

	fake_start(f);
	conf.addr.socket = f->path;
	if (tap_start(&t, &conf, &e))
		fail_msg("%s", e.text);
	return t;
}

static void end(struct fake_redis *f, struct tap *t)
{
	tap_free(t);
	fake_stop(f);
	fake_release(f);
}

static int64_t soon(void)
{
	return clock_mono_ns() + 20 * NS_PER_S;
}

static void deliveries_are_compared_with_the_plan(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct tap_counts c;
	struct tap *t;

	for (size_t i = 0; i < N; i++)
		if (i != 41)
			push_event(&f, i);
	push_event(&f, 7);
	t = start(&f, (struct tap_conf){ .plan = plan });
	assert_int_equal(tap_await(t, N - 1, 0, soon(), NULL), 0);
	assert_int_equal(tap_stop(t, NULL), 0);
	tap_counts(t, &c);
	assert_int_equal(c.seen, N - 1);
	assert_int_equal(tap_first_missing(t), 41);
	assert_true(c.cpu_ns > 0);
	end(&f, t);
}

static void features_are_kept_with_channel_payload_and_time(void **state UNUSED)
{
	struct fake_redis f = { .in_pieces = true };
	int64_t begin_ns = clock_mono_ns();
	struct tap_feature feature;
	struct tap_counts c;
	struct tap *t;

	push_feature(&f, "seclyzer:features:mouse", "{\"move_0\":1}");
	push_feature(&f, "seclyzer:features:weather", "sunny");
	push_feature(&f, "seclyzer:features:app", "");
	push_feature(&f, "seclyzer:features:keystroke", "{}");
	push_feature(&f, RELAY_CHANNEL, "{\"type\":\"app\"}");
	t = start(&f, (struct tap_conf){ .features = true });
	assert_int_equal(tap_await(t, 0, 4, soon(), NULL), 0);
	assert_true(tap_feature(t, 0, &feature));
	assert_int_equal(feature.type, EVENT_MOUSE);
	assert_int_equal(feature.payload.len, 12);
	assert_memory_equal(feature.payload.p, "{\"move_0\":1}", 12);
	assert_true(feature.recv_ns >= begin_ns && feature.recv_ns <= clock_mono_ns());
	assert_true(tap_feature(t, 1, &feature));
	assert_int_equal(feature.type, EVENT_APP);
	assert_int_equal(feature.payload.len, 0);
	assert_true(tap_feature(t, 2, &feature));
	assert_int_equal(feature.type, EVENT_KEYSTROKE);
	assert_true(tap_feature(t, 3, &feature));
	assert_int_equal(feature.type, FEATURE_OF_RELAY);
	assert_false(tap_feature(t, 4, &feature));
	tap_counts(t, &c);
	assert_int_equal(c.features, 4);
	assert_int_equal(c.features_foreign, 1);
	assert_int_equal(c.received, 0);
	assert_true(c.first_unknown == MATCH_NONE);
	end(&f, t);
}

static void what_does_not_fit_is_counted(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct tap_counts c;
	struct tap *t;

	for (int i = 0; i < 5; i++)
		push_feature(&f, "seclyzer:features:app", "0123456789");
	push_feature(&f, "seclyzer:features:weather", "the end");
	t = start(&f, (struct tap_conf){ .features = true, .max_features = 3 });
	do
		tap_counts(t, &c);
	while (!c.features_foreign);
	assert_int_equal(c.features, 3);
	assert_int_equal(c.features_unkept, 2);
	end(&f, t);
}

static void waiting_ends_at_the_deadline_with_how_far_it_came(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct err e = ERR_INIT;
	struct tap *t;

	push_event(&f, 0);
	t = start(&f, (struct tap_conf){ .plan = plan });
	assert_int_equal(tap_await(t, 1, 0, soon(), NULL), 0);
	assert_int_equal(tap_await(t, 2, 0, clock_mono_ns() + 50 * NS_PER_MS, &e), -ETIMEDOUT);
	assert_string_equal(e.text, "tap: 1 of 2 events, 0 of 0 features in time");
	end(&f, t);
}

static void a_lost_connection_wakes_who_waits_and_is_not_forgotten(void **state UNUSED)
{
	struct fake_redis f = { .close_after = 1 };
	struct err e = ERR_INIT, again = ERR_INIT;
	struct tap *t = start(&f, (struct tap_conf){ .plan = plan });

	assert_int_equal(tap_await(t, 1, 0, soon(), &e), -ECONNRESET);
	assert_non_null(strstr(e.text, "Redis closed the tap's connection"));
	assert_int_equal(tap_stop(t, &again), -ECONNRESET);
	end(&f, t);
}

static void what_is_no_message_fails_the_tap(void **state UNUSED)
{
	static const struct {
		const char *push, *expected;
	} rows[] = {
		{ "-ERR nope\r\n", "tap: Redis: ERR nope" },
		{ ":1\r\n", "tap: Redis sent something else than a message" },
		{ "!\r\n", "tap: Redis sent something that is not RESP" },
		{ "*3\r\n$4\r\nhuch\r\n$1\r\na\r\n$1\r\nb\r\n",
		  "tap: Redis sent something else than a message" },
	};

	for (int features = 0; features < 2; features++)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			struct fake_redis f = { 0 };
			struct err e = ERR_INIT;
			struct tap *t;

			buf_add_str(&f.pushes, rows[i].push);
			t = start(&f, (struct tap_conf){ .plan = features ? NULL : plan,
							 .features = features });
			assert_int_equal(tap_await(t, !features, (uint64_t)features, soon(), &e),
					 -EPROTO);
			assert_string_equal(e.text, rows[i].expected);
			end(&f, t);
		}
}

static void a_refused_subscription_is_said_with_the_servers_words(void **state UNUSED)
{
	struct fake_redis f = { .subscribe_reply = "-NOPERM this user has no permissions\r\n" };
	struct tap_conf conf = { .plan = plan };
	struct err e = ERR_INIT;
	struct tap *t = NULL;

	fake_start(&f);
	conf.addr.socket = f.path;
	assert_int_equal(tap_start(&t, &conf, &e), -EACCES);
	assert_string_equal(e.text,
			    "SUBSCRIBE seclyzer:events: NOPERM this user has no permissions");
	fake_stop(&f);
	fake_release(&f);
}

static void it_leads_the_generator_by_what_it_has_seen(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen_ctl ctl;
	struct tap *t;

	for (size_t i = 0; i < 1000; i++)
		push_event(&f, i);
	assert_int_equal(gen_ctl_open(&ctl, NULL), 0);
	t = start(&f, (struct tap_conf){ .plan = plan, .ctl = &ctl, .ahead = 50 });
	assert_int_equal(tap_await(t, 1000, 0, soon(), NULL), 0);
	assert_int_equal(tap_stop(t, NULL), 0);
	assert_int_equal(atomic_load(&ctl.allowed), 1050);
	end(&f, t);
	gen_ctl_close(&ctl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliveries_are_compared_with_the_plan),
		cmocka_unit_test(features_are_kept_with_channel_payload_and_time),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(waiting_ends_at_the_deadline_with_how_far_it_came),
		cmocka_unit_test(a_lost_connection_wakes_who_waits_and_is_not_forgotten),
		cmocka_unit_test(what_is_no_message_fails_the_tap),
		cmocka_unit_test(a_refused_subscription_is_said_with_the_servers_words),
		cmocka_unit_test(it_leads_the_generator_by_what_it_has_seen),
	};

	return cmocka_run_group_tests(tests, make_plan, drop_plan);
}
