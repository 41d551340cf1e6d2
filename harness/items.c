/*
 * The promises of the contract, judged; see items.h.  Start at the table at the end.
 *
 * Of several things that are wrong an item names the first.
 */
#include "harness/items.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "extractors/base/clock.h"
#include "extractors/wire/feature.h"
#include "harness/message.h"
#include "harness/oracle/oracle.h"
#include "harness/points.h"
#include "harness/proc.h"

#define STOP_NS		  (2 * NS_PER_S) /* contract, "Life cycle" 4 */
#define INTERVAL_SLACK_US 5000 /* the wall clock is read a little after the attempt was due */

/* ---- outcomes ------------------------------------------------------------------------- */

static void PRINTF(2, 3) passed(struct item_result *out, const char *fmt, ...)
{
	va_list ap;

	out->outcome = ITEM_PASS;
	va_start(ap, fmt);
	vsnprintf(out->value, sizeof(out->value), fmt, ap);
	va_end(ap);
}

static void PRINTF(2, 3) failed(struct item_result *out, const char *fmt, ...)
{
	va_list ap;

	out->outcome = ITEM_FAIL;
	va_start(ap, fmt);
	vsnprintf(out->value, sizeof(out->value), fmt, ap);
	va_end(ap);
}

static void PRINTF(2, 3) untold(struct item_result *out, const char *fmt, ...)
{
	va_list ap;

	out->outcome = ITEM_UNAVAILABLE;
	va_start(ap, fmt);
	vsnprintf(out->value, sizeof(out->value), fmt, ap);
	va_end(ap);
}

/* ---- helpers -------------------------------------------------------------------------- */

static const char *own_channel(const struct evidence *x)
{
	return feature_routes[x->type].channel;
}

static struct check_spec spec_of(const struct evidence *x, const struct visit_seen *v, size_t n_own,
				 bool traced)
{
	static const size_t buffers[EVENT_TYPES] = { 10000, 50000, 1000 }; /* the contract's */

	return (struct check_spec){
		.type = x->type,
		.own = v->own,
		.sent_wall_us = v->sent_wall_us,
		.n_own = n_own,
		.window_s = x->window_s,
		.max_buffer = buffers[x->type],
		.traced = traced,
	};
}

/* With an attempt at every own event: how many messages must come. */
static int64_t expected_messages(const struct evidence *x, const struct visit_seen *v)
{
	static const size_t fewest[EVENT_TYPES] = { 10, 50, 0 }; /* features.md */
	struct check_spec spec = spec_of(x, v, v->n_own, x->has_trace);

	if (x->type == EVENT_APP)
		return check_expected_messages(&spec);
	return v->n_own < fewest[x->type] ? 0 : (int64_t)(v->n_own - fewest[x->type] + 1);
}

/* Tries each message on a channel until one is wrong; the message's number and words into *out. */
typedef bool (*message_ok)(const struct evidence *x, const struct visit_seen *v,
			   const struct message *m, const struct check_message *msg,
			   struct err *why);

static void each_message(const struct evidence *x, const enum visit_id *visits, size_t n_visits,
			 message_ok ok, struct item_result *out)
{
	size_t seen = 0;

	for (size_t k = 0; k < n_visits; k++) {
		const struct visit_seen *v = &x->visits[visits[k]];
		size_t n;
		struct check_message *msgs = evidence_on(v, own_channel(x), &n);

		for (size_t i = 0; i < n && out->outcome != ITEM_FAIL; i++) {
			struct message m;
			struct err why = ERR_INIT;

			if (message_parse(&m, msgs[i].json, msgs[i].len, &why) ||
			    !ok(x, v, &m, &msgs[i], &why))
				failed(out, "%s, message %zu: %s", visit_names[visits[k]], i + 1,
				       why.text);
		}
		seen += n;
		free(msgs);
	}
	if (out->outcome == ITEM_FAIL)
		return;
	if (seen)
		passed(out, "%zu messages", seen);
	else
		failed(out, "no message came");
}

static const enum visit_id both[] = { VISIT_TRACED, VISIT_PLAIN };

static int64_t counter_or(const struct counters *c, const char *name, int64_t none)
{
	int64_t v;

	return counters_get(c, name, &v) ? v : none;
}

/* The first counter that differs; false when one does. */
struct expected_counter {
	const char *name;
	int64_t value;
};

static bool counters_are(const struct counters *c, const struct expected_counter *v, size_t n,
			 struct item_result *out)
{
	for (size_t i = 0; i < n; i++) {
		int64_t got;

		if (!counters_get(c, v[i].name, &got)) {
			failed(out, "no counter `%s`", v[i].name);
			return false;
		}
		if (got != v[i].value) {
			failed(out, "%s: got %" PRId64 ", expected %" PRId64, v[i].name, got,
			       v[i].value);
			return false;
		}
	}
	return true;
}

/* ---- life cycle -------------------------------------------------------------------------- */

static void look_ready(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (!v->said_ready)
		failed(out, "it never said READY=1");
	else if (!v->subscribed_at_ready)
		failed(out, "READY=1, but not subscribed to %s", EVENTS_CHANNEL);
	else
		passed(out, "%s", "");
}

