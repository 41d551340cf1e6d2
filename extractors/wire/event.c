/*
 * Message to event and back; see event.h.
 *
 * event_decode() is the hot path: one walk over the bytes collects the members
 * that matter, then the checks run in the order that extractors/README.md fixes.
 * Start at decode_object().
 */
#include "extractors/wire/event.h"

#include <math.h>

#include "extractors/wire/json.h"
#include "extractors/wire/utf8.h"

const char *const event_type_names[EVENT_TYPES] = { "keystroke", "mouse", "app" };
const char *const event_kind_names[EVENT_KINDS] = { "press",  "release", "move",
						    "scroll", "click",	 "focus" };
const char *const event_verdict_names[EVENT_VERDICTS] = {
	[EVENT_OWN] = "accepted",
	[EVENT_OTHER] = "other_type",
	[REJECT_TOO_LONG] = "too_long",
	[REJECT_NOT_UTF8] = "not_utf8",
	[REJECT_NOT_JSON] = "not_json",
	[REJECT_NOT_OBJECT] = "not_object",
	[REJECT_BAD_TYPE] = "bad_type",
	[REJECT_BAD_TS] = "bad_ts",
	[REJECT_BAD_EVENT] = "bad_event",
	[REJECT_BAD_KEY] = "bad_key",
	[REJECT_BAD_COORDINATE] = "bad_coordinate",
	[REJECT_BAD_BUTTON] = "bad_button",
	[REJECT_BAD_SCROLL] = "bad_scroll",
	[REJECT_BAD_APP_NAME] = "bad_app_name",
};

/* The members that any type has; the rest of an object is only checked to be JSON. */
enum member { M_TYPE, M_TS, M_EVENT, M_KEY, M_X, M_Y, M_BUTTON, M_SCROLL, M_APP_NAME, MEMBERS };

struct object {
	struct json_value m[MEMBERS];
};

#define NAME_IS(s, lit) ((s).len == sizeof(lit) - 1 && !memcmp((s).p, lit, sizeof(lit) - 1))

/* By length first: every length below holds at most two names. */
static int member_of(struct span n)
{
	switch (n.len) {
	case 1:
		return n.p[0] == 'x' ? M_X : n.p[0] == 'y' ? M_Y : -1;
	case 2:
		return NAME_IS(n, "ts") ? M_TS : -1;
	case 3:
		return NAME_IS(n, "key") ? M_KEY : -1;
	case 4:
		return NAME_IS(n, "type") ? M_TYPE : -1;
	case 5:
		return NAME_IS(n, "event") ? M_EVENT : -1;
	case 6:
		return NAME_IS(n, "button") ? M_BUTTON : -1;
	case 8:
		return NAME_IS(n, "app_name") ? M_APP_NAME : -1;
	case 12:
		return NAME_IS(n, "scroll_delta") ? M_SCROLL : -1;
	default:
		return -1;
	}
}

#define LONGEST_MEMBER 12

/* The same of a name that may hold escapes. */
static int member_named(const struct json_value *name)
{
	char room[LONGEST_MEMBER];
	struct span text;

	if (!name->escaped)
		return member_of(name->raw);
	return json_text(name, room, sizeof(room), &text) ? member_of(text) : -1;
}

/* Every member of the object that the scanner stands on; the last of a repeated one stays. */
static bool scan_members(struct json_scan *s, struct object *o)
{
	struct json_value name, ignored;

	if (!json_take(s, '{'))
		return false;
	if (json_take(s, '}'))
		return true;
	do {
		int m;

		if (json_next(s) != '"' || !json_scan_string(s, &name) || !json_take(s, ':'))
			return false;
		m = member_named(&name);
		if (!json_scan_value(s, 1, m < 0 ? &ignored : &o->m[m]))
			return false;
	} while (json_take(s, ','));
	return json_take(s, '}');
}

/* A string member equal to one of names[0 ... n): its index, or -1.  They differ in their first byte. */
static int one_of(const struct json_value *v, const char *const *names, int n)
{
	char room[16];
	struct span text = v->raw;

	if (v->type != JSON_STRING || (v->escaped && !json_text(v, room, sizeof(room), &text)) ||
	    !text.len)
		return -1;
	for (int i = 0; i < n; i++)
		if (names[i][0] == text.p[0])
			return strlen(names[i]) == text.len && !memcmp(names[i], text.p, text.len)
				       ? i
				       : -1;
	return -1;
}

