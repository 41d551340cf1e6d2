/*
 * The attribution pass on a process whose system calls are known: an echo over a socket.
 *
 * Where eBPF cannot be used each test skips with the one reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/file.h"
#include "harness/probes/attribution.h"
#include "harness/procfs_parse.h"

#define ROUNDS	      25
#define REQUEST_BYTES 90
#define ANSWER_BYTES  520

static bool usable;

struct world {
	pid_t pid;
	int socket;
	struct attribution *a;
};

/* Reads a request, writes a line elsewhere, sends the answer: four kinds of calls a round. */
static void echo(int in, int log) NORETURN;
static void echo(int in, int log)
{
	char request[REQUEST_BYTES], answer[ANSWER_BYTES] = { 0 };

	while (recv(in, request, sizeof(request), MSG_WAITALL) == REQUEST_BYTES) {
		syscall(SYS_getppid);
		if (write(log, "line\n", 5) != 5 ||
		    send(in, answer, sizeof(answer), MSG_NOSIGNAL) != ANSWER_BYTES)
			_exit(1);
	}
	_exit(0);
}

static int make(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int sockets[2];

	*state = w;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		return -1;
	w->pid = fork();
	if (!w->pid) {
		close(sockets[1]);
		echo(sockets[0], open("/dev/null", O_WRONLY));
	}
	close(sockets[0]);
	w->socket = sockets[1];
	return 0;
}

static int drop(void **state)
{
	struct world *w = *state;

	attribution_close(w->a);
	close(w->socket);
	waitpid(w->pid, NULL, 0);
	free(w);
	return 0;
}

struct round {
	int64_t publish_ns, received_ns;
};

static void play(struct world *w, struct round *r)
{
	char request[REQUEST_BYTES] = { 0 }, answer[ANSWER_BYTES];

	r->publish_ns = clock_mono_ns();
	assert_int_equal(send(w->socket, request, sizeof(request), 0), REQUEST_BYTES);
	assert_int_equal(recv(w->socket, answer, sizeof(answer), MSG_WAITALL), ANSWER_BYTES);
	r->received_ns = clock_mono_ns();
}

/* Until it waits for the next request. */
static void await_sleep(pid_t pid)
{
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;
	struct procfs_stat st = { 0 };
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	while (st.state != 'S' && clock_mono_ns() < deadline_ns) {
		struct err e = ERR_INIT;
		struct buf text = { 0 };

		if (file_read(path, 4096, &text, &e) ||
		    !procfs_parse_stat(text.data, text.len, &st))
			fail_msg("%s: %s", path, e.text);
		buf_release(&text);
	}
}

/* The worker is inside recv(): what comes now is seen from its beginning to its end. */
static struct world *ready(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;
	struct round r;

	if (!usable)
		skip();
	if (attribution_open(&w->a, w->pid, &e))
		fail_msg("%s", e.text);
	play(w, &r);
	return w;
}

static void calls_are_counted_by_number(void **state)
{
	struct world *w = ready(state);
	struct attribution_syscalls *before = calloc(2, sizeof(*before)), *after = before + 1;
	struct round r;
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;

	do { /* the answer is here a moment before its send has returned */
		attribution_syscalls(w->a, before);
	} while (!before->count[SYS_sendto] && clock_mono_ns() < deadline_ns);
	for (int i = 0; i < ROUNDS; i++)
		play(w, &r);
	do {
		attribution_syscalls(w->a, after);
	} while (after->count[SYS_sendto] - before->count[SYS_sendto] < ROUNDS &&
		 clock_mono_ns() < deadline_ns);
	for (int nr = 0; nr < ATTRIBUTION_SYSCALLS; nr++) {
		bool known = nr == SYS_recvfrom || nr == SYS_getppid || nr == SYS_write ||
			     nr == SYS_sendto;

		assert_int_equal(after->count[nr] - before->count[nr], known ? ROUNDS : 0);
		assert_int_equal(after->ns[nr] > before->ns[nr], known);
	}
	free(before);
}

static bool has_send_after(const struct attribution_event *events, size_t n, int64_t ns)
{
	for (size_t i = 0; i < n; i++)
		if (events[i].kind == ATTRIBUTION_SEND && events[i].begin_ns >= ns)
			return true;
	return false;
}

