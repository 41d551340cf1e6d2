/*
 * Ledger and oracle of a run; see books.h.
 *
 * planned = sent = answered by Redis = delivered to two = seen by the tap =
 * received and accepted by the subject; features said = features seen; points
 * said = points found.  Start at books_fill().
 */
#include "harness/books.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/live.h"
#include "harness/loadgen/match.h"
#include "harness/points.h"

#define SUBSCRIBERS	2 /* the subject and the tap */
#define TAP_AWAIT_NS	(5 * NS_PER_S)
#define POINTS_PAUSE_NS (50 * NS_PER_MS)
#define POINTS_NS	(10 * NS_PER_S) /* for points to become visible */

/* ---- the oracle's view ------------------------------------------------------------- */

struct check_message *books_messages(struct live *lv, size_t *n)
{
	struct tap_counts counts;
	struct check_message *m;

	tap_counts(lv->tap, &counts);
	m = mem_calloc(counts.features, sizeof(*m));
	*n = 0;
	for (size_t i = 0; i < counts.features; i++) {
		struct tap_feature f;

		if (!tap_feature(lv->tap, i, &f) || f.type != lv->run->extractor)
			continue;
		m[(*n)++] = (struct check_message){
			.received_wall_us = f.recv_ns / NS_PER_US + lv->wall_minus_mono_us,
			.json = f.payload.p,
			.len = f.payload.len,
		};
	}
	return m;
}

size_t books_max_buffer(const struct live *lv)
{
	const char *said = strv_get_env(&lv->subject->env, "MAX_BUFFER_SIZE");

	return said ? strtoul(said, NULL, 10) : scenario_buffer_events[lv->run->extractor];
}

void books_check_spec(struct live *lv, struct check_spec *spec)
{
	int64_t *sent = mem_calloc(lv->n_own, sizeof(*sent));

	for (size_t i = 0; i < lv->n_own; i++)
		sent[i] =
			gen_sent_ns(lv->gen, lv->own_index[i]) / NS_PER_US + lv->wall_minus_mono_us;
	*spec = (struct check_spec){
		.type = lv->run->extractor,
		.own = lv->own,
		.sent_wall_us = sent,
		.n_own = lv->n_own,
		.window_s = lv->session->scenario.window_s,
		.max_buffer = books_max_buffer(lv),
		.traced = lv->subject->has_trace,
	};
}

void books_release_spec(struct check_spec *spec)
{
	free((void *)(uintptr_t)spec->sent_wall_us);
	spec->sent_wall_us = NULL;
}

/* Features must have come out at all, and of the last event where there was time for them. */
static void enter_features(struct live *lv, const struct check_spec *spec,
			   const struct check_message *messages, size_t n)
{
	struct ledger *l = &lv->run->ledger;
	int64_t transitions = -1; /* of app: exactly known, none in a short time */

	if (lv->is_floor)
		return;
	if (spec->type == EVENT_APP) {
		transitions = check_expected_messages(spec);
		ledger_add(l, "transitions expected", transitions, (int64_t)n, "%s", "");
	} else if (lv->needs_last)
		ledger_add(l, "features of the last event", 1, check_has_last(spec, messages, n),
			   "%s", "");
	if (transitions && (lv->needs_last || spec->traced))
		ledger_add(l, "messages checked by the oracle: some", 1,
			   lv->run->oracle.checked > 0, "%s", "");
}

static size_t ask_oracle(struct live *lv)
{
	struct check_spec spec;
	struct check_message *messages;
	size_t n;

	books_check_spec(lv, &spec);
	messages = books_messages(lv, &n);
	check_features(&spec, messages, n, &lv->run->oracle);
	enter_features(lv, &spec, messages, n);
	free(messages);
	books_release_spec(&spec);
	return n;
}

/* ---- the ledger ----------------------------------------------------------------------- */

static void enter_generator(struct live *lv)
{
	const struct gen_result *g = gen_result(lv->gen);
	struct ledger *l = &lv->run->ledger;

	if (g->dropped)
		ledger_add(l, "sent", (int64_t)g->planned, (int64_t)g->sent,
			   "event %zu was left out on purpose (--drop-event)", lv->drop_at);
	else
		ledger_add(l, "sent", (int64_t)g->planned, (int64_t)g->sent, "%s", "");
	ledger_add(l, "answered by Redis", (int64_t)g->planned, (int64_t)g->replies, "%s", "");
	ledger_add(l, "delivered to exactly two", (int64_t)g->planned,
		   (int64_t)g->by_receivers[SUBSCRIBERS], "%s", "");
}

