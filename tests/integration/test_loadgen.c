/*
 * The load generator, the tap and the program `loadgen` against a real Redis.
 *
 * The server is private: a unix socket in a fresh directory, no port; it is
 * ready when it answers.  The program is the one of the variant under test.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/gen.h"
#include "harness/loadgen/resp.h"
#include "harness/loadgen/tap.h"

static struct {
	char dir[40], socket[64];
	pid_t pid;
} redis;

static void exec_redis(const char *const *argv)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDOUT_FILENO);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

/* Ready when it answers; asked until then. */
static int await_redis(void)
{
	const struct rconn_addr addr = { .socket = redis.socket };
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;
	int fd;

	while (clock_mono_ns() < deadline_ns) {
		if (!rconn_open(&fd, &addr, NS_PER_S, NULL)) {
			close(fd);
			return 0;
		}
		if (waitpid(redis.pid, NULL, WNOHANG))
			break;
		clock_sleep_until_ns(clock_mono_ns() + 5 * NS_PER_MS);
	}
	fail_msg("redis-server does not answer");
	return -1;
}

static int start_redis(void **state UNUSED)
{
	const char *const argv[] = { "redis-server", "--port", "0",	  "--unixsocket",
				     redis.socket,   "--save", "",	  "--appendonly",
				     "no",	     "--dir",  redis.dir, NULL };

	snprintf(redis.dir, sizeof(redis.dir), "/tmp/test-loadgen-XXXXXX");
	assert_non_null(mkdtemp(redis.dir));
	snprintf(redis.socket, sizeof(redis.socket), "%s/redis.sock", redis.dir);
	redis.pid = fork();
	assert_true(redis.pid >= 0);
	if (redis.pid == 0)
		exec_redis(argv);
	return await_redis();
}

static int stop_redis(void **state UNUSED)
{
	kill(redis.pid, SIGTERM);
	waitpid(redis.pid, NULL, 0);
	unlink(redis.socket);
	return rmdir(redis.dir);
}

/* ---- the library ---------------------------------------------------------------------- */

static struct plan *make_plan(const struct plan_lane *lane)
{
	const struct plan_spec spec = { .seed = 1, .lanes = lane, .n_lanes = 1 };
	struct plan *p = NULL;

	assert_int_equal(plan_build(&p, &spec, NULL), 0);
	return p;
}

struct session {
	struct plan *plan;
	struct gen_ctl ctl;
	struct gen *gen;
	struct tap *tap;
	struct tap_counts counts;
};

/* Send `plan` with a tap that leads by 20,000 events (3 MB, far below Redis' limit of 32). */
static void run(struct session *s, struct gen_conf conf, const struct plan_lane *lane)
{
	struct tap_conf tap = { .addr.socket = redis.socket, .ctl = &s->ctl, .ahead = 20000 };
	struct err e = ERR_INIT;
	int rc;

	tap.plan = conf.plan = s->plan = make_plan(lane);
	conf.addr.socket = redis.socket;
	conf.ctl = &s->ctl;
	assert_int_equal(gen_ctl_open(&s->ctl, NULL), 0);
	assert_int_equal(tap_start(&s->tap, &tap, NULL), 0);
	assert_int_equal(gen_open(&s->gen, &conf, NULL), 0);
	if (gen_run(s->gen, clock_mono_ns() + NS_PER_MS, &e))
		fail_msg("%s", e.text);
	rc = tap_await(s->tap, gen_result(s->gen)->sent - gen_result(s->gen)->altered, 0,
		       clock_mono_ns() + 20 * NS_PER_S, &e);
	if (rc)
		fail_msg("%s", e.text);
	assert_int_equal(tap_stop(s->tap, NULL), 0);
	tap_counts(s->tap, &s->counts);
}

static void end(struct session *s)
{
	tap_free(s->tap);
	gen_close(s->gen);
	gen_ctl_close(&s->ctl);
	plan_free(s->plan);
}