/* A name of 1 ... max bytes. */
static bool take_name(const struct json_value *v, size_t max, struct event *ev,
		      struct event_scratch *scratch)
{
	if (v->type != JSON_STRING || !json_text(v, scratch->name, max, &ev->name))
		return false;
	ev->has_name = true;
	return ev->name.len > 0;
}

static bool is_null(const struct json_value *v)
{
	return v->type == JSON_ABSENT || v->type == JSON_NULL;
}

static bool take_coordinate(const struct json_value *v, double *out)
{
	*out = 0;
	if (is_null(v))
		return true;
	if (v->type != JSON_NUMBER)
		return false;
	*out = json_double(v);
	return fabs(*out) <= 1e6;
}

#define BIT(kind)  (1U << (kind))
#define BUTTON_MAX 100
#define KEY_MAX	   100
#define SCROLL_MAX 10000

static enum event_verdict check_keystroke(const struct object *o, struct event *ev,
					  struct event_scratch *scratch)
{
	return take_name(&o->m[M_KEY], KEY_MAX, ev, scratch) ? EVENT_OWN : REJECT_BAD_KEY;
}

static enum event_verdict check_mouse(const struct object *o, struct event *ev,
				      struct event_scratch *scratch)
{
	const struct json_value *button = &o->m[M_BUTTON], *scroll = &o->m[M_SCROLL];
	bool no_x = is_null(&o->m[M_X]), no_y = is_null(&o->m[M_Y]);
	int64_t delta = 0;

	if (!take_coordinate(&o->m[M_X], &ev->x) || !take_coordinate(&o->m[M_Y], &ev->y) ||
	    (ev->kind == KIND_MOVE && no_x != no_y))
		return REJECT_BAD_COORDINATE;
	ev->has_x = !no_x;
	ev->has_xy = !no_x && !no_y;
	if (no_x) /* y alone means nothing, and event_encode() does not write it */
		ev->y = 0;
	if (!is_null(button)) {
		if (button->type != JSON_STRING ||
		    !json_text(button, scratch->name, BUTTON_MAX, &ev->name))
			return REJECT_BAD_BUTTON;
		ev->has_name = true;
	}
	if (!is_null(scroll)) {
		if (!json_i64(scroll, &delta) || delta < -SCROLL_MAX || delta > SCROLL_MAX)
			return REJECT_BAD_SCROLL;
		ev->has_scroll = true;
		ev->scroll_delta = (int32_t)delta;
	}
	return EVENT_OWN;
}

static enum event_verdict check_app(const struct object *o, struct event *ev,
				    struct event_scratch *scratch)
{
	return take_name(&o->m[M_APP_NAME], EVENT_NAME_MAX, ev, scratch) ? EVENT_OWN
									 : REJECT_BAD_APP_NAME;
}

static const struct {
	unsigned int kinds; /* allowed values of `event` */
	int absent_kind;    /* what a missing `event` means, or -1 */
	enum event_verdict (*check)(const struct object *, struct event *, struct event_scratch *);
} rules[EVENT_TYPES] = {
	[EVENT_KEYSTROKE] = { BIT(KIND_PRESS) | BIT(KIND_RELEASE), -1, check_keystroke },
	[EVENT_MOUSE] = { BIT(KIND_MOVE) | BIT(KIND_PRESS) | BIT(KIND_RELEASE) | BIT(KIND_SCROLL) |
				  BIT(KIND_CLICK),
			  -1, check_mouse },
	[EVENT_APP] = { BIT(KIND_FOCUS), KIND_FOCUS, check_app },
};

/* The whole check of an object whose type is known. */
static enum event_verdict check_object(const struct object *o, enum event_type type,
				       struct event *ev, struct event_scratch *scratch)
{
	const struct json_value *event = &o->m[M_EVENT];
	int kind;

	memset(ev, 0, sizeof(*ev));
	ev->type = type;
	if (!json_i64(&o->m[M_TS], &ev->ts_us) || ev->ts_us < 1 || ev->ts_us > EVENT_TS_MAX)
		return REJECT_BAD_TS;
	kind = event->type == JSON_ABSENT ? rules[type].absent_kind
					  : one_of(event, event_kind_names, EVENT_KINDS);
	if (kind < 0 || !(rules[type].kinds & BIT(kind)))
		return REJECT_BAD_EVENT;
	ev->kind = (enum event_kind)kind;
	return rules[type].check(o, ev, scratch);
}

