/* The notification protocol against a socket of our own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/io/notify.h"

/* A datagram socket bound to `name`; '@' in front means abstract. */
static int listen_on(const char *name)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(sa.sun_path, name, len);
	if (name[0] == '@')
		sa.sun_path[0] = '\0';
	len += offsetof(struct sockaddr_un, sun_path) + (name[0] == '/');
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, (socklen_t)len), 0);
	return fd;
}

static void expect_received(int fd, const char *expected)
{
	char got[100];
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, expected);
}

static void ready_arrives_at_a_path_and_in_the_abstract_namespace(void **state UNUSED)
{
	char dir[] = "/tmp/test_notify.XXXXXX", names[2][100];

	assert_non_null(mkdtemp(dir));
	snprintf(names[0], sizeof(names[0]), "%s/socket", dir);
	snprintf(names[1], sizeof(names[1]), "@test-notify-%s",
		 dir + sizeof("/tmp/test_notify.") - 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = listen_on(names[i]);

		setenv("NOTIFY_SOCKET", names[i], 1);
		assert_int_equal(notify_send("READY=1"), 0);
		assert_int_equal(notify_send("WATCHDOG=1"), 0);
		expect_received(fd, "READY=1");
		expect_received(fd, "WATCHDOG=1");
		assert_int_equal(recv(fd, names[0], 1, MSG_DONTWAIT), -1);
		close(fd);
	}
	snprintf(names[0], sizeof(names[0]), "%s/socket", dir);
	assert_int_equal(notify_send("READY=1"),
			 -ECONNREFUSED); /* nobody holds the name any more */
	unlink(names[0]);
	rmdir(dir);
}

static void nobody_asked_is_no_error(void **state UNUSED)
{
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify_send("READY=1"), 0);
}

static void wrong_addresses_are_refused(void **state UNUSED)
{
	char longest[200];
	const char *const names[] = { "relative", "@", "/", "vsock:2:1", longest };

	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		assert_int_equal(notify_send("READY=1"), -EINVAL);
	}
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	assert_int_equal(notify_send("READY=1"), -ENOENT);
}

static void a_listener_that_does_not_read_blocks_nobody(void **state UNUSED)
{
	char name[100];
	int fd, rc = 0, sent = 0;

	snprintf(name, sizeof(name), "@test-notify-full-%ld", (long)getpid());
	fd = listen_on(name);
	setenv("NOTIFY_SOCKET", name, 1);
	while (!rc && sent++ < 100000)
		rc = notify_send("WATCHDOG=1");
	assert_int_equal(rc, -EAGAIN);
	close(fd);
}

static void the_watchdog_interval_is_for_this_process_alone(void **state UNUSED)
{
	char me[24];
	const struct {
		const char *usec, *pid;
		int64_t expected;
	} rows[] = {
		{ "30000000", NULL, 30000000 },
		{ "30000000", me, 30000000 },
		{ "30000000", "1", 0 },
		{ "30000000", "x", 0 },
		{ NULL, NULL, 0 },
		{ NULL, me, 0 },
		{ "0", NULL, 0 },
		{ "-5", NULL, 0 },
		{ "1e6", NULL, 0 },
		{ "", NULL, 0 },
	};

	snprintf(me, sizeof(me), "%ld", (long)getpid());
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (rows[i].usec)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid)
			setenv("WATCHDOG_PID", rows[i].pid, 1);
		assert_int_equal(notify_watchdog_usec(), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready_arrives_at_a_path_and_in_the_abstract_namespace),
		cmocka_unit_test(nobody_asked_is_no_error),
		cmocka_unit_test(wrong_addresses_are_refused),
		cmocka_unit_test(a_listener_that_does_not_read_blocks_nobody),
		cmocka_unit_test(the_watchdog_interval_is_for_this_process_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
