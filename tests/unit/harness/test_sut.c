/*
 * Private servers, real ones: started, asked, read back, gone.
 *
 * Skips where a server is not installed.
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
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "extractors/base/clock.h"
#include "harness/guard.h"
#include "harness/sut.h"
#include "harness/tempdir.h"

struct fixture {
	struct loop *loop;
	struct tempdir dir;
	struct sut *sut;
	struct sut_conf conf;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	f->loop = loop_new(NULL);
	if (!f->loop || tempdir_make(&f->dir, "sut", NULL))
		return -1;
	f->conf = (struct sut_conf){
		.dir = f->dir.path, .loop = f->loop, .database = "bench data", .ready_timeout_s = 60
	};
	return 0;
}

static int drop(void **state)
{
	struct fixture *f = *state;
	int rc = sut_stop(f->sut, NULL);

	loop_free(f->loop);
	rc |= tempdir_remove(&f->dir, NULL);
	free(f);
	return rc;
}

static void start(struct fixture *f)
{
	struct err e = ERR_INIT;

	if (sut_start(&f->sut, &f->conf, &e))
		fail_msg("%s", e.text);
}

static void need(const char *program)
{
	char path[4096];

	if (proc_find_program(program, NULL, path, sizeof(path), NULL)) {
		print_message("%s is not installed\n", program);
		skip();
	}
}

static void redis_is_private_and_keeps_its_shipped_limits(void **state)
{
	static const char *const get[] = { "CONFIG", "GET", "client-output-buffer-limit" };
	static const char *const save[] = { "CONFIG", "GET", "save" };
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct buf b = { 0 };
	char pid[32], mode[32];

	need("redis-server");
	start(f);
	assert_int_equal(strncmp(sut_redis_addr(f->sut)->socket, f->dir.path, strlen(f->dir.path)),
			 0);
	assert_int_equal(sut_redis_addr(f->sut)->port, 0);
	assert_int_equal(
		redis_query_info(sut_redis(f->sut), "server", "process_id", pid, sizeof(pid), &e),
		0);
	assert_int_equal(atoi(pid), proc_info(sut_redis_proc(f->sut))->pid);
	assert_int_equal(
		redis_query_info(sut_redis(f->sut), "server", "tcp_port", mode, sizeof(mode), &e),
		0);
	assert_string_equal(mode, "0");
	assert_true(sut_redis_version(f->sut)[0] >= '5');
	assert_int_equal(redis_query_command(sut_redis(f->sut), 3, get, &b, &e), 0);
	assert_non_null(strstr(buf_str(&b), "pubsub 33554432 8388608 60"));
	buf_reset(&b);
	assert_int_equal(redis_query_command(sut_redis(f->sut), 3, save, &b, &e), 0);
	assert_string_equal(buf_str(&b), "save\n\n");
	buf_release(&b);
	assert_null(sut_influx(f->sut));
	assert_null(sut_influx_target(f->sut));
}

static void subscribers_are_seen(void **state)
{
	static const char *const sub[] = { "SUBSCRIBE", "events" };
	static const char *const name[] = { "CLIENT", "SETNAME", "listener" };
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct redis_query *other;
	struct redis_client *list;
	struct buf b = { 0 };
	size_t n = 0;
	int64_t count = -1;

	need("redis-server");
	start(f);
	assert_int_equal(redis_query_numsub(sut_redis(f->sut), "events", &count, &e), 0);
	assert_int_equal(count, 0);
	assert_int_equal(redis_query_open(&other, sut_redis_addr(f->sut), NS_PER_S, &e), 0);
	assert_int_equal(redis_query_command(other, 3, name, &b, &e), 0);
	assert_int_equal(redis_query_command(other, 2, sub, &b, &e), 0);
	assert_int_equal(redis_query_numsub(sut_redis(f->sut), "events", &count, &e), 0);
	assert_int_equal(count, 1);
	assert_int_equal(redis_query_subscribers(sut_redis(f->sut), &list, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].name, "listener");
	assert_int_equal(list[0].subscriptions, 1);
	free(list);
	redis_query_close(other);
	buf_release(&b);
}

static void an_error_of_redis_is_an_error_and_the_connection_goes_on(void **state)
{
	static const char *const wrong[] = { "NOSUCH" };
	static const char *const ping[] = { "PING" };
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct buf b = { 0 };
	char field[8];

	need("redis-server");
	start(f);
	assert_int_equal(redis_query_command(sut_redis(f->sut), 1, wrong, &b, &e), -EPROTO);
	assert_non_null(strstr(e.text, "Redis: NOSUCH: ERR unknown command"));
	err_reset(&e);
	assert_int_equal(
		redis_query_info(sut_redis(f->sut), "server", "nope", field, sizeof(field), &e),
		-ENOENT);
	err_reset(&e);
	assert_int_equal(redis_query_command(sut_redis(f->sut), 1, ping, &b, &e), 0);
	assert_string_equal(buf_str(&b), "PONG");
	buf_release(&b);
}

static void redis_on_tcp_has_a_port_of_its_own_and_can_be_taken_as_existing(void **state)
{
	struct fixture *f = *state;
	struct sut_conf conf = f->conf;
	struct sut *second;
	struct err e = ERR_INIT;
	char url[64];

	need("redis-server");
	f->conf.redis_tcp = true;
	start(f);
	assert_true(sut_redis_addr(f->sut)->port > 0);
	snprintf(url, sizeof(url), "redis://127.0.0.1:%d", sut_redis_addr(f->sut)->port);
	conf.redis_url = url;
	assert_int_equal(sut_start(&second, &conf, &e), 0);
	assert_null(sut_redis_proc(second));
	assert_string_equal(sut_redis_version(second), sut_redis_version(f->sut));
	assert_int_equal(sut_stop(second, &e), 0);
	assert_false(proc_exited(sut_redis_proc(f->sut))); /* not ours to stop */
}