/* Feature messages that are not of the extractor that the subject stands for; the floor's relay has a channel of its own. */
static int64_t foreign_messages(struct live *lv)
{
	struct tap_feature f;
	int64_t n = 0;

	for (size_t i = 0; tap_feature(lv->tap, i, &f); i++)
		n += f.type != (lv->is_floor ? FEATURE_OF_RELAY : lv->run->extractor);
	return n;
}

static void enter_tap(struct live *lv)
{
	struct ledger *l = &lv->run->ledger;
	struct tap_counts t;
	size_t missing = tap_first_missing(lv->tap);

	tap_counts(lv->tap, &t);
	if (missing == MATCH_NONE)
		ledger_add(l, "seen by the tap", (int64_t)lv->plan->n, (int64_t)t.seen, "%s", "");
	else
		ledger_add(l, "seen by the tap", (int64_t)lv->plan->n, (int64_t)t.seen,
			   "the first one missing is event %zu", missing);
	ledger_add(l, "seen twice, altered or out of order", 0,
		   (int64_t)(t.duplicates + t.unknown + t.order_breaks), "%s", "");
	ledger_add(l, "messages on other extractors' channels", 0, foreign_messages(lv), "%s", "");
	ledger_add(l, "feature messages not kept", 0,
		   (int64_t)(t.features_unkept + t.features_foreign), "%s", "");
}

static int64_t counter(const struct counters *c, const char *name)
{
	int64_t v = -1;

	return counters_get(c, name, &v) ? v : -1;
}

static void enter_counter(struct ledger *l, const struct counters *c, const char *line,
			  const char *name, int64_t expected)
{
	int64_t v;

	if (counters_get(c, name, &v))
		ledger_add(l, line, expected, v, "%s", "");
	else
		ledger_unavailable(l, line, "the subject has no counter `%s`", name);
}

void books_enter_counters(struct live *lv, const struct counters *c, const struct books_expected *x)
{
	struct ledger *l = &lv->run->ledger;
	int64_t rejected = 0;

	enter_counter(l, c, "received by the subject", "received", x->events);
	if (lv->is_floor)
		return;
	enter_counter(l, c, "accepted by the subject", "accepted", x->own);
	enter_counter(l, c, "of other types", "other_type", x->events - x->own);
	if (counters_sum(c, "rejected", &rejected))
		ledger_add(l, "rejected", 0, rejected, "%s", "");
	enter_counter(l, c, "feature messages said = seen", "features", x->messages);
	enter_counter(l, c, "publish errors", "publish_errors", 0);
	enter_counter(l, c, "reconnects", "reconnects", 0);
}

int books_open_database(struct live *lv, struct influx_query **q, struct err *e)
{
	struct influx_target mine = *session_database(lv->session);

	snprintf(mine.database, sizeof(mine.database), "%s", lv->database);
	return influx_query_open(q, &mine, 30 * NS_PER_S, e);
}

static int ask_points(struct live *lv, int64_t *n, struct err *e)
{
	static const char *const fields[EVENT_TYPES] = { "total_keys", "dev_mode", "duration_ms" };
	enum event_type type = lv->run->extractor;
	struct influx_query *q;
	int rc = books_open_database(lv, &q, e);

	if (rc)
		return rc;
	rc = influx_query_count(q, feature_routes[type].measurement, fields[type], n, e);
	influx_query_close(q);
	return rc;
}

int books_points_before(struct live *lv, struct err *e)
{
	return ask_points(lv, &lv->points_before, e);
}

int books_points(struct live *lv, int64_t *n, struct err *e)
{
	int rc = ask_points(lv, n, e);

	*n -= lv->points_before;
	return rc;
}

/*
 * The run's points.  InfluxDB shows what it has acknowledged; VictoriaMetrics
 * keeps fresh points back for a second or so, which is waited for.
 */
static int count_points(struct live *lv, int64_t expected, int64_t *n, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + POINTS_NS;
	bool waits = session_database(lv->session)->dialect != INFLUX_V1;
	int rc;

	for (;;) {
		rc = books_points(lv, n, e);
		if (rc || *n >= expected || !waits || lv->session->stopped ||
		    clock_mono_ns() > deadline_ns)
			return rc;
		clock_sleep_until_ns(clock_mono_ns() + POINTS_PAUSE_NS);
	}
}

