/*
 * A saved document back into counts; see patterns.h and extractors/README.md.
 *
 * The document is hostile until parsed: rows are looked at twice, first for
 * their form and their `last`, then entered in that order, so that what there is
 * no room for goes in the way it would have gone live.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "extractors/feature/patterns.h"
#include "extractors/wire/json.h"
#include "extractors/wire/utf8.h"

struct reader {
	struct json_scan scan;
	char name[EVENT_NAME_MAX], name2[EVENT_NAME_MAX]; /* decoded, when they hold escapes */
};

struct saved_app {
	struct span name;
	struct app_row row;
};

struct saved_transition {
	struct span from, to;
	struct transition_row row;
};

/* Where a row starts, and what decides its turn. */
struct saved_row {
	const char *p;
	uint64_t last;
	uint64_t nth;
};

struct saved_rows {
	struct saved_row *row;
	size_t n, cap;
};

/* What `counts` holds; the arrays are looked at when all of it was seen. */
struct saved_counts {
	uint64_t version, events, transitions;
	const char *apps, *transition_rows;
};

static bool take_count(struct reader *r, int64_t least, uint64_t *out)
{
	struct json_value v;
	int64_t n;

	if (!json_scan_value(&r->scan, 0, &v) || !json_i64(&v, &n) || n < least ||
	    n > PATTERNS_COUNT_MAX)
		return false;
	*out = (uint64_t)n;
	return true;
}

static bool take_seconds(struct reader *r, double *out)
{
	struct json_value v;

	if (!json_scan_value(&r->scan, 0, &v) || v.type != JSON_NUMBER)
		return false;
	*out = json_double(&v); /* there is a byte behind it: the document was scanned to its end */
	return isfinite(*out);
}

static bool take_string(struct reader *r, struct json_value *v)
{
	return json_next(&r->scan) == '"' && json_scan_string(&r->scan, v);
}

static bool take_name(struct reader *r, char room[EVENT_NAME_MAX], struct span *out)
{
	struct json_value v;

	return take_string(r, &v) && json_text(&v, room, EVENT_NAME_MAX, out) && out->len > 0 &&
	       out->len <= EVENT_NAME_MAX;
}

static bool take(struct reader *r, char c)
{
	return json_take(&r->scan, c);
}

