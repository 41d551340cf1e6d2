/*
 * The patterns as JSON; see patterns.h.
 *
 * Rows are put out in the order in which they were made, which is not the order
 * of their numbers once some were let go.
 */
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/feature/patterns.h"

#define MOST_USED 10

struct ranked {
	uint64_t by;
	uint32_t id;
	bool skip;
};

static int by_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->by < y->by ? -1 : x->by > y->by;
}

/* Every kept app, first made first; n_apps of them. */
static struct ranked *ranked_apps(const struct patterns *p)
{
	struct ranked *r = mem_calloc(p->n_apps, sizeof(*r));
	size_t n = 0;

	for (uint32_t i = p->app_ages.head; i != ILIST_END; i = p->app_age[i].next)
		r[n++] = (struct ranked){ p->apps[i].first, i, false };
	qsort(r, n, sizeof(*r), by_first);
	return r;
}

static struct ranked *ranked_transitions(const struct patterns *p)
{
	struct ranked *r = mem_calloc(p->n_trans, sizeof(*r));
	size_t n = 0;

	for (uint32_t i = p->trans_ages.head; i != ILIST_END; i = p->trans_age[i].next)
		r[n++] = (struct ranked){ p->trans[i].first, i, false };
	qsort(r, n, sizeof(*r), by_first);
	return r;
}

static void comma(struct buf *json, bool first)
{
	if (!first)
		buf_add_char(json, ',');
}

static void add_name(struct buf *json, const struct patterns *p, uint32_t id)
{
	struct span s = intern_name(&p->names, id);

	buf_add_json_string(json, s.p, s.len);
}

static void add_count(struct buf *json, uint64_t n)
{
	buf_add_i64(json, (int64_t)n);
}

/* `from->to`, as a plain text. */
static void add_text(struct buf *b, const struct patterns *p, const struct transition_row *t)
{
	struct span from = intern_name(&p->names, t->from), to = intern_name(&p->names, t->to);

	buf_add(b, from.p, from.len);
	buf_add(b, "->", 2);
	buf_add(b, to.p, to.len);
}

static bool text_may_repeat(const struct patterns *p, const struct transition_row *t)
{
	return (intern_entry(&p->names, t->from)->flags | intern_entry(&p->names, t->to)->flags) &
	       APP_HAS_ARROW;
}

/*
 * Different transitions with one text: a member of an object has one value, so
 * the first keeps the place and gets the last one's.
 */
static void join_equal_texts(const struct patterns *p, struct ranked *r)
{
	uint32_t *place = mem_calloc(p->n_trans, sizeof(*place)), id;
	struct intern texts;
	struct buf text = { 0 };
	bool fresh;

	intern_init(&texts, 2 * EVENT_NAME_MAX + 2);
	for (uint32_t i = 0; i < p->n_trans; i++) {
		if (!text_may_repeat(p, &p->trans[r[i].id]))
			continue;
		buf_reset(&text);
		add_text(&text, p, &p->trans[r[i].id]);
		id = intern_get(&texts, (struct span){ text.data, text.len }, &fresh);
		if (fresh) {
			place[id] = i;
		} else {
			r[place[id]].id = r[i].id;
			r[i].skip = true;
		}
	}
	buf_release(&text);
	intern_release(&texts);
	free(place);
}

static void write_matrix(const struct patterns *p, struct buf *json)
{
	struct ranked *r = ranked_transitions(p);
	struct buf text = { 0 };

	join_equal_texts(p, r);
	buf_add_str(json, "\"transition_matrix\":{");
	for (size_t i = 0; i < p->n_trans; i++) {
		const struct transition_row *t = &p->trans[r[i].id];

		if (r[i].skip)
			continue;
		comma(json, i == 0);
		buf_reset(&text);
		add_text(&text, p, t);
		buf_add_json_string(json, text.data, text.len);
		buf_add_char(json, ':');
		buf_add_double(json, (double)t->count / (double)p->apps[t->from].left);
	}
	buf_add_char(json, '}');
	buf_release(&text);
	free(r);
}

/* Hour members, as counts or as shares of `all`. */
static void write_hours(const struct app_row *a, double all, struct buf *json)
{
	bool first = true;

	buf_add_char(json, '{');
	for (int h = 0; h < HOURS; h++) {
		if (!a->hours[h])
			continue;
		comma(json, first);
		buf_printf(json, "\"%d\":", h);
		buf_add_double(json, (double)a->hours[h] / all);
		first = false;
	}
	buf_add_char(json, '}');
}

static double all_hours(const struct app_row *a)
{
	uint64_t sum = 0;

	for (int h = 0; h < HOURS; h++)
		sum += a->hours[h];
	return (double)sum;
}