static void every_round_is_split_and_the_parts_add_up(void **state)
{
	struct world *w = ready(state);
	struct round rounds[ROUNDS];
	const struct attribution_event *events;
	size_t n, whole = 0;
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;

	for (int i = 0; i < ROUNDS; i++) {
		await_sleep(w->pid);
		play(w, &rounds[i]);
	}
	do { /* until the last send has returned */
		attribution_read(w->a);
		events = attribution_events(w->a, &n);
	} while (!has_send_after(events, n, rounds[ROUNDS - 1].publish_ns) &&
		 clock_mono_ns() < deadline_ns);
	assert_int_equal(attribution_lost(w->a), 0);
	for (int i = 0; i < ROUNDS; i++) {
		struct attribution_query q = { rounds[i].publish_ns, rounds[i].received_ns,
					       ANSWER_BYTES, AF_UNIX };
		struct attribution_split s;

		attribution_split(events, n, &q, &s);
		assert_int_not_equal(s.outcome, ATTRIBUTION_NO_SEND);
		whole += s.outcome == ATTRIBUTION_WHOLE;
		assert_true(s.redis_ns >= 0 && s.runq_ns >= 0 && s.compute_ns >= 0 &&
			    s.delivery_ns >= 0);
		assert_int_equal(s.redis_ns + s.runq_ns + s.compute_ns + s.delivery_ns,
				 q.received_ns - q.publish_ns);
	}
	/* It may have been on its way to sleep still when the request came, but not each time. */
	assert_true(whole > 0);
}

static void a_write_to_what_is_no_socket_is_no_send(void **state)
{
	struct world *w = ready(state);
	const struct attribution_event *events;
	struct round r;
	size_t n, sends = 0, receives = 0;

	for (int i = 0; i < ROUNDS; i++)
		play(w, &r);
	attribution_read(w->a);
	events = attribution_events(w->a, &n);
	for (size_t i = 0; i < n; i++) {
		assert_true(!i || events[i].end_ns >= events[i - 1].end_ns);
		assert_true(events[i].end_ns >= events[i].begin_ns);
		assert_int_equal(events[i].tid, w->pid);
		if (events[i].kind == ATTRIBUTION_WAKE)
			continue;
		assert_int_equal(events[i].family, AF_UNIX);
		sends += events[i].kind == ATTRIBUTION_SEND;
		receives += events[i].kind == ATTRIBUTION_RECV;
		assert_int_equal(events[i].bytes,
				 events[i].kind == ATTRIBUTION_SEND ? ANSWER_BYTES : REQUEST_BYTES);
	}
	assert_in_range(sends, ROUNDS, ROUNDS + 1);    /* the last may not have returned */
	assert_in_range(receives, ROUNDS, ROUNDS + 1); /* the first began before us */
}

static void what_the_ring_has_no_room_for_is_counted(void **state)
{
	struct world *w = ready(state);
	struct round r;
	size_t n;

	/* The ring has 2 MiB, a record takes 48 bytes, a round makes at least two. */
	for (int i = 0; i < 30000; i++)
		play(w, &r);
	assert_true(attribution_lost(w->a) > 0);
	attribution_read(w->a);
	(void)attribution_events(w->a, &n);
	assert_in_range(n, 30000, 2097152 / 48 + 8); /* and what came while it was read */
}

static void a_process_that_is_not_there_is_an_error(void **state)
{
	struct world *w = ready(state);
	struct attribution *a;
	struct err e = ERR_INIT;

	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	assert_int_equal(attribution_open(&a, w->pid, &e), -ESRCH);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_are_counted_by_number),
		TEST(every_round_is_split_and_the_parts_add_up),
		TEST(a_write_to_what_is_no_socket_is_no_send),
		TEST(what_the_ring_has_no_room_for_is_counted),
		TEST(a_process_that_is_not_there_is_an_error),
	};
	struct attribution *a;
	struct err why = ERR_INIT;

	usable = !attribution_open(&a, getpid(), &why);
	if (usable)
		attribution_close(a);
	else
		print_message("skipped: %s\n", why.text);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
