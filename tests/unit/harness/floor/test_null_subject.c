/* The null subject against a real Redis: counts all, relays what it should, keeps the contract. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "extractors/base/clock.h"
#include "harness/sut.h"
#include "harness/tempdir.h"

#define LONG_NS (20 * NS_PER_S)

struct fixture {
	struct loop *loop;
	struct tempdir dir;
	struct sut *sut;
	struct proc *p;
	redisContext *c;
};

static int64_t soon(void)
{
	return clock_mono_ns() + LONG_NS;
}

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sut_conf conf = { .ready_timeout_s = 60 };
	struct err e = ERR_INIT;

	*state = f;
	f->loop = conf.loop = loop_new(NULL);
	if (!f->loop || tempdir_make(&f->dir, "null", NULL))
		return -1;
	conf.dir = f->dir.path;
	if (sut_start(&f->sut, &conf, &e) &&
	    e.code != -ENOENT) { /* no redis-server: the tests skip */
		print_error("%s\n", e.text);
		return -1;
	}
	if (f->sut) {
		f->c = redisConnectUnix(sut_redis_addr(f->sut)->socket);
		redisSetTimeout(f->c, (struct timeval){ .tv_sec = 20 });
	}
	return 0;
}

static int drop(void **state)
{
	struct fixture *f = *state;
	int rc;

	proc_free(f->p);
	redisFree(f->c);
	rc = sut_stop(f->sut, NULL);
	loop_free(f->loop);
	rc |= tempdir_remove(&f->dir, NULL);
	free(f);
	return rc;
}

/* Beside this test's own directory: build/VARIANT/test/harness/floor and build/VARIANT/bin. */
static const char *program(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);

	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 4; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/bin/null_subject");
	if (access(path, X_OK))
		fail_msg("%s: not built", path);
	return path;
}

static void start(struct fixture *f, const char *arg1, const char *arg2, const char *arg3)
{
	struct strv argv = { 0 }, env = { 0 };
	struct proc_spec spec = { .name = "null",
				  .argv = &argv,
				  .env = &env,
				  .notify_dir = f->dir.path,
				  .loop = f->loop };
	const char *args[] = { arg1, arg2, arg3 };
	struct err e = ERR_INIT;

	if (!f->sut) {
		print_message("redis-server is not installed\n");
		skip();
	}
	strv_add(&argv, program());
	for (size_t i = 0; i < 3 && args[i]; i++)
		strv_add(&argv, args[i]);
	strv_set_env(&env, "REDIS_SOCKET", sut_redis_addr(f->sut)->socket);
	if (proc_start(&f->p, &spec, &e) || proc_await_ready(f->p, soon(), &e))
		fail_msg("%s", e.text);
	strv_release(&argv);
	strv_release(&env);
}

static void publish(struct fixture *f, const char *channel, const char *msg, size_t len)
{
	redisReply *r = redisCommand(f->c, "PUBLISH %s %b", channel, msg, len);

	assert_non_null(r);
	assert_int_equal(r->integer, 1); /* one subscriber got it */
	freeReplyObject(r);
}

/* What Redis has written it may still have to read. */
static int64_t await_received(struct fixture *f, int64_t n)
{
	int64_t v = -1, deadline_ns = soon();
	struct counters c;
	struct err e = ERR_INIT;

	do {
		if (proc_ask_stats(f->p, deadline_ns, &c, NULL, &e))
			fail_msg("%s", e.text);
		assert_true(counters_get(&c, "received", &v));
	} while (v < n && clock_mono_ns() < deadline_ns);
	return v;
}

static void every_message_is_counted_whatever_its_size(void **state)
{
	struct fixture *f = *state;
	char *big = calloc(1, 300001);
	struct counters c;
	int64_t sum = 0, v;

	start(f, NULL, NULL, NULL);
	memset(big, '*', 300000); /* more than a read, and looks like protocol */
	publish(f, "seclyzer:events", "", 0);
	publish(f, "seclyzer:events", "message", 7);
	publish(f, "seclyzer:events", big, 300000);
	for (int i = 0; i < 5000; i++)
		redisAppendCommand(f->c, "PUBLISH seclyzer:events %b", big, (size_t)(i % 700));
	for (int i = 0; i < 5000; i++) {
		redisReply *r;

		assert_int_equal(redisGetReply(f->c, (void **)&r), REDIS_OK);
		sum += r->integer;
		freeReplyObject(r);
	}
	assert_int_equal(sum, 5000);
	assert_int_equal(await_received(f, 5003), 5003);
	assert_int_equal(proc_stop(f->p, LONG_NS, NULL), 0);
	assert_int_equal(proc_info(f->p)->status, 0);
	assert_int_equal(proc_last_stats(f->p, &c, NULL, NULL), 0);
	assert_true(counters_get(&c, "received", &v) && v == 5003);
	assert_true(counters_get(&c, "accepted", &v) && v == 5003);
	assert_true(counters_get(&c, "features", &v) && v == 0);
	assert_true(counters_get(&c, "uptime_ms", &v) && v >= 0);
	free(big);
}

