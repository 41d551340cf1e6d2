/*
 * Starting, awaiting and stopping the servers; see sut.h.
 *
 * A database is a row of a table: its package, its arguments, its files.  The
 * databases take any free port and are asked through /proc which one; Redis must
 * be told a number, so a port that was taken in between means another try.
 */
#include "harness/sut.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/listeners.h"

#define ASK_TIMEOUT_NS	 (2 * NS_PER_S)	 /* of one question while awaiting readiness */
#define QUERY_TIMEOUT_NS (30 * NS_PER_S) /* reading back a large measurement */
#define ASK_AGAIN_NS	 (2 * NS_PER_MS)
#define STOP_GRACE_NS	 (5 * NS_PER_S)
#define PORT_TRIES	 5
#define PORTS_MAX	 16 /* listeners of one database; influxd has two */

struct sut {
	struct sut_conf conf;
	struct proc *redis_proc, *db_proc;
	struct redis_addr redis_addr;
	struct redis_query *redis;
	struct influx_target target;
	struct influx_query *influx;
	char redis_version[64];
};

/* Every server gets the same small environment, so that ours has no say. */
static int start_server(struct sut *s, const char *package, const struct strv *argv,
			struct proc **out, struct err *e)
{
	struct proc_spec spec = { .name = argv->v[0],
				  .argv = argv,
				  .cwd = s->conf.dir,
				  .cpus = s->conf.cpus,
				  .hooks = s->conf.hooks,
				  .loop = s->conf.loop };
	struct strv env = { 0 };
	char path[4096];
	int rc = proc_find_program(argv->v[0], package, path, sizeof(path), e);

