/* A subject visited; see visit.h.  Read visit_open(), then visit_end(). */
#include "harness/visit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/books.h"
#include "harness/file.h"

#define LOOK_NS	      NS_PER_MS
#define ANSWER_NS     (3 * NS_PER_S)	 /* for counters, and for a last message to arrive */
#define GRACE_NS      (2500 * NS_PER_MS) /* before it is killed; the contract allows 2 s */
#define SUBSCRIBED_NS (5 * NS_PER_S)
#define OWN_EVENTS    200 /* in the plan; no visit sends more */
#define OTHER_EVENTS  20
#define TITLE_MAX     65536
#define LOG_MAX	      (1 << 20) /* of stdout and of stderr; a visit writes a few KiB */

/* ---- before the load ------------------------------------------------------------------ */

/* Own events a millisecond apart, a few of the other types among them. */
static int build_plan(struct visit *v, struct err *e)
{
	enum event_type type = v->live.run->extractor;
	struct plan_lane lanes[2] = {
		{ .count = OWN_EVENTS,
		  .rate_hz = 1000,
		  .arrival = ARRIVAL_CONSTANT,
		  .app_cycle = true },
		{ .count = OTHER_EVENTS, .rate_hz = 400, .arrival = ARRIVAL_CONSTANT },
	};
	struct plan_spec spec = { .lanes = lanes, .n_lanes = ARRAY_SIZE(lanes) };
	int rc;

	spec.seed = rng_u64(&v->session->rng);
	lanes[0].weight[type] = 1;
	for (int t = 0; t < EVENT_TYPES; t++)
		lanes[1].weight[t] = t != (int)type;
	rc = plan_build(&v->plan, &spec, e);
	rc = rc ? rc : plan_rebase(v->plan, clock_wall_us(), e);
	if (rc)
		return rc;
	v->live.run->plan_seed = spec.seed;
	v->live.run->plan_checksum = v->plan->checksum;
	v->sent_wall_us = mem_calloc(OWN_EVENTS, sizeof(*v->sent_wall_us));
	v->seen->sent_wall_us = v->sent_wall_us;
	return 0;
}

static void copy_own(struct visit *v)
{
	struct event *own = mem_calloc(OWN_EVENTS, sizeof(*own));
	size_t n = 0;

	for (size_t i = 0; i < v->plan->n; i++)
		if (plan_type(v->plan, i) == v->live.run->extractor)
			plan_event(v->plan, i, &own[n++]);
	v->seen->own = own;
}

static int start_ears(struct visit *v, struct err *e)
{
	const struct redis_addr *a = sut_redis_addr(v->session->sut);
	struct tap_conf conf = { .addr = { .socket = a->socket,
					   .host = a->host,
					   .port = a->port,
					   .username = a->username,
					   .password = a->password },
				 .features = true };
	int rc = tap_start(&v->live.tap, &conf, e);

	rc = rc ? rc : redis_query_open(&v->ear, a, ANSWER_NS, e);
	rc = rc ? rc : redis_query_listen(v->ear, "*", e);
	return rc ? rc : redis_query_client_ids(sut_redis(v->session->sut), &v->ids, &v->n_ids, e);
}

static int make_env(struct visit *v, const struct visit_conf *conf, struct strv *env, struct err *e)
{
	int rc = live_environment(&v->live, env, e);
	char text[40];

	snprintf(text, sizeof(text), "%.17g", conf->interval_s);
	strv_set_env(env, "UPDATE_INTERVAL", text);
	if (!conf->traced)
		strv_set_env(env, "SECLYZER_TRACE", "");
	if (!conf->database)
		strv_set_env(env, "INFLUX_URL", "");
	if (conf->env)
		strv_override(env, conf->env);
	return rc;
}

static bool is_subscribed(struct visit *v, void *ctx UNUSED)
{
	struct err ignored = ERR_INIT;
	int64_t n = 0;

	return !redis_query_numsub(sut_redis(v->session->sut), EVENTS_CHANNEL, &n, &ignored) &&
	       n > 0; /* patterns, as the ear's, do not count */
}