/* "0" ... "23", without leading zeros. */
static bool parse_hour(struct span s, unsigned *hour)
{
	*hour = 0;
	if (s.len < 1 || s.len > 2 || (s.len == 2 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*hour = *hour * 10 + (unsigned)(s.p[i] - '0');
	}
	return *hour < HOURS;
}

static bool take_hours(struct reader *r, uint64_t hours[HOURS])
{
	struct json_value key;
	unsigned h;

	if (!take(r, '{'))
		return false;
	do {
		if (!take_string(r, &key) || !parse_hour(key.raw, &h) || hours[h] ||
		    !take(r, ':') || !take_count(r, 1, &hours[h]))
			return false;
	} while (take(r, ','));
	return take(r, '}');
}

/* [name, left, seconds, last, {hour: events}] */
static bool take_app(struct reader *r, struct saved_app *a)
{
	*a = (struct saved_app){ 0 };
	return take(r, '[') && take_name(r, r->name, &a->name) && take(r, ',') &&
	       take_count(r, 0, &a->row.left) && take(r, ',') && take_seconds(r, &a->row.seconds) &&
	       take(r, ',') && take_count(r, 1, &a->row.last) && take(r, ',') &&
	       take_hours(r, a->row.hours) && take(r, ']');
}

/* [from, to, count, last] */
static bool take_transition(struct reader *r, struct saved_transition *t)
{
	*t = (struct saved_transition){ 0 };
	return take(r, '[') && take_name(r, r->name, &t->from) && take(r, ',') &&
	       take_name(r, r->name2, &t->to) && take(r, ',') && take_count(r, 1, &t->row.count) &&
	       take(r, ',') && take_count(r, 1, &t->row.last) && take(r, ']');
}

static bool app_last(struct reader *r, uint64_t *last)
{
	struct saved_app a;
	bool ok = take_app(r, &a);

	*last = a.row.last;
	return ok;
}

static bool transition_last(struct reader *r, uint64_t *last)
{
	struct saved_transition t;
	bool ok = take_transition(r, &t);

	*last = t.row.last;
	return ok;
}

static int by_last(const void *a, const void *b)
{
	const struct saved_row *x = a, *y = b;

	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

/* The rows of an array at p, by their turn.  Each must be well formed, and not of the future. */
static bool list_rows(struct reader *r, const char *p, uint64_t events,
		      bool (*take_last)(struct reader *, uint64_t *), struct saved_rows *rows)
{
	struct saved_row row;

	r->scan.p = p;
	if (!p || !take(r, '['))
		return false;
	if (take(r, ']'))
		return true;
	do {
		json_next(&r->scan);
		row = (struct saved_row){ .p = r->scan.p, .nth = rows->n };
		if (!take_last(r, &row.last) || row.last > events)
			return false;
		if (rows->n == rows->cap) {
			rows->cap = rows->cap ? rows->cap * 2 : 64;
			rows->row = mem_realloc(rows->row, rows->cap, sizeof(row));
		}
		rows->row[rows->n++] = row;
	} while (take(r, ','));
	qsort(rows->row, rows->n, sizeof(row), by_last);
	return take(r, ']');
}

static bool fail(struct err *e, const char *what)
{
	err_set(e, -EINVAL, "saved patterns: %s", what);
	return false;
}

/* Rows in the order of their `last`; what there is no room for pushes itself out again. */
static bool restore_apps(struct reader *r, struct patterns *p, const struct saved_rows *rows,
			 struct err *e)
{
	struct saved_app a;

	for (size_t i = 0; i < rows->n; i++) {
		r->scan.p = rows->row[i].p;
		BUG_ON(!take_app(r, &a));
		a.row.first = rows->row[i].nth;
		if (!patterns_restore_app(p, a.name, &a.row))
			return fail(e, "an app is there twice");
	}
	return true;
}

static bool restore_transitions(struct reader *r, struct patterns *p, const struct saved_rows *rows,
				struct err *e)
{
	bool apps_missing = p->evicted > 0;
	struct saved_transition t;

	for (size_t i = 0; i < rows->n; i++) {
		uint32_t from;

		r->scan.p = rows->row[i].p;
		BUG_ON(!take_transition(r, &t));
		t.row.first = rows->row[i].nth;
		from = patterns_find_app(p, t.from);
		if (from == INTERN_NONE && apps_missing)
			continue; /* it went with its app */
		if (from == INTERN_NONE)
			return fail(e, "a transition from an app that is not there");
		if (!patterns_restore_transition(p, from, t.to, &t.row))
			return fail(e, "a transition is there twice");
	}
	return true;
}

/* Shares above 1, or of nothing, would come of it otherwise. */
static bool left_often_enough(const struct patterns *p)
{
	for (uint32_t a = p->app_ages.head; a != ILIST_END; a = p->app_age[a].next) {
		uint64_t left = p->apps[a].left;

		for (uint32_t t = p->apps[a].out.head; t != ILIST_END; t = p->trans_out[t].next) {
			if (p->trans[t].count > left)
				return false;
			left -= p->trans[t].count;
		}
	}
	return true;
}

static bool restore(struct reader *r, struct patterns *p, const struct saved_counts *c,
		    struct err *e)
{
	struct saved_rows apps = { 0 }, transitions = { 0 };
	bool ok = false;

	if (c->version != 1)
		fail(e, "no `counts` of version 1 to go on from");
	else if (!list_rows(r, c->apps, c->events, app_last, &apps))
		fail(e, "`apps` is not a list of well-formed rows");
	else if (!list_rows(r, c->transition_rows, c->events, transition_last, &transitions))
		fail(e, "`transitions` is not a list of well-formed rows");
	else
		ok = restore_apps(r, p, &apps, e) && restore_transitions(r, p, &transitions, e);
	if (ok && !left_often_enough(p))
		ok = fail(e, "more transitions from an app than times it was left");
	p->events = c->events;
	p->transitions = c->transitions;
	p->rows_made = apps.n > transitions.n ? apps.n : transitions.n;
	free(apps.row);
	free(transitions.row);
	return ok;
}

static bool key_is(const struct json_value *key, const char *name)
{
	return key->raw.len == strlen(name) && !memcmp(key->raw.p, name, key->raw.len);
}

/* Any value, its place noted for later. */
static bool skip_value(struct reader *r, const char **start)
{
	struct json_value v;

	json_next(&r->scan);
	*start = r->scan.p;
	return json_scan_value(&r->scan, 0, &v);
}

static bool take_counts_member(struct reader *r, const struct json_value *key, void *to)
{
	struct saved_counts *c = to;
	const char *unused;

	if (key_is(key, "version"))
		return take_count(r, 1, &c->version);
	if (key_is(key, "events"))
		return take_count(r, 0, &c->events);
	if (key_is(key, "transitions_total"))
		return take_count(r, 0, &c->transitions);
	if (key_is(key, "apps"))
		return skip_value(r, &c->apps);
	if (key_is(key, "transitions"))
		return skip_value(r, &c->transition_rows);
	return skip_value(r, &unused);
}

/* An object, member by member. */
static bool take_object(struct reader *r,
			bool (*take_member)(struct reader *, const struct json_value *, void *),
			void *to)
{
	struct json_value key;

	if (!take(r, '{'))
		return false;
	if (take(r, '}'))
		return true;
	do {
		if (!take_string(r, &key) || !take(r, ':') || !take_member(r, &key, to))
			return false;
	} while (take(r, ','));
	return take(r, '}');
}

static bool take_document_member(struct reader *r, const struct json_value *key, void *to)
{
	const char *unused;

	if (key_is(key, "counts"))
		return take_object(r, take_counts_member, to);
	return skip_value(r, &unused);
}

int patterns_read_json(struct patterns *p, const char *json, size_t len, struct err *e)
{
	struct reader r = { .scan = { json, json + len } };
	struct saved_counts c = { 0 };
	struct patterns fresh;

	if (!utf8_valid(json, len) || !take_object(&r, take_document_member, &c) ||
	    json_next(&r.scan) || r.scan.p < r.scan.end)
		return err_set(e, -EINVAL,
			       "saved patterns: not a JSON object, or `counts` is not well formed");
	patterns_init(&fresh, p->max);
	if (!restore(&r, &fresh, &c, e)) {
		patterns_release(&fresh);
		return -EINVAL;
	}
	patterns_release(p);
	*p = fresh;
	return 0;
}
