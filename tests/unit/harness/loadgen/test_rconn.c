/* Connecting: greetings, refusals, and that a password is never told. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/rconn.h"
#include "tests/unit/harness/loadgen/fake_redis.h"

static void the_socket_is_ready_non_blocking_and_empty(void **state UNUSED)
{
	struct fake_redis f = { .in_pieces = true };
	struct rconn_addr a = { .password = "s3cret" };
	char byte;
	int fd;

	fake_start(&f);
	a.socket = f.path;
	assert_int_equal(rconn_open(&fd, &a, 5 * NS_PER_S, NULL), 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	close(fd);
	fake_stop(&f);
	assert_string_equal(f.password, "s3cret");
	fake_release(&f);
}

static void refusals_say_what_the_server_said_and_not_the_password(void **state UNUSED)
{
	static const struct {
		const char *auth, *ping, *expected;
	} rows[] = {
		{ "-WRONGPASS invalid username-password pair\r\n", NULL,
		  "WRONGPASS invalid username-password pair" },
		{ NULL, "-LOADING Redis is loading the dataset in memory\r\n",
		  "LOADING Redis is loading" },
		{ NULL, "HTTP/1.1 400 Bad Request\r\n", "not a Redis server" },
		{ NULL, ":1\r\n", "not a Redis server" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fake_redis f = { .auth_reply = rows[i].auth, .ping_reply = rows[i].ping };
		struct rconn_addr a = { .username = "user", .password = "s3cret" };
		struct err e = ERR_INIT;
		int fd;

		fake_start(&f);
		a.socket = f.path;
		assert_int_not_equal(rconn_open(&fd, &a, 5 * NS_PER_S, &e), 0);
		assert_non_null(strstr(e.text, rows[i].expected));
		assert_non_null(strstr(e.text, f.path));
		assert_null(strstr(e.text, "s3cret"));
		fake_stop(&f);
		fake_release(&f);
	}
}

static void a_server_that_does_not_answer_is_given_up_in_time(void **state UNUSED)
{
	struct fake_redis f = { .ping_reply = "" };
	struct rconn_addr a = { 0 };
	struct err e = ERR_INIT;
	int64_t begin_ns = clock_mono_ns();
	int fd;

	fake_start(&f);
	a.socket = f.path;
	assert_int_equal(rconn_open(&fd, &a, NS_PER_S / 20, &e), -ETIMEDOUT);
	assert_true(clock_mono_ns() - begin_ns >= NS_PER_S / 20);
	fake_stop(&f);
	fake_release(&f);
}

static void nobody_there_is_said_with_the_place(void **state UNUSED)
{
	static const struct {
		struct rconn_addr a;
		const char *expected;
	} rows[] = {
		{ { .socket = "/nonexistent/redis.sock" },
		  "/nonexistent/redis.sock: No such file" },
		{ { .socket = "", .host = "127.0.0.1", .port = 1 },
		  "127.0.0.1:1: Connection refused" },
		{ { .host = "no-such-host.invalid", .port = 6379 }, "no-such-host.invalid: " },
	};
	char path[200];
	struct rconn_addr longer = { .socket = path };
	struct err e = ERR_INIT;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err why = ERR_INIT;

		assert_int_not_equal(rconn_open(&fd, &rows[i].a, NS_PER_S, &why), 0);
		assert_non_null(strstr(why.text, rows[i].expected));
	}
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(rconn_open(&fd, &longer, NS_PER_S, &e), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_socket_is_ready_non_blocking_and_empty),
		cmocka_unit_test(refusals_say_what_the_server_said_and_not_the_password),
		cmocka_unit_test(a_server_that_does_not_answer_is_given_up_in_time),
		cmocka_unit_test(nobody_there_is_said_with_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
