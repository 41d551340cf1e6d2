/* callgrind as a counter; see instructions.h. */
#include "harness/instructions.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/num.h"
#include "harness/counters.h"
#include "harness/file.h"
#include "harness/pgroup.h"
#include "harness/replay_server.h"

#define OUT_MAX	 (64 << 20) /* of the profile: 1 MB for Python */
#define TOTALS	 "\ntotals: "
#define GRACE_NS (60 * NS_PER_S) /* writing the profile is part of the end */

int instructions_available(struct err *e)
{
	char path[PATH_MAX];

	if (proc_find_program("valgrind", NULL, path, sizeof(path), NULL))
		return err_set(e, -ENOENT, "valgrind is not installed");
	return 0;
}

int instructions_parse(const char *text, size_t len, int64_t *total, struct err *e)
{
	const char *p = memmem(text, len, TOTALS, strlen(TOTALS)), *end;
	char number[24];

	p = p ? p + strlen(TOTALS) : text + len;
	end = memchr(p, '\n', (size_t)(text + len - p));
	if (!end)
		return err_set(e, -EINVAL, "callgrind: no totals in what it wrote");
	snprintf(number, sizeof(number), "%.*s", (int)(end - p < 23 ? end - p : 23), p);
	if (!num_parse_i64(number, total) || *total < 0)
		return err_set(e, -EINVAL, "callgrind: totals: \"%s\" is no number", number);
	return 0;
}

/* One run's books. */
struct count {
	int64_t total, sent, received, published, features;
};

/* callgrind counts the process that it started; what that one forks is somebody else's. */
static int check_alone(const struct proc *p, struct err *e)
{
	size_t n = 0;
	int rc = pgroup_count(proc_info(p)->pid, &n);

	if (rc)
		return err_set(e, rc, "its processes cannot be counted: %s", strerror(-rc));
	if (n > 1)
		return err_set(e, -ENOTSUP,
			       "the subject is %zu processes and only the first is counted", n);
	return 0;
}

/* Events until all are taken, then SIGTERM and the end. */
static int feed_all(const struct instructions_conf *conf, struct proc *p, struct replay_server *rs,
		    struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + conf->timeout_ns;
	int rc = 0;

	while (!rc) {
		/* Its output is drained meanwhile, and its end seen. */
		rc = proc_await_exit(p, clock_mono_ns(), NULL);
		if (rc != -ETIMEDOUT)
			return rc ? err_set(e, rc, "interrupted")
				  : err_set(e, -ECHILD, "ended before it had all events");
		rc = replay_server_step(rs, proc_info(p)->pid, e);
		if (!rc && clock_mono_ns() >= deadline_ns)
			return err_set(e, -ETIMEDOUT, "after %.3g s it had only %zu events",
				       (double)conf->timeout_ns / 1e9,
				       replay_server_counts(rs)->sent);
	}
	rc = rc < 0 ? rc : check_alone(p, e);
	return rc ? rc : proc_stop(p, GRACE_NS, e);
}

static void take_counters(const struct proc *p, struct count *c)
{
	struct counters counters;

	c->received = c->features = -1;
	if (proc_last_stats(p, &counters, NULL, NULL))
		return;
	if (!counters_get(&counters, "received", &c->received))
		c->received = -1;
	if (!counters_get(&counters, "features", &c->features))
		c->features = -1;
}

static int read_total(const char *path, int64_t *total, struct err *e)
{
	struct buf text = { 0 };
	int rc = file_read(path, OUT_MAX, &text, e);

	rc = rc ? rc : instructions_parse(text.data, text.len, total, e);
	buf_release(&text);
	return rc;
}

static void make_argv(const struct instructions_conf *conf, const char *out, struct strv *argv)
{
	strv_add(argv, "valgrind");
	strv_add(argv, "--tool=callgrind");
	strv_add(argv, "--quiet");
	strv_addf(argv, "--callgrind-out-file=%s", out);
	strv_add(argv, "--");
	for (size_t i = 0; i < conf->argv->n; i++)
		strv_add(argv, conf->argv->v[i]);
}

/* What differs from run to run by itself is held still. */
static void make_env(const struct instructions_conf *conf, const char *socket, struct strv *env)
{
	for (size_t i = 0; i < conf->env->n; i++)
		strv_add(env, conf->env->v[i]);
	strv_set_env(env, "REDIS_SOCKET", socket);
	strv_set_env(env, "UPDATE_INTERVAL", "86400");
	strv_set_env(env, "PYTHONHASHSEED", "0");
}

static int run_subject(const struct instructions_conf *conf, struct replay_server *rs,
		       const char *socket, const char *profile, struct count *c, struct err *e)
{
	struct strv argv = { 0 }, env = { 0 };
	const struct proc_spec spec = {
		.name = conf->name,
		.argv = &argv,
		.env = &env,
		.cwd = conf->dir,
		.cpus = conf->cpus,
		.hooks = conf->hooks,
		.loop = conf->loop,
	};
	struct proc *p = NULL;
	int rc;

	make_argv(conf, profile, &argv);
	make_env(conf, socket, &env);
	rc = proc_start(&p, &spec, e);
	/*
	 * A count is not changed by who runs beside it, but who bounds his turns by time
	 * must not be held up within one.  Only root may; others count as well as they can.
	 */
	if (!rc)
		(void)!setpriority(PRIO_PROCESS, (id_t)proc_info(p)->pid, -20);
	rc = rc ? rc : feed_all(conf, p, rs, e);
	if (!rc)
		take_counters(p, c);
	if (!rc && proc_info(p)->status)
		rc = err_set(e, -EIO, "it did not end with exit 0");
	proc_free(p);
	strv_release(&argv);
	strv_release(&env);
	return rc;
}

static int count_one(const struct instructions_conf *conf, size_t events, struct count *c,
		     struct err *e)
{
	struct replay_server *rs = NULL;
	char socket[PATH_MAX], profile[PATH_MAX];
	int rc;

	/* The same names each time: an argument's length is part of what is counted. */
	snprintf(socket, sizeof(socket), "%s/replay", conf->dir);
	snprintf(profile, sizeof(profile), "%s/callgrind.out", conf->dir);
	unlink(socket);
	rc = replay_server_open(&rs, socket, conf->plan, events, e);
	rc = rc ? rc : run_subject(conf, rs, socket, profile, c, e);
	if (!rc) {
		c->sent = (int64_t)replay_server_counts(rs)->sent;
		c->published = (int64_t)replay_server_counts(rs)->published;
		rc = read_total(profile, &c->total, e);
	}
	replay_server_close(rs);
	unlink(socket);
	unlink(profile);
	return rc;
}

static int64_t sum_or_none(int64_t a, int64_t b)
{
	return a < 0 || b < 0 ? -1 : a + b;
}

int instructions_count(const struct instructions_conf *conf, struct instructions *out,
		       struct err *e)
{
	struct count one, two;
	int rc;

	BUG_ON(!conf->events || conf->plan->n < 2 * conf->events);
	rc = count_one(conf, conf->events, &one, e);
	rc = rc ? rc : count_one(conf, 2 * conf->events, &two, e);
	if (rc)
		return err_wrap(e, "%s under callgrind", conf->name);
	out->per_event = (double)(two.total - one.total) / (double)conf->events;
	out->start = one.total - (two.total - one.total);
	out->sent = one.sent + two.sent;
	out->published = one.published + two.published;
	out->received = sum_or_none(one.received, two.received);
	out->features = sum_or_none(one.features, two.features);
	return 0;
}
