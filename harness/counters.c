/* A subject's counters, read by the strict scanner of wire/json; see counters.h. */
#include "harness/counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "extractors/wire/json.h"
#include "extractors/wire/utf8.h"

static int add(struct counters *c, const char *object, const struct span *name, int64_t value,
	       struct err *e)
{
	struct counter *k = &c->v[c->n];
	int n;

	if (c->n == COUNTERS_MAX)
		return err_set(e, -E2BIG, "counters: more than %d", COUNTERS_MAX);
	n = snprintf(k->name, sizeof(k->name), "%s%s%.*s", object, *object ? "." : "",
		     (int)name->len, name->p);
	if (n < 0 || (size_t)n >= sizeof(k->name))
		return err_set(e, -E2BIG, "counters: the name \"%s…\" is too long", k->name);
	k->value = value;
	c->n++;
	return 0;
}

static int parse_object(struct counters *c, struct json_scan *s, const char *object, struct err *e);

/* One member's value: a number, an object one level down, or anything else, which is skipped. */
static int parse_value(struct counters *c, struct json_scan *s, const char *object,
		       const struct span *name, struct err *e)
{
	struct json_value v;
	int64_t whole;

	if (json_next(s) == '{' && !*object) {
		char inner[COUNTERS_NAME_MAX];

		snprintf(inner, sizeof(inner), "%.*s", (int)name->len, name->p);
		return parse_object(c, s, inner, e);
	}
	if (!json_scan_value(s, 2, &v))
		return err_set(e, -EINVAL, "counters: not JSON");
	if (v.type != JSON_NUMBER || !json_i64(&v, &whole))
		return 0;
	return add(c, object, name, whole, e);
}

static int parse_object(struct counters *c, struct json_scan *s, const char *object, struct err *e)
{
	struct json_value key;
	struct span name;
	char room[COUNTERS_NAME_MAX];

	if (!json_take(s, '{'))
		return err_set(e, -EINVAL, "counters: not a JSON object");
	if (json_take(s, '}'))
		return 0;
	do {
		int rc;

		if (json_next(s) != '"' || !json_scan_string(s, &key) || !json_take(s, ':'))
			return err_set(e, -EINVAL, "counters: not JSON");
		if (key.raw.len >= sizeof(room) || !json_text(&key, room, sizeof(room), &name))
			return err_set(e, -E2BIG, "counters: a name has over %d bytes",
				       COUNTERS_NAME_MAX - 1);
		rc = parse_value(c, s, object, &name, e);
		if (rc)
			return rc;
	} while (json_take(s, ','));
	if (!json_take(s, '}'))
		return err_set(e, -EINVAL, "counters: not JSON");
	return 0;
}

int counters_parse(struct counters *c, const char *text, size_t len, struct err *e)
{
	struct json_scan s = { text, text + len };
	int rc;

	c->n = 0;
	if (!utf8_valid(text, len))
		return err_set(e, -EINVAL, "counters: not UTF-8");
	rc = parse_object(c, &s, "", e);
	json_next(&s);
	if (!rc && s.p != s.end)
		rc = err_set(e, -EINVAL, "counters: something stands behind the object");
	return rc;
}

bool counters_get(const struct counters *c, const char *name, int64_t *out)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name)) {
			*out = c->v[i].value;
			return true;
		}
	return false;
}

bool counters_sum(const struct counters *c, const char *object, int64_t *out)
{
	size_t len = strlen(object);
	bool any = false;
	int64_t sum = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!strncmp(c->v[i].name, object, len) && c->v[i].name[len] == '.') {
			any = true;
			if (__builtin_add_overflow(sum, c->v[i].value, &sum))
				return false;
		}
	*out = sum;
	return any;
}
