/*
 * The visits of scenario `integration`; see integration.h.  The table of visits is
 * near the end; a step that the subject fails ends its visit, not the session.
 */
#include "harness/integration.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/commands.h"
#include "harness/items.h"
#include "harness/listeners.h"
#include "harness/malformed.h"
#include "harness/pairs.h"
#include "harness/visit.h"

#define FIRST_EVENTS 80 /* enough for features of any extractor */
#define FEW_EVENTS   10
#define MESSAGE_NS   (3 * NS_PER_S) /* for a feature message to come */
#define SUBSCRIBE_NS (6 * NS_PER_S) /* after a cut: the first retries come within 0.3 s */
#define WRITTEN_NS   (4 * NS_PER_S) /* for spooled points to be written */
#define WATCHDOG_US  "60000"
#define WATCHDOG_NS  (NS_PER_S)
#define SECRET	     "s3cr3t-Kv81-never-to-be-shown"
#define COST_S	     3.0 /* of a subject, about */

/* Everything about one subject. */
struct guest {
	struct session *s;
	const struct subject *subject;
	struct evidence x;
	char dir[TEMPDIR_PATH_MAX + 32]; /* of its own: working directory and spool */
	char spool[TEMPDIR_PATH_MAX + 48];
};

/* ---- steps --------------------------------------------------------------------------- */

static bool has_messages(struct visit *v, void *ctx)
{
	return visit_heard(v) >= *(const size_t *)ctx;
}

/* Wait until the next attempt is due, then send one event and wait for what it brings out. */
static int trigger(struct visit *v, double interval_s, struct mark *mark, struct err *e)
{
	size_t want;
	int rc = visit_pause(v, interval_s * 1.2, e);

	want = visit_heard(v) + 1;
	rc = rc < 0 ? rc : visit_send(v, 1, e);
	if (rc < 0)
		return rc;
	mark->tried = true;
	mark->n_own = v->seen->n_own;
	mark->message = want - 1;
	rc = visit_await(v, has_messages, &want, clock_mono_ns() + MESSAGE_NS, e);
	mark->came = rc > 0;
	return rc < 0 ? rc : 0;
}

/* With an attempt at every event the last one brings out a message; for app each but the first. */
static int send_all(struct visit *v, size_t own, struct err *e)
{
	static const size_t fewest[EVENT_TYPES] = { 10, 50, 2 };
	size_t want = own - fewest[v->live.run->extractor] + 1;
	int rc = visit_send(v, own, e);

	/* Fewer are for the items to notice. */
	rc = rc ? rc : visit_await(v, has_messages, &want, clock_mono_ns() + MESSAGE_NS, e);
	return rc < 0 ? rc : 0;
}

static bool has_barked(struct visit *v, void *ctx UNUSED)
{
	return proc_info(v->live.proc)->n_watchdog >= ITEMS_WATCHDOGS;
}

/* ---- the visits ---------------------------------------------------------------------- */

static int visit_traced(struct guest *g, struct visit *v, struct err *e)
{
	int rc = send_all(v, FIRST_EVENTS, e);

	rc = rc ? rc : visit_await(v, has_barked, NULL, clock_mono_ns() + WATCHDOG_NS, e);
	if (rc >= 0 && g->x.database && g->x.influx)
		rc = visit_points(v, &v->seen->rows_before_end, e);
	rc = rc < 0 ? rc : visit_end(v, SIGTERM, e);
	if (!rc)
		items_ask_oracle(&g->x, VISIT_TRACED, &v->live.run->oracle);
	return rc;
}

static int send_malformed(struct guest *g, struct visit *v, struct err *e)
{
	struct buf text = { 0 };
	enum event_verdict reason;
	int rc = 0;

	for (size_t i = 0; !rc && malformed(g->x.type, i, &reason, &text); i++)
		rc = visit_send_bad(v, reason, buf_str(&text), e);
	buf_release(&text);
	return rc;
}

