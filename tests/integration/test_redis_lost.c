/*
 * Redis goes and comes back: connections are made again by themselves, the log says each once,
 * and what could not be published is counted exactly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/integration/bus_world.h"

static void redis_killed_and_started_again_is_found_again(void **state UNUSED)
{
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ .pool_size = 3 });
	wait_subscribed(1);
	send_event("0", 1);
	wait_messages(1);
	redis_server_kill(&w.redis);
	run_until(is_down);
	run_for_ms(300); /* attempts that fail say nothing more */
	for (int i = 0; i < 5; i++)
		publish("lost");
	assert_int_equal(count()->publish_errors, 5);
	redis_server_start(&w.redis);
	wait_subscribed(2);
	run_until(is_back);
	assert_int_equal(w.subscribed_again, 1);
	assert_int_equal(count()->reconnects, 1);
	send_event("1", 1);
	wait_messages(2);
	publish("kept");
	wait_published(1);
	assert_int_equal(count()->publish_errors, 5);
	assert_said_once_each_way();
}

static void what_was_on_its_way_when_redis_died_is_counted(void **state UNUSED)
{
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	for (int i = 0; i < 10; i++)
		publish("kept");
	wait_published(10);
	assert_int_equal(kill(w.redis.pid, SIGSTOP), 0);
	for (int i = 0; i < 100; i++)
		publish("sent and never answered");
	run_for_ms(20); /* they are written to the socket */
	redis_server_kill(&w.redis);
	wanted = 110;
	run_until(publishes_are_settled);
	assert_int_equal(count()->published, 10);
	assert_int_equal(count()->publish_errors, 100);
}

static void redis_may_be_absent_at_the_start(void **state UNUSED)
{
	open_bus((struct redis_bus_conf){ 0 });
	run_until(is_down);
	assert_int_equal(w.subscribed, 0);
	redis_server_start(&w.redis);
	wait_subscribed(1);
	run_until(is_back);
	assert_int_equal(w.subscribed_again, 0);
	assert_int_equal(count()->reconnects, 0);
	assert_non_null(strstr(w.stderr_text.text, w.redis.socket)); /* the line says where */
	assert_said_once_each_way();
}

static void a_port_where_nobody_listens_is_asked_again(void **state UNUSED)
{
	w.redis.port = redis_server_free_port();
	open_bus((struct redis_bus_conf){ .host = "127.0.0.1", .port = w.redis.port });
	run_until(is_down);
	assert_int_equal(lines_with(": Connection refused; trying again until it is there\n"), 1);
	redis_server_start(&w.redis);
	wait_subscribed(1);
	run_until(is_back);
	assert_said_once_each_way();
}

/*
 * Steps of 100, 200, 400, 800 ms with half of each at random: within 1.2 s a
 * connection is tried at most 5 times (0, 50, 150, 350, 750 ms).
 */
static void a_wrong_password_is_said_once_and_tried_less_and_less_often(void **state UNUSED)
{
	long long before;

	w.redis.password = "right";
	redis_server_start(&w.redis);
	before = connections_so_far();
	open_bus((struct redis_bus_conf){ .password = "hunter2" });
	run_for_ms(1200);
	assert_in_range(connections_so_far() - before, 4, 10);
	assert_int_equal(w.subscribed, 0);
	assert_int_equal(lines_with("WRONGPASS"), 1);
	assert_int_equal(lines_with("\n"), 1);
	assert_int_equal(lines_with("hunter2"), 0);
	ask("CONFIG SET requirepass hunter2");
	wait_subscribed(1);
	run_until(is_back);
	publish("x");
	wait_published(1);
	assert_said_once_each_way();
}

static void a_password_that_was_not_given_is_said(void **state UNUSED)
{
	w.redis.password = "right";
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	run_until(is_down);
	assert_int_equal(lines_with("NOAUTH"), 1);
	assert_int_equal(w.subscribed, 0);
}

static void a_publisher_that_is_killed_alone_comes_back_alone(void **state UNUSED)
{
	long long ids[16];

	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	publish("x");
	wait_published(1);
	assert_int_equal(publisher_ids(ids), 1);
	ask("CLIENT KILL ID %lld", ids[0]);
	run_until(is_down);
	send_event("0", 1); /* the subscriber has not noticed */
	wait_messages(1);
	run_until(is_back);
	publish("y");
	wait_published(2);
	assert_int_equal(count()->publish_errors, 0);
	assert_int_equal(count()->reconnects, 0);
	assert_int_equal(w.subscribed, 1);
	assert_said_once_each_way();
}

static void the_others_of_a_pool_publish_for_one_that_is_down(void **state UNUSED)
{
	long long ids[16];

	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ .pool_size = 4 });
	wait_subscribed(1);
	for (int i = 0; i < 8; i++)
		publish("x");
	wait_published(8);
	assert_int_equal(publisher_ids(ids), 4);
	ask("CLIENT KILL ID %lld", ids[2]);
	run_until(is_down);
	for (int i = 0; i < 8; i++)
		publish("x");
	wait_published(16);
	assert_int_equal(count()->publish_errors, 0);
}

static void a_subscriber_that_is_killed_subscribes_again(void **state UNUSED)
{
	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	assert_int_equal(ask("CLIENT KILL TYPE pubsub"), 1);
	wait_subscribed(2);
	assert_int_equal(count()->reconnects, 1);
	assert_said_once_each_way();
}

/* Redis takes the connection, says "max number of clients reached" and closes it. */
static void a_server_that_is_full_is_no_refused_publish(void **state UNUSED)
{
	long long ids[16];

	redis_server_start(&w.redis);
	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	publish("x");
	wait_published(1);
	assert_int_equal(publisher_ids(ids), 1);
	ask("CONFIG SET maxclients 2"); /* this test and the subscriber */
	ask("CLIENT KILL ID %lld", ids[0]);
	run_for_ms(400);
	assert_int_equal(count()->publish_errors, 0);
	ask("CONFIG SET maxclients 100");
	run_until(is_back);
	publish("y");
	wait_published(2);
	assert_int_equal(count()->publish_errors, 0);
	assert_said_once_each_way();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(redis_killed_and_started_again_is_found_again),
		TEST(what_was_on_its_way_when_redis_died_is_counted),
		TEST(redis_may_be_absent_at_the_start),
		TEST(a_port_where_nobody_listens_is_asked_again),
		TEST(a_wrong_password_is_said_once_and_tried_less_and_less_often),
		TEST(a_password_that_was_not_given_is_said),
		TEST(a_publisher_that_is_killed_alone_comes_back_alone),
		TEST(the_others_of_a_pool_publish_for_one_that_is_down),
		TEST(a_subscriber_that_is_killed_subscribes_again),
		TEST(a_server_that_is_full_is_no_refused_publish),
	};

	return RUN_TESTS(tests);
}
