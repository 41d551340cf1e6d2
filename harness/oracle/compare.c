/*
 * A published message against the expected one; see oracle_compare().
 *
 * The JSON is read by wire/json, which takes RFC 8259 and nothing else.  cJSON
 * would not do: it cuts a string at \u0000, and lets pass leading zeros, control
 * characters, invalid UTF-8, repeated members and bytes behind the value.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/wire/json.h"
#include "extractors/wire/utf8.h"
#include "harness/oracle/oracle.h"
#include "harness/oracle/timestamp.h"

#define TOLERANCE   1e-9 /* relative or absolute: features.md, first paragraph */
#define SHOWN_BYTES 80	 /* of a value in an error */

bool oracle_equal(double a, double b)
{
	double diff = fabs(a - b);

	if (!isfinite(diff)) /* an infinite tolerance would let any number pass */
		return false;
	return diff <= TOLERANCE || diff <= TOLERANCE * fmax(fabs(a), fabs(b));
}

/* ------------------------------------------------------- reading an object */

struct member {
	char room[EVENT_NAME_MAX];
	struct span name;
	struct json_value value;
	struct json_scan at; /* where the value begins */
};

enum step { STEP_MEMBER, STEP_END, STEP_BROKEN };

/* The next member of an object whose opening brace was taken. */
static enum step next_member(struct json_scan *s, int depth, bool first, struct member *m)
{
	struct json_value name = { 0 };

	if (json_take(s, '}'))
		return STEP_END;
	if ((!first && !json_take(s, ',')) || json_next(s) != '"' || !json_scan_string(s, &name) ||
	    !json_take(s, ':'))
		return STEP_BROKEN;
	if (!json_text(&name, m->room, sizeof(m->room), &m->name))
		m->name = name.raw; /* none of ours */
	json_next(s);
	m->at = *s;
	m->value = (struct json_value){ 0 };
	return json_scan_value(s, depth, &m->value) ? STEP_MEMBER : STEP_BROKEN;
}

static bool is_named(const struct member *m, const char *name)
{
	return m->name.len == strlen(name) && !memcmp(m->name.p, name, m->name.len);
}

static int at_end(struct json_scan *s, struct err *why)
{
	json_next(s);
	if (s->p != s->end)
		return err_set(why, -EBADMSG, "message: %zu bytes behind the object",
			       (size_t)(s->end - s->p));
	return 0;
}

/* ------------------------------------------------------------ one member */

/* What a check needs, and which members it has met. */
struct check {
	const struct feature_msg *expected;
	enum event_type type;
	bool check_timestamp;
	bool saw_label[FEATURE_LABELS_MAX], saw_value[FEATURE_VALUES_MAX];
	bool saw_timestamp, saw_type, saw_trace;
	struct err *why;
};

static int differs(const struct check *c, const struct member *m, const struct json_scan *end,
		   const char *expected, size_t expected_len)
{
	size_t got = (size_t)(end->p - m->at.p);

	return err_set(c->why, -EBADMSG, "member %.*s: got %.*s, expected %.*s", (int)m->name.len,
		       m->name.p, (int)(got < SHOWN_BYTES ? got : SHOWN_BYTES), m->at.p,
		       (int)(expected_len < SHOWN_BYTES ? expected_len : SHOWN_BYTES), expected);
}

static bool same_text(const struct json_value *v, struct span want)
{
	char room[EVENT_NAME_MAX];
	struct span got;

	return v->type == JSON_STRING && want.len <= sizeof(room) &&
	       json_text(v, room, sizeof(room), &got) && got.len == want.len &&
	       !memcmp(got.p, want.p, want.len);
}

static int check_text(const struct check *c, const struct member *m, const struct json_scan *end,
		      struct span want)
{
	return same_text(&m->value, want) ? 0 : differs(c, m, end, want.p, want.len);
}

static int check_number(const struct check *c, const struct member *m, const struct json_scan *end,
			const struct feature_value *want)
{
	char text[40];
	int n;

	if (want->kind == FEATURE_BOOL) {
		const char *word = want->value != 0 ? "true" : "false";

		if (m->value.type == JSON_BOOL && m->value.raw.p[0] == word[0])
			return 0;
		return differs(c, m, end, word, strlen(word));
	}
	if (m->value.type == JSON_NUMBER && oracle_equal(json_double(&m->value), want->value))
		return 0;
	n = snprintf(text, sizeof(text), "%.17g", want->value);
	return differs(c, m, end, text, (size_t)n);
}

static int check_timestamp(const struct check *c, const struct member *m,
			   const struct json_scan *end)
{
	static const char form[] = "YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00";
	char iso[CLOCK_ISO_MAX], room[CLOCK_ISO_MAX];
	struct span got;

	if (c->check_timestamp)
		return check_text(
			c, m, end,
			(struct span){ iso, clock_format_iso(iso, c->expected->time_us) });
	if (m->value.type == JSON_STRING && json_text(&m->value, room, sizeof(room), &got) &&
	    timestamp_valid(got))
		return 0;
	return differs(c, m, end, form, sizeof(form) - 1);
}