static void a_server_that_is_not_there_is_said(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	f->conf.redis_url = "redis://:geheim@127.0.0.1:1";
	assert_true(sut_start(&f->sut, &f->conf, &e) < 0);
	assert_string_equal(e.text, "REDIS_URL: Redis 127.0.0.1:1: Connection refused");
	err_reset(&e);
	f->conf.redis_url = "nonsense";
	assert_int_equal(sut_start(&f->sut, &f->conf, &e), -EINVAL);
	f->sut = NULL;
}

static void a_missing_program_says_what_to_install(void **state)
{
	struct fixture *f = *state;
	char *path = strdup(getenv("PATH"));
	struct err e = ERR_INIT;
	int rc;

	setenv("PATH", f->dir.path, 1);
	rc = sut_start(&f->sut, &f->conf, &e);
	setenv("PATH", path, 1);
	free(path);
	assert_int_equal(rc, -ENOENT);
	assert_string_equal(e.text, "redis-server: not found in PATH; "
				    "install it: apt install redis-server");
}

/* A server that ends before it is ready: its own words, and no waiting for the deadline. */
static void an_early_end_is_told_with_the_servers_words(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	int64_t from_ns = clock_mono_ns();
	char socket[128];

	need("redis-server");
	/* Where the socket should be, a directory is in the way. */
	snprintf(socket, sizeof(socket), "%s/redis.sock", f->dir.path);
	assert_int_equal(mkdir(socket, 0700), 0);
	assert_int_equal(sut_start(&f->sut, &f->conf, &e), -ECHILD);
	assert_non_null(strstr(e.text, "redis-server: ended (exit 1) before it was ready: "));
	assert_non_null(strstr(e.text, "Failed opening Unix socket: bind: Address already in use"));
	/* On TCP it may have been the port: tried again, and the last words stay. */
	err_reset(&e);
	f->conf.redis_tcp = true;
	assert_int_equal(sut_start(&f->sut, &f->conf, &e), -ECHILD);
	assert_non_null(strstr(e.text, "Failed opening Unix socket: bind: Address already in use"));
	assert_true(clock_mono_ns() - from_ns < 30 * NS_PER_S);
}

/* Line protocol to the write path that a subject would use. */
static void write_points(const struct influx_target *t, const char *path, const char *lines)
{
	CURL *c = curl_easy_init();
	char url[512];
	long status = 0;

	snprintf(url, sizeof(url), "%s%s", t->url, path);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, lines);
	assert_int_equal(curl_easy_perform(c), CURLE_OK);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	assert_int_equal(status, 204);
	curl_easy_cleanup(c);
}

static const char points[] =
	"keystroke_features,device_id=keyboard_0,user_id=default dev_mode=0.0,dwell_mean=101.23456789012345,"
	"total_keys=12.0 1795461034278528000\n"
	"keystroke_features,device_id=keyboard_0,user_id=default dev_mode=1.0,total_keys=13.0 "
	"1795461039278528000\n"
	"app_transitions,from_app=a\\,b\\ c,to_app=Ünï,user_id=default duration_ms=1999.0 "
	"1795461034000001000\n";