static bool has_subscribed(struct visit *v, void *ctx UNUSED)
{
	struct err ignored = ERR_INIT;
	int64_t n = 0;

	return !redis_query_numsub(sut_redis(v->session->sut), EVENTS_CHANNEL, &n, &ignored) &&
	       n > 0;
}

/* It publishes on a connection of its own: the first message after a cut may need that made anew. */
static int survive_cut(struct guest *g, struct visit *v, struct err *e)
{
	struct visit_seen *seen = v->seen;
	struct err uncut = ERR_INIT;
	int rc;

	seen->lines_before_cut = visit_log_lines(v);
	rc = visit_cut(v, &uncut);
	if (rc == -EPERM) { /* the rest of the visit tells all the same */
		snprintf(seen->uncut_why, sizeof(seen->uncut_why), "%.119s", uncut.text);
		return 0;
	}
	if (rc)
		return err_set(e, rc, "%s", uncut.text);
	rc = visit_await(v, has_subscribed, NULL, clock_mono_ns() + SUBSCRIBE_NS, e);
	if (rc < 0)
		return rc;
	seen->resubscribed = rc;
	seen->lines_after_cut = seen->lines_before_cut;
	if (!rc)
		return 0;
	rc = visit_send(v, FEW_EVENTS, e);
	rc = rc ? rc : trigger(v, g->x.interval_s, &seen->marks[MARK_CUT], e);
	seen->lines_after_cut = visit_log_lines(v);
	return rc;
}

static int visit_plain(struct guest *g, struct visit *v, struct err *e)
{
	struct visit_seen *seen = v->seen;
	int64_t lines;
	int rc = visit_send(v, FIRST_EVENTS, e);

	rc = rc ? rc : trigger(v, g->x.interval_s, &seen->marks[MARK_FIRST], e);
	lines = visit_log_lines(v);
	rc = rc ? rc : send_malformed(g, v, e);
	rc = rc ? rc : trigger(v, g->x.interval_s, &seen->marks[MARK_BAD], e);
	seen->lines_for_bad = rc ? 0 : visit_log_lines(v) - lines;
	rc = rc ? rc : survive_cut(g, v, e);
	return rc ? rc : visit_end(v, SIGTERM, e);
}

static int visit_away(struct guest *g UNUSED, struct visit *v, struct err *e)
{
	int rc = send_all(v, FIRST_EVENTS, e);

	return rc ? rc : visit_end(v, SIGTERM, e);
}

static bool are_written(struct visit *v, void *ctx)
{
	struct err ignored = ERR_INIT;
	int64_t n = 0;

	return !visit_points(v, &n, &ignored) && n >= *(const int64_t *)ctx;
}

static int visit_back(struct guest *g, struct visit *v, struct err *e)
{
	const struct visit_seen *away = &g->x.visits[VISIT_AWAY];
	size_t n;
	int64_t want;
	int rc;

	free(evidence_on(away, feature_routes[g->x.type].channel, &n));
	want = (int64_t)n;
	/* What is not written by then is for the items to notice. */
	rc = visit_await(v, are_written, &want, clock_mono_ns() + WRITTEN_NS, e);
	return rc < 0 ? rc : visit_end(v, SIGINT, e);
}

static const struct visit_row {
	enum visit_id id;
	bool traced, database, needs_database;
	double interval_s; /* < 0: the scenario's */
	int (*steps)(struct guest *g, struct visit *v, struct err *e);
	const char *env[5];
} rows[] = {
	{ VISIT_TRACED,
	  true,
	  true,
	  false,
	  0,
	  visit_traced,
	  { "INFLUX_FLUSH_MS=60000", "INFLUX_BATCH_SIZE=10000", "INFLUX_TOKEN=" SECRET,
	    "WATCHDOG_USEC=" WATCHDOG_US } },
	{ VISIT_PLAIN, false, false, false, -1, visit_plain, { NULL } },
	{ VISIT_AWAY, false, true, true, 0, visit_away, { "SPOOL_DIR", "INFLUX_URL" } },
	{ VISIT_BACK, false, true, true, 0, visit_back, { "SPOOL_DIR", "INFLUX_FLUSH_MS=20" } },
};

