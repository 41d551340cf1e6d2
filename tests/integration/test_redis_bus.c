/*
 * The Redis side of an extractor against a real redis-server: what arrives, what is
 * acknowledged and counted, and the end.  Lost connections: test_redis_lost.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/integration/bus_world.h"

#define MIB (1 << 20)

/* ---- messages in ------------------------------------------------------------------------------ */

static void what_is_published_arrives_byte_for_byte(void **state UNUSED)
{
	static const struct {
		const char *payload;
		size_t len;
	} rows[] = {
		{ "{\"type\":\"app\"}", 14 },  { "", 0 },	  { "a\0b", 3 },
		{ "\r\n$5\r\nhello\r\n", 13 }, { "\xff\xfe", 2 }, { "message", 7 },
	};

	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		send_event(rows[i].payload, rows[i].len);
		wait_messages(i + 1);
		assert_int_equal(w.last.len, rows[i].len);
		if (rows[i].len)
			assert_memory_equal(w.last.data, rows[i].payload, rows[i].len);
	}
	assert_in_range(w.batches, ARRAY_SIZE(rows),
			ARRAY_SIZE(rows) + 1); /* each by itself; the first, SUBSCRIBE's answer */
	assert_int_equal(ask("PUBLISH other-channel x"), 0);
	assert_string_equal(capture_text(&w.stderr_text), "");
}

static void it_works_by_tcp_and_with_a_password(void **state UNUSED)
{
	w.redis.port = redis_server_free_port();
	w.redis.password = "hunter2 with \"quotes\"";
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ .host = "localhost",
					  .port = w.redis.port,
					  .password = w.redis.password,
					  .pool_size = 2 });
	wait_subscribed(1);
	send_event("0", 1);
	wait_messages(1);
	publish("a");
	publish("b");
	publish("c");
	wait_published(3);
	assert_int_equal(count()->publish_errors, 0);
	assert_string_equal(capture_text(&w.stderr_text), "");
}

static void a_user_and_a_password_are_both_given(void **state UNUSED)
{
	redis_server_start(&w.redis);
	ask("ACL SETUSER extractor on >hunter2 +subscribe +publish &*");
	open_bus((struct redis_bus_conf){ .username = "extractor", .password = "hunter2" });
	wait_subscribed(1);
	publish("a");
	wait_published(1);
	assert_string_equal(capture_text(&w.stderr_text), "");
}

static void a_user_without_a_password_is_given_too(void **state UNUSED)
{
	redis_server_start(&w.redis);
	ask("ACL SETUSER extractor on nopass +subscribe +publish &*");
	ask("ACL SETUSER default off");
	open_bus((struct redis_bus_conf){ .username = "extractor" });
	wait_subscribed(1);
	publish("a");
	wait_published(1);
	assert_string_equal(capture_text(&w.stderr_text), "");
}

#define MANY 200000

/* In a process of its own, as fast as Redis takes them. */
static pid_t send_many(int n)
{
	pid_t pid = fork();
	redisContext *c;

	BUG_ON(pid < 0);
	if (pid)
		return pid;
	c = redisConnectUnix(w.redis.socket);
	for (int i = 0; i < n; i += 1000) {
		for (int k = i; k < i + 1000 && k < n; k++)
			redisAppendCommand(c, "PUBLISH " CHANNEL " %d-some-filling", k);
		for (int k = i; k < i + 1000 && k < n; k++) {
			redisReply *r = NULL;

			if (redisGetReply(c, (void **)&r) != REDIS_OK || r->integer != 1)
				_exit(1);
			freeReplyObject(r);
		}
	}
	redisFree(c);
	_exit(0);
}

static void of_200000_messages_all_arrive_in_order(void **state UNUSED)
{
	int status;
	pid_t sender;

	redis_server_start(&w.redis);
	ask("CONFIG SET client-output-buffer-limit %s",
	    "pubsub 0 0 0"); /* a slow test machine is no loss */
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	sender = send_many(MANY);
	wait_messages(MANY);
	assert_int_equal(waitpid(sender, &status, 0), sender);
	assert_int_equal(status, 0);
	assert_int_equal(w.messages, MANY);
	assert_int_equal(w.in_order, MANY);
}

#define TURN_TIMER_MS 20

static uint64_t messages_at_timer;

static void on_turn_timer(void *ctx UNUSED)
{
	messages_at_timer = w.messages;
	w.cost_ns = 0; /* the rest need not take seconds */
}

static struct loop_timer turn_timer;

static void arm_at_the_first(void)
{
	if (w.messages == 1)
		loop_timer_set(w.loop, &turn_timer, clock_mono_ns() + TURN_TIMER_MS * NS_PER_MS,
			       on_turn_timer, NULL);
}