/* READY=1, or the subscription where it does not notify. */
static int await_ready(struct visit *v, struct err *e)
{
	const struct subject *subject = v->live.subject;
	int64_t deadline_ns = clock_mono_ns() + (int64_t)(subject->ready_timeout_s * 1e9);
	int rc;

	if (subject->readiness == READY_NOTIFY) {
		rc = proc_await_ready(v->live.proc, deadline_ns, e);
		v->seen->said_ready = !rc;
		v->seen->ready_ns = proc_info(v->live.proc)->ready_ns;
		v->seen->subscribed_at_ready = !rc && is_subscribed(v, NULL);
	}
	/* It may lie: what is sent before the subscription would be lost. */
	rc = visit_await(v, is_subscribed, NULL, deadline_ns, e);
	return rc < 0 ? rc
	       : rc   ? 0
		      : err_set(e, -ETIMEDOUT, "%s did not subscribe within %g s", subject->name,
				subject->ready_timeout_s);
}

static int start_subject(struct visit *v, const struct visit_conf *conf, struct err *e)
{
	struct session *s = v->session;
	struct strv env = { 0 };
	struct proc_spec spec = {
		.name = v->live.subject->name,
		.argv = &v->live.subject->argv,
		.env = &env,
		.cwd = conf->cwd,
		.cpus = &s->cpus.subject,
		.notify_dir = s->dir,
		.keep_stdout_bytes = LOG_MAX,
		.keep_stderr_bytes = LOG_MAX,
		.hooks = &s->hooks,
		.loop = s->loop,
	};
	int rc = make_env(v, conf, &env, e);

	rc = rc ? rc : proc_start(&v->live.proc, &spec, e);
	strv_release(&env);
	return rc ? rc : await_ready(v, e);
}

int visit_open(struct visit *v, struct session *s, const struct subject *subject,
	       const struct visit_conf *conf, struct visit_seen *seen, struct run *run,
	       struct err *e)
{
	int64_t wall_us = clock_wall_us();
	int rc;

	memset(v, 0, sizeof(*v));
	v->session = s;
	v->seen = seen;
	v->live.session = s;
	v->live.sut = s->sut;
	v->live.subject = subject;
	v->live.run = run;
	v->live.wall_minus_mono_us = wall_us - clock_mono_ns() / NS_PER_US;
	s->n_runs++;
	run->started_wall_us = wall_us;
	seen->rows_before_end = -1;
	snprintf(seen->run, sizeof(seen->run), "%s", run->id);
	noise_start(&v->live.noise, s->sut);
	rc = build_plan(v, e);
	rc = rc ? rc : start_ears(v, e);
	rc = rc ? rc : start_subject(v, conf, e);
	/* Events are of now, not of before a slow start. */
	rc = rc ? rc : plan_rebase(v->plan, clock_wall_us(), e);
	if (!rc)
		copy_own(v);
	return rc ? err_wrap(e, "%s", subject->name) : 0;
}

/* ---- listening --------------------------------------------------------------------------- */

static void on_message(void *ctx, const char *channel, const char *payload, size_t len)
{
	if (strcmp(channel, EVENTS_CHANNEL))
		evidence_hear(ctx, channel, payload, len, clock_wall_us());
}

int visit_await(struct visit *v, bool (*cond)(struct visit *v, void *ctx), void *ctx,
		int64_t deadline_ns, struct err *e)
{
	char words[PROC_WORDS_MAX];

	for (;;) {
		int rc = redis_query_heard(v->ear, on_message, v->seen, e);

		if (rc)
			return rc;
		if (cond && cond(v, ctx))
			return 1;
		if (clock_mono_ns() >= deadline_ns)
			return 0;
		rc = proc_await_exit(v->live.proc, clock_mono_ns() + LOOK_NS, NULL);
		if (rc == -EINTR || v->session->stopped)
			return err_set(e, -EINTR, "stopped by a signal");
		if (rc != -ETIMEDOUT)
			return err_set(e, -ECHILD, "%s: ended in the middle of the visit: %s",
				       v->live.subject->name,
				       proc_exit_words(proc_info(v->live.proc)->status, words));
	}
}

int visit_pause(struct visit *v, double s, struct err *e)
{
	return visit_await(v, NULL, NULL, clock_mono_ns() + (int64_t)(s * 1e9), e);
}

size_t visit_heard(const struct visit *v)
{
	const char *channel = feature_routes[v->live.run->extractor].channel;
	size_t n = 0;

	for (size_t i = 0; i < v->seen->n_heard; i++)
		n += !strcmp(v->seen->heard[i].channel, channel);
	return n;
}

int64_t visit_log_lines(const struct visit *v)
{
	const struct outlog *o = proc_stderr(v->live.proc);

	return (int64_t)(o->n_lines - o->n_stats);
}

