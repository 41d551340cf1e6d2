/* The receiving end of sd_notify, with the extractors' sending end. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/io/notify.h"
#include "harness/notify_socket.h"
#include "harness/tempdir.h"

struct fixture {
	struct tempdir dir;
	struct notify_socket socket;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return tempdir_make(&f->dir, "notify", NULL) ||
	       notify_open(&f->socket, f->dir.path, "n", NULL) ||
	       setenv("NOTIFY_SOCKET", f->socket.path, 1);
}

static int drop(void **state)
{
	struct fixture *f = *state;
	int rc;

	notify_close(&f->socket);
	rc = access(f->socket.path, F_OK) ? 0 : -1; /* closing removes the path */
	rc |= tempdir_remove(&f->dir, NULL);
	free(f);
	return rc;
}

static void flags_are_whole_lines(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ready, stopping, watchdog;
	} rows[] = {
		{ "READY=1", true, false, false },
		{ "READY=1\n", true, false, false },
		{ "STATUS=up\nREADY=1\nMAINPID=7", true, false, false },
		{ "STOPPING=1\nWATCHDOG=1\n", false, true, true },
		{ "READY=11", false, false, false },
		{ "READY=0", false, false, false },
		{ "XREADY=1", false, false, false },
		{ "", false, false, false },
		{ "\n\n", false, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct notify_msg m;

		memset(&m, 0xff, sizeof(m));
		notify_parse(rows[i].text, strlen(rows[i].text), &m);
		assert_int_equal(m.ready, rows[i].ready);
		assert_int_equal(m.stopping, rows[i].stopping);
		assert_int_equal(m.watchdog, rows[i].watchdog);
	}
}

static void the_kernel_says_who_sent_it_and_when_it_came_is_noted(void **state)
{
	struct fixture *f = *state;
	struct notify_msg m;
	int64_t before_ns = clock_mono_ns();

	assert_int_equal(notify_receive(&f->socket, &m), 0);
	assert_int_equal(notify_send("READY=1"), 0);
	assert_int_equal(notify_receive(&f->socket, &m), 1);
	assert_true(m.ready);
	assert_int_equal(m.sender, getpid());
	assert_true(m.at_ns >= before_ns && m.at_ns <= clock_mono_ns());
	assert_int_equal(notify_receive(&f->socket, &m), 0);
}

static void another_process_is_told_apart(void **state)
{
	struct fixture *f = *state;
	struct pollfd readable = { .fd = f->socket.fd, .events = POLLIN };
	struct notify_msg m;
	pid_t pid = fork();

	if (!pid)
		_exit(notify_send("WATCHDOG=1") ? 1 : 0);
	assert_int_equal(poll(&readable, 1, 10000), 1);
	assert_int_equal(notify_receive(&f->socket, &m), 1);
	assert_int_equal(m.sender, pid);
	assert_true(m.watchdog && !m.ready);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void descriptors_sent_along_are_not_kept(void **state)
{
	struct fixture *f = *state;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	struct iovec iov = { (char[]){ "READY=1" }, 7 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct msghdr h = { .msg_name = &addr,
			    .msg_namelen = sizeof(addr),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	int next_before = dup(0), next_after, fd;
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	struct notify_msg m;

	close(next_before);
	strcpy(addr.sun_path, f->socket.path);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &(int){ 1 }, sizeof(int));
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(sendmsg(fd, &h, 0), 7);
	close(fd);
	assert_int_equal(notify_receive(&f->socket, &m), 1);
	assert_true(m.ready);
	next_after = dup(0);
	close(next_after);
	assert_int_equal(next_after, next_before);
}

static void a_path_too_long_for_a_socket_is_said(void **state UNUSED)
{
	struct notify_socket n;
	struct err e = ERR_INIT;
	char dir[128];

	memset(dir, 'a', sizeof(dir) - 1);
	dir[sizeof(dir) - 1] = '\0';
	assert_int_equal(notify_open(&n, dir, "n", &e), -ENAMETOOLONG);
	assert_non_null(strstr(e.text, "longer than a socket's path may be (107 bytes)"));
	notify_close(&n);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_are_whole_lines),
		T(the_kernel_says_who_sent_it_and_when_it_came_is_noted),
		T(another_process_is_told_apart),
		T(descriptors_sent_along_are_not_kept),
		cmocka_unit_test(a_path_too_long_for_a_socket_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
