/* Channels, JSON, type, timestamp, trace of what was published; see items_look.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/wire/feature.h"
#include "harness/items_look.h"
#include "harness/oracle/oracle.h"

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
		struct check_message *msgs = evidence_on(v, items_channel(x), &n);

		for (size_t i = 0; i < n && out->outcome != ITEM_FAIL; i++) {
			struct message m;
			struct err why = ERR_INIT;

			if (message_parse(&m, msgs[i].json, msgs[i].len, &why) ||
			    !ok(x, v, &m, &msgs[i], &why))
				item_failed(out, "%s, message %zu: %s", visit_names[visits[k]],
					    i + 1, why.text);
		}
		seen += n;
		free(msgs);
	}
	if (out->outcome == ITEM_FAIL)
		return;
	if (seen)
		item_passed(out, "%zu messages", seen);
	else
		item_failed(out, "no message came");
}

static const enum visit_id both[] = { VISIT_TRACED, VISIT_PLAIN };

void look_channel(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	int64_t expected = items_expected(x, v);
	size_t n;

	free(evidence_on(v, items_channel(x), &n));
	if ((int64_t)n == expected)
		item_passed(out, "%zu messages", n);
	else
		item_failed(out, "%zu messages on %s, expected %" PRId64, n, items_channel(x),
			    expected);
}

void look_other_channels(const struct evidence *x, struct item_result *out)
{
	for (int k = 0; k < VISITS; k++)
		for (size_t i = 0; i < x->visits[k].n_heard; i++)
			if (strcmp(x->visits[k].heard[i].channel, items_channel(x))) {
				item_failed(out, "%s: a message on %.80s", visit_names[k],
					    x->visits[k].heard[i].channel);
				return;
			}
	item_passed(out, "%s", "");
}

void look_two_ears(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	size_t n, same = 0;
	struct check_message *heard = evidence_on(v, items_channel(x), &n);

	while (same < n && same < v->n_tapped && heard[same].len == v->tapped[same].len &&
	       !memcmp(heard[same].json, v->tapped[same].json, heard[same].len))
		same++;
	free(heard);
	if (v->n_unkept)
		item_failed(out, "%zu messages more than can be kept", v->n_unkept);
	else if (same == n && same == v->n_tapped)
		item_passed(out, "%zu messages", n);
	else
		item_failed(out,
			    "the tap has %zu, the second subscription %zu, equal are the first %zu",
			    v->n_tapped, n, same);
}

static bool is_json(const struct evidence *x UNUSED, const struct visit_seen *v UNUSED,
		    const struct message *m UNUSED, const struct check_message *msg UNUSED,
		    struct err *why UNUSED)
{
	return true; /* message_parse() has taken it */
}

void look_json(const struct evidence *x, struct item_result *out)
{
	each_message(x, both, ARRAY_SIZE(both), is_json, out);
}

static bool is_text(const struct message_member *m, const char *text)
{
	return m && m->value.type == JSON_STRING && m->value.raw.len == strlen(text) &&
	       !memcmp(m->value.raw.p, text, m->value.raw.len);
}

int items_shown(const struct message_member *m)
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
	err_set(why, -1, "type is %.*s", type ? items_shown(type) : 6,
		type ? type->raw.p : "absent");
	return false;
}

void look_type(const struct evidence *x, struct item_result *out)
{
	each_message(x, both, ARRAY_SIZE(both), has_type, out);
}

/* "…+00:00" as ns since the epoch. */
bool items_timestamp(const struct message *m, int64_t *ns)
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

	if (!items_timestamp(m, &ns)) {
		err_set(why, -1, "timestamp is %.*s", t ? items_shown(t) : 6,
			t ? t->raw.p : "absent");
		return false;
	}
	us = ns / NS_PER_US;
	in_time = x->type == EVENT_APP
			  ? event_has_time(v, us)
			  : v->n_own && us >= v->sent_wall_us[0] - CHECK_CLOCK_SLACK_US &&
				    us <= msg->received_wall_us + CHECK_CLOCK_SLACK_US;
	if (!in_time)
		err_set(why, -1, "timestamp %.*s is no time %s", items_shown(t), t->raw.p,
			x->type == EVENT_APP ? "of an event" : "between sending and receipt");
	return in_time;
}

void look_timestamp(const struct evidence *x, struct item_result *out)
{
	each_message(x, both, ARRAY_SIZE(both), has_timestamp, out);
}

static bool has_no_trace(const struct evidence *x UNUSED, const struct visit_seen *v UNUSED,
			 const struct message *m, const struct check_message *msg UNUSED,
			 struct err *why)
{
	const struct message_member *t = message_get(m, "trace");

	if (t)
		err_set(why, -1, "trace is %.*s", items_shown(t), t->raw.p);
	return !t;
}

void look_no_trace(const struct evidence *x, struct item_result *out)
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
	err_set(why, -1, "trace is %.*s", t ? items_shown(t) : 6, t ? t->raw.p : "absent");
	return false;
}

void look_trace(const struct evidence *x, struct item_result *out)
{
	static const enum visit_id traced[] = { VISIT_TRACED };

	each_message(x, traced, 1, has_trace, out);
}
