/* The integration items: an honest subject passes all, and each item is shown a lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "extractors/wire/feature.h"
#include "harness/items.h"
#include "harness/oracle/oracle.h"
#include "harness/result_json.h"

#define BASE_US 1795430000000000
#define EVENTS	90
#define MS	NS_PER_MS
#define SECRET	"topsecret"
#define MARKER	"Zq7"

/* ---- an honest subject -------------------------------------------------------------------- */

static const char *const apps[] = { "code", "vlc", "mail", "term" };

/* A label's text with a NUL behind it, for as long as the test runs. */
static const char *app_named(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(apps); i++)
		if (strlen(apps[i]) == name.len && !memcmp(apps[i], name.p, name.len))
			return apps[i];
	return NULL;
}

static struct event event_of(enum event_type type, int i)
{
	struct event ev = { .type = type, .ts_us = BASE_US + i * 1000 + i, .has_name = true };

	if (type == EVENT_KEYSTROKE) {
		ev.kind = i % 2 ? KIND_RELEASE : KIND_PRESS;
		ev.name = (struct span){ "KeyA", 4 };
	} else if (type == EVENT_MOUSE) {
		ev.kind = KIND_MOVE;
		ev.has_name = false;
		ev.has_x = ev.has_xy = true;
		ev.x = i * i;
		ev.y = 3 * i;
	} else {
		ev.kind = KIND_FOCUS;
		ev.name = (struct span){ apps[i % 4], strlen(apps[i % 4]) };
	}
	return ev;
}

static void add_row(struct influx_rows *rows, enum event_type type, const struct feature_msg *m)
{
	struct influx_row *row;

	rows->v = mem_realloc(rows->v, rows->n + 1, sizeof(*rows->v));
	row = &rows->v[rows->n];
	*row = (struct influx_row){ .time_ns = m->time_us * NS_PER_US, .order = rows->n++ };
	row->tags = mem_calloc(4, sizeof(*row->tags));
	rows->tag_sets = mem_realloc(rows->tag_sets, rows->n_tag_sets + 1, sizeof(row->tags));
	rows->tag_sets[rows->n_tag_sets++] = row->tags;
	for (size_t i = 0; i < feature_routes[type].n_tags; i++)
		row->tags[row->n_tags++] =
			(struct influx_tag){ feature_routes[type].tags[i].name,
					     feature_routes[type].tags[i].value };
	for (size_t i = 0; i < m->n_labels; i++)
		row->tags[row->n_tags++] =
			(struct influx_tag){ m->labels[i].name, app_named(m->labels[i].value) };
	row->fields = mem_calloc(m->n_values, sizeof(*row->fields));
	for (size_t i = 0; i < m->n_values; i++)
		row->fields[row->n_fields++] =
			(struct influx_field){ m->values[i].name, m->values[i].value, NULL };
}

/* The features of the first n events; false when there are none. */
static bool features(const struct evidence *x, const struct visit_seen *v, size_t n,
		     struct oracle_app *app, struct feature_msg *m)
{
	struct oracle_params p = { .now_us = v->sent_wall_us[n - 1] + 300,
				   .window_s = x->window_s,
				   .max_buffer = 10000 };

	if (app)
		return oracle_app_event(app, &v->own[n - 1], m);
	return oracle_features(x->type, v->own, n, &p, m);
}

/* Say what stands on the first n events, on the channel and, where there are rows, in them. */
static void say(struct evidence *x, enum visit_id id, size_t n, bool traced, struct feature_msg *m,
		struct influx_rows *rows)
{
	struct visit_seen *v = &x->visits[id];
	struct feature_trace trace = { v->own[n - 1].ts_us, n, v->sent_wall_us[n - 1] + 300 };
	struct buf json = { 0 };

	feature_write_json(&json, m, x->type, traced ? &trace : NULL);
	evidence_hear(v, feature_routes[x->type].channel, json.data, json.len,
		      v->sent_wall_us[n - 1] + 500);
	buf_release(&json);
	if (rows)
		add_row(rows, x->type, m);
}