static void look_stopping(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (!v->stopping_ns)
		failed(out, "no STOPPING=1");
	else if (v->stopping_ns < v->ready_ns)
		failed(out, "STOPPING=1 came %.1f ms before READY=1",
		       (double)(v->ready_ns - v->stopping_ns) / 1e6);
	else if (v->stopping_ns < v->asked_to_stop_ns)
		failed(out, "STOPPING=1 came %.1f ms before it was asked to stop",
		       (double)(v->asked_to_stop_ns - v->stopping_ns) / 1e6);
	else
		passed(out, "%s", "");
}

static void look_watchdog(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (v->n_watchdog >= ITEMS_WATCHDOGS)
		passed(out, "%s", "");
	else
		failed(out, "WATCHDOG=1 came %" PRId64 " times, expected %d", v->n_watchdog,
		       ITEMS_WATCHDOGS);
}

static bool ended_well(const struct visit_seen *v, const char *signal, struct item_result *out)
{
	int64_t took_ns = v->exited_ns - v->asked_to_stop_ns;
	char words[PROC_WORDS_MAX];

	if (v->killed)
		failed(out, "still there %.1f s after %s", (double)took_ns / 1e9, signal);
	else if (v->status)
		failed(out, "%s", proc_exit_words(v->status, words));
	else if (took_ns > STOP_NS)
		failed(out, "took %.2f s", (double)took_ns / 1e9);
	return out->outcome != ITEM_FAIL;
}

/* Idle, after a cut, and with a database that does not answer. */
static void look_sigterm(const struct evidence *x, struct item_result *out)
{
	static const enum visit_id visits[] = { VISIT_TRACED, VISIT_PLAIN, VISIT_AWAY };

	for (size_t i = 0; i < ARRAY_SIZE(visits); i++)
		if (x->visits[visits[i]].made && !ended_well(&x->visits[visits[i]], "SIGTERM", out))
			return;
	passed(out, "%s", "");
}

static void look_sigint(const struct evidence *x, struct item_result *out)
{
	if (ended_well(&x->visits[VISIT_BACK], "SIGINT", out))
		passed(out, "%s", "");
}

/* ---- features on Redis ------------------------------------------------------------------- */

static void look_channel(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	int64_t expected = expected_messages(x, v);
	size_t n;

	free(evidence_on(v, own_channel(x), &n));
	if ((int64_t)n == expected)
		passed(out, "%zu messages", n);
	else
		failed(out, "%zu messages on %s, expected %" PRId64, n, own_channel(x), expected);
}

static void look_other_channels(const struct evidence *x, struct item_result *out)
{
	for (int k = 0; k < VISITS; k++)
		for (size_t i = 0; i < x->visits[k].n_heard; i++)
			if (strcmp(x->visits[k].heard[i].channel, own_channel(x))) {
				failed(out, "%s: a message on %.80s", visit_names[k],
				       x->visits[k].heard[i].channel);
				return;
			}
	passed(out, "%s", "");
}

static void look_two_ears(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	size_t n, same = 0;
	struct check_message *heard = evidence_on(v, own_channel(x), &n);

	while (same < n && same < v->n_tapped && heard[same].len == v->tapped[same].len &&
	       !memcmp(heard[same].json, v->tapped[same].json, heard[same].len))
		same++;
	free(heard);
	if (v->n_unkept)
		failed(out, "%zu messages more than can be kept", v->n_unkept);
	else if (same == n && same == v->n_tapped)
		passed(out, "%zu messages", n);
	else
		failed(out, "the tap has %zu, the second subscription %zu, equal are the first %zu",
		       v->n_tapped, n, same);
}

static bool is_json(const struct evidence *x UNUSED, const struct visit_seen *v UNUSED,
		    const struct message *m UNUSED, const struct check_message *msg UNUSED,
		    struct err *why UNUSED)
{
	return true; /* message_parse() has taken it */
}

static void look_json(const struct evidence *x, struct item_result *out)
{
	each_message(x, both, ARRAY_SIZE(both), is_json, out);
}

static bool is_text(const struct message_member *m, const char *text)
{
	return m && m->value.type == JSON_STRING && m->value.raw.len == strlen(text) &&
	       !memcmp(m->value.raw.p, text, m->value.raw.len);
}

static int shown(const struct message_member *m)
{
	return m ? (int)(m->raw.len < 60 ? m->raw.len : 60) : 0;
}

static bool has_type(const struct evidence *x, const struct visit_seen *v UNUSED,
		     const struct message *m, const struct check_message *msg UNUSED,
		     struct err *why)
{
	const struct message_member *type = message_get(m, "type");

	if (is_text(type, event_type_names[x->type]))
		return true;
	err_set(why, -1, "type is %.*s", type ? shown(type) : 6, type ? type->raw.p : "absent");
	return false;
}

static void look_type(const struct evidence *x, struct item_result *out)
{
	each_message(x, both, ARRAY_SIZE(both), has_type, out);
}

