/* The lock-step server against readers that do not play along: no step may wait for them. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/loadgen/resp.h"
#include "harness/replay_server.h"
#include "harness/tempdir.h"

#define EVENTS	    100
#define ROUNDS	    10000 /* of 64 KiB: far more than a kernel or the server would hold */
#define HANG_S	    60	  /* a step that never returns ends the test */
#define QUIET_STEPS 50
#define PUBLISH	    "PUBLISH a b\n"
#define PER_STEP    ((RESP_BULK_MAX + 65536) / (sizeof(PUBLISH) - 1))

struct world {
	struct tempdir dir;
	struct plan *plan;
	struct replay_server *rs;
	char path[512];
};

static void setup(struct world *w)
{
	struct plan_lane lane = { .count = EVENTS,
				  .rate_hz = 1000,
				  .arrival = ARRIVAL_CONSTANT,
				  .weight = { [EVENT_KEYSTROKE] = 1 } };
	struct plan_spec spec = { .seed = 7, .lanes = &lane, .n_lanes = 1 };

	memset(w, 0, sizeof(*w));
	assert_int_equal(tempdir_make(&w->dir, "replay", NULL), 0);
	assert_int_equal(plan_build(&w->plan, &spec, NULL), 0);
	snprintf(w->path, sizeof(w->path), "%s/replay", w->dir.path);
	assert_int_equal(replay_server_open(&w->rs, w->path, w->plan, EVENTS, NULL), 0);
	alarm(HANG_S);
}

static void teardown(struct world *w)
{
	alarm(0);
	replay_server_close(w->rs);
	unlink(w->path);
	plan_free(w->plan);
	assert_int_equal(tempdir_remove(&w->dir, NULL), 0);
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		_exit(1);
	return fd;
}

/* A process that says `first` once, `again` as often as it is taken, and never reads. */
static pid_t start_client(const char *path, const char *first, const char *again)
{
	static char block[65536];
	size_t len = strlen(again), n = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = path ? connect_to(path) : -1; fd >= 0;) {
		if (write(fd, first, strlen(first)) < 0)
			_exit(1);
		for (; len && n + len <= sizeof(block); n += len)
			memcpy(block + n, again, len);
		for (int i = 0; n && i < ROUNDS && write(fd, block, n) == (ssize_t)n; i++)
			;
		break;
	}
	for (;;)
		pause();
}

static void end_client(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void who_never_reads_the_answers_is_named_and_holds_nothing_up(void **state UNUSED)
{
	struct world w;
	struct err e = ERR_INIT;
	pid_t pid;
	int rc;

	setup(&w);
	pid = start_client(w.path, "PING\n", PUBLISH);
	while (!(rc = replay_server_step(w.rs, pid, &e)))
		;
	assert_int_equal(rc, -ENOBUFS);
	assert_non_null(strstr(e.text, "bytes of answers unread"));
	end_client(pid);
	teardown(&w);
}

static void who_subscribes_and_never_reads_gets_no_event_and_no_end(void **state UNUSED)
{
	const struct replay_counts *counts;
	struct world w;
	pid_t pid;

	setup(&w);
	counts = replay_server_counts(w.rs);
	pid = start_client(w.path, "SUBSCRIBE seclyzer:events\n", "");
	for (int i = 0; i < QUIET_STEPS; i++)
		assert_int_equal(replay_server_step(w.rs, pid, NULL), 0);
	assert_true(counts->sent == 0); /* the confirmation is not yet taken */
	end_client(pid);
	teardown(&w);
}

/* The flood comes from a process of its own, so that it goes on while the reader sleeps. */
static void a_flood_is_taken_a_bounded_piece_a_step(void **state UNUSED)
{
	const struct replay_counts *counts;
	pid_t flood, reader;
	struct world w;

	setup(&w);
	counts = replay_server_counts(w.rs);
	reader = start_client(NULL, "", "");
	flood = start_client(w.path, "CLIENT REPLY OFF\n", PUBLISH);
	while (counts->published < 4 * PER_STEP) {
		size_t before = counts->published;

		assert_int_equal(replay_server_step(w.rs, reader, NULL), 0);
		assert_true(counts->published - before <= PER_STEP);
	}
	assert_true(counts->refused == 0);
	end_client(flood);
	end_client(reader);
	teardown(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_never_reads_the_answers_is_named_and_holds_nothing_up),
		cmocka_unit_test(who_subscribes_and_never_reads_gets_no_event_and_no_end),
		cmocka_unit_test(a_flood_is_taken_a_bounded_piece_a_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