static void send(struct evidence *x, enum visit_id id)
{
	struct visit_seen *v = &x->visits[id];
	struct event *own = mem_calloc(EVENTS, sizeof(*own));
	int64_t *sent = mem_calloc(EVENTS, sizeof(*sent));

	for (int i = 0; i < EVENTS; i++) {
		own[i] = event_of(x->type, i);
		sent[i] = own[i].ts_us;
	}
	v->made = true;
	v->own = own;
	v->sent_wall_us = sent;
	v->n_own = EVENTS;
	v->sent_other = 7;
	v->sent = EVENTS + 7;
	v->ready_ns = 10 * MS;
	v->asked_to_stop_ns = 500 * MS;
	v->stopping_ns = 501 * MS;
	v->exited_ns = 600 * MS;
	v->said_ready = v->subscribed_at_ready = true;
	v->n_watchdog = 5;
	v->log = mem_strdup("INFO ready\nINFO INFLUX_URL is not set\n");
	v->title = mem_strdup("keystroke_extractor ");
}

static void fill_counters(struct counters *c, const char *fmt, ...) PRINTF(2, 3);
static void fill_counters(struct counters *c, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_int_equal(counters_parse(c, text, strlen(text), &e), 0);
}

/* A visit with an attempt at every event. */
static void every_event(struct evidence *x, enum visit_id id, bool traced, struct influx_rows *rows)
{
	struct oracle_app *app = x->type == EVENT_APP ? oracle_app_new(false) : NULL;
	struct visit_seen *v = &x->visits[id];
	struct feature_msg m;

	send(x, id);
	for (size_t n = 1; n <= EVENTS; n++)
		if (features(x, v, n, app, &m))
			say(x, id, n, traced, &m, rows);
	oracle_app_free(app);
	v->has_asked = v->has_final = true;
	fill_counters(
		&v->asked,
		"{\"received\":%d,\"accepted\":%d,\"other_type\":7,\"rejected\":{\"not_json\":0},"
		"\"evicted\":0,\"features\":%zu,\"publish_errors\":0,\"reconnects\":0,"
		"\"points_queued\":%zu,\"points_written\":%zu}",
		EVENTS + 7, EVENTS, v->n_heard, v->n_heard, v->n_heard);
	v->final = v->asked;
}

static void plain_visit(struct evidence *x)
{
	struct visit_seen *v = &x->visits[VISIT_PLAIN];
	struct oracle_app *app = x->type == EVENT_APP ? oracle_app_new(false) : NULL;
	static const size_t at[MARKS] = { 60, 70, EVENTS };
	struct feature_msg m;
	struct buf reasons = { 0 };

	send(x, VISIT_PLAIN);
	for (size_t n = 1, k = 0; n <= EVENTS; n++) {
		bool any = features(x, v, n, app, &m);

		/* A tenth of a second between the attempts that keystroke and mouse make. */
		if (k < MARKS && n == at[k])
			v->marks[k++] = (struct mark){ true, true, n, v->n_heard };
		else if (x->type != EVENT_APP)
			continue;
		if (any && x->type != EVENT_APP)
			m.time_us = v->sent_wall_us[0] + (int64_t)n * 10000;
		if (any)
			say(x, VISIT_PLAIN, n, false, &m, NULL);
		if (any && x->type != EVENT_APP)
			v->heard[v->n_heard - 1].msg.received_wall_us = m.time_us + 100;
	}
	oracle_app_free(app);
	v->sent_bad = 0;
	for (int i = EVENT_REJECTED; i < EVENT_VERDICTS; i++) {
		v->bad_by_reason[i] = i;
		v->sent_bad += i;
		buf_printf(&reasons, "%s\"%s\":%d", reasons.len ? "," : "", event_verdict_names[i],
			   i);
	}
	v->sent += v->sent_bad;
	v->has_asked = v->has_final = v->resubscribed = true;
	fill_counters(&v->asked,
		      "{\"received\":%lld,\"accepted\":%d,\"other_type\":7,\"rejected\":{%s},"
		      "\"reconnects\":1}",
		      (long long)v->sent, EVENTS, buf_str(&reasons));
	v->final = v->asked;
	v->lines_before_cut = 3;
	v->lines_after_cut = 5;
	v->lines_for_bad = 1;
	buf_release(&reasons);
}