/* ---- sending ----------------------------------------------------------------------------- */

static int publish(struct visit *v, const char *text, struct err *e)
{
	const char *argv[] = { "PUBLISH", EVENTS_CHANNEL, text };
	struct buf reply = { 0 };
	int rc = redis_query_command(sut_redis(v->session->sut), 3, argv, &reply, e);

	buf_release(&reply);
	v->seen->sent += !rc;
	return rc;
}

int visit_send(struct visit *v, size_t own, struct err *e)
{
	struct visit_seen *seen = v->seen;
	int rc = 0;

	while (!rc && own && v->next < v->plan->n) {
		char scratch[PLAN_BULK_MAX];
		struct span text = plan_message(v->plan, v->next, scratch);
		bool mine = plan_type(v->plan, v->next) == v->live.run->extractor;
		char *copy = mem_strndup(text.p, text.len);

		if (mine)
			v->sent_wall_us[seen->n_own] = clock_wall_us();
		rc = publish(v, copy, e);
		free(copy);
		v->next++;
		seen->n_own += mine;
		seen->sent_other += !mine;
		own -= mine;
	}
	BUG_ON(!rc && own); /* the plan is long enough for every visit */
	return rc;
}

int visit_send_bad(struct visit *v, enum event_verdict reason, const char *text, struct err *e)
{
	int rc = publish(v, text, e);

	if (!rc) {
		v->seen->sent_bad++;
		v->seen->bad_by_reason[reason]++;
	}
	return rc;
}

static bool was_there(const struct visit *v, int64_t id)
{
	for (size_t i = 0; i < v->n_ids; i++)
		if (v->ids[i] == id)
			return true;
	return false;
}

int visit_cut(struct visit *v, struct err *e)
{
	struct redis_query *q = sut_redis(v->session->sut);
	int64_t *ids;
	size_t n;
	int rc;

	if (!sut_redis_proc(v->session->sut))
		return err_set(e, -EPERM, "this Redis is not private: a cut could hit others");
	rc = redis_query_client_ids(q, &ids, &n, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		struct buf reply = { 0 };
		struct err gone = ERR_INIT;
		char id[24];
		const char *argv[] = { "CLIENT", "KILL", "ID", id };

		snprintf(id, sizeof(id), "%lld", (long long)ids[i]);
		if (!was_there(v, ids[i])) /* one that has gone by itself is cut, too */
			(void)!redis_query_command(q, 4, argv, &reply, &gone);
		buf_release(&reply);
	}
	free(ids);
	return 0;
}

/* ---- the database ------------------------------------------------------------------------ */

int visit_points(struct visit *v, int64_t *n, struct err *e)
{
	return books_points(&v->live, n, e);
}

static int read_database(struct visit *v, struct err *e)
{
	struct visit_seen *seen = v->seen;
	struct buf names = { 0 };
	struct influx_query *q;
	int rc;

	if (!v->live.database[0]) {
		snprintf(seen->rows_why, sizeof(seen->rows_why), "the visit has no database");
		return 0;
	}
	rc = books_open_database(&v->live, &q, e);
	if (rc)
		return rc;
	if (influx_query_dialect(q) == INFLUX_V1) {
		rc = influx_query_rows(q, feature_routes[v->live.run->extractor].measurement,
				       &seen->rows, e);
		rc = rc ? rc : influx_query_measurements(q, &names, e);
		seen->has_rows = !rc;
		seen->measurements = mem_strdup(buf_str(&names));
	} else {
		snprintf(seen->rows_why, sizeof(seen->rows_why),
			 "this database keeps milliseconds and no databases of their own; "
			 "messages have microseconds");
	}
	buf_release(&names);
	influx_query_close(q);
	return rc;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void ask_counters(struct visit *v)
{
	struct err ignored = ERR_INIT;

	if (v->live.subject->has_counters == SUBJECT_NO)
		return;
	v->seen->has_asked = !proc_ask_stats(v->live.proc, clock_mono_ns() + ANSWER_NS,
					     &v->seen->asked, NULL, &ignored);
}

static void read_title(struct visit *v)
{
	struct buf text = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)proc_info(v->live.proc)->pid);
	if (!file_read(path, TITLE_MAX, &text, NULL)) {
		for (size_t i = 0; i < text.len; i++)
			if (!text.data[i])
				text.data[i] = ' ';
		v->seen->title = mem_strdup(buf_str(&text));
	}
	buf_release(&text);
}