static int check_type(const struct check *c, const struct member *m, const struct json_scan *end)
{
	const char *name = event_type_names[c->type];

	return check_text(c, m, end, (struct span){ name, strlen(name) });
}

/* Set *saw; an error when it was set: the member is there twice. */
static int meet(const struct check *c, const struct member *m, bool *saw)
{
	if (*saw)
		return err_set(c->why, -EBADMSG, "member %.*s: there twice", (int)m->name.len,
			       m->name.p);
	*saw = true;
	return 0;
}

static int check_member(struct check *c, const struct member *m, const struct json_scan *end)
{
	const struct feature_msg *want = c->expected;
	int rc;

	for (size_t i = 0; i < want->n_values; i++)
		if (is_named(m, want->values[i].name)) {
			rc = meet(c, m, &c->saw_value[i]);
			return rc ? rc : check_number(c, m, end, &want->values[i]);
		}
	for (size_t i = 0; i < want->n_labels; i++)
		if (is_named(m, want->labels[i].name)) {
			rc = meet(c, m, &c->saw_label[i]);
			return rc ? rc : check_text(c, m, end, want->labels[i].value);
		}
	if (is_named(m, "timestamp")) {
		rc = meet(c, m, &c->saw_timestamp);
		return rc ? rc : check_timestamp(c, m, end);
	}
	if (is_named(m, "type")) {
		rc = meet(c, m, &c->saw_type);
		return rc ? rc : check_type(c, m, end);
	}
	if (is_named(m, "trace"))
		return meet(c, m, &c->saw_trace);
	return differs(c, m, end, "no such member", strlen("no such member"));
}

/* ------------------------------------------------------------ the message */

static int missing(const struct check *c, const char *name)
{
	return err_set(c->why, -EBADMSG, "member %s: missing", name);
}

static int check_complete(const struct check *c)
{
	for (size_t i = 0; i < c->expected->n_values; i++)
		if (!c->saw_value[i])
			return missing(c, c->expected->values[i].name);
	for (size_t i = 0; i < c->expected->n_labels; i++)
		if (!c->saw_label[i])
			return missing(c, c->expected->labels[i].name);
	if (!c->saw_timestamp)
		return missing(c, "timestamp");
	return c->saw_type ? 0 : missing(c, "type");
}

int oracle_compare(const char *json, size_t len, const struct feature_msg *expected,
		   enum event_type type, bool check_timestamp, struct err *why)
{
	struct json_scan s = { json, json + len };
	struct check c = {
		.expected = expected, .type = type, .check_timestamp = check_timestamp, .why = why
	};
	struct member m;
	enum step step;
	int rc = 0;

	if (!utf8_valid(json, len))
		return err_set(why, -EBADMSG, "message: not UTF-8");
	if (!json_take(&s, '{'))
		return err_set(why, -EBADMSG, "message: not a JSON object");
	for (bool first = true; (step = next_member(&s, 1, first, &m)) == STEP_MEMBER;
	     first = false) {
		rc = check_member(&c, &m, &s);
		if (rc)
			return rc;
	}
	if (step == STEP_BROKEN)
		return err_set(why, -EBADMSG, "message: not JSON at byte %zu",
			       (size_t)(s.p - json));
	rc = at_end(&s, why);
	return rc ? rc : check_complete(&c);
}

/* -------------------------------------------------------------- the trace */

static bool read_trace_members(struct json_scan *s, struct feature_trace *out)
{
	int64_t trigger = -1, events = -1, now = -1;
	struct member m;
	enum step step;

	if (!json_take(s, '{'))
		return false;
	for (bool first = true; (step = next_member(s, 2, first, &m)) == STEP_MEMBER;
	     first = false) {
		int64_t *to = is_named(&m, "trigger_ts") ? &trigger
			      : is_named(&m, "events")	 ? &events
			      : is_named(&m, "now_us")	 ? &now
							 : NULL;

		if (to && (*to >= 0 || !json_i64(&m.value, to)))
			return false;
	}
	*out = (struct feature_trace){ trigger, (uint64_t)events, now };
	return step == STEP_END && trigger >= 0 && events >= 0 && now >= 0;
}

bool oracle_read_trace(const char *json, size_t len, struct feature_trace *out)
{
	struct json_scan s = { json, json + len };
	struct member m;

	if (!utf8_valid(json, len) || !json_take(&s, '{'))
		return false;
	for (bool first = true; next_member(&s, 1, first, &m) == STEP_MEMBER; first = false)
		if (is_named(&m, "trace"))
			return read_trace_members(&m.at, out);
	return false;
}
