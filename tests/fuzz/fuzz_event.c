/*
 * Any bytes as a message: against cJSON, against the rules for verdicts, and there and back.
 *
 * cJSON 1.7.15 knows JSON only roughly, so each side is allowed what is listed here.
 * It refuses what JSON is: a number of more than 63 characters; half a surrogate pair.
 * It takes what JSON is not: any byte up to 0x20 as a blank, NUL included; control characters
 * in strings; a byte order mark; leading zeros, `1.` and `-.5`; bytes that are no UTF-8; `\u`
 * with no four hexadecimal digits behind it; nesting of up to 1,000; what stands behind the
 * value.  A \u0000 ends its strings early.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "extractors/base/buf.h"
#include "extractors/wire/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static bool same_event(const struct event *a, const struct event *b)
{
	return a->type == b->type && a->kind == b->kind && a->ts_us == b->ts_us &&
	       a->has_name == b->has_name && a->name.len == b->name.len &&
	       (!a->name.len || !memcmp(a->name.p, b->name.p, a->name.len)) &&
	       a->has_x == b->has_x && a->has_xy == b->has_xy && a->x == b->x && a->y == b->y &&
	       a->has_scroll == b->has_scroll && a->scroll_delta == b->scroll_delta;
}

/* ---- the verdicts for one extractor follow from the verdict for all -------------------------- */

static bool begins_as(const char *msg, size_t len, enum event_type type)
{
	static const char *const forms[] = { "{\"type\":\"%s\",", "{\"type\":\"%s\"}",
					     "{\"type\": \"%s\",", "{\"type\": \"%s\"}" };
	bool is = false;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct buf b = { 0 };
		const char *form = forms[i], *at = strstr(form, "%s");

		buf_add(&b, form, (size_t)(at - form));
		buf_add_str(&b, event_type_names[type]);
		buf_add_str(&b, at + 2);
		is = is || (len >= b.len && !memcmp(msg, b.data, b.len));
		buf_release(&b);
	}
	return is && msg[len - 1] == '}' && len <= EVENT_MSG_MAX;
}

static void check_verdicts(const char *msg, size_t len, enum event_verdict any,
			   const struct event *all)
{
	for (enum event_type own = 0; own < EVENT_TYPES; own++) {
		struct event_scratch scratch;
		struct event ev;
		enum event_verdict v = event_decode(msg, len, own, &ev, &scratch);
		bool short_cut = false;

		for (enum event_type t = 0; t < EVENT_TYPES; t++)
			short_cut = short_cut || (t != own && begins_as(msg, len, t));
		if (short_cut)
			CHECK(v == EVENT_OTHER);
		else if (any == EVENT_OWN)
			CHECK(v == (all->type == own ? EVENT_OWN : EVENT_OTHER));
		else if (any <= REJECT_BAD_TYPE)
			CHECK(v == any);
		else
			CHECK(v == any || v == EVENT_OTHER);
		if (v == EVENT_OWN)
			CHECK(same_event(&ev, all));
	}
}

/* ---- cJSON must find the same ------------------------------------------------------------------- */

static const cJSON *last_member(const cJSON *o, const char *name)
{
	const cJSON *found = NULL, *m;

	cJSON_ArrayForEach(m, o) if (!strcmp(m->string, name)) found = m;
	return found;
}

static void check_text(const cJSON *m, const char *p, size_t len)
{
	CHECK(cJSON_IsString(m) && strlen(m->valuestring) == len &&
	      !memcmp(m->valuestring, p, len));
}

static void check_number(const cJSON *m, bool there, double v)
{
	if (there)
		CHECK(cJSON_IsNumber(m) && m->valuedouble == v);
	else
		CHECK(!m || cJSON_IsNull(m));
}

static void check_fields(const cJSON *o, const struct event *ev)
{
	static const char *const name_members[] = { "key", "button", "app_name" };
	const char *kind = event_kind_names[ev->kind], *type = event_type_names[ev->type];
	const cJSON *name = last_member(o, name_members[ev->type]),
		    *event = last_member(o, "event");

	check_text(last_member(o, "type"), type, strlen(type));
	check_number(last_member(o, "ts"), true, (double)ev->ts_us);
	if (event || ev->type != EVENT_APP)
		check_text(event, kind, strlen(kind));
	if (ev->has_name)
		check_text(name, ev->name.p, ev->name.len);
	else
		CHECK(!name || cJSON_IsNull(name));
	if (ev->type != EVENT_MOUSE)
		return;
	check_number(last_member(o, "x"), ev->has_x, ev->x);
	if (ev->has_x)
		check_number(last_member(o, "y"), ev->has_xy, ev->y);
	check_number(last_member(o, "scroll_delta"), ev->has_scroll, ev->scroll_delta);
}