/* "…+00:00" as ns since the epoch. */
static bool timestamp_of(const struct message *m, int64_t *ns)
{
	const struct message_member *t = message_get(m, "timestamp");
	char text[48];
	size_t len;

	if (!t || t->value.type != JSON_STRING)
		return false;
	len = t->value.raw.len;
	if (len < 6 || len >= sizeof(text) || memcmp(t->value.raw.p + len - 6, "+00:00", 6))
		return false;
	snprintf(text, sizeof(text), "%.*sZ", (int)(len - 6), t->value.raw.p);
	return !influx_parse_time(text, ns);
}

static bool event_has_time(const struct visit_seen *v, int64_t us)
{
	for (size_t i = 0; i < v->n_own; i++)
		if (v->own[i].ts_us == us)
			return true;
	return false;
}

/* The time of writing lies between the first sending and the receipt; app's is an event's own. */
static bool has_timestamp(const struct evidence *x, const struct visit_seen *v,
			  const struct message *m, const struct check_message *msg, struct err *why)
{
	const struct message_member *t = message_get(m, "timestamp");
	int64_t ns, us;
	bool in_time;

	if (!timestamp_of(m, &ns)) {
		err_set(why, -1, "timestamp is %.*s", t ? shown(t) : 6, t ? t->raw.p : "absent");
		return false;
	}
	us = ns / NS_PER_US;
	in_time = x->type == EVENT_APP
			  ? event_has_time(v, us)
			  : v->n_own && us >= v->sent_wall_us[0] - CHECK_CLOCK_SLACK_US &&
				    us <= msg->received_wall_us + CHECK_CLOCK_SLACK_US;
	if (!in_time)
		err_set(why, -1, "timestamp %.*s is no time %s", shown(t), t->raw.p,
			x->type == EVENT_APP ? "of an event" : "between sending and receipt");
	return in_time;
}

static void look_timestamp(const struct evidence *x, struct item_result *out)
{
	each_message(x, both, ARRAY_SIZE(both), has_timestamp, out);
}

static bool has_no_trace(const struct evidence *x UNUSED, const struct visit_seen *v UNUSED,
			 const struct message *m, const struct check_message *msg UNUSED,
			 struct err *why)
{
	const struct message_member *t = message_get(m, "trace");

	if (t)
		err_set(why, -1, "trace is %.*s", shown(t), t->raw.p);
	return !t;
}

static void look_no_trace(const struct evidence *x, struct item_result *out)
{
	static const enum visit_id plain[] = { VISIT_PLAIN };

	each_message(x, plain, 1, has_no_trace, out);
}

static bool has_trace(const struct evidence *x UNUSED, const struct visit_seen *v UNUSED,
		      const struct message *m, const struct check_message *msg, struct err *why)
{
	const struct message_member *t = message_get(m, "trace");
	struct feature_trace trace;

	if (oracle_read_trace(msg->json, msg->len, &trace))
		return true;
	err_set(why, -1, "trace is %.*s", t ? shown(t) : 6, t ? t->raw.p : "absent");
	return false;
}

static void look_trace(const struct evidence *x, struct item_result *out)
{
	static const enum visit_id traced[] = { VISIT_TRACED };

	each_message(x, traced, 1, has_trace, out);
}

/* ---- members: names and types ---------------------------------------------------------------- */

static bool is_label(const struct feature_msg *expected, const struct message_member *m)
{
	for (size_t i = 0; i < expected->n_labels; i++)
		if (m->name.len == strlen(expected->labels[i].name) &&
		    !memcmp(m->name.p, expected->labels[i].name, m->name.len))
			return true;
	return false;
}

static const struct feature_value *value_of(const struct feature_msg *expected,
					    const struct message_member *m)
{
	for (size_t i = 0; i < expected->n_values; i++)
		if (m->name.len == strlen(expected->values[i].name) &&
		    !memcmp(m->name.p, expected->values[i].name, m->name.len))
			return &expected->values[i];
	return NULL;
}

static bool names_are(const struct feature_msg *expected, const struct message *m, struct err *why)
{
	static const char *const always[] = { "timestamp", "type" };
	static const char *const maybe[] = { "timestamp", "type", "trace" };

	for (size_t i = 0; i < expected->n_values; i++)
		if (!message_get(m, expected->values[i].name))
			return !err_set(why, -1, "%s is missing", expected->values[i].name);
	for (size_t i = 0; i < expected->n_labels; i++)
		if (!message_get(m, expected->labels[i].name))
			return !err_set(why, -1, "%s is missing", expected->labels[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (!message_get(m, always[i]))
			return !err_set(why, -1, "%s is missing", always[i]);
	for (size_t i = 0; i < m->n; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(maybe) &&
		       (m->v[i].name.len != strlen(maybe[k]) ||
			memcmp(m->v[i].name.p, maybe[k], m->v[i].name.len)))
			k++;
		if (k == ARRAY_SIZE(maybe) && !is_label(expected, &m->v[i]) &&
		    !value_of(expected, &m->v[i]))
			return !err_set(why, -1, "%.*s is no member of the contract",
					(int)m->v[i].name.len, m->v[i].name.p);
	}
	return true;
}

static bool types_are(const struct feature_msg *expected, const struct message *m, struct err *why)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct message_member *v = &m->v[i];
		const struct feature_value *want = value_of(expected, v);
		enum json_type type = want ? want->kind == FEATURE_BOOL ? JSON_BOOL : JSON_NUMBER
				      : is_label(expected, v) ? JSON_STRING
							      : v->value.type;

		if (v->value.type != type ||
		    (type == JSON_NUMBER && want && !isfinite(json_double(&v->value))))
			return !err_set(why, -1, "%.*s is %.*s, expected a %s", (int)v->name.len,
					v->name.p, shown(v), v->raw.p,
					type == JSON_BOOL     ? "boolean"
					: type == JSON_STRING ? "string"
							      : "finite number");
	}
	return true;
}