static void a_drain_is_delivered_whole_and_in_order(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 15, 60, 1 },
					.rate_hz = 1e6,
					.count = 200000,
					.arrival = ARRIVAL_CONSTANT };
	struct session s;
	const struct gen_result *r;

	run(&s, (struct gen_conf){ .mode = GEN_DRAIN }, &lane);
	r = gen_result(s.gen);
	assert_int_equal(r->sent, 200000);
	assert_int_equal(r->replies, 200000);
	assert_int_equal(r->receivers_min, 1);
	assert_int_equal(r->receivers_max, 1);
	assert_int_equal(s.counts.seen, 200000);
	assert_int_equal(s.counts.unknown + s.counts.duplicates + s.counts.order_breaks, 0);
	assert_true(tap_first_missing(s.tap) == MATCH_NONE);
	assert_true(fabs(r->littles_law - 1) < 0.03);
	end(&s);
}

static void an_open_loop_keeps_its_rate(void **state UNUSED)
{
	const struct plan_lane lane = {
		.weight = { 1, 0, 0 }, .rate_hz = 2000, .count = 2000, .arrival = ARRIVAL_CONSTANT
	};
	struct session s;
	const struct gen_result *r;

	run(&s, (struct gen_conf){ 0 }, &lane);
	r = gen_result(s.gen);
	assert_int_equal(hist_count(r->pacing), 2000);
	/* A shared machine may stall us, but not half of the time. */
	assert_true(hist_quantile(r->pacing, 0.5) < NS_PER_MS);
	assert_true(r->last_sent_ns - r->start_ns >= s.plan->entries[1999].due_ns);
	assert_int_equal(s.counts.seen, 2000);
	assert_int_equal(s.counts.order_breaks, 0);
	end(&s);
}

static void planted_faults_are_found_by_the_tap(void **state UNUSED)
{
	static const size_t drop[] = { 1234 }, alter[] = { 60000 };
	const struct plan_lane lane = { .weight = { 15, 60, 0 }, .rate_hz = 1e6, .count = 100000 };
	struct gen_conf conf = {
		.mode = GEN_DRAIN, .drop_at = drop, .n_drop = 1, .alter_at = alter, .n_alter = 1
	};
	struct session s;

	run(&s, conf, &lane);
	assert_int_equal(s.counts.seen, 100000 - 2);
	assert_int_equal(s.counts.unknown, 1);
	assert_int_equal(s.counts.first_unknown, 60000);
	assert_int_equal(tap_first_missing(s.tap), 1234);
	end(&s);
}

static void several_connections_lose_nothing_but_the_order(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 15, 60, 0 }, .rate_hz = 1e6, .count = 100000 };
	struct session s;

	run(&s, (struct gen_conf){ .mode = GEN_DRAIN, .connections = 8 }, &lane);
	assert_int_equal(s.counts.seen, 100000);
	assert_int_equal(s.counts.unknown + s.counts.duplicates, 0);
	assert_true(tap_first_missing(s.tap) == MATCH_NONE);
	end(&s);
}

/* A feature message published by somebody arrives with its channel, while events pass by. */
static void features_are_heard_beside_the_events(void **state UNUSED)
{
	const char *const publish[] = { "PUBLISH", "seclyzer:features:keystroke", "{}" };
	const struct rconn_addr addr = { .socket = redis.socket };
	struct tap_conf conf = { .addr = addr, .features = true };
	struct tap_feature feature;
	struct buf cmd = { 0 };
	struct tap *tap = NULL;
	int fd;

	resp_add_command(&cmd, 3, publish);
	assert_int_equal(tap_start(&tap, &conf, NULL), 0);
	assert_int_equal(rconn_open(&fd, &addr, NS_PER_S, NULL), 0);
	assert_int_equal(rconn_send(fd, cmd.data, cmd.len, clock_mono_ns() + NS_PER_S, NULL), 0);
	assert_int_equal(tap_await(tap, 0, 1, clock_mono_ns() + 20 * NS_PER_S, NULL), 0);
	assert_true(tap_feature(tap, 0, &feature));
	assert_int_equal(feature.type, EVENT_KEYSTROKE);
	assert_int_equal(feature.payload.len, 2);
	close(fd);
	tap_free(tap);
	buf_release(&cmd);
}