static void copy_to_tap(struct visit_seen *v)
{
	v->tapped = mem_calloc(v->n_heard, sizeof(*v->tapped));
	for (size_t i = 0; i < v->n_heard; i++) {
		v->tapped[i] = v->heard[i].msg;
		v->tapped[i].json = mem_strndup(v->tapped[i].json, v->tapped[i].len);
	}
	v->n_tapped = v->n_heard;
}

static struct evidence *honest(enum event_type type)
{
	struct evidence *x = mem_calloc(1, sizeof(*x));
	struct visit_seen *traced = &x->visits[VISIT_TRACED], *back = &x->visits[VISIT_BACK];
	struct buf name = { 0 };

	*x = (struct evidence){ .type = type,
				.subject = "honest",
				.has_trace = true,
				.has_counters = true,
				.notifies = true,
				.influx = true,
				.database = true,
				.window_s = 30,
				.interval_s = 0.1,
				.secret = SECRET,
				.marker = MARKER };
	every_event(x, VISIT_TRACED, true, &traced->rows);
	copy_to_tap(traced);
	buf_printf(&name, "%s\n", feature_routes[type].measurement);
	traced->measurements = mem_strdup(buf_str(&name));
	traced->has_rows = true;
	plain_visit(x);
	every_event(x, VISIT_AWAY, false, &back->rows);
	send(x, VISIT_BACK);
	back->has_rows = back->has_final = true;
	fill_counters(&back->final, "{\"received\":0}");
	x->visits[VISIT_COMMANDS].made = true;
	x->commands[x->n_commands++] = (struct command_seen){
		.name = "REDIS_PORT=0",
		.names = "REDIS_PORT",
		.expected_status = 2,
		.ended = true,
		.status = 2 << 8,
		.stderr_lines = 1,
		.out = mem_strdup(""),
		.err = mem_strdup("ERROR x: REDIS_PORT=0: must be 1 to 65535\n"),
	};
	x->commands[x->n_commands++] = (struct command_seen){
		.name = "--help",
		.expects = "INFLUX_BATCH_SIZE",
		.ended = true,
		.out = mem_strdup("INFLUX_BATCH_SIZE 50\n"),
		.err = mem_strdup(""),
	};
	buf_release(&name);
	return x;
}

static void gone(struct evidence *x)
{
	evidence_release(x);
	free(x);
}

static void an_honest_subject_passes_every_item(void **state UNUSED)
{
	for (int type = 0; type < EVENT_TYPES; type++) {
		struct evidence *x = honest((enum event_type)type);

		for (size_t i = 0; i < items_n; i++) {
			struct item_result r;
			bool none =
				type == EVENT_APP && !strcmp(items[i].name, "UPDATE_INTERVAL kept");

			item_judge(&items[i], x, &r);
			if (r.outcome != (none ? ITEM_UNAVAILABLE : ITEM_PASS))
				fail_msg("%s, %s: %s: %s", event_type_names[type], r.item,
					 item_outcome_names[r.outcome], r.value);
		}
		gone(x);
	}
}

/* ---- lies --------------------------------------------------------------------------------- */

#define T (&x->visits[VISIT_TRACED])
#define P (&x->visits[VISIT_PLAIN])

/* Another text in the i-th message of a visit. */
static void alter(struct visit_seen *v, size_t i, const char *from, const char *to)
{
	struct check_message *m = &v->heard[i].msg;
	const char *at = strstr(m->json, from);
	struct buf out = { 0 };

	assert_non_null(at);
	buf_add(&out, m->json, (size_t)(at - m->json));
	buf_add_str(&out, to);
	buf_add_str(&out, at + strlen(from));
	free((void *)(uintptr_t)m->json);
	m->len = out.len;
	m->json = mem_strdup(buf_str(&out));
	buf_release(&out);
}

static void set_counter(struct counters *c, const char *name, int64_t value)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name)) {
			c->v[i].value = value;
			return;
		}
	fail_msg("no counter %s", name);
}

static void replace(char **text, const char *with)
{
	free(*text);
	*text = mem_strdup(with);
}