/* What both databases must give back; times to the precision of each. */
static void assert_read_back(struct sut *sut, int64_t precision_ns)
{
	struct influx_query *q = sut_influx(sut);
	struct err e = ERR_INIT;
	struct influx_rows r;
	int64_t n = -1;

	assert_int_equal(influx_query_count(q, "keystroke_features", "dev_mode", &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(influx_query_count(q, "app_transitions", "duration_ms", &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(influx_query_count(q, "nothing", "dev_mode", &n, &e), 0);
	assert_int_equal(n, 0);

	assert_int_equal(influx_query_rows(q, "keystroke_features", &r, &e), 0);
	assert_int_equal(r.n, 2);
	assert_true(r.v[0].time_ns == 1795461034278528000 / precision_ns * precision_ns);
	assert_int_equal(r.v[0].n_tags, 2);
	assert_string_equal(influx_row_tag(&r.v[0], "device_id"), "keyboard_0");
	assert_int_equal(r.v[0].n_fields, 3);
	assert_true(fabs(influx_row_field(&r.v[0], "dwell_mean")->value / 101.23456789012345 - 1) <
		    1e-9);
	assert_int_equal(r.v[1].n_fields, 2);
	assert_true(influx_row_field(&r.v[1], "dev_mode")->value == 1);
	influx_rows_release(&r);

	assert_int_equal(influx_query_rows(q, "app_transitions", &r, &e), 0);
	assert_int_equal(r.n, 1);
	assert_string_equal(influx_row_tag(&r.v[0], "from_app"), "a,b c");
	assert_string_equal(influx_row_tag(&r.v[0], "to_app"), "Ünï");
	assert_true(influx_row_field(&r.v[0], "duration_ms")->value == 1999);
	influx_rows_release(&r);
}

static void influxdb_gives_back_what_was_written(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	int64_t n;

	need("redis-server");
	need("influxd");
	f->conf.db = SUT_DB_INFLUXD;
	start(f);
	assert_int_equal(sut_influx_target(f->sut)->dialect, INFLUX_V1);
	assert_true(strlen(sut_db_version(f->sut)) > 0);
	write_points(sut_influx_target(f->sut), "/write?db=bench%20data&precision=ns", points);
	assert_read_back(f->sut, 1);

	assert_int_equal(influx_query_drop_db(sut_influx(f->sut), &e), 0);
	assert_int_equal(influx_query_create_db(sut_influx(f->sut), &e), 0);
	assert_int_equal(
		influx_query_count(sut_influx(f->sut), "keystroke_features", "dev_mode", &n, &e),
		0);
	assert_int_equal(n, 0);
}

static void victoria_metrics_gives_back_what_was_written(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	need("redis-server");
	need("victoria-metrics");
	f->conf.db = SUT_DB_VICTORIA;
	start(f);
	assert_int_equal(sut_influx_target(f->sut)->dialect, INFLUX_VICTORIA);
	write_points(sut_influx_target(f->sut), "/api/v2/write?org=o&bucket=b&precision=ns",
		     points);
	assert_read_back(f->sut, NS_PER_MS);
	assert_int_equal(influx_query_drop_db(sut_influx(f->sut), &e), -ENOTSUP);
}

static void an_existing_database_is_told_apart_by_its_answer(void **state)
{
	static const enum sut_db kinds[] = { SUT_DB_INFLUXD, SUT_DB_VICTORIA };
	static const enum influx_dialect dialects[] = { INFLUX_V1, INFLUX_VICTORIA };
	struct fixture *f = *state;

	need("redis-server");
	need("influxd");
	need("victoria-metrics");
	for (int i = 0; i < 2; i++) {
		struct sut_conf conf = f->conf;
		struct sut *second;
		struct err e = ERR_INIT;

		f->conf.db = kinds[i];
		start(f);
		conf.redis_url = sut_redis_addr(f->sut)->socket;
		conf.influx_url = sut_influx_target(f->sut)->url;
		conf.db = SUT_DB_INFLUXD;
		assert_int_equal(sut_start(&second, &conf, &e), 0);
		assert_int_equal(sut_influx_target(second)->dialect, dialects[i]);
		assert_null(sut_db_proc(second));
		assert_int_equal(sut_stop(second, &e), 0);
		assert_int_equal(sut_stop(f->sut, &e), 0);
		f->sut = NULL;
	}
}

static void a_database_that_answers_an_error_is_quoted(void **state)
{
	struct fixture *f = *state;
	struct influx_target t;
	struct influx_query *q;
	struct err e = ERR_INIT;
	int64_t n;

	need("redis-server");
	need("influxd");
	f->conf.db = SUT_DB_INFLUXD;
	start(f);
	t = *sut_influx_target(f->sut);
	strcpy(t.database, "elsewhere");
	strcpy(t.username, "me");
	strcpy(t.password, "geheim");
	strcpy(t.token, "geheim");
	assert_int_equal(influx_query_open(&q, &t, NS_PER_S, &e), 0);
	assert_int_equal(influx_query_count(q, "m", "f", &n, &e), -EPROTO);
	assert_string_equal(e.text, "the database's answer: database not found: elsewhere");
	influx_query_close(q);
	err_reset(&e);
	strcpy(t.url, "http://127.0.0.1:1");
	assert_int_equal(influx_query_open(&q, &t, NS_PER_S, &e), -ECONNREFUSED);
	assert_null(strstr(e.text, "geheim"));
	assert_non_null(strstr(e.text, "http://127.0.0.1:1/ping"));
}

/* ---- a killed bench ---------------------------------------------------------- */

struct facts {
	pid_t guardian, redis, influxd;
	char dir[TEMPDIR_PATH_MAX];
};

static int born(void *ctx, pid_t pgid, struct err *e)
{
	return guard_add_group(ctx, pgid, e);
}

static void dying(void *ctx, pid_t pgid)
{
	if (guard_forget_group(ctx, pgid, NULL))
		abort();
}

/* What a session does, up to the moment in which it is killed. */
static int session(struct facts *facts)
{
	struct guard *guard;
	struct proc_hooks hooks;
	struct sut_conf conf = { .db = SUT_DB_INFLUXD, .database = "b", .ready_timeout_s = 60 };
	struct sut *sut;

	if (dup2(open("/dev/null", O_WRONLY), 2) < 0 || guard_start(&guard, NULL) ||
	    guard_mkdtemp(guard, "sut", facts->dir, NULL))
		return 1;
	hooks = (struct proc_hooks){ guard, born, dying };
	conf.dir = facts->dir;
	conf.loop = loop_new(NULL);
	conf.hooks = &hooks;
	if (sut_start(&sut, &conf, NULL))
		return 2;
	facts->guardian = guard_pid(guard);
	facts->redis = proc_info(sut_redis_proc(sut))->pid;
	facts->influxd = proc_info(sut_db_proc(sut))->pid;
	return 0;
}

static bool ends(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	bool ended = poll(&p, 1, 30000) == 1;

	close(pidfd);
	return ended;
}

static void servers_and_files_of_a_killed_session_are_gone(void **state UNUSED)
{
	struct facts f;
	int ends_of_pipe[2], guardian, redis, influxd;
	pid_t pid;

	need("redis-server");
	need("influxd");
	assert_int_equal(pipe(ends_of_pipe), 0);
	pid = fork();
	if (!pid) {
		signal(SIGSEGV,
		       SIG_DFL); /* not cmocka's handler, which would go on with other tests */
		if (session(&f) || write(ends_of_pipe[1], &f, sizeof(f)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends_of_pipe[1]);
	assert_int_equal(read(ends_of_pipe[0], &f, sizeof(f)), sizeof(f));
	close(ends_of_pipe[0]);
	guardian = pidfd_open(f.guardian, 0);
	redis = pidfd_open(f.redis, 0);
	influxd = pidfd_open(f.influxd, 0);
	assert_true(guardian >= 0 && redis >= 0 && influxd >= 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(ends(guardian));
	assert_true(ends(redis));
	assert_true(ends(influxd));
	assert_int_equal(access(f.dir, F_OK), -1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(redis_is_private_and_keeps_its_shipped_limits),
		T(subscribers_are_seen),
		T(an_error_of_redis_is_an_error_and_the_connection_goes_on),
		T(redis_on_tcp_has_a_port_of_its_own_and_can_be_taken_as_existing),
		T(a_server_that_is_not_there_is_said),
		T(a_missing_program_says_what_to_install),
		T(an_early_end_is_told_with_the_servers_words),
		T(influxdb_gives_back_what_was_written),
		T(victoria_metrics_gives_back_what_was_written),
		T(an_existing_database_is_told_apart_by_its_answer),
		T(a_database_that_answers_an_error_is_quoted),
		cmocka_unit_test(servers_and_files_of_a_killed_session_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
