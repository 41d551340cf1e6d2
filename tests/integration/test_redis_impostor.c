/*
 * The bus against servers that no real Redis would play: what is no Redis at all, a slow one,
 * one that greets half of its clients.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include <cmocka.h>

#include "tests/integration/bus_world.h"

/* Listen in Redis' place and give every connection, by its number, to a process of its own. */
static pid_t start_impostor(void (*serve)(int fd, int number))
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	strcpy(a.sun_path, w.redis.socket);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 10), 0);
	pid = fork();
	if (pid) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (int number = 0;; number++) {
		int c = accept(fd, NULL, NULL);

		if (c >= 0 && !fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(c, number);
			_exit(0);
		}
		close(c);
	}
}

static void end_impostor(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(w.redis.socket);
}

static void say(int fd, const char *line)
{
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		_exit(1);
}

static void read_exactly(int fd, size_t len)
{
	static char room[1024]; /* slower than anybody writes */

	while (len) {
		ssize_t n = read(fd, room, len < sizeof(room) ? len : sizeof(room));

		if (n <= 0)
			_exit(0);
		len -= (size_t)n;
	}
}

static const char *the_line; /* before the fork */

static void say_the_line(int fd, int number UNUSED)
{
	say(fd, the_line);
	read_exactly(fd, SIZE_MAX);
}

static void what_is_no_redis_is_left_and_tried_again(void **state UNUSED)
{
	static const char *const lines[] = {
		"HTTP/1.1 400 Bad Request\r\n\r\n",
		":1\r\n",
		"$-5\r\n",
		"*3\r\n$7\r\nmessage\r\n:5\r\n!\r\n",
		"-ERR max number of clients reached\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		pid_t impostor;

		the_line = lines[i];
		impostor = start_impostor(say_the_line);
		open_bus((struct redis_bus_conf){ 0 });
		publish("x");
		run_for_ms(150);
		assert_int_equal(lines_with("WARNING test: redis at "), i + 1);
		assert_int_equal(w.subscribed, 0);
		assert_int_equal(w.messages, 0);
		end_impostor(impostor);
		redis_bus_free(w.bus);
		w.bus = NULL;
	}
}