typedef bool (*shape_ok)(const struct feature_msg *expected, const struct message *m,
			 struct err *why);

/* The message waited for, against what the oracle says stands in one of so many events. */
static bool mark_is(const struct evidence *x, const struct visit_seen *v, const struct mark *mark,
		    const struct check_message *msg, shape_ok ok, struct err *why)
{
	struct check_spec spec = spec_of(x, v, mark->n_own, false);
	struct oracle_params p = { .now_us = msg->received_wall_us,
				   .window_s = spec.window_s,
				   .max_buffer = spec.max_buffer };
	struct oracle_app *app = NULL;
	struct feature_msg expected = { 0 };
	struct message m;
	bool result = true;

	if (x->type == EVENT_APP) {
		app = oracle_app_new(false);
		for (size_t i = 0; i < mark->n_own; i++)
			(void)oracle_app_event(app, &v->own[i], &expected);
	} else {
		result = oracle_features(x->type, v->own, mark->n_own, &p, &expected) ||
			 !err_set(why, -1, "features of too few events");
	}
	result = result && !message_parse(&m, msg->json, msg->len, why) && ok(&expected, &m, why);
	oracle_app_free(app);
	return result;
}

static void look_marks(const struct evidence *x, shape_ok ok, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	size_t n, seen = 0;
	struct check_message *msgs = evidence_on(v, own_channel(x), &n);

	for (int i = 0; i < MARKS && out->outcome != ITEM_FAIL; i++) {
		struct err why = ERR_INIT;

		if (!v->marks[i].came || v->marks[i].message >= n)
			continue;
		seen++;
		if (!mark_is(x, v, &v->marks[i], &msgs[v->marks[i].message], ok, &why))
			failed(out, "message %zu: %s", v->marks[i].message + 1, why.text);
	}
	free(msgs);
	if (out->outcome == ITEM_FAIL)
		return;
	if (seen)
		passed(out, "%zu messages", seen);
	else
		failed(out, "no message came that was waited for");
}

static void look_members(const struct evidence *x, struct item_result *out)
{
	look_marks(x, names_are, out);
}

static void look_types(const struct evidence *x, struct item_result *out)
{
	look_marks(x, types_are, out);
}

/* ---- values ------------------------------------------------------------------------------- */

void items_ask_oracle(const struct evidence *x, enum visit_id id, struct oracle_summary *out)
{
	const struct visit_seen *v = &x->visits[id];
	struct check_spec spec = spec_of(x, v, v->n_own, x->has_trace);
	size_t n;
	struct check_message *msgs = evidence_on(v, own_channel(x), &n);

	check_features(&spec, msgs, n, out);
	free(msgs);
}

static void look_values(const struct evidence *x, struct item_result *out)
{
	struct oracle_summary sum;

	items_ask_oracle(x, VISIT_TRACED, &sum);
	if (sum.wrong)
		failed(out, "%" PRId64 " of %" PRId64 " wrong; %s", sum.wrong, sum.checked,
		       sum.note);
	else if (!sum.checked)
		failed(out, "no message could be checked: %s",
		       sum.note[0] ? sum.note : "none came");
	else
		passed(out, "%" PRId64 " messages", sum.checked);
}

/* Is the message that was waited for what the oracle says of the events before it? */
static void look_mark(const struct evidence *x, enum mark_id id, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	const struct mark *mark = &v->marks[id];
	struct check_spec spec = spec_of(x, v, mark->n_own, false);
	struct oracle_summary sum = { 0 };
	size_t n;
	struct check_message *msgs = evidence_on(v, own_channel(x), &n);

	if (!mark->tried)
		untold(out, "the visit did not get so far: %s", v->why);
	else if (!mark->came || mark->message >= n)
		failed(out, "no features came");
	else if (x->type == EVENT_APP)
		check_features(&spec, msgs, mark->message + 1, &sum);
	else
		check_features(&spec, &msgs[mark->message], 1, &sum);
	free(msgs);
	if (sum.wrong)
		failed(out, "%s", sum.note);
	else if (sum.checked)
		passed(out, "%s", "");
}

static void look_after_bad(const struct evidence *x, struct item_result *out)
{
	look_mark(x, MARK_BAD, out);
}

static void look_after_cut(const struct evidence *x, struct item_result *out)
{
	if (!x->visits[VISIT_PLAIN].resubscribed)
		failed(out, "it did not subscribe again");
	else
		look_mark(x, MARK_CUT, out);
}