/* The values, too: what the messages said and what the database holds. */
static int compare_points(struct live *lv, struct err *e)
{
	struct influx_rows rows = { 0 };
	struct check_message *messages;
	struct influx_query *q;
	char first[96];
	int64_t differ;
	size_t n;
	int rc = books_open_database(lv, &q, e);

	if (rc)
		return rc;
	if (influx_query_dialect(q) != INFLUX_V1) {
		ledger_unavailable(&lv->run->ledger, "points that differ from their message", "%s",
				   "this database keeps milliseconds, messages have microseconds");
		influx_query_close(q);
		return 0;
	}
	rc = influx_query_rows(q, feature_routes[lv->run->extractor].measurement, &rows, e);
	influx_query_close(q);
	if (rc)
		return rc;
	messages = books_messages(lv, &n);
	differ = points_compare(messages, n, &rows, first, sizeof(first));
	ledger_add(&lv->run->ledger, "points that differ from their message", 0, differ, "%s",
		   first);
	free(messages);
	influx_rows_release(&rows);
	return 0;
}

void books_drop_database(struct live *lv)
{
	struct err ignored = ERR_INIT;
	struct influx_query *q;

	if (books_open_database(lv, &q, &ignored))
		return;
	if (influx_query_dialect(q) == INFLUX_V1)
		(void)!influx_query_drop_db(q, &ignored);
	influx_query_close(q);
}

int books_enter_points(struct live *lv, const struct counters *c, size_t n_messages, struct err *e)
{
	struct ledger *l = &lv->run->ledger;
	int64_t found = 0, queued;
	int rc;

	if (lv->is_floor)
		return 0;
	if (!lv->database[0]) {
		ledger_unavailable(l, "points in the database", "%s",
				   lv->subject->influx ? "the scenario has no database"
						       : "the subject is said to write none");
		return 0;
	}
	rc = count_points(lv, (int64_t)n_messages, &found, e);
	if (rc)
		return rc;
	ledger_add(l, "points in the database", (int64_t)n_messages, found, "%s", "");
	if (c && counters_get(c, "points_queued", &queued))
		ledger_add(l, "points queued = written", queued, counter(c, "points_written"),
			   "spooled %lld, dropped %lld", (long long)counter(c, "points_spooled"),
			   (long long)counter(c, "points_dropped"));
	return 0;
}

/* ---- the instrument ---------------------------------------------------------------------- */

double books_hist_us(const struct hist *h, double q)
{
	int64_t v = h ? hist_quantile(h, q) : HIST_NONE;

	if (v ==
	    HIST_ABOVE) /* over the histogram's range: nothing is clamped, the largest is known */
		v = hist_max(h);
	return v == HIST_NONE ? NAN : (double)v / 1e3;
}

/* --realtime that the kernel refused is not what the session was asked for: once on record. */
static void note_scheduling(struct live *lv, const struct gen_result *g)
{
	struct result *r = &lv->session->result;

	if (lv->session->conf.realtime && g->no_realtime[0] &&
	    !result_fact(r, "real-time generator"))
		result_add_fact(r, "real-time generator", "%s", g->no_realtime);
}

void books_note_instrument(struct live *lv)
{
	const struct gen_result *g = gen_result(lv->gen);
	struct instrument *in = &lv->run->instrument;
	struct tap_counts t;

	note_scheduling(lv, g);
	tap_counts(lv->tap, &t);
	in->generator_cpu_ns_per_event = g->sent ? (double)g->cpu_ns / (double)g->sent : NAN;
	in->tap_cpu_ns_per_event = t.received ? (double)t.cpu_ns / (double)t.received : NAN;
	in->pacing_p50_us = books_hist_us(g->pacing, 0.5);
	in->pacing_p99_us = books_hist_us(g->pacing, 0.99);
	in->pacing_max_us = books_hist_us(g->pacing, 1);
	in->little_ratio = g->littles_law;
	in->generator_work_ns_per_event =
		g->sent ? (double)(g->cpu_ns - g->spin_ns) / (double)g->sent : NAN;
	in->wake_p50_us = books_hist_us(g->wake, 0.5);
	in->wake_p99_us = books_hist_us(g->wake, 0.99);
	if (hist_count(g->pacing))
		in->generator_behind_ms = (double)g->behind_ns / 1e6;
	in->generator_connections = g->connections;
	in->generator_writes = (int64_t)g->writes;
	in->generator_batched_events = (int64_t)g->batched;
	in->generator_largest_batch = (int64_t)g->largest_batch;
	in->stats_asked = lv->asked;
	in->prober_cpu_us = lv->prober_us;
	in->prober_samples = lv->samples;
}