static redisContext *subscribe_features(struct fixture *f)
{
	redisContext *c = redisConnectUnix(sut_redis_addr(f->sut)->socket);
	redisReply *r;

	redisSetTimeout(c, (struct timeval){ .tv_sec = 20 });
	r = redisCommand(c, "SUBSCRIBE seclyzer:features:null");
	assert_non_null(r);
	freeReplyObject(r);
	return c;
}

static void assert_relayed(redisContext *c, const char *expected, size_t len)
{
	redisReply *r;

	assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
	assert_int_equal(r->elements, 3);
	assert_string_equal(r->element[1]->str, "seclyzer:features:null");
	assert_int_equal(r->element[2]->len, len);
	assert_memory_equal(r->element[2]->str, expected, len);
	freeReplyObject(r);
}

static void a_relay_publishes_every_message_back_in_order(void **state)
{
	struct fixture *f = *state;
	redisContext *tap;
	char msg[64], *big;

	start(f, "--relay", NULL, NULL);
	tap = subscribe_features(f);
	for (int i = 0; i < 200; i++) {
		int n = snprintf(msg, sizeof(msg), "{\"n\":%d,\r\n\"x\":\"ü\"}", i);

		publish(f, "seclyzer:events", msg, (size_t)n);
	}
	for (int i = 0; i < 200; i++) {
		int n = snprintf(msg, sizeof(msg), "{\"n\":%d,\r\n\"x\":\"ü\"}", i);

		assert_relayed(tap, msg, (size_t)n);
	}
	/* One that is larger than the relay's own buffer. */
	big = malloc(300000);
	memset(big, 'x', 300000);
	publish(f, "seclyzer:events", big, 300000);
	assert_relayed(tap, big, 300000);
	free(big);
	assert_int_equal(await_received(f, 201), 201);
	redisFree(tap);
}

static void a_marker_selects_what_is_relayed(void **state)
{
	struct fixture *f = *state;
	redisContext *tap;

	start(f, "--relay", "--marker", "\"n\":2");
	tap = subscribe_features(f);
	publish(f, "seclyzer:events", "{\"n\":1}", 7);
	publish(f, "seclyzer:events", "{\"n\":2}", 7);
	publish(f, "seclyzer:events", "{\"n\":", 5);
	publish(f, "seclyzer:events", "\"n\":2", 5);
	assert_relayed(tap, "{\"n\":2}", 7);
	assert_relayed(tap, "\"n\":2", 5);
	assert_int_equal(await_received(f, 4), 4);
	redisFree(tap);
}

static void without_redis_it_says_so_and_ends(void **state)
{
	static const struct {
		const char *name, *value, *arg;
		int exit_code;
		const char *words;
	} rows[] = {
		{ "REDIS_SOCKET", "/nonexistent/s", NULL, 70,
		  "ERROR null_subject: Redis: No such file or directory\n" },
		{ "REDIS_PORT", "70000", NULL, 2,
		  "ERROR null_subject: REDIS_PORT: must be a whole number from 1 to 65535\n" },
		{ "REDIS_PORT", "1", "--marker", 2,
		  "ERROR null_subject: usage: null_subject [--exit-when-ready] [--relay [--marker TEXT]]\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strv argv = { 0 }, env = { 0 };
		struct proc_spec spec = {
			.name = "null", .argv = &argv, .env = &env, .loop = f->loop
		};
		struct outlog const *o;

		strv_add(&argv, program());
		if (rows[i].arg)
			strv_add(&argv, rows[i].arg);
		strv_set_env(&env, rows[i].name, rows[i].value);
		assert_int_equal(proc_start(&f->p, &spec, NULL), 0);
		assert_int_equal(proc_await_exit(f->p, soon(), NULL), 0);
		assert_int_equal(WEXITSTATUS(proc_info(f->p)->status), rows[i].exit_code);
		o = proc_stderr(f->p);
		assert_int_equal(o->tail.len, strlen(rows[i].words));
		assert_memory_equal(o->tail.data, rows[i].words, o->tail.len);
		proc_free(f->p);
		f->p = NULL;
		strv_release(&argv);
		strv_release(&env);
	}
}

static void when_told_it_exits_as_soon_as_it_is_ready(void **state)
{
	struct fixture *f = *state;

	start(f, "--exit-when-ready", NULL, NULL); /* awaits READY=1 */
	assert_int_equal(proc_await_exit(f->p, soon(), NULL), 0);
	assert_int_equal(proc_info(f->p)->status, 0);
}

static void a_lost_redis_ends_it(void **state)
{
	struct fixture *f = *state;
	redisReply *r;

	start(f, NULL, NULL, NULL);
	r = redisCommand(f->c, "CLIENT KILL TYPE pubsub");
	assert_non_null(r);
	freeReplyObject(r);
	assert_int_equal(proc_await_exit(f->p, soon(), NULL), 0);
	assert_int_equal(WEXITSTATUS(proc_info(f->p)->status), 70);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_message_is_counted_whatever_its_size),
		T(when_told_it_exits_as_soon_as_it_is_ready),
		T(a_relay_publishes_every_message_back_in_order),
		T(a_marker_selects_what_is_relayed),
		T(without_redis_it_says_so_and_ends),
		T(a_lost_redis_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