/* Consecutive times of writing are never closer than the interval. */
static void look_interval(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	int64_t least_us = (int64_t)(x->interval_s * 1e6) - INTERVAL_SLACK_US, last_us = 0;
	size_t n;
	struct check_message *msgs;

	if (x->type == EVENT_APP) {
		untold(out, "app publishes on every transition");
		return;
	}
	msgs = evidence_on(v, own_channel(x), &n);
	for (size_t i = 0; i < n && out->outcome != ITEM_FAIL; i++) {
		struct message m;
		struct err ignored = ERR_INIT;
		int64_t ns;

		if (message_parse(&m, msgs[i].json, msgs[i].len, &ignored) ||
		    !timestamp_of(&m, &ns))
			continue; /* other items say so */
		if (last_us && ns / NS_PER_US - last_us < least_us)
			failed(out,
			       "message %zu came %.1f ms after the one before it, interval %g ms",
			       i + 1, (double)(ns / NS_PER_US - last_us) / 1e3,
			       x->interval_s * 1e3);
		last_us = ns / NS_PER_US;
	}
	free(msgs);
	if (out->outcome == ITEM_FAIL)
		return;
	if (n > 1)
		passed(out, "%zu messages", n);
	else
		failed(out, "%zu messages, too few to tell", n);
}

/* ---- counters -------------------------------------------------------------------------------- */

static void look_counters(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	const struct expected_counter expected[] = {
		{ "received", v->sent },
		{ "accepted", (int64_t)v->n_own },
		{ "other_type", v->sent_other },
		{ "features", expected_messages(x, v) },
		{ "publish_errors", 0 },
		{ "evicted", 0 },
		{ "reconnects", 0 },
	};
	int64_t rejected = 0;

	if (!v->has_asked)
		failed(out, "no answer to SIGUSR1");
	else if (!counters_are(&v->asked, expected, ARRAY_SIZE(expected), out))
		return;
	else if (!counters_sum(&v->asked, "rejected", &rejected) || rejected)
		failed(out, "rejected: got %" PRId64 ", expected 0", rejected);
	else
		passed(out, "%s", "");
}

/* The two sums that always hold. */
static void look_closure(const struct evidence *x, struct item_result *out)
{
	for (int k = 0; k < VISIT_COMMANDS; k++) {
		const struct visit_seen *v = &x->visits[k];
		const struct counters *c = &v->final;
		int64_t rejected = 0, received, queued, kept;

		if (!v->made)
			continue;
		if (!v->has_final) {
			failed(out, "%s: no final counters", visit_names[k]);
			return;
		}
		received = counter_or(c, "received", -1);
		(void)!counters_sum(c, "rejected", &rejected);
		kept = counter_or(c, "accepted", 0) + counter_or(c, "other_type", 0) + rejected;
		if (received != kept) {
			failed(out,
			       "%s: received %" PRId64
			       ", accepted + other_type + rejected %" PRId64,
			       visit_names[k], received, kept);
			return;
		}
		queued = counter_or(c, "points_queued", 0);
		kept = counter_or(c, "points_written", 0) + counter_or(c, "points_spooled", 0) +
		       counter_or(c, "points_dropped", 0) + counter_or(c, "points_pending", 0);
		if (queued != kept) {
			failed(out,
			       "%s: points_queued %" PRId64
			       ", written + spooled + dropped + pending %" PRId64,
			       visit_names[k], queued, kept);
			return;
		}
	}
	passed(out, "%s", "");
}

static void look_rejected(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	int64_t rejected = 0;
	const struct expected_counter expected[] = {
		{ "received", v->sent },
		{ "accepted", (int64_t)v->n_own },
	};

	if (!v->has_asked)
		failed(out, "no answer to SIGUSR1");
	else if (!counters_are(&v->asked, expected, ARRAY_SIZE(expected), out))
		return;
	else if (!counters_sum(&v->asked, "rejected", &rejected) || rejected != v->sent_bad)
		failed(out, "rejected: got %" PRId64 ", expected %" PRId64, rejected, v->sent_bad);
	else
		passed(out, "%" PRId64 " messages", rejected);
}

static void look_reasons(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];

	if (!v->has_asked) {
		failed(out, "no answer to SIGUSR1");
		return;
	}
	for (int i = EVENT_REJECTED; i < EVENT_VERDICTS; i++) {
		char name[COUNTERS_NAME_MAX];
		struct expected_counter expected = { name, v->bad_by_reason[i] };

		snprintf(name, sizeof(name), "rejected.%s", event_verdict_names[i]);
		if (!counters_are(&v->asked, &expected, 1, out))
			return;
	}
	passed(out, "%s", "");
}

static void look_reconnects(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	const struct expected_counter expected = { "reconnects", 1 };

	if (!v->has_asked)
		failed(out, "no answer to SIGUSR1");
	else if (counters_are(&v->asked, &expected, 1, out))
		passed(out, "%s", "");
}

/* ---- its words ------------------------------------------------------------------------------- */