/* `own` < 0: every type is the caller's own. */
static enum event_verdict decode_object(const char *msg, size_t len, int own, struct event *ev,
					struct event_scratch *scratch)
{
	struct json_scan s = { msg, msg + len };
	struct object o;
	int type;

	if (len > EVENT_MSG_MAX)
		return REJECT_TOO_LONG;
	if (!utf8_valid(msg, len))
		return REJECT_NOT_UTF8;
	if (json_next(&s) != '{') {
		bool json = json_scan_value(&s, 0, &o.m[0]) && (json_next(&s), s.p == s.end);

		return json ? REJECT_NOT_OBJECT : REJECT_NOT_JSON;
	}
	for (int i = 0; i < MEMBERS; i++)
		o.m[i].type = JSON_ABSENT;
	if (!scan_members(&s, &o) || (json_next(&s), s.p != s.end))
		return REJECT_NOT_JSON;
	type = one_of(&o.m[M_TYPE], event_type_names, EVENT_TYPES);
	if (type < 0)
		return REJECT_BAD_TYPE;
	if (own >= 0 && type != own)
		return EVENT_OTHER;
	return check_object(&o, (enum event_type)type, ev, scratch);
}

/*
 * `{"type":"` with at most one space, a type's name, its closing quote, then a
 * comma or brace: which type, or -1.
 */
static int type_by_prefix(const char *msg, size_t len)
{
	static const char head[] = "{\"type\":", shortest[] = "{\"type\":\"app\"}";
	const char *p = msg + sizeof(head) - 1, *end = msg + len;

	if (len < sizeof(shortest) - 1 || memcmp(msg, head, sizeof(head) - 1))
		return -1;
	p += *p == ' ';
	if (*p++ != '"')
		return -1;
	for (int t = 0; t < EVENT_TYPES; t++) {
		const char *name = event_type_names[t];
		size_t n;

		if (*p != name[0])
			continue;
		n = strlen(name);
		if ((size_t)(end - p) >= n + 2 && !memcmp(p, name, n) && p[n] == '"' &&
		    (p[n + 1] == ',' || p[n + 1] == '}'))
			return t;
	}
	return -1;
}

enum event_verdict event_decode(const char *msg, size_t len, enum event_type own, struct event *ev,
				struct event_scratch *scratch)
{
	int type = type_by_prefix(msg, len);

	if (type >= 0 && type != (int)own && msg[len - 1] == '}' && len <= EVENT_MSG_MAX)
		return EVENT_OTHER;
	return decode_object(msg, len, (int)own, ev, scratch);
}

enum event_verdict event_decode_any(const char *msg, size_t len, struct event *ev,
				    struct event_scratch *scratch)
{
	return decode_object(msg, len, -1, ev, scratch);
}

static void add_member(struct buf *out, const char *name)
{
	buf_add(out, ",\"", 2);
	buf_add_str(out, name);
	buf_add(out, "\":", 2);
}

static void add_coordinate(struct buf *out, const char *name, bool there, double v)
{
	add_member(out, name);
	if (there)
		buf_add_double(out, v);
	else
		buf_add_str(out, "null");
}

static void add_name(struct buf *out, const char *name, const struct event *ev)
{
	add_member(out, name);
	if (ev->has_name)
		buf_add_json_string(out, ev->name.p, ev->name.len);
	else
		buf_add_str(out, "null");
}

void event_encode(struct buf *out, const struct event *ev)
{
	buf_add_str(out, "{\"type\":\"");
	buf_add_str(out, event_type_names[ev->type]);
	buf_add_str(out, "\",\"ts\":");
	buf_add_i64(out, ev->ts_us);
	if (ev->type == EVENT_KEYSTROKE)
		add_name(out, "key", ev);
	if (ev->type == EVENT_APP)
		add_name(out, "app_name", ev);
	if (ev->type == EVENT_MOUSE) {
		add_coordinate(out, "x", ev->has_x, ev->x);
		add_coordinate(out, "y", ev->has_xy, ev->y);
	}
	buf_add_str(out, ",\"event\":\"");
	buf_add_str(out, event_kind_names[ev->kind]);
	buf_add_char(out, '"');
	if (ev->type == EVENT_MOUSE) {
		add_name(out, "button", ev);
		add_member(out, "scroll_delta");
		if (ev->has_scroll)
			buf_add_i64(out, ev->scroll_delta);
		else
			buf_add_str(out, "null");
	}
	buf_add_char(out, '}');
}