static void write_preferences(const struct patterns *p, const struct ranked *r, struct buf *json)
{
	buf_add_str(json, ",\"time_preferences\":{");
	for (size_t i = 0; i < p->n_apps; i++) {
		const struct app_row *a = &p->apps[r[i].id];

		comma(json, i == 0);
		add_name(json, p, r[i].id);
		buf_add_char(json, ':');
		write_hours(a, all_hours(a), json);
	}
	buf_add_char(json, '}');
}

/* The most often left first; ties stay in the order of r. */
static void write_most_used(const struct patterns *p, const struct ranked *r, struct buf *json)
{
	uint32_t top[MOST_USED];
	size_t n = 0;

	for (size_t i = 0; i < p->n_apps; i++) {
		uint64_t left = p->apps[r[i].id].left;
		size_t at;

		if (!left || (n == MOST_USED && left <= p->apps[top[n - 1]].left))
			continue;
		n += n < MOST_USED;
		for (at = n - 1; at && p->apps[top[at - 1]].left < left; at--)
			top[at] = top[at - 1];
		top[at] = r[i].id;
	}
	buf_add_str(json, "\"most_used\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add_str(json, i ? ",[" : "[");
		add_name(json, p, top[i]);
		buf_add_char(json, ',');
		add_count(json, p->apps[top[i]].left);
		buf_add_char(json, ']');
	}
	buf_add_char(json, ']');
}

static void write_usage(const struct patterns *p, const struct ranked *r, struct buf *json)
{
	uint64_t ever_left = 0;

	buf_add_str(json, ",\"usage_stats\":{");
	write_most_used(p, r, json);
	buf_add_str(json, ",\"avg_durations\":{");
	for (size_t i = 0; i < p->n_apps; i++) {
		const struct app_row *a = &p->apps[r[i].id];

		if (!a->left)
			continue;
		comma(json, !ever_left++);
		add_name(json, p, r[i].id);
		buf_add_char(json, ':');
		buf_add_double(json, a->seconds / (double)a->left);
	}
	buf_add_str(json, "},\"total_transitions\":");
	add_count(json, p->transitions);
	buf_add_str(json, ",\"unique_apps\":");
	add_count(json, ever_left);
	buf_add_char(json, '}');
}

static void write_app_counts(const struct patterns *p, const struct ranked *r, struct buf *json)
{
	buf_add_str(json, ",\"apps\":[");
	for (size_t i = 0; i < p->n_apps; i++) {
		const struct app_row *a = &p->apps[r[i].id];

		buf_add_str(json, i ? ",[" : "[");
		add_name(json, p, r[i].id);
		buf_add_char(json, ',');
		add_count(json, a->left);
		buf_add_char(json, ',');
		buf_add_double(json, a->seconds);
		buf_add_char(json, ',');
		add_count(json, a->last);
		buf_add_char(json, ',');
		write_hours(a, 1, json);
		buf_add_char(json, ']');
	}
	buf_add_char(json, ']');
}

static void write_transition_counts(const struct patterns *p, struct buf *json)
{
	struct ranked *r = ranked_transitions(p);

	buf_add_str(json, ",\"transitions\":[");
	for (size_t i = 0; i < p->n_trans; i++) {
		const struct transition_row *t = &p->trans[r[i].id];

		buf_add_str(json, i ? ",[" : "[");
		add_name(json, p, t->from);
		buf_add_char(json, ',');
		add_name(json, p, t->to);
		buf_add_char(json, ',');
		add_count(json, t->count);
		buf_add_char(json, ',');
		add_count(json, t->last);
		buf_add_char(json, ']');
	}
	buf_add_char(json, ']');
	free(r);
}

static void write_counts(const struct patterns *p, const struct ranked *r, struct buf *json)
{
	buf_add_str(json, ",\"counts\":{\"version\":1,\"events\":");
	add_count(json, p->events);
	buf_add_str(json, ",\"transitions_total\":");
	add_count(json, p->transitions);
	write_app_counts(p, r, json);
	write_transition_counts(p, json);
	buf_add_char(json, '}');
}

void patterns_write_json(const struct patterns *p, bool dev_mode, bool with_counts,
			 struct buf *json)
{
	struct ranked *r = ranked_apps(p);

	buf_add_char(json, '{');
	write_matrix(p, json);
	write_preferences(p, r, json);
	write_usage(p, r, json);
	buf_add_str(json, dev_mode ? ",\"dev_mode\":true" : ",\"dev_mode\":false");
	if (with_counts)
		write_counts(p, r, json);
	buf_add_char(json, '}');
	free(r);
}
