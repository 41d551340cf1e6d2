/* Members of messages, names, types and values, against the oracle; see items_look.h. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/items_look.h"
#include "harness/oracle/oracle.h"

#define INTERVAL_SLACK_US 5000 /* the wall clock is read a little after the attempt was due */

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
					v->name.p, items_shown(v), v->raw.p,
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
	struct check_spec spec = items_spec(x, v, mark->n_own, false);
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
	struct check_message *msgs = evidence_on(v, items_channel(x), &n);

	for (int i = 0; i < MARKS && out->outcome != ITEM_FAIL; i++) {
		struct err why = ERR_INIT;

		if (!v->marks[i].came || v->marks[i].message >= n)
			continue;
		seen++;
		if (!mark_is(x, v, &v->marks[i], &msgs[v->marks[i].message], ok, &why))
			item_failed(out, "message %zu: %s", v->marks[i].message + 1, why.text);
	}
	free(msgs);
	if (out->outcome == ITEM_FAIL)
		return;
	if (seen)
		item_passed(out, "%zu messages", seen);
	else
		item_failed(out, "no message came that was waited for");
}

void look_members(const struct evidence *x, struct item_result *out)
{
	look_marks(x, names_are, out);
}

void look_types(const struct evidence *x, struct item_result *out)
{
	look_marks(x, types_are, out);
}

void items_ask_oracle(const struct evidence *x, enum visit_id id, struct oracle_summary *out)
{
	const struct visit_seen *v = &x->visits[id];
	struct check_spec spec = items_spec(x, v, v->n_own, x->has_trace);
	size_t n;
	struct check_message *msgs = evidence_on(v, items_channel(x), &n);

	check_features(&spec, msgs, n, out);
	free(msgs);
}

void look_values(const struct evidence *x, struct item_result *out)
{
	struct oracle_summary sum;

	items_ask_oracle(x, VISIT_TRACED, &sum);
	if (sum.wrong)
		item_failed(out, "%" PRId64 " of %" PRId64 " wrong; %s", sum.wrong, sum.checked,
			    sum.note);
	else if (!sum.checked)
		item_failed(out, "no message could be checked: %s",
			    sum.note[0] ? sum.note : "none came");
	else
		item_passed(out, "%" PRId64 " messages", sum.checked);
}

/* Is the message that was waited for what the oracle says of the events before it? */
static void look_mark(const struct evidence *x, enum mark_id id, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	const struct mark *mark = &v->marks[id];
	struct check_spec spec = items_spec(x, v, mark->n_own, false);
	struct oracle_summary sum = { 0 };
	size_t n;
	struct check_message *msgs = evidence_on(v, items_channel(x), &n);

	if (!mark->tried)
		item_untold(out, "the visit did not get so far: %s", v->why);
	else if (!mark->came || mark->message >= n)
		item_failed(out, "no features came");
	else if (x->type == EVENT_APP)
		check_features(&spec, msgs, mark->message + 1, &sum);
	else
		check_features(&spec, &msgs[mark->message], 1, &sum);
	free(msgs);
	if (sum.wrong)
		item_failed(out, "%s", sum.note);
	else if (sum.checked)
		item_passed(out, "%s", "");
}

void look_after_bad(const struct evidence *x, struct item_result *out)
{
	look_mark(x, MARK_BAD, out);
}

void look_after_cut(const struct evidence *x, struct item_result *out)
{
	if (!items_cut(x, out))
		return;
	if (!x->visits[VISIT_PLAIN].resubscribed)
		item_failed(out, "it did not subscribe again");
	else
		look_mark(x, MARK_CUT, out);
}

/* Consecutive times of writing are never closer than the interval. */
void look_interval(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	int64_t least_us = (int64_t)(x->interval_s * 1e6) - INTERVAL_SLACK_US, last_us = 0;
	size_t n;
	struct check_message *msgs;

	if (x->type == EVENT_APP) {
		item_untold(out, "app publishes on every transition");
		return;
	}
	msgs = evidence_on(v, items_channel(x), &n);
	for (size_t i = 0; i < n && out->outcome != ITEM_FAIL; i++) {
		struct message m;
		struct err ignored = ERR_INIT;
		int64_t ns;

		if (message_parse(&m, msgs[i].json, msgs[i].len, &ignored) ||
		    !items_timestamp(&m, &ns))
			continue; /* other items say so */
		if (last_us && ns / NS_PER_US - last_us < least_us)
			item_failed(
				out,
				"message %zu came %.1f ms after the one before it, interval %g ms",
				i + 1, (double)(ns / NS_PER_US - last_us) / 1e3,
				x->interval_s * 1e3);
		last_us = ns / NS_PER_US;
	}
	free(msgs);
	if (out->outcome == ITEM_FAIL)
		return;
	if (n > 1)
		item_passed(out, "%zu messages", n);
	else
		item_failed(out, "%zu messages, too few to tell", n);
}
