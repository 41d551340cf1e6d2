/*
 * A world for the tests of io/redis_bus: a private Redis, a bus in its loop, what the bus has
 * told, its lines on stderr.  The loop runs until a condition holds; a deadline makes it fail.
 *
 * Included behind cmocka.h, by one program each.
 */
#ifndef TESTS_BUS_WORLD_H
#define TESTS_BUS_WORLD_H

#include <errno.h>

#include "extractors/base/buf.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/io/redis_bus.h"
#include "tests/integration/redis_server.h"
#include "tests/unit/capture.h"

#define CHANNEL	    "events"
#define DEADLINE_NS (60 * NS_PER_S)

static struct world {
	struct redis_server redis;
	struct loop *loop;
	struct redis_bus *bus;
	struct capture stderr_text;
	bool (*until)(void);
	struct loop_timer deadline;
	bool timed_out;
	/* what the bus has told */
	uint64_t messages, batches, in_order;
	int subscribed, subscribed_again, finished;
	struct buf last;
	int64_t cost_ns; /* of handling a message */
	void (*at_message)(void);
} w;

/* ---- the bus in its loop ------------------------------------------------------------- */

static inline void on_batch(void *ctx UNUSED)
{
	w.batches++;
}

/* A payload begins with its number: in order when that is how many came before. */
static inline void on_message(void *ctx UNUSED, const char *payload, size_t len)
{
	char number[24] = "";

	memcpy(number, payload, len < sizeof(number) - 1 ? len : sizeof(number) - 1);
	w.in_order += strtoull(number, NULL, 10) == w.messages;
	w.messages++;
	for (int64_t end_ns = clock_mono_ns() + w.cost_ns; w.cost_ns && clock_mono_ns() < end_ns;)
		;
	if (w.at_message)
		w.at_message();
	buf_reset(&w.last);
	buf_add(&w.last, payload, len);
}

static inline void on_subscribed(void *ctx UNUSED, bool again)
{
	w.subscribed++;
	w.subscribed_again += again;
}

static inline void on_finished(void *ctx UNUSED)
{
	w.finished++;
}

static inline void before_sleep(void *ctx UNUSED)
{
	redis_bus_flush(w.bus);
	if (w.until())
		loop_stop(w.loop);
}

static inline void on_deadline(void *ctx UNUSED)
{
	w.timed_out = true;
	loop_stop(w.loop);
}

static inline void run_until(bool (*condition)(void))
{
	w.until = condition;
	loop_timer_set(w.loop, &w.deadline, clock_mono_ns() + DEADLINE_NS, on_deadline, NULL);
	loop_run(w.loop);
	loop_timer_clear(w.loop, &w.deadline);
	assert_false(w.timed_out);
}

static inline void open_bus(struct redis_bus_conf conf)
{
	struct redis_bus_handlers handlers = { NULL, on_batch, on_message, on_subscribed,
					       on_finished };

	conf.channel = CHANNEL;
	if (!conf.pool_size)
		conf.pool_size = 1;
	if (!conf.host)
		conf.socket = w.redis.socket;
	/* Its strings must outlive the bus: only literals and fields of w are given here. */
	w.bus = redis_bus_new(w.loop, &conf, &handlers);
}

static inline const struct redis_bus_counters *count(void)
{
	return redis_bus_counters(w.bus);
}

static inline void publish(const char *text)
{
	redis_bus_publish(w.bus, "features", text, strlen(text));
}

/* ---- conditions -------------------------------------------------------------------------- */

static uint64_t wanted; /* by the condition that run_until() waits for */

static inline bool is_subscribed(void)
{
	return (uint64_t)w.subscribed == wanted;
}

static inline bool messages_are_there(void)
{
	return w.messages >= wanted;
}

static inline bool publishes_are_acknowledged(void)
{
	return count()->published >= wanted;
}

static inline bool publishes_are_settled(void)
{
	return count()->published + count()->publish_errors >= wanted;
}

static inline bool has_finished(void)
{
	return w.finished;
}

static inline int lines_with(const char *what)
{
	return count_of(capture_text(&w.stderr_text), what);
}