/* Redis cuts off a tap that is too slow for its limit: that is an error, not a smaller count. */
static void a_tap_that_redis_cuts_off_says_so(void **state UNUSED)
{
	const char *const kill_all[] = { "CLIENT", "KILL", "TYPE", "pubsub" };
	const struct plan_lane lane = { .weight = { 1, 0, 0 }, .rate_hz = 1000, .count = 10 };
	const struct rconn_addr addr = { .socket = redis.socket };
	struct plan *plan = make_plan(&lane);
	struct tap_conf conf = { .addr = addr, .plan = plan };
	struct err e = ERR_INIT;
	struct buf cmd = { 0 };
	struct tap *tap = NULL;
	int fd;

	assert_int_equal(tap_start(&tap, &conf, NULL), 0);
	assert_int_equal(rconn_open(&fd, &addr, NS_PER_S, NULL), 0);
	resp_add_command(&cmd, 4, kill_all);
	assert_int_equal(rconn_send(fd, cmd.data, cmd.len, clock_mono_ns() + NS_PER_S, NULL), 0);
	assert_int_not_equal(tap_await(tap, 10, 0, clock_mono_ns() + 20 * NS_PER_S, &e),
			     -ETIMEDOUT);
	assert_non_null(strstr(e.text, "closed the tap's connection"));
	close(fd);
	buf_release(&cmd);
	tap_free(tap);
	plan_free(plan);
}

/* ---- the program ------------------------------------------------------------------------ */

struct output {
	int status; /* exit code; 128 + signal */
	char out[65536], err[8192];
};

static void read_all(int fd, char *to, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 && (n = read(fd, to + len, size - 1 - len)) > 0)
		len += (size_t)n;
	to[len] = '\0';
	close(fd);
}