static void look_cut_lines(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	int64_t n = v->lines_after_cut - v->lines_before_cut;

	if (n == 2)
		passed(out, "%s", "");
	else
		failed(out, "%" PRId64 " lines, expected 2", n);
}

/* One line a second at most: in the burst of a few milliseconds one, or two at a second's turn. */
static void look_bad_lines(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];

	if (v->lines_for_bad >= 1 && v->lines_for_bad <= 2)
		passed(out, "%" PRId64 " for %" PRId64 " messages", v->lines_for_bad, v->sent_bad);
	else
		failed(out, "%" PRId64 " lines for %" PRId64 " messages", v->lines_for_bad,
		       v->sent_bad);
}

static void look_private(const struct evidence *x, struct item_result *out)
{
	const char *log = x->visits[VISIT_PLAIN].log, *at = log ? strstr(log, x->marker) : NULL;

	if (at)
		failed(out, "the log quotes a malformed event: \"%.40s\"", at);
	else
		passed(out, "%s", "");
}

/* The secret itself is not repeated here either. */
static void look_secret(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (v->log && strstr(v->log, x->secret))
		failed(out, "INFLUX_TOKEN stands in its log");
	else if (v->title && strstr(v->title, x->secret))
		failed(out, "INFLUX_TOKEN stands in its process title");
	else
		passed(out, "%s", "");
}

static size_t lines_with(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *p = text; p && (p = strstr(p, word)); n++) {
		p = strchr(p, '\n');
		if (!p)
			return n + 1;
	}
	return n;
}

static void look_no_database(const struct evidence *x, struct item_result *out)
{
	size_t n = lines_with(x->visits[VISIT_PLAIN].log, "INFLUX_URL");

	if (n == 1)
		passed(out, "%s", "");
	else
		failed(out, "%zu lines of the log name INFLUX_URL, expected 1", n);
}

/* ---- the database --------------------------------------------------------------------------- */

static bool has_rows(const struct visit_seen *v, struct item_result *out)
{
	if (!v->has_rows)
		untold(out, "%s", v->rows_why);
	return v->has_rows;
}

static void look_points(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	size_t n;

	if (!has_rows(v, out))
		return;
	free(evidence_on(v, own_channel(x), &n));
	if (v->rows.n == n && n)
		passed(out, "%zu points", n);
	else
		failed(out, "%zu points in %s, %zu messages", v->rows.n,
		       feature_routes[x->type].measurement, n);
}

/* Neither a batch was full nor a minute over: what is there was written because of the end. */
static void look_last_points(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	size_t n;

	if (!has_rows(v, out))
		return;
	free(evidence_on(v, own_channel(x), &n));
	if (v->rows.n < n)
		failed(out, "%zu of %zu points were written, %" PRId64 " before the end", v->rows.n,
		       n, v->rows_before_end);
	else if (v->rows_before_end >= (int64_t)n)
		untold(out, "all points were there before the end, whatever INFLUX_FLUSH_MS said");
	else
		passed(out, "%zu points, %" PRId64 " of them before the end", n,
		       v->rows_before_end);
}

static void look_measurement(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	const char *want = feature_routes[x->type].measurement;
	size_t len = strlen(want);

	if (!v->measurements)
		untold(out, "%s", v->rows_why[0] ? v->rows_why : "the database tells no names");
	else if (!strncmp(v->measurements, want, len) && !strcmp(v->measurements + len, "\n"))
		passed(out, "%s", want);
	else
		failed(out, "the database has %.*s, expected %s",
		       (int)strcspn(v->measurements, "\n"),
		       v->measurements[0] ? v->measurements : "nothing", want);
}

static bool tags_are(const struct evidence *x, const struct influx_row *row, struct err *why)
{
	const struct feature_route *route = &feature_routes[x->type];
	size_t more = 0;

	for (size_t i = 0; i < route->n_tags; i++) {
		const char *got = influx_row_tag(row, route->tags[i].name);

		if (!got || strcmp(got, route->tags[i].value))
			return !err_set(why, -1, "%s is %.60s, expected %s", route->tags[i].name,
					got ? got : "absent", route->tags[i].value);
	}
	if (x->type == EVENT_APP)
		more = (influx_row_tag(row, "from_app") != NULL) +
		       (size_t)(influx_row_tag(row, "to_app") != NULL);
	if (x->type == EVENT_APP && more < 2)
		return !err_set(why, -1, "from_app or to_app is absent");
	if (row->n_tags != route->n_tags + more)
		return !err_set(why, -1, "%zu tags, expected %zu", row->n_tags,
				route->n_tags + more);
	return true;
}

static void look_tags(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	struct err why = ERR_INIT;

	if (!has_rows(v, out))
		return;
	for (size_t i = 0; i < v->rows.n; i++)
		if (!tags_are(x, &v->rows.v[i], &why)) {
			failed(out, "point %zu: %s", i + 1, why.text);
			return;
		}
	if (v->rows.n)
		passed(out, "%zu points", v->rows.n);
	else
		failed(out, "no point in %s", feature_routes[x->type].measurement);
}