static inline bool is_down(void)
{
	return lines_with("WARNING test: redis at ") > 0;
}

static inline bool is_back(void)
{
	return lines_with("INFO test: redis is back") > 0;
}

static inline void wait_subscribed(int times)
{
	wanted = (uint64_t)times;
	run_until(is_subscribed);
}

static inline void wait_messages(uint64_t n)
{
	wanted = n;
	run_until(messages_are_there);
}

static inline void wait_published(uint64_t n)
{
	wanted = n;
	run_until(publishes_are_acknowledged);
}

static int64_t run_end_ns;

static inline bool time_is_over(void)
{
	return clock_mono_ns() >= run_end_ns;
}

static inline void no_action(void *ctx UNUSED)
{
}

/* For what must not happen: there is nothing else to wait for. */
static inline void run_for_ms(int64_t ms)
{
	struct loop_timer t = { 0 };

	run_end_ns = clock_mono_ns() + ms * NS_PER_MS;
	loop_timer_set(w.loop, &t, run_end_ns, no_action, NULL);
	run_until(time_is_over);
	loop_timer_clear(w.loop, &t);
}

static inline void assert_said_once_each_way(void)
{
	assert_int_equal(lines_with("redis at "), 1);
	assert_int_equal(lines_with("redis is back"), 1);
	assert_int_equal(lines_with("\n"), 2);
}

/* ---- the test's own connection ------------------------------------------------------------ */

static inline long long ask(const char *fmt, ...)
{
	va_list ap;
	redisReply *r;
	long long n;

	va_start(ap, fmt);
	r = redisvCommand(w.redis.control, fmt, ap);
	va_end(ap);
	assert_non_null(r);
	if (r->type == REDIS_REPLY_ERROR)
		fail_msg("%s: %s", fmt, r->str);
	n = r->integer;
	freeReplyObject(r);
	return n;
}

static inline void send_event(const char *payload, size_t len)
{
	assert_int_equal(ask("PUBLISH " CHANNEL " %b", payload, len), 1);
}

/* Ids of the bus' publishers: clients that subscribe to nothing and are not this test. */
static inline int publisher_ids(long long ids[16])
{
	redisReply *r = redisCommand(w.redis.control, "CLIENT LIST");
	char *line, *rest = r->str;
	int n = 0;

	while ((line = strsep(&rest, "\n")) && *line)
		if (strstr(line, " sub=0 ") && !strstr(line, "cmd=client"))
			ids[n++] = strtoll(line + strlen("id="), NULL, 10);
	freeReplyObject(r);
	return n;
}

static inline long long connections_so_far(void)
{
	redisReply *r = redisCommand(w.redis.control, "INFO stats");
	const char *p = strstr(r->str, "total_connections_received:");
	long long n = strtoll(p + strlen("total_connections_received:"), NULL, 10);

	freeReplyObject(r);
	return n;
}

/* ---- around every test ------------------------------------------------------------------------------- */

static inline int set_up(void **state UNUSED)
{
	struct err e = ERR_INIT;

	memset(&w, 0, sizeof(w));
	redis_server_dir(&w.redis);
	w.loop = loop_new(&e);
	if (!w.loop)
		return -1;
	loop_before_sleep(w.loop, before_sleep, NULL);
	log_init("test", LOG_INFO);
	capture_start(&w.stderr_text);
	return 0;
}

static inline int tear_down(void **state UNUSED)
{
	redis_bus_free(w.bus);
	loop_free(w.loop);
	capture_stop(&w.stderr_text);
	redis_server_end(&w.redis);
	buf_release(&w.last);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static inline void redis_server_is_installed(void **state UNUSED)
{
	print_message("redis-server is not installed\n");
	skip();
}

/* The tests of a program, or one that is skipped where there is no Redis. */
#define RUN_TESTS(tests)                                                                           \
	(redis_server_installed()                                                                  \
		 ? cmocka_run_group_tests(tests, NULL, NULL)                                       \
		 : cmocka_run_group_tests(                                                         \
			   ((struct CMUnitTest[]){ cmocka_unit_test(redis_server_is_installed) }), \
			   NULL, NULL))

#endif