static void not_ready(struct evidence *x)
{
	T->said_ready = false;
}
static void ready_too_early(struct evidence *x)
{
	T->subscribed_at_ready = false;
}
static void a_message_left_out(struct evidence *x)
{
	free(T->heard[T->n_heard - 1].channel);
	free((void *)(uintptr_t)T->heard[--T->n_heard].msg.json);
}
static void a_second_channel(struct evidence *x)
{
	evidence_hear(P, "seclyzer:features:keystrokes", "{}", 2, BASE_US);
}
static void a_message_for_one_only(struct evidence *x)
{
	alter(T, 3, "\"type\"", "\"typo\"");
}
static void more_than_can_be_kept(struct evidence *x)
{
	T->n_unkept = 1;
}
static void bytes_behind(struct evidence *x)
{
	alter(T, 0, "}}", "}},");
}
static void not_a_number(struct evidence *x)
{
	alter(T, 5, "\"total_keys\":", "\"total_keys\":NaN,\"x\":");
}
static void a_member_too_many(struct evidence *x)
{
	alter(P, 1, "\"total_keys\"", "\"more\":1,\"total_keys\"");
}
static void a_member_less(struct evidence *x)
{
	alter(P, 2, "\"dwell_max\"", "\"dwell_maxx\"");
}
static void a_text_for_a_bool(struct evidence *x)
{
	alter(P, 0, "\"dev_mode\":false", "\"dev_mode\":0");
}
static void a_number_too_large(struct evidence *x)
{
	alter(P, 0, "\"total_keys\":", "\"total_keys\":1e999,\"y\":");
}
static void a_value_a_millionth_off(struct evidence *x)
{
	alter(T, 7, "\"clean_typing_ratio\":1", "\"clean_typing_ratio\":1.000001");
}
static void another_type(struct evidence *x)
{
	alter(T, 2, "\"type\":\"keystroke\"", "\"type\":\"key\"");
}
static void local_time(struct evidence *x)
{
	alter(T, 2, "+00:00\"", "+01:00\"");
}
static void a_time_before_the_event(struct evidence *x)
{
	alter(P, 0, "\"timestamp\":\"20", "\"timestamp\":\"19");
}
static void a_trace_unasked(struct evidence *x)
{
	alter(P, 1, "\"type\":", "\"trace\":null,\"type\":");
}
static void half_a_trace(struct evidence *x)
{
	alter(T, 1, "\"now_us\":", "\"then_us\":");
}
static void attempts_too_often(struct evidence *x)
{
	x->interval_s = 3;
}
static void a_wrong_counter(struct evidence *x)
{
	set_counter(&T->asked, "features", 4);
}
static void no_answer(struct evidence *x)
{
	T->has_asked = false;
}
static void a_received_too_many(struct evidence *x)
{
	set_counter(&x->visits[VISIT_AWAY].final, "received", 1000);
}
static void a_point_lost(struct evidence *x)
{
	set_counter(&T->final, "points_written", 1);
}
static void no_final_counters(struct evidence *x)
{
	P->has_final = false;
}
static void a_malformed_event_taken(struct evidence *x)
{
	set_counter(&P->asked, "accepted", EVENTS + 1);
}
static void a_malformed_event_missed(struct evidence *x)
{
	set_counter(&P->asked, "rejected.bad_key", 0);
}
static void another_reason(struct evidence *x)
{
	set_counter(&P->asked, "rejected.bad_ts", REJECT_BAD_TS + 1);
	set_counter(&P->asked, "rejected.bad_key", REJECT_BAD_KEY - 1);
}
static void changed_by_malformed_events(struct evidence *x)
{
	alter(P, P->marks[MARK_BAD].message, "\"total_keys\":35", "\"total_keys\":36");
}
static void silent_after_malformed_events(struct evidence *x)
{
	P->marks[MARK_BAD].came = false;
}
static void a_flood_of_lines(struct evidence *x)
{
	P->lines_for_bad = 20;
}
static void a_quote(struct evidence *x)
{
	replace(&P->log, "WARNING rejected {\"key\":\"" MARKER "\"}\nINFLUX_URL\n");
}
static void no_second_subscription(struct evidence *x)
{
	P->resubscribed = false;
}
static void silent_after_the_cut(struct evidence *x)
{
	P->marks[MARK_CUT].came = false;
}
static void a_cut_not_counted(struct evidence *x)
{
	set_counter(&P->asked, "reconnects", 0);
}
static void a_cut_not_said(struct evidence *x)
{
	P->lines_after_cut = P->lines_before_cut;
}
static void nothing_said_of_the_database(struct evidence *x)
{
	replace(&P->log, "INFO ready\n");
}
static void a_point_too_few(struct evidence *x)
{
	free(T->rows.v[--T->rows.n].fields);
}
static void another_measurement(struct evidence *x)
{
	replace(&T->measurements, "keystrokes\n");
}
static void a_second_measurement(struct evidence *x)
{
	replace(&T->measurements, "keystroke_features\nmore\n");
}
static void another_user(struct evidence *x)
{
	T->rows.v[4].tags[1].value = "somebody";
}
static void a_tag_too_many(struct evidence *x)
{
	T->rows.v[4].tags[T->rows.v[4].n_tags++] = (struct influx_tag){ "host", "here" };
}
static void another_field_value(struct evidence *x)
{
	T->rows.v[9].fields[2].value += 1;
}
static void late_points_lost(struct evidence *x)
{
	T->rows_before_end = 10;
	a_point_too_few(x);
}
static void held_up_by_the_database(struct evidence *x)
{
	x->visits[VISIT_AWAY].n_own++; /* one event more than messages */
	x->visits[VISIT_AWAY].n_own -= 11;
}
static void points_lost_while_away(struct evidence *x)
{
	free(x->visits[VISIT_BACK].rows.v[--x->visits[VISIT_BACK].rows.n].fields);
}
static void points_changed_while_away(struct evidence *x)
{
	x->visits[VISIT_BACK].rows.v[3].fields[1].value += 1;
}
static void one_beat_only(struct evidence *x)
{
	T->n_watchdog = 1;
}
static void no_stopping(struct evidence *x)
{
	T->stopping_ns = 0;
}
static void stopping_before_ready(struct evidence *x)
{
	T->stopping_ns = T->ready_ns - 1;
}
static void no_exit(struct evidence *x)
{
	P->killed = true;
}
static void a_slow_exit(struct evidence *x)
{
	x->visits[VISIT_AWAY].exited_ns = x->visits[VISIT_AWAY].asked_to_stop_ns + 2100 * MS;
}
static void a_bad_exit_code(struct evidence *x)
{
	T->status = 1 << 8;
}
static void killed_by_sigint(struct evidence *x)
{
	x->visits[VISIT_BACK].status = 2;
}
static void a_secret_in_the_log(struct evidence *x)
{
	replace(&T->log, "ERROR 401 with Token " SECRET "\n");
}
static void a_secret_in_the_title(struct evidence *x)
{
	replace(&T->title, "extractor --token " SECRET);
}
static void a_wrong_value_taken(struct evidence *x)
{
	x->commands[0].status = 0;
}
static void a_variable_not_named(struct evidence *x)
{
	replace(&x->commands[0].err, "ERROR bad port\n");
}
static void a_traceback(struct evidence *x)
{
	x->commands[0].stderr_lines = 7;
}
static void no_help(struct evidence *x)
{
	replace(&x->commands[1].out, "see the manual\n");
}
static void no_end(struct evidence *x)
{
	x->commands[1].ended = false;
}