static pid_t start_loadgen(const char *const *args, int *out, int *err)
{
	const char *variant = getenv("VARIANT");
	const char *argv[32] = { 0 };
	int out_pipe[2], err_pipe[2];
	char path[64];
	pid_t pid;

	snprintf(path, sizeof(path), "build/%s/bin/loadgen", variant ? variant : "release");
	argv[0] = path;
	for (int i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	assert_int_equal(pipe2(out_pipe, O_CLOEXEC) | pipe2(err_pipe, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(out_pipe[1], STDOUT_FILENO);
		dup2(err_pipe[1], STDERR_FILENO);
		execv(path, (char *const *)argv);
		_exit(127);
	}
	close(out_pipe[1]);
	close(err_pipe[1]);
	*out = out_pipe[0];
	*err = err_pipe[0];
	return pid;
}

static void finish_loadgen(struct output *o, pid_t pid, int out, int err)
{
	int status;

	read_all(out, o->out, sizeof(o->out));
	read_all(err, o->err, sizeof(o->err));
	waitpid(pid, &status, 0);
	o->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void loadgen(struct output *o, const char *const *args)
{
	int out, err;
	pid_t pid = start_loadgen(args, &out, &err);

	finish_loadgen(o, pid, out, err);
}

static void the_program_sends_verifies_and_reports(void **state UNUSED)
{
	const char *const args[] = { "-S",   redis.socket, "-n",     "3000", "-r",
				     "3000", "--verify",   "--json", NULL };
	static struct output o;
	const cJSON *ledger;
	cJSON *json;

	loadgen(&o, args);
	assert_string_equal(o.err, "");
	assert_int_equal(o.status, 0);
	json = cJSON_Parse(o.out);
	assert_non_null(json);
	ledger = cJSON_GetObjectItem(json, "ledger");
	assert_int_equal(cJSON_GetObjectItem(ledger, "planned")->valueint, 3000);
	assert_int_equal(cJSON_GetObjectItem(ledger, "seen")->valueint, 3000);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(ledger, "closed")));
	cJSON_Delete(json);
}

static void a_run_that_does_not_close_exits_with_4(void **state UNUSED)
{
	const char *const args[] = { "-S",    redis.socket, "-n", "100", "-r",
				     "10000", "--drop-at",  "0",  NULL };
	static struct output o;

	loadgen(&o, args);
	assert_int_equal(o.status, 4);
	assert_non_null(strstr(
		o.out, "planned 100, sent 99, answered 99: OPEN: not everything planned was sent"));
	assert_string_equal(o.err, "ERROR loadgen: not everything planned was sent\n");
}

static void no_redis_exits_with_4_and_a_line(void **state UNUSED)
{
	const char *const args[] = { "-S", "/nonexistent/sock", "-n", "1", NULL };
	static struct output o;

	loadgen(&o, args);
	assert_int_equal(o.status, 4);
	assert_string_equal(o.err, "ERROR loadgen: /nonexistent/sock: No such file or directory\n");
}

static void wrong_usage_exits_with_2_and_a_line(void **state UNUSED)
{
	static const struct {
		const char *args[4], *expected;
	} rows[] = {
		{ { "--rat", "5" }, "--rat: unknown option (did you mean --rate?)" },
		{ { "-n", "0" }, "count=0: must be a whole number from 1 to 20000000" },
		{ { "somewhere" }, "somewhere: no such argument" },
		{ { "-f", "/nonexistent.jsonl" }, "/nonexistent.jsonl: No such file or directory" },
		{ { "--keystroke=0", "--mouse=0", "--app=0" },
		  "lane 1: no type of event has a weight" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static struct output o;

		loadgen(&o, rows[i].args);
		assert_int_equal(o.status, 2);
		assert_non_null(strstr(o.err, rows[i].expected));
		assert_ptr_equal(strchr(o.err, '\n'), o.err + strlen(o.err) - 1);
		assert_string_equal(o.out, "");
	}
}

static void a_printed_plan_is_a_recording_with_the_same_events(void **state UNUSED)
{
	const char *const print[] = { "-n", "200", "-r", "100", "--print", NULL };
	char path[80];
	const char *const replay[] = { "-n", "200", "--speed", "1", "--print", "-f", path, NULL };
	static struct output first, again;
	FILE *f;

	snprintf(path, sizeof(path), "%s/plan.jsonl", redis.dir);
	loadgen(&first, print);
	assert_int_equal(first.status, 0);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(first.out, f);
	fclose(f);
	loadgen(&again, replay);
	unlink(path);
	assert_int_equal(again.status, 0);
	/* The recording counts from its first event; that one is at time 0 in both. */
	assert_string_equal(first.out, again.out);
}

static void control_c_ends_with_the_summary(void **state UNUSED)
{
	const char *const args[] = { "-S", redis.socket, "-d", "600", "-r", "1000", NULL };
	const struct rconn_addr addr = { .socket = redis.socket };
	const char *const listen[] = { "SUBSCRIBE", EVENTS_CHANNEL };
	static struct output o;
	struct buf cmd = { 0 };
	char in[4096];
	int out, err, fd;
	pid_t pid;

	assert_int_equal(rconn_open(&fd, &addr, NS_PER_S, NULL), 0);
	resp_add_command(&cmd, 2, listen);
	assert_int_equal(rconn_send(fd, cmd.data, cmd.len, clock_mono_ns() + NS_PER_S, NULL), 0);
	assert_int_equal(rconn_wait(fd, POLLIN, clock_mono_ns() + NS_PER_S), 0);
	assert_true(recv(fd, in, sizeof(in), 0) > 0); /* subscribed */
	pid = start_loadgen(args, &out, &err);
	assert_int_equal(rconn_wait(fd, POLLIN, clock_mono_ns() + 20 * NS_PER_S), 0); /* it sends */
	kill(pid, SIGINT);
	finish_loadgen(&o, pid, out, err);
	assert_int_equal(o.status, 0);
	assert_non_null(strstr(o.out, ": closed\n"));
	assert_non_null(strstr(o.out, "before the end of the plan, on request"));
	close(fd);
	buf_release(&cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drain_is_delivered_whole_and_in_order),
		cmocka_unit_test(an_open_loop_keeps_its_rate),
		cmocka_unit_test(planted_faults_are_found_by_the_tap),
		cmocka_unit_test(several_connections_lose_nothing_but_the_order),
		cmocka_unit_test(features_are_heard_beside_the_events),
		cmocka_unit_test(a_tap_that_redis_cuts_off_says_so),
		cmocka_unit_test(the_program_sends_verifies_and_reports),
		cmocka_unit_test(a_run_that_does_not_close_exits_with_4),
		cmocka_unit_test(no_redis_exits_with_4_and_a_line),
		cmocka_unit_test(wrong_usage_exits_with_2_and_a_line),
		cmocka_unit_test(a_printed_plan_is_a_recording_with_the_same_events),
		cmocka_unit_test(control_c_ends_with_the_summary),
	};

	return cmocka_run_group_tests(tests, start_redis, stop_redis);
}