static void look_fields(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	char first[160];
	int64_t differ;
	size_t n;
	struct check_message *msgs;

	if (!has_rows(v, out))
		return;
	msgs = evidence_on(v, own_channel(x), &n);
	differ = points_compare(msgs, n, &v->rows, first, sizeof(first));
	free(msgs);
	if (differ)
		failed(out, "%" PRId64 " of %zu messages: %s", differ, n, first);
	else if (n)
		passed(out, "%zu points", n);
	else
		failed(out, "no message came");
}

static void look_away(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_AWAY];
	int64_t expected = expected_messages(x, v);
	size_t n;

	free(evidence_on(v, own_channel(x), &n));
	if ((int64_t)n == expected)
		passed(out, "%zu messages", n);
	else
		failed(out, "%zu messages, expected %" PRId64, n, expected);
}

static void look_back(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *away = &x->visits[VISIT_AWAY], *v = &x->visits[VISIT_BACK];
	char first[160];
	int64_t differ;
	size_t n;
	struct check_message *msgs;

	if (!has_rows(v, out))
		return;
	msgs = evidence_on(away, own_channel(x), &n);
	differ = points_compare(msgs, n, &v->rows, first, sizeof(first));
	free(msgs);
	if (v->rows.n != n || !n)
		failed(out, "%zu points, %zu messages while it was away", v->rows.n, n);
	else if (differ)
		failed(out, "%" PRId64 " of %zu points: %s", differ, n, first);
	else
		passed(out, "%zu points", n);
}

/* ---- commands ------------------------------------------------------------------------------- */

static bool command_ok(const struct command_seen *c, struct item_result *out)
{
	char words[PROC_WORDS_MAX];

	if (!c->ended)
		failed(out, "%s: did not end", c->name);
	else if (!WIFEXITED(c->status) || WEXITSTATUS(c->status) != c->expected_status)
		failed(out, "%s: %s, expected exit %d", c->name, proc_exit_words(c->status, words),
		       c->expected_status);
	else if (c->names && c->stderr_lines != 1)
		failed(out, "%s: %" PRId64 " lines on stderr, expected 1", c->name,
		       c->stderr_lines);
	else if (c->names && !strstr(c->err, c->names))
		failed(out, "%s: the line does not name %s: %.100s", c->name, c->names, c->err);
	else if (c->expects && !strstr(c->out, c->expects) && !strstr(c->err, c->expects))
		failed(out, "%s: says nothing of %s", c->name, c->expects);
	return out->outcome != ITEM_FAIL;
}

static void look_commands(const struct evidence *x, bool wrong, struct item_result *out)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_commands; i++) {
		if (!!x->commands[i].names != wrong)
			continue;
		n++;
		if (!command_ok(&x->commands[i], out))
			return;
	}
	if (n)
		passed(out, "%zu tried", n);
	else
		untold(out, "none could be tried");
}

static void look_refused(const struct evidence *x, struct item_result *out)
{
	look_commands(x, true, out);
}

static void look_flags(const struct evidence *x, struct item_result *out)
{
	look_commands(x, false, out);
}

/* ---- the table -------------------------------------------------------------------------------- */