static const struct {
	void (*lie)(struct evidence *x);
	const char *item, *value; /* of the failed item: a part of what it must say */
} lies[] = {
	{ not_ready, "ready when subscribed", "never said READY=1" },
	{ ready_too_early, "ready when subscribed", "not subscribed" },
	{ a_message_left_out, "own channel, every message", "expected 81" },
	{ a_second_channel, "no other channel", "seclyzer:features:keystrokes" },
	{ a_message_for_one_only, "two subscriptions agree", "equal are the first 3" },
	{ more_than_can_be_kept, "two subscriptions agree", "more than can be kept" },
	{ bytes_behind, "valid JSON", "message 1: 1 bytes behind" },
	{ not_a_number, "valid JSON", "message 6: not JSON: the value of total_keys" },
	{ a_member_too_many, "exact members", "more is no member" },
	{ a_member_less, "exact members", "dwell_max is missing" },
	{ a_text_for_a_bool, "member types", "dev_mode is 0, expected a boolean" },
	{ a_number_too_large, "member types", "total_keys is 1e999, expected a finite number" },
	{ a_value_a_millionth_off, "member values", "clean_typing_ratio: got 1.000001" },
	{ another_type, "type", "message 3: type is \"key\"" },
	{ local_time, "timestamp", "+01:00" },
	{ a_time_before_the_event, "timestamp", "no time between sending and receipt" },
	{ a_trace_unasked, "no trace unasked", "message 2: trace is null" },
	{ half_a_trace, "trace when asked", "then_us" },
	{ attempts_too_often, "UPDATE_INTERVAL kept", "interval 3000 ms" },
	{ a_wrong_counter, "counters on SIGUSR1", "features: got 4, expected 81" },
	{ no_answer, "counters on SIGUSR1", "no answer" },
	{ a_received_too_many, "counters add up", "away: received 1000" },
	{ a_point_lost, "counters add up", "points_queued 81" },
	{ no_final_counters, "counters add up", "plain: no final counters" },
	{ a_malformed_event_taken, "malformed events counted", "accepted: got 91, expected 90" },
	{ a_malformed_event_missed, "malformed events counted", "rejected: got" },
	{ another_reason, "malformed events by reason", "rejected.bad_ts" },
	{ changed_by_malformed_events, "features after malformed events", "total_keys: got 36" },
	{ silent_after_malformed_events, "features after malformed events", "no features came" },
	{ a_flood_of_lines, "malformed events in the log", "20 lines" },
	{ a_quote, "log without content", MARKER },
	{ no_second_subscription, "features after lost connections", "did not subscribe again" },
	{ silent_after_the_cut, "features after lost connections", "no features came" },
	{ a_cut_not_counted, "lost connections counted", "reconnects: got 0, expected 1" },
	{ a_cut_not_said, "lost connections in the log", "0 lines, expected 2" },
	{ nothing_said_of_the_database, "no database said once", "0 lines" },
	{ a_point_too_few, "points = messages", "80 points in keystroke_features, 81 messages" },
	{ another_measurement, "measurement", "the database has keystrokes" },
	{ a_second_measurement, "measurement", "the database has keystroke_features" },
	{ another_user, "tags", "point 5: user_id is somebody, expected default" },
	{ a_tag_too_many, "tags", "point 5: 3 tags, expected 2" },
	{ another_field_value, "fields = members", "1 of 81 messages" },
	{ late_points_lost, "last points at the end", "80 of 81 points" },
	{ held_up_by_the_database, "features without the database", "81 messages, expected 71" },
	{ points_lost_while_away, "points kept and replayed", "80 points, 81 messages" },
	{ points_changed_while_away, "points kept and replayed", "1 of 81 points" },
	{ one_beat_only, "watchdog", "came 1 times" },
	{ no_stopping, "STOPPING=1 in order", "no STOPPING=1" },
	{ stopping_before_ready, "STOPPING=1 in order", "before READY=1" },
	{ no_exit, "end on SIGTERM", "after SIGTERM" },
	{ a_slow_exit, "end on SIGTERM", "took 2.10 s" },
	{ a_bad_exit_code, "end on SIGTERM", "exit 1" },
	{ killed_by_sigint, "end on SIGINT", "killed by signal 2" },
	{ a_secret_in_the_log, "secret kept", "in its log" },
	{ a_secret_in_the_title, "secret kept", "process title" },
	{ a_wrong_value_taken, "wrong configuration refused", "exit 0, expected exit 2" },
	{ a_variable_not_named, "wrong configuration refused", "does not name REDIS_PORT" },
	{ a_traceback, "wrong configuration refused", "7 lines on stderr" },
	{ no_help, "other commands", "says nothing of INFLUX_BATCH_SIZE" },
	{ no_end, "other commands", "did not end" },
};