/* Redis cuts the arguments that it shows off after 128 bytes. */
static void a_password_that_the_server_shows_is_blanked(void **state UNUSED)
{
	static const char *const rows[][2] = {
		/* answer, shown */
		{ "-ERR unknown command `AUTH`, with args beginning with: `open sesame`, \r\n",
		  ": ERR unknown command `AUTH`, with args beginning with: `***`, ; trying" },
		{ "-ERR args beginning with: `open ses`, `open s`, \r\n",
		  ": ERR args beginning with: `***`, `open s`, ; trying" },
		{ "-ERR open sesameopen sesame\r\n", ": ERR ******; trying" },
		{ "-ERR as it is\r\n", ": ERR as it is; trying" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		pid_t impostor;

		the_line = rows[i][0];
		impostor = start_impostor(say_the_line);
		open_bus((struct redis_bus_conf){ .password = "open sesame" });
		run_for_ms(50);
		assert_int_equal(lines_with(rows[i][1]), 1);
		end_impostor(impostor);
		redis_bus_free(w.bus);
		w.bus = NULL;
	}
	assert_int_equal(lines_with("sesame"), 0);
}

static void say_nothing(int fd, int number UNUSED)
{
	read_exactly(fd, SIZE_MAX);
}

static void who_does_not_answer_is_left_after_3_s(void **state UNUSED)
{
	pid_t impostor = start_impostor(say_nothing);
	int64_t start_ns = clock_mono_ns();

	open_bus((struct redis_bus_conf){ 0 });
	publish("lost");
	run_until(is_down);
	assert_true(clock_mono_ns() - start_ns >= 2900 * NS_PER_MS);
	assert_int_equal(lines_with(": no answer; trying again until it is there\n"), 1);
	assert_int_equal(count()->publish_errors, 1);
	end_impostor(impostor);
	redis_server_start(&w.redis);
	wait_subscribed(1);
	run_until(is_back);
	publish("kept");
	wait_published(1);
	run_for_ms(3200); /* the time limit was for the greeting alone */
	assert_int_equal(w.subscribed, 1);
	assert_said_once_each_way();
}

/* Subscribes whoever asks for it; true: the peer is a publisher, its PING not yet answered. */
static bool is_publisher(int fd)
{
	char c[2];

	if (read(fd, c, 2) != 2)
		_exit(0);
	if (c[1] == '1') { /* *1 is PING, *2 SUBSCRIBE */
		read_exactly(fd, strlen("*1\r\n$4\r\nPING\r\n") - 2);
		return true;
	}
	say(fd, "*3\r\n$9\r\nsubscribe\r\n$6\r\nevents\r\n:1\r\n");
	read_exactly(fd, SIZE_MAX);
	return false;
}

#define PIECE 65536
#define HEAD  "*3\r\n$7\r\nPUBLISH\r\n$8\r\nfeatures\r\n$65536\r\n"

/* One command at a time: read whole, then answered. */
static void take_pieces(int fd, int number UNUSED)
{
	if (is_publisher(fd))
		say(fd, "+PONG\r\n");
	for (;;) {
		read_exactly(fd, strlen(HEAD) + PIECE + 2);
		say(fd, ":0\r\n");
	}
}

static long rss_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages;

	BUG_ON(!f || fscanf(f, "%*d %ld", &pages) != 1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static uint64_t pieces_sent;
static long rss_max_kib;

/* 8 MiB are on their way all the time: the buffer is never empty. */
static bool kept_busy(void)
{
	static char piece[PIECE];

	while (pieces_sent - count()->published < 128 && pieces_sent < wanted) {
		redis_bus_publish(w.bus, "features", piece, sizeof(piece));
		pieces_sent++;
	}
	redis_bus_flush(w.bus);
	if (rss_kib() > rss_max_kib)
		rss_max_kib = rss_kib();
	return count()->published == wanted;
}

static void a_buffer_that_is_never_empty_does_not_grow(void **state UNUSED)
{
	pid_t impostor = start_impostor(take_pieces);
	long before;

	open_bus((struct redis_bus_conf){ 0 });
	wait_subscribed(1);
	before = rss_kib();
	pieces_sent = 0;
	rss_max_kib = 0;
	wanted = 4000; /* 250 MiB in all */
	run_until(kept_busy);
	assert_int_equal(count()->publish_errors, 0);
	assert_true(rss_max_kib - before <
		    100 * 1024); /* AddressSanitizer keeps what is freed for a while */
	end_impostor(impostor);
}

/* Of two publishers only the first is greeted. */
static void greet_the_first(int fd, int number)
{
	if (!is_publisher(fd) || number > 0)
		read_exactly(fd, SIZE_MAX);
	say(fd, "+PONG\r\n");
	for (;;) {
		read_exactly(fd, strlen("*3\r\n$7\r\nPUBLISH\r\n$8\r\nfeatures\r\n$1\r\nx\r\n"));
		say(fd, ":0\r\n");
	}
}

static void a_publisher_that_is_not_greeted_yet_is_passed_over(void **state UNUSED)
{
	pid_t impostor = start_impostor(greet_the_first);

	open_bus((struct redis_bus_conf){ .pool_size = 2 });
	publish("x"); /* nobody is greeted yet: the first in turn */
	wait_published(1);
	for (int i = 0; i < 6; i++)
		publish("x");
	wait_published(7);
	end_impostor(impostor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_redis_is_left_and_tried_again),
		TEST(a_password_that_the_server_shows_is_blanked),
		TEST(who_does_not_answer_is_left_after_3_s),
		TEST(a_buffer_that_is_never_empty_does_not_grow),
		TEST(a_publisher_that_is_not_greeted_yet_is_passed_over),
	};

	return RUN_TESTS(tests);
}