/* ---- the verdict on the run ----------------------------------------------------------------- */

void books_judge(struct live *lv, const char *killed)
{
	struct run *run = lv->run;
	const struct ledger_line *open = ledger_first_open(&run->ledger);
	int status = proc_info(lv->proc)->status;
	char words[PROC_WORDS_MAX];

	run->status = RUN_OK;
	if (killed) {
		run->status = RUN_FAILED;
		snprintf(run->why, sizeof(run->why), "did not stop on SIGTERM: %s", killed);
	} else if (status) {
		run->status = RUN_FAILED;
		snprintf(run->why, sizeof(run->why), "ended with %s",
			 proc_exit_words(status, words));
	} else if (open) {
		run->status = RUN_VOID;
		ledger_line_words(open, run->why, sizeof(run->why));
	} else if (run->oracle.wrong) {
		run->status = RUN_VOID;
		snprintf(run->why, sizeof(run->why),
			 "oracle: %lld of %lld feature messages wrong; %s",
			 (long long)run->oracle.wrong, (long long)run->oracle.checked,
			 run->oracle.note);
	}
}

/* Everything was published before the subject could stop; the tap needs a moment to read it. */
static int64_t expected_messages(struct live *lv)
{
	struct check_spec spec;
	int64_t n;

	books_check_spec(lv, &spec);
	n = check_expected_messages(&spec);
	books_release_spec(&spec);
	return n > 0 && !lv->is_floor ? n : 0;
}

static int end_tap(struct live *lv, const struct counters *c, struct err *e)
{
	struct err late = ERR_INIT, failed = ERR_INIT;
	int64_t features = 0;

	if (!counters_get(c, "features", &features) || features < 0)
		features = expected_messages(lv);
	/* What does not come is a line of the ledger, not an error. */
	(void)!tap_await(lv->tap, gen_result(lv->gen)->sent, (uint64_t)features,
			 clock_mono_ns() + TAP_AWAIT_NS, &late);
	return tap_stop(lv->tap, &failed) ? err_set(e, -EIO, "tap: %s", failed.text) : 0;
}

int books_fill(struct live *lv, const char *killed, struct err *e)
{
	struct counters *c = mem_calloc(1, sizeof(*c));
	struct err no_stats = ERR_INIT;
	struct ledger *l = &lv->run->ledger;
	size_t n_messages;
	int rc;

	(void)!proc_last_stats(lv->proc, c, NULL, &no_stats);
	rc = end_tap(lv, c, e);
	enter_generator(lv);
	enter_tap(lv);
	ledger_add(l, "subscription held to the end", 1, !lv->client_gone, "%s",
		   lv->client_gone ? "Redis cut the subject off, or it reconnected" : "");
	n_messages = ask_oracle(lv);
	if (lv->enter_lines)
		lv->enter_lines(lv);
	ledger_add(l, "answers to questions that cannot be", 0, lv->impossible, "%s",
		   lv->impossible ? "more than was sent, or less than before" : "");
	if (!no_stats.code)
		books_enter_counters(lv, c,
				     &(struct books_expected){ .events = (int64_t)lv->plan->n,
							       .own = (int64_t)lv->n_own,
							       .messages = (int64_t)n_messages });
	else if (lv->subject->has_counters == SUBJECT_YES)
		ledger_add(l, "final counters printed", 1, 0, "%.100s", no_stats.text);
	else
		ledger_unavailable(l, "received by the subject", "%s", no_stats.text);
	if (!rc)
		rc = books_enter_points(lv, no_stats.code ? NULL : c, n_messages, e);
	if (!rc && lv->database[0] && !lv->is_floor && n_messages)
		rc = compare_points(lv, e);
	run_set(lv->run, METRIC_EXTRACT_FEATURES, (double)n_messages);
	if (!rc)
		books_judge(lv, killed);
	free(c);
	return rc;
}