static const struct item *item_named(const char *name)
{
	for (size_t i = 0; i < items_n; i++)
		if (!strcmp(items[i].name, name))
			return &items[i];
	fail_msg("no item %s", name);
	return NULL;
}

static void every_lie_is_found_and_named(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct evidence *x = honest(EVENT_KEYSTROKE);
		struct item_result r;

		lies[i].lie(x);
		item_judge(item_named(lies[i].item), x, &r);
		if (r.outcome != ITEM_FAIL || !strstr(r.value, lies[i].value))
			fail_msg("lie %zu, %s: %s: \"%s\", expected \"%s\"", i, r.item,
				 item_outcome_names[r.outcome], r.value, lies[i].value);
		gone(x);
	}
}

static void every_item_has_been_shown_a_lie(void **state UNUSED)
{
	for (size_t i = 0; i < items_n; i++) {
		bool shown = false;

		for (size_t k = 0; k < ARRAY_SIZE(lies); k++)
			shown |= !strcmp(lies[k].item, items[i].name);
		if (!shown)
			fail_msg("no lie for %s", items[i].name);
	}
}

static void what_a_subject_cannot_tell_is_unavailable_with_the_reason(void **state UNUSED)
{
	struct evidence *x = honest(EVENT_MOUSE);
	struct item_result r;

	x->has_counters = x->influx = x->has_trace = x->notifies = false;
	for (size_t i = 0; i < items_n; i++) {
		unsigned int needs = items[i].needs & ~(unsigned int)TOLD_EVEN_IF_CUT_SHORT;

		item_judge(&items[i], x, &r);
		if ((r.outcome == ITEM_UNAVAILABLE) != (needs != 0) && r.outcome != ITEM_PASS &&
		    strcmp(r.item, "member values"))
			fail_msg("%s: %s", r.item, r.value);
		assert_true(r.outcome != ITEM_UNAVAILABLE || strstr(r.value, "its file says"));
	}
	gone(x);
}