/* Rows that name a variable alone get a value that is known only now. */
static int add_env(struct guest *g, const struct visit_row *row, struct strv *env, struct err *e)
{
	const struct influx_target *target = session_database(g->s);
	char url[64];
	int port, rc;

	for (size_t i = 0; i < ARRAY_SIZE(row->env) && row->env[i]; i++) {
		const char *pair = row->env[i];

		if (!strcmp(pair, "SPOOL_DIR")) {
			strv_set_env(env, pair, g->spool);
		} else if (!strcmp(pair, "INFLUX_URL")) {
			rc = port_pick(&port, e); /* nobody listens there */
			if (rc)
				return rc;
			snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
			strv_set_env(env, pair, url);
		} else if (strncmp(pair, "INFLUX_TOKEN", 12) || !target || !target->token[0]) {
			strv_add(env, pair); /* the token only where the server wants none */
		}
	}
	return 0;
}

static int make_visit(struct guest *g, const struct visit_row *row, struct run *run, struct err *e)
{
	struct visit_seen *seen = &g->x.visits[row->id];
	struct strv env = { 0 };
	struct visit v = { 0 };
	struct visit_conf conf = {
		.id = row->id,
		.interval_s = row->interval_s < 0 ? g->x.interval_s : row->interval_s,
		.traced = row->traced && g->x.has_trace,
		.database = row->database,
		.env = &env,
		.cwd = g->dir,
	};
	int rc = add_env(g, row, &env, e);

	if (!rc) {
		rc = visit_open(&v, g->s, g->subject, &conf, seen, run, e);
		rc = rc ? rc : row->steps(g, &v, e);
		visit_close(&v);
	}
	strv_release(&env);
	return rc;
}

/* The run that stands for a visit: void when its ledger is open, failed when it was cut short. */
static int record(struct guest *g, int rc, struct run *run, struct visit_seen *seen, struct err *e)
{
	const struct ledger_line *open = ledger_first_open(&run->ledger);

	if (!rc && seen->killed) {
		run->status = RUN_FAILED;
		snprintf(run->why, sizeof(run->why), "did not end when it was told to");
	} else if (!rc && open) {
		run->status = RUN_VOID;
		ledger_line_words(open, run->why, sizeof(run->why));
	}
	rc = run_absorb(g->s, rc, run, e);
	if (!seen->made)
		snprintf(seen->why, sizeof(seen->why), "%.199s",
			 run->why[0] ? run->why : "not made");
	if (!rc)
		result_add_run(&g->s->result, run);
	return rc;
}

static void begin(struct guest *g, struct run *run, enum visit_id id)
{
	run_begin(g->s, run, g->x.type, g->subject, visit_names[id]);
	snprintf(run->id, sizeof(run->id), "%s-%s-%.23s", event_type_names[g->x.type],
		 visit_names[id], run->implementation);
	progress_step(&g->s->progress, "%s: visit `%s`", run->subject, visit_names[id]);
}

static int make_visits(struct guest *g, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(rows); i++) {
		struct visit_seen *seen = &g->x.visits[rows[i].id];

		if (rows[i].needs_database && (!g->x.database || !g->x.influx)) {
			snprintf(seen->why, sizeof(seen->why), "%s",
				 g->x.database ? "its file says that it writes no points"
					       : "the scenario has no database");
			continue;
		}
		begin(g, run, rows[i].id);
		rc = record(g, make_visit(g, &rows[i], run, e), run, seen, e);
	}
	if (!rc) {
		struct visit_seen *seen = &g->x.visits[VISIT_COMMANDS];

		begin(g, run, VISIT_COMMANDS);
		run->started_wall_us = clock_wall_us();
		snprintf(seen->run, sizeof(seen->run), "%s", run->id);
		rc = commands_run(g->s, g->subject, g->dir, &g->x, e);
		seen->made = !rc;
		run->seconds = (double)(clock_wall_us() - run->started_wall_us) / 1e6;
		ledger_add(&run->ledger, "commands ended", (int64_t)g->x.n_commands,
			   commands_ended(&g->x), "%s", "");
		rc = record(g, rc, run, seen, e);
	}
	free(run);
	return rc;
}