/* Counted in messages of 1 ms, so that a busy machine makes no difference. */
static void slow_messages_do_not_keep_others_waiting(void **state UNUSED)
{
	int status;
	pid_t sender;

	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	w.cost_ns = NS_PER_MS;
	w.at_message = arm_at_the_first;
	messages_at_timer = 0;
	sender = send_many(5000);
	assert_int_equal(waitpid(sender, &status, 0), sender); /* all of it is queued */
	assert_int_equal(status, 0);
	wait_messages(5000);
	assert_in_range(messages_at_timer, 2, TURN_TIMER_MS + 25);
	assert_int_equal(w.in_order, 5000);
	send_event("5000", 4);
	wait_messages(5001);
	assert_int_equal(w.in_order, 5001);
}

static void a_payload_of_one_mebibyte_goes_both_ways(void **state UNUSED)
{
	char *big = mem_calloc(MIB, 1);

	memset(big, 'b', MIB);
	big[0] = '0';
	big[MIB - 1] = 'e';
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	send_event(big, MIB);
	wait_messages(1);
	assert_int_equal(w.last.len, MIB);
	assert_memory_equal(w.last.data, big, MIB);
	redis_bus_publish(w.bus, CHANNEL, big, MIB); /* and back to itself */
	wait_messages(2);
	assert_int_equal(w.last.len, MIB);
	assert_memory_equal(w.last.data, big, MIB);
	send_event("2", 1); /* the stream goes on behind it */
	wait_messages(3);
	assert_int_equal(w.last.len, 1);
	free(big);
}

/* ---- publishes out --------------------------------------------------------------------------- */

static void a_publish_reaches_its_channel_and_is_acknowledged(void **state UNUSED)
{
	redisContext *listener;
	redisReply *r;

	redis_server_start(&w.redis);
	listener = redisConnectUnix(w.redis.socket);
	freeReplyObject(redisCommand(listener, "SUBSCRIBE features"));
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	redis_bus_publish(w.bus, "features", "a\0\r\nb", 5);
	assert_int_equal(count()->published, 0);
	wait_published(1);
	assert_int_equal(redisGetReply(listener, (void **)&r), REDIS_OK);
	assert_string_equal(r->element[1]->str, "features");
	assert_int_equal(r->element[2]->len, 5);
	assert_memory_equal(r->element[2]->str, "a\0\r\nb", 5);
	freeReplyObject(r);
	redisFree(listener);
	assert_int_equal(count()->publish_errors, 0);
}

static void of_64_kib_nothing_waits_for_the_sleep(void **state UNUSED)
{
	static char text[1024];
	redisContext *listener;
	redisReply *r;

	redis_server_start(&w.redis);
	listener = redisConnectUnix(w.redis.socket);
	redisSetTimeout(listener, (struct timeval){ .tv_sec = 10 });
	freeReplyObject(redisCommand(listener, "SUBSCRIBE features"));
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	publish("x");
	wait_published(1); /* connected */
	for (int i = 0; i < 64; i++)
		redis_bus_publish(w.bus, "features", text, sizeof(text));
	for (int i = 0; i < 2; i++) { /* the loop does not run */
		assert_int_equal(redisGetReply(listener, (void **)&r), REDIS_OK);
		assert_int_equal(r->element[2]->len, i ? sizeof(text) : 1);
		freeReplyObject(r);
	}
	redisFree(listener);
	wait_published(65);
}

/* To the channel that the bus itself listens to, so that it sees their order. */
static void of_200000_publishes_all_are_acknowledged_and_in_order(void **state UNUSED)
{
	redis_server_start(&w.redis);
	ask("CONFIG SET client-output-buffer-limit %s", "pubsub 0 0 0");
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	for (int i = 0; i < MANY; i++) {
		char text[32];

		redis_bus_publish(w.bus, CHANNEL, text,
				  (size_t)snprintf(text, sizeof(text), "%d", i));
	}
	wait_published(MANY);
	wait_messages(MANY);
	assert_int_equal(w.in_order, MANY);
	assert_int_equal(count()->published, MANY);
	assert_int_equal(count()->publish_errors, 0);
}

/* 16 MiB may wait for one connection; the heads of the commands take a little of it. */
static void what_waits_is_bounded_and_what_is_over_it_counted(void **state UNUSED)
{
	char *big = mem_calloc(MIB, 1);

	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ .pool_size = 2 });
	for (int i = 0; i < 40; i++) /* not yet connected: nothing can be written */
		redis_bus_publish(w.bus, "features", big, MIB);
	assert_int_equal(count()->publish_errors, 40 - 2 * 15);
	wait_published(30);
	assert_int_equal(count()->publish_errors, 10);
	redis_bus_publish(w.bus, "features", big, MIB); /* there is room again */
	wait_published(31);
	free(big);
}