	if (rc)
		return rc;
	strv_set_env(&env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strv_set_env(&env, "HOME", s->conf.dir);
	strv_set_env(&env, "LANG", "C.UTF-8");
	spec.env = &env;
	rc = proc_start(out, &spec, e);
	strv_release(&env);
	return rc;
}

/*
 * Between two questions: let the loop run a moment, which an end cuts short.
 * 0: ask again; else why there is no use in it.
 */
static int before_next_try(struct proc *p, int64_t deadline_ns, struct err *last)
{
	char words[PROC_WORDS_MAX], said[256];
	int64_t now_ns = clock_mono_ns();
	int rc;

	rc = proc_await_exit(p, now_ns + ASK_AGAIN_NS, NULL);
	if (rc == -EINTR)
		return err_set(last, rc, "%s: interrupted", proc_name(p));
	if (rc == -ETIMEDOUT && now_ns < deadline_ns) {
		err_reset(last);
		return 0;
	}
	if (rc == -ETIMEDOUT) {
		err_set(last, rc, "no answer");
		return err_wrap(last, "%s: not ready in time", proc_name(p));
	}
	outlog_last_words(proc_stderr(p), said, sizeof(said));
	if (!*said)
		outlog_last_words(proc_stdout(p), said, sizeof(said));
	err_reset(last);
	return err_set(last, -ECHILD, "%s: ended (%s) before it was ready: %s", proc_name(p),
		       proc_exit_words(proc_info(p)->status, words), said);
}

static int64_t ready_deadline_ns(const struct sut *s)
{
	return clock_mono_ns() + (int64_t)(s->conf.ready_timeout_s * 1e9);
}

static void redis_argv(const struct sut *s, int port, struct strv *argv)
{
	static const char *const fixed[] = {
		"--bind",	"127.0.0.1", "--unixsocketperm", "700", "--save",     "",
		"--appendonly", "no",	     "--daemonize",	 "no",	"--loglevel", "warning",
	};

	strv_add(argv, "redis-server");
	strv_add(argv, "--port");
	strv_addf(argv, "%d", port);
	strv_add(argv, "--unixsocket");
	strv_add(argv, s->redis_addr.socket);
	strv_add(argv, "--dir");
	strv_add(argv, s->conf.dir);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		strv_add(argv, fixed[i]);
}

/* One try; -ECHILD when the server ended by itself, e.g. for want of its port. */
static int try_redis(struct sut *s, struct err *e)
{
	int64_t deadline_ns = ready_deadline_ns(s);
	struct strv argv = { 0 };
	int rc = 0;

	s->redis_addr.port = 0;
	if (s->conf.redis_tcp) {
		snprintf(s->redis_addr.host, sizeof(s->redis_addr.host), "127.0.0.1");
		rc = port_pick(&s->redis_addr.port, e);
	}
	if (rc)
		return rc;
	redis_argv(s, s->redis_addr.port, &argv);
	rc = start_server(s, "redis-server", &argv, &s->redis_proc, e);
	strv_release(&argv);
	while (!rc && redis_query_open(&s->redis, &s->redis_addr, ASK_TIMEOUT_NS, e))
		rc = before_next_try(s->redis_proc, deadline_ns, e);
	return rc;
}

static int start_redis(struct sut *s, struct err *e)
{
	int rc = -ENAMETOOLONG;
	int n = snprintf(s->redis_addr.socket, sizeof(s->redis_addr.socket), "%s/redis.sock",
			 s->conf.dir);

	if (n < 0 || (size_t)n >= sizeof(s->redis_addr.socket))
		return err_set(e, rc, "%s: too long for a socket inside", s->conf.dir);
	for (int i = 0; i < PORT_TRIES; i++) {
		rc = try_redis(s, e);
		if (rc != -ECHILD || !s->conf.redis_tcp || i == PORT_TRIES - 1)
			break;
		proc_free(s->redis_proc);
		s->redis_proc = NULL;
		err_reset(e);
	}
	return rc;
}

static int open_redis(struct sut *s, struct err *e)
{
	int rc;

	if (!s->conf.redis_url || !*s->conf.redis_url) {
		rc = start_redis(s, e);
	} else {
		rc = redis_addr_parse(&s->redis_addr, s->conf.redis_url, e);
		if (!rc)
			rc = redis_query_open(&s->redis, &s->redis_addr, ASK_TIMEOUT_NS, e);
		if (rc)
			return err_wrap(e, "REDIS_URL");
	}
	if (!rc)
		rc = redis_query_info(s->redis, "server", "redis_version", s->redis_version,
				      sizeof(s->redis_version), e);
	return rc;
}

static int influxd_argv(const struct sut *s, struct strv *argv, struct err *e)
{
	struct buf text = { 0 };
	char path[256];
	int rc;

	/*
	 * No port is fixed: influxd's own default for its backup service is 8088.
	 * What it would do by itself at some moment (statistics, retention,
	 * pre-creation, subscriptions, reports) is off, as it would be foreign load.
	 */
	buf_printf(&text,
		   "reporting-disabled = true\n"
		   "bind-address = \"127.0.0.1:0\"\n"
		   "[meta]\n  dir = \"%s/influx/meta\"\n"
		   "[data]\n  dir = \"%s/influx/data\"\n  wal-dir = \"%s/influx/wal\"\n"
		   "  query-log-enabled = false\n"
		   "[monitor]\n  store-enabled = false\n"
		   "[retention]\n  enabled = false\n"
		   "[shard-precreation]\n  enabled = false\n"
		   "[subscriber]\n  enabled = false\n"
		   "[continuous_queries]\n  enabled = false\n"
		   "[http]\n  bind-address = \"127.0.0.1:0\"\n  auth-enabled = false\n"
		   "  log-enabled = false\n  max-row-limit = 0\n"
		   "[logging]\n  level = \"warn\"\n  suppress-logo = true\n",
		   s->conf.dir, s->conf.dir, s->conf.dir);
	snprintf(path, sizeof(path), "%s/influxdb.conf", s->conf.dir);
	rc = file_write(path, text.data, text.len, e);
	buf_release(&text);
	strv_add(argv, "influxd");
	strv_add(argv, "-config");
	strv_add(argv, path);
	return rc;
}

static int victoria_argv(const struct sut *s, struct strv *argv, struct err *e UNUSED)
{
	strv_add(argv, "victoria-metrics");
	strv_add(argv, "-httpListenAddr=127.0.0.1:0");
	strv_addf(argv, "-storageDataPath=%s/victoria", s->conf.dir);
	/* Points carry the events' own times, which may be any: keep them all. */
	strv_add(argv, "-retentionPeriod=100y");
	strv_add(argv, "-loggerLevel=ERROR");
	return 0;
}

static const struct {
	const char *package;
	enum influx_dialect dialect;
	int (*argv)(const struct sut *s, struct strv *argv, struct err *e);
} databases[] = {
	[SUT_DB_INFLUXD] = { "influxdb", INFLUX_V1, influxd_argv },
	[SUT_DB_VICTORIA] = { "victoria-metrics", INFLUX_VICTORIA, victoria_argv },
};

/* Which of the ports that the process listens on answers /ping?  0 when one does. */
static int find_http(struct sut *s)
{
	int ports[PORTS_MAX], n;

	n = listeners_of(proc_info(s->db_proc)->pid, ports, PORTS_MAX, NULL);
	for (int i = 0; i < n && i < PORTS_MAX; i++) {
		snprintf(s->target.url, sizeof(s->target.url), "http://127.0.0.1:%d", ports[i]);
		if (!influx_query_open(&s->influx, &s->target, QUERY_TIMEOUT_NS, NULL))
			return 0;
	}
	return -EAGAIN;
}

static int start_db(struct sut *s, struct err *e)
{
	int64_t deadline_ns = ready_deadline_ns(s);
	struct strv argv = { 0 };
	int rc;

	s->target.dialect = databases[s->conf.db].dialect;
	rc = databases[s->conf.db].argv(s, &argv, e);
	if (!rc)
		rc = start_server(s, databases[s->conf.db].package, &argv, &s->db_proc, e);
	strv_release(&argv);
	while (!rc && find_http(s))
		rc = before_next_try(s->db_proc, deadline_ns, e);
	return rc;
}

static int copy_setting(char *to, size_t size, const char *name, const char *from, struct err *e)
{
	if (!from)
		from = "";
	if (strlen(from) >= size)
		return err_set(e, -EINVAL, "%s: longer than %zu bytes", name, size - 1);
	memcpy(to, from, strlen(from) + 1);
	return 0;
}

static int attach_db(struct sut *s, struct err *e)
{
	struct influx_target *t = &s->target;
	const struct sut_conf *c = &s->conf;
	int rc;

	if (copy_setting(t->url, sizeof(t->url), "INFLUX_URL", c->influx_url, e) ||
	    copy_setting(t->username, sizeof(t->username), "INFLUX_USER", c->influx_user, e) ||
	    copy_setting(t->password, sizeof(t->password), "INFLUX_PASSWORD", c->influx_password,
			 e) ||
	    copy_setting(t->token, sizeof(t->token), "INFLUX_TOKEN", c->influx_token, e))
		return -EINVAL;
	rc = influx_query_open(&s->influx, t, QUERY_TIMEOUT_NS, e);
	if (rc)
		return err_wrap(e, "INFLUX_URL");
	t->dialect = influx_query_dialect(s->influx);
	return 0;
}

static int open_db(struct sut *s, struct err *e)
{
	int rc;

	if (s->conf.db == SUT_DB_NONE)
		return 0;
	rc = copy_setting(s->target.database, sizeof(s->target.database), "database",
			  s->conf.database, e);
	if (!rc)
		rc = s->conf.influx_url && *s->conf.influx_url ? attach_db(s, e) : start_db(s, e);
	return rc ? rc : influx_query_create_db(s->influx, e);
}

static int release(struct sut *s, struct err *e)
{
	struct proc *procs[] = { s->db_proc, s->redis_proc };
	int rc = 0;

	influx_query_close(s->influx);
	redis_query_close(s->redis);
	for (size_t i = 0; i < ARRAY_SIZE(procs); i++) {
		int one = procs[i] ? proc_stop(procs[i], STOP_GRACE_NS, e) : 0;

		if (one && !rc)
			rc = one;
		proc_free(procs[i]);
	}
	explicit_bzero(&s->redis_addr, sizeof(s->redis_addr));
	explicit_bzero(&s->target, sizeof(s->target));
	free(s);
	return rc;
}

int sut_start(struct sut **out, const struct sut_conf *conf, struct err *e)
{
	struct sut *s = mem_calloc(1, sizeof(*s));
	struct err own = ERR_INIT;
	int rc;

	if (!e) /* failed tries are forgotten by resetting it */
		e = &own;
	s->conf = *conf;
	rc = open_redis(s, e);
	if (!rc)
		rc = open_db(s, e);
	if (rc)
		release(s, NULL); /* the first cause counts, not how the stopping went */
	else
		*out = s;
	return rc;
}

int sut_stop(struct sut *s, struct err *e)
{
	return s ? release(s, e) : 0;
}

const struct redis_addr *sut_redis_addr(const struct sut *s)
{
	return &s->redis_addr;
}

struct redis_query *sut_redis(struct sut *s)
{
	return s->redis;
}

const struct influx_target *sut_influx_target(const struct sut *s)
{
	return s->influx ? &s->target : NULL;
}

struct influx_query *sut_influx(struct sut *s)
{
	return s->influx;
}

const char *sut_redis_version(const struct sut *s)
{
	return s->redis_version;
}

const char *sut_db_version(const struct sut *s)
{
	return s->influx ? influx_query_version(s->influx) : NULL;
}

const struct proc *sut_redis_proc(const struct sut *s)
{
	return s->redis_proc;
}

const struct proc *sut_db_proc(const struct sut *s)
{
	return s->db_proc;
}