static void a_visit_that_was_cut_short_is_no_pass(void **state UNUSED)
{
	struct evidence *x = honest(EVENT_APP);
	struct item_result r;

	T->made = false;
	snprintf(T->why, sizeof(T->why), "it ended in the middle");
	item_judge(item_named("member values"), x, &r);
	assert_int_equal(r.outcome, ITEM_UNAVAILABLE);
	assert_non_null(strstr(r.value, "it ended in the middle"));
	T->said_ready = false;
	item_judge(item_named("ready when subscribed"), x, &r);
	assert_int_equal(r.outcome, ITEM_FAIL);
	gone(x);
}

static void judged(const char *item, const struct evidence *x, enum item_outcome outcome,
		   const char *value)
{
	struct item_result r;

	item_judge(item_named(item), x, &r);
	if (r.outcome != outcome || !strstr(r.value, value))
		fail_msg("%s: %s: \"%s\", expected %s: \"%s\"", item, item_outcome_names[r.outcome],
			 r.value, item_outcome_names[outcome], value);
}

/* What spans several visits passes only when all of them were made; a lie in one is one all the same. */
static void an_item_of_several_visits_names_the_one_that_was_not_made(void **state UNUSED)
{
	static const struct {
		enum visit_id id;
		const char *item, *value;
	} rows[] = {
		{ VISIT_PLAIN, "end on SIGTERM", "visit `plain` could not be made: it broke off" },
		{ VISIT_AWAY, "end on SIGTERM", "visit `away` could not be made: it broke off" },
		{ VISIT_PLAIN, "counters add up", "visit `plain` could not be made: it broke off" },
		{ VISIT_AWAY, "counters add up", "visit `away` could not be made: it broke off" },
		{ VISIT_BACK, "counters add up", "visit `back` could not be made: it broke off" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct evidence *x = honest(EVENT_KEYSTROKE);
		struct visit_seen *v = &x->visits[rows[i].id];

		v->made = false;
		snprintf(v->why, sizeof(v->why), "it broke off");
		judged(rows[i].item, x, ITEM_UNAVAILABLE, rows[i].value);
		T->status = 1 << 8;
		set_counter(&T->final, "points_written", 1);
		judged("end on SIGTERM", x, ITEM_FAIL, "exit 1");
		judged("counters add up", x, ITEM_FAIL, "points_queued 81");
		gone(x);
	}
}

static void what_a_log_that_was_not_kept_whole_does_not_show_is_unavailable(void **state UNUSED)
{
	static const char *const names[] = { "log without content", "secret kept",
					     "no database said once" };
	struct evidence *x = honest(EVENT_KEYSTROKE);

	T->log_unkept_bytes = P->log_unkept_bytes = 1234;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		judged(names[i], x, ITEM_UNAVAILABLE, "1234 bytes of its log");
	nothing_said_of_the_database(x);
	judged("no database said once", x, ITEM_UNAVAILABLE, "1234 bytes of its log");
	/* What it does show is enough to fail. */
	replace(&P->log, "INFLUX_URL\nINFLUX_URL\n" MARKER);
	a_secret_in_the_log(x);
	judged("log without content", x, ITEM_FAIL, MARKER);
	judged("secret kept", x, ITEM_FAIL, "in its log");
	judged("no database said once", x, ITEM_FAIL, "2 lines");
	gone(x);
}

static void a_secret_that_there_is_not_or_cannot_be_looked_for_is_unavailable(void **state UNUSED)
{
	struct evidence *x = honest(EVENT_KEYSTROKE);

	free(T->title);
	T->title = NULL;
	judged("secret kept", x, ITEM_UNAVAILABLE, "process title could not be read");
	x->secret = "";
	judged("secret kept", x, ITEM_UNAVAILABLE, "there is no secret");
	gone(x);
}

static void connections_that_could_not_be_cut_tell_nothing(void **state UNUSED)
{
	static const char *const names[] = { "features after lost connections",
					     "lost connections counted",
					     "lost connections in the log", "end on SIGTERM" };
	struct evidence *x = honest(EVENT_KEYSTROKE);

	snprintf(P->uncut_why, sizeof(P->uncut_why), "Redis is not private");
	P->resubscribed = false;
	P->marks[MARK_CUT] = (struct mark){ false, false, 0, 0 };
	P->lines_after_cut = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		judged(names[i], x, ITEM_UNAVAILABLE, "were not cut: Redis is not private");
	judged("features after malformed events", x, ITEM_PASS, "");
	no_exit(x);
	judged("end on SIGTERM", x, ITEM_FAIL, "after SIGTERM");
	gone(x);
}

/* An app's own promises: its labels, its tags, its event's time. */
static void apps_have_promises_of_their_own(void **state UNUSED)
{
	struct evidence *x = honest(EVENT_APP);
	struct item_result r;

	alter(P, P->marks[MARK_BAD].message, "\"to_app\":\"", "\"to_app\":1,\"was\":\"");
	item_judge(item_named("member types"), x, &r);
	assert_int_equal(r.outcome, ITEM_FAIL);
	gone(x);
	x = honest(EVENT_APP);
	alter(T, 0, "\"from_app\":\"code\"", "\"from_app\":\"mail\"");
	item_judge(item_named("member values"), x, &r);
	assert_int_equal(r.outcome, ITEM_FAIL);
	T->rows.v[2].n_tags--;
	item_judge(item_named("tags"), x, &r);
	assert_int_equal(r.outcome, ITEM_FAIL);
	assert_string_equal(r.value, "point 3: from_app or to_app is absent");
	gone(x);
}

static void items_come_back_from_results_json(void **state UNUSED)
{
	struct evidence *x = honest(EVENT_KEYSTROKE);
	struct result r = { .complete = true }, again;
	struct buf first = { 0 }, second = { 0 };
	struct err e = ERR_INIT;

	a_quote(x);
	for (size_t i = 0; i < items_n; i++) {
		struct item_result item;

		item_judge(&items[i], x, &item);
		result_add_item(&r, &item);
	}
	result_write_json(&r, &first);
	assert_int_equal(result_read_json(&again, first.data, first.len, &e), 0);
	assert_int_equal(again.n_items, items_n);
	result_write_json(&again, &second);
	assert_string_equal(buf_str(&first), buf_str(&second));
	buf_release(&first);
	buf_release(&second);
	result_release(&again);
	result_release(&r);
	gone(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_subject_passes_every_item),
		cmocka_unit_test(every_lie_is_found_and_named),
		cmocka_unit_test(every_item_has_been_shown_a_lie),
		cmocka_unit_test(what_a_subject_cannot_tell_is_unavailable_with_the_reason),
		cmocka_unit_test(a_visit_that_was_cut_short_is_no_pass),
		cmocka_unit_test(an_item_of_several_visits_names_the_one_that_was_not_made),
		cmocka_unit_test(what_a_log_that_was_not_kept_whole_does_not_show_is_unavailable),
		cmocka_unit_test(a_secret_that_there_is_not_or_cannot_be_looked_for_is_unavailable),
		cmocka_unit_test(connections_that_could_not_be_cut_tell_nothing),
		cmocka_unit_test(apps_have_promises_of_their_own),
		cmocka_unit_test(items_come_back_from_results_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