/* Ended by the signal, or killed after the grace. */
static int stop(struct visit *v, int signo, struct err *e)
{
	struct visit_seen *seen = v->seen;
	struct err slow = ERR_INIT;
	int rc;

	seen->asked_to_stop_ns = clock_mono_ns();
	rc = proc_signal(v->live.proc, signo, e);
	if (rc)
		return rc;
	rc = proc_await_exit(v->live.proc, clock_mono_ns() + GRACE_NS, NULL);
	if (rc == -EINTR)
		return err_set(e, -EINTR, "stopped by a signal");
	seen->killed = rc;
	if (rc && proc_stop(v->live.proc, 0, &slow) == -EBUSY)
		return err_set(e, -EBUSY, "%s", slow.text);
	seen->exited_ns = proc_info(v->live.proc)->exited_ns;
	seen->status = proc_info(v->live.proc)->status;
	return 0;
}

static void take_words(struct visit *v)
{
	const struct outlog *err = proc_stderr(v->live.proc), *out = proc_stdout(v->live.proc);
	struct buf text = { 0 };
	struct err none = ERR_INIT;

	buf_add(&text, err->kept.data, err->kept.len);
	buf_add_char(&text, '\n'); /* the last line of one is not the first of the other */
	buf_add(&text, out->kept.data, out->kept.len);
	for (size_t i = 0; i < text.len; i++) /* a NUL would hide what is behind it */
		if (!text.data[i])
			text.data[i] = ' ';
	v->seen->log = mem_strdup(buf_str(&text));
	v->seen->log_unkept_bytes = (int64_t)(err->n_unkept_bytes + out->n_unkept_bytes);
	buf_release(&text);
	v->seen->has_final = !proc_last_stats(v->live.proc, &v->seen->final, NULL, &none);
	v->seen->stopping_ns = proc_info(v->live.proc)->stopping_ns;
	v->seen->n_watchdog = (int64_t)proc_info(v->live.proc)->n_watchdog;
}

/* What the tap has by then, as copies: the tap's memory goes with it. */
static int take_tapped(struct visit *v, struct err *e)
{
	struct visit_seen *seen = v->seen;
	struct err late = ERR_INIT;
	size_t n;

	/* What does not come is for the items to notice. */
	(void)!tap_await(v->live.tap, 0, visit_heard(v), clock_mono_ns() + ANSWER_NS, &late);
	if (tap_stop(v->live.tap, &late) && late.code != -ETIMEDOUT)
		return err_set(e, -EIO, "tap: %s", late.text);
	seen->tapped = books_messages(&v->live, &n);
	for (size_t i = 0; i < n; i++)
		seen->tapped[i].json = mem_strndup(seen->tapped[i].json, seen->tapped[i].len);
	seen->n_tapped = n;
	return 0;
}

/* The lines of a run's books that hold in every visit. */
static void enter_ledger(struct visit *v)
{
	struct visit_seen *seen = v->seen;
	struct ledger *l = &v->live.run->ledger;
	int64_t received;

	ledger_add(l, "sent", (int64_t)v->next + seen->sent_bad, seen->sent, "%s", "");
	if (seen->has_final && counters_get(&seen->final, "received", &received))
		ledger_add(l, "received by the subject", seen->sent, received, "%s", "");
	else
		ledger_unavailable(l, "received by the subject", "the subject told no counters");
	v->live.run->plan_events = seen->sent;
	v->live.run->plan_own_events = (int64_t)seen->n_own;
}

int visit_end(struct visit *v, int signo, struct err *e)
{
	int64_t n;
	int rc;

	read_title(v);
	ask_counters(v);
	rc = stop(v, signo, e);
	/* When Redis answers this, it has written to all what was published before. */
	rc = rc ? rc : redis_query_numsub(sut_redis(v->session->sut), EVENTS_CHANNEL, &n, e);
	rc = rc ? rc : redis_query_heard(v->ear, on_message, v->seen, e);
	if (rc)
		return rc;
	take_words(v);
	rc = take_tapped(v, e);
	rc = rc ? rc : read_database(v, e);
	if (!rc)
		enter_ledger(v);
	v->seen->made = !rc;
	return rc;
}

void visit_close(struct visit *v)
{
	redis_query_close(v->ear);
	free(v->ids);
	live_close(&v->live);
	plan_free(v->plan);
}