static void what_redis_refuses_is_counted_one_by_one_and_said_once(void **state UNUSED)
{
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	ask("ACL SETUSER default -publish");
	for (int i = 0; i < 7; i++)
		publish("x");
	wanted = 7;
	run_until(publishes_are_settled);
	assert_int_equal(count()->publish_errors, 7);
	assert_int_equal(count()->published, 0);
	assert_int_equal(lines_with("WARNING test: redis refused a PUBLISH: NOPERM"), 1);
	assert_int_equal(lines_with("\n"), 1);
	ask("ACL SETUSER default +publish");
	publish("x");
	wait_published(1);
	assert_int_equal(count()->publish_errors, 7);
}

/* ---- the end ------------------------------------------------------------------------------------------ */

static void with_nothing_on_its_way_finish_is_at_once(void **state UNUSED)
{
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	redis_bus_finish(w.bus);
	assert_int_equal(w.finished, 1);
	assert_int_equal(ask("PUBLISH " CHANNEL " unread"), 1);
	run_for_ms(20);
	assert_int_equal(w.messages, 0);
	redis_bus_finish(w.bus);
	assert_int_equal(w.finished, 1);
}

static void finish_waits_for_every_answer(void **state UNUSED)
{
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ .pool_size = 2 });
	wait_subscribed(1);
	assert_int_equal(kill(w.redis.pid, SIGSTOP), 0);
	for (int i = 0; i < 50; i++)
		publish("x");
	redis_bus_finish(w.bus);
	run_for_ms(30);
	assert_int_equal(w.finished, 0);
	assert_int_equal(kill(w.redis.pid, SIGCONT), 0);
	run_until(has_finished);
	assert_int_equal(count()->published, 50);
	assert_int_equal(count()->publish_errors, 0);
}

static void finish_does_not_wait_for_a_server_that_died(void **state UNUSED)
{
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	assert_int_equal(kill(w.redis.pid, SIGSTOP), 0);
	for (int i = 0; i < 50; i++)
		publish("x");
	redis_bus_finish(w.bus);
	assert_int_equal(w.finished, 0);
	redis_server_kill(&w.redis);
	run_until(has_finished);
	assert_int_equal(count()->publish_errors, 50);
	redis_server_start(&w.redis); /* nobody comes back */
	run_for_ms(300);
	assert_int_equal(w.subscribed, 1);
}

static void finish_does_not_wait_for_a_server_that_never_was(void **state UNUSED)
{
	open_bus((struct redis_bus_conf){ 0 });
	run_until(is_down);
	redis_bus_finish(w.bus);
	assert_int_equal(w.finished, 1);
	redis_server_start(&w.redis);
	run_for_ms(300);
	assert_int_equal(connections_so_far(), 1); /* the test's own */
	assert_int_equal(lines_with("\n"), 1);
}

static bool idle_rounds_are_over(void)
{
	wanted++;
	return time_is_over();
}

static void an_idle_bus_does_not_wake(void **state UNUSED)
{
	struct loop_timer t = { 0 };

	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	run_for_ms(20); /* what is still to be answered */
	wanted = 0;
	run_end_ns = clock_mono_ns() + 300 * NS_PER_MS;
	loop_timer_set(w.loop, &t, run_end_ns, no_action, NULL);
	run_until(idle_rounds_are_over);
	assert_in_range(wanted, 1, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_published_arrives_byte_for_byte),
		TEST(it_works_by_tcp_and_with_a_password),
		TEST(a_user_and_a_password_are_both_given),
		TEST(a_user_without_a_password_is_given_too),
		TEST(of_200000_messages_all_arrive_in_order),
		TEST(slow_messages_do_not_keep_others_waiting),
		TEST(a_payload_of_one_mebibyte_goes_both_ways),
		TEST(a_publish_reaches_its_channel_and_is_acknowledged),
		TEST(of_64_kib_nothing_waits_for_the_sleep),
		TEST(of_200000_publishes_all_are_acknowledged_and_in_order),
		TEST(what_waits_is_bounded_and_what_is_over_it_counted),
		TEST(what_redis_refuses_is_counted_one_by_one_and_said_once),
		TEST(with_nothing_on_its_way_finish_is_at_once),
		TEST(finish_waits_for_every_answer),
		TEST(finish_does_not_wait_for_a_server_that_died),
		TEST(finish_does_not_wait_for_a_server_that_never_was),
		TEST(an_idle_bus_does_not_wake),
	};

	return RUN_TESTS(tests);
}