static bool holds(const char *msg, size_t len, const char *what)
{
	return memmem(msg, len, what, strlen(what));
}

/* A run of 64 characters of which cJSON makes numbers. */
static bool has_long_number(const char *msg, size_t len)
{
	size_t run = 0;

	for (size_t i = 0; i < len; i++) {
		run = msg[i] && strchr("0123456789+-.eE", msg[i]) ? run + 1 : 0;
		if (run > 63)
			return true;
	}
	return false;
}

static bool has_surrogate(const char *msg, size_t len)
{
	return holds(msg, len, "\\ud8") || holds(msg, len, "\\ud9") || holds(msg, len, "\\uda") ||
	       holds(msg, len, "\\udb") || holds(msg, len, "\\udc") || holds(msg, len, "\\udd") ||
	       holds(msg, len, "\\ude") || holds(msg, len, "\\udf") || holds(msg, len, "\\uD") ||
	       holds(msg, len, "\\udA") || holds(msg, len, "\\udB") || holds(msg, len, "\\udC") ||
	       holds(msg, len, "\\udD") || holds(msg, len, "\\udE") || holds(msg, len, "\\udF");
}

static bool four_hex_digits(const char *p, const char *end)
{
	int n = 0;

	while (n < 4 && p < end && isxdigit((unsigned char)*p++))
		n++;
	return n == 4;
}

/* Something in the message that cJSON takes although it is no JSON (roughly: it may stand in a string). */
static bool has_laxity(const char *msg, size_t len)
{
	size_t brackets = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)msg[i],
			      next = i + 1 < len ? (unsigned char)msg[i + 1] : 0;
		bool digit_next = next >= '0' && next <= '9',
		     digit_before = i && msg[i - 1] >= '0' && msg[i - 1] <= '9';

		brackets += c == '[' || c == '{';
		if (c < 0x20 || (c == '0' && digit_next) ||
		    (c == '.' && !(digit_next && digit_before)) ||
		    (c == '\\' && next == 'u' && !four_hex_digits(msg + i + 2, msg + len)))
			return true;
	}
	return brackets > 512 || (len >= 3 && !memcmp(msg, "\xef\xbb\xbf", 3));
}

static bool only_blanks(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n", *p) && *p)
		p++;
	return p == end;
}

static void check_against_cjson(const char *msg, size_t len, enum event_verdict any,
				const struct event *ev)
{
	const char *end = NULL;
	cJSON *o = cJSON_ParseWithLengthOpts(msg, len, &end, false);

	if (any == EVENT_OWN && o && !holds(msg, len, "\\u0000"))
		check_fields(o, ev);
	if (!o && any != REJECT_TOO_LONG && any != REJECT_NOT_UTF8 && any != REJECT_NOT_JSON)
		CHECK(has_long_number(msg, len) || has_surrogate(msg, len));
	if (o && any == REJECT_NOT_JSON)
		CHECK(!only_blanks(end, msg + len) || has_laxity(msg, len));
	if (o && any == REJECT_NOT_OBJECT)
		CHECK(!cJSON_IsObject(o));
	cJSON_Delete(o);
}

/* ---- there and back ---------------------------------------------------------------------------------- */

static void check_round_trip(const struct event *ev)
{
	struct event_scratch scratch;
	struct event again;
	struct buf b = { 0 };

	event_encode(&b, ev);
	CHECK(event_decode_any(b.data, b.len, &again, &scratch) == EVENT_OWN);
	CHECK(same_event(&again, ev));
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_scratch scratch;
	struct event ev;
	enum event_verdict any;
	char *msg = malloc(size ? size : 1); /* exactly: a read behind it is found */

	memcpy(msg, data, size);
	any = event_decode_any(msg, size, &ev, &scratch);
	CHECK(any != EVENT_OTHER && any < EVENT_VERDICTS);
	check_verdicts(msg, size, any, &ev);
	check_against_cjson(msg, size, any, &ev);
	if (any == EVENT_OWN)
		check_round_trip(&ev);
	free(msg);
	return 0;
}