/* ---- one subject, all subjects -------------------------------------------------------- */

static int add_items(struct guest *g, struct err *e)
{
	for (size_t i = 0; i < items_n; i++) {
		struct item_result r;

		item_judge(&items[i], &g->x, &r);
		snprintf(r.scenario, sizeof(r.scenario), "%s", g->s->scenario.name);
		snprintf(r.implementation, sizeof(r.implementation), "%.23s",
			 g->subject->implementation);
		if (r.outcome == ITEM_FAIL)
			progress_note(&g->s->progress, "%s: %s: %s", g->subject->name, r.item,
				      r.value);
		result_add_item(&g->s->result, &r);
	}
	return session_save(g->s, e);
}

static int make_dirs(struct guest *g, struct err *e)
{
	snprintf(g->dir, sizeof(g->dir), "%s/guest%d", g->s->dir, g->s->n_runs);
	snprintf(g->spool, sizeof(g->spool), "%s/spool", g->dir);
	if (mkdir(g->dir, 0700) || mkdir(g->spool, 0700))
		return err_set(e, -errno, "%s: %s", g->spool, strerror(errno));
	return 0;
}

/* The token that the subject is given: ours, where the server wants none of its own; see add_env(). */
static const char *given_token(const struct session *s, const struct subject *subject)
{
	const struct influx_target *target = session_database(s);
	const char *own = strv_get_env(&subject->env, "INFLUX_TOKEN");

	if (!target || !target->token[0])
		return SECRET;
	return own ? own : target->token; /* its file wins: live_environment() */
}

static int visit_subject(struct session *s, const struct subject *subject, enum event_type type,
			 struct err *e)
{
	struct guest *g = mem_calloc(1, sizeof(*g));
	int rc;

	*g = (struct guest){ .s = s, .subject = subject };
	g->x = (struct evidence){
		.type = type,
		.subject = subject->name,
		.has_trace = subject->has_trace,
		.has_counters = subject->has_counters != SUBJECT_NO,
		.notifies = subject->readiness == READY_NOTIFY,
		.influx = subject->influx,
		.database = session_database(s) != NULL,
		.window_s = s->scenario.window_s,
		.interval_s = s->scenario.update_interval_s,
		.secret = given_token(s, subject),
		.marker = MALFORMED_MARKER,
	};
	rc = session_add_subject(s, subject, e);
	rc = rc ? rc : make_dirs(g, e);
	rc = rc ? rc : make_visits(g, e);
	rc = rc ? rc : add_items(g, e);
	progress_add(&s->progress, COST_S);
	evidence_release(&g->x);
	free(g);
	return rc ? rc : s->stopped ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

int integration_run(struct session *s, struct err *e)
{
	char names[SCENARIO_IMPLEMENTATIONS_MAX][24];
	size_t n = scenario_implementations(&s->scenario, names);
	int rc = 0;

	for (int t = 0; t < EVENT_TYPES; t++)
		if (scenario_has(&s->scenario, (enum event_type)t))
			s->progress.total += COST_S * (double)n;
	for (int t = 0; !rc && t < EVENT_TYPES; t++)
		for (size_t i = 0; !rc && i < n; i++) {
			const struct subject *subject;

			if (!scenario_has(&s->scenario, (enum event_type)t))
				continue;
			subject = subjects_find(&s->subjects, names[i], (enum event_type)t, e);
			if (!subject)
				return err_wrap(e, "%s: compare", s->scenario.path);
			if (subject->extractor != SUBJECT_ANY) /* floors keep no contract */
				rc = visit_subject(s, subject, (enum event_type)t, e);
		}
	return rc;
}