const struct item items[] = {
	{ "ready when subscribed", "READY=1 comes, and the subscription stands when it does",
	  VISIT_TRACED, NEEDS_NOTIFY | TOLD_EVEN_IF_CUT_SHORT, look_ready },
	{ "own channel, every message",
	  "UPDATE_INTERVAL=0: one message on the extractor's channel for each attempt that has "
	  "enough events",
	  VISIT_TRACED, 0, look_channel },
	{ "no other channel", "a subscription to every channel hears the subject on no other one",
	  VISIT_TRACED, 0, look_other_channels },
	{ "two subscriptions agree",
	  "the tap and an independent subscription hold the same messages, byte by byte",
	  VISIT_TRACED, 0, look_two_ears },
	{ "valid JSON", "every message is one JSON object by RFC 8259", VISIT_TRACED, 0,
	  look_json },
	{ "exact members", "the members that the contract names and no other", VISIT_PLAIN, 0,
	  look_members },
	{ "member types", "numbers finite, booleans booleans, names strings", VISIT_PLAIN, 0,
	  look_types },
	{ "member values", "every member as the oracle computes it", VISIT_TRACED, 0, look_values },
	{ "type", "`type` is the extractor's", VISIT_TRACED, 0, look_type },
	{ "timestamp", "ISO 8601 in UTC, between sending and receipt; for app the event's own time",
	  VISIT_TRACED, 0, look_timestamp },
	{ "no trace unasked", "without SECLYZER_TRACE no message has `trace`", VISIT_PLAIN, 0,
	  look_no_trace },
	{ "trace when asked", "with SECLYZER_TRACE=1 every message has a whole one", VISIT_TRACED,
	  NEEDS_TRACE, look_trace },
	{ "UPDATE_INTERVAL kept", "messages are never closer than the interval", VISIT_PLAIN, 0,
	  look_interval },
	{ "counters on SIGUSR1", "they say what was sent and what came out", VISIT_TRACED,
	  NEEDS_COUNTERS, look_counters },
	{ "counters add up",
	  "received = accepted + other_type + rejected; points queued = written + spooled + "
	  "dropped + pending, at the end of every visit",
	  VISIT_TRACED, NEEDS_COUNTERS, look_closure },
	{ "malformed events counted", "each of them as rejected, none as accepted", VISIT_PLAIN,
	  NEEDS_COUNTERS, look_rejected },
	{ "malformed events by reason", "each under the reason of extractors/README.md",
	  VISIT_PLAIN, NEEDS_COUNTERS, look_reasons },
	{ "features after malformed events", "as if those had not been sent", VISIT_PLAIN, 0,
	  look_after_bad },
	{ "malformed events in the log", "a line a second at most, with the count since",
	  VISIT_PLAIN, 0, look_bad_lines },
	{ "log without content", "no line quotes a malformed event: key names are private",
	  VISIT_PLAIN, 0, look_private },
	{ "features after lost connections",
	  "all its connections to Redis were cut (CLIENT KILL): it subscribes again and the next "
	  "features are right",
	  VISIT_PLAIN, 0, look_after_cut },
	{ "lost connections counted", "`reconnects` is 1 after one cut", VISIT_PLAIN,
	  NEEDS_COUNTERS, look_reconnects },
	{ "lost connections in the log", "one line when it goes and one when it is back",
	  VISIT_PLAIN, 0, look_cut_lines },
	{ "no database said once", "INFLUX_URL unset: one line of the log says so", VISIT_PLAIN, 0,
	  look_no_database },
	{ "points = messages", "as many points in the measurement as messages on the channel",
	  VISIT_TRACED, NEEDS_DATABASE, look_points },
	{ "measurement", "the extractor's measurement and no other in its database", VISIT_TRACED,
	  NEEDS_DATABASE, look_measurement },
	{ "tags", "user_id and the extractor's others, with their values, and no further one",
	  VISIT_TRACED, NEEDS_DATABASE, look_tags },
	{ "fields = members", "each point has its message's time, numbers and no other field",
	  VISIT_TRACED, NEEDS_DATABASE, look_fields },
	{ "last points at the end",
	  "INFLUX_FLUSH_MS=60000, INFLUX_BATCH_SIZE=10000: what is pending is written when it is told to stop",
	  VISIT_TRACED, NEEDS_DATABASE, look_last_points },
	{ "features without the database", "it does not answer: every message comes all the same",
	  VISIT_AWAY, NEEDS_DATABASE, look_away },
	{ "points kept and replayed",
	  "those made while the database was away are in it after a restart on the same SPOOL_DIR",
	  VISIT_BACK, NEEDS_DATABASE, look_back },
	{ "watchdog", "WATCHDOG=1 comes again and again when WATCHDOG_USEC is set", VISIT_TRACED,
	  NEEDS_NOTIFY, look_watchdog },
	{ "STOPPING=1 in order", "after READY=1 and the signal, before the end", VISIT_TRACED,
	  NEEDS_NOTIFY, look_stopping },
	{ "end on SIGTERM",
	  "exit 0 within 2 s, also after a cut and while the database does not answer",
	  VISIT_TRACED, 0, look_sigterm },
	{ "end on SIGINT", "the same", VISIT_BACK, NEEDS_DATABASE, look_sigint },
	{ "secret kept", "INFLUX_TOKEN is in no line of the log and not in the process title",
	  VISIT_TRACED, NEEDS_DATABASE, look_secret },
	{ "wrong configuration refused",
	  "exit 2 and one line on stderr that names the variable, flag or line", VISIT_COMMANDS, 0,
	  look_refused },
	{ "other commands", "--help, --version, --exit-when-ready; waiting for an absent Redis",
	  VISIT_COMMANDS, 0, look_flags },
};
const size_t items_n = ARRAY_SIZE(items);

/* Why it cannot be told for this subject, or NULL. */
static const char *missing_need(const struct item *item, const struct evidence *x)
{
	const struct {
		unsigned int need;
		bool there;
		const char *why;
	} needs[] = {
		{ NEEDS_DATABASE, x->database, "the scenario has no database" },
		{ NEEDS_DATABASE, x->influx, "its file says that it writes no points" },
		{ NEEDS_COUNTERS, x->has_counters, "its file says that it has no counters" },
		{ NEEDS_NOTIFY, x->notifies, "its file says that it does not notify" },
		{ NEEDS_TRACE, x->has_trace, "its file says that it sends no trace" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if ((item->needs & needs[i].need) && !needs[i].there)
			return needs[i].why;
	return NULL;
}

void item_judge(const struct item *item, const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[item->visit];
	const char *why = missing_need(item, x);

	*out = (struct item_result){ .extractor = x->type };
	snprintf(out->item, sizeof(out->item), "%s", item->name);
	snprintf(out->what, sizeof(out->what), "%s", item->what);
	snprintf(out->run, sizeof(out->run), "%s", v->run);
	if (why)
		untold(out, "%s", why);
	else if (!v->made && !(item->needs & TOLD_EVEN_IF_CUT_SHORT))
		untold(out, "visit `%s` could not be made: %s", visit_names[item->visit], v->why);
	else
		item->look(x, out);
}
