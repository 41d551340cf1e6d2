/*
 * features.md "App": transitions and usage patterns.
 *
 * Apps and pairs of apps are numbered in the order of their first sight
 * (names.h), which is also the order of the page's ties.
 */
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/oracle/names.h"
#include "harness/oracle/oracle.h"

#define MOST_USED   10
#define HOURS	    24
#define US_PER_HOUR 3600000000LL

struct usage {
	size_t id;
	uint64_t events; /* all, and by hour of the day in UTC */
	uint64_t by_hour[HOURS];
	uint64_t left; /* transitions from this app, and their seconds */
	long double left_s;
};

struct pair {
	size_t from, to;
	uint64_t count;
};

struct oracle_app {
	bool dev_mode;
	bool has_current;
	size_t current; /* app, and since when */
	double since;
	struct names apps;
	struct usage *usage; /* by app */
	struct names pair_names;
	struct pair *pairs; /* by pair */
	uint64_t transitions;
};

struct oracle_app *oracle_app_new(bool dev_mode)
{
	struct oracle_app *app = mem_calloc(1, sizeof(*app));

	app->dev_mode = dev_mode;
	return app;
}

void oracle_app_free(struct oracle_app *app)
{
	if (!app)
		return;
	names_release(&app->apps);
	names_release(&app->pair_names);
	free(app->usage);
	free(app->pairs);
	free(app);
}

/* The number of an app, with room for its usage. */
static size_t app_id(struct oracle_app *app, const struct span *name)
{
	size_t known = app->apps.n, id = names_id(&app->apps, name->p, name->len);

	if (id == known) {
		app->usage = mem_realloc(app->usage, app->apps.n, sizeof(*app->usage));
		app->usage[id] = (struct usage){ .id = id };
	}
	return id;
}

static struct pair *pair_of(struct oracle_app *app, size_t from, size_t to)
{
	size_t known = app->pair_names.n, ends[2] = { from, to };
	size_t id = names_id(&app->pair_names, ends, sizeof(ends));

	if (id == known) {
		app->pairs = mem_realloc(app->pairs, app->pair_names.n, sizeof(*app->pairs));
		app->pairs[id] = (struct pair){ from, to, 0 };
	}
	return &app->pairs[id];
}

static void transition(struct oracle_app *app, size_t to, const struct event *ev,
		       struct feature_msg *out)
{
	double seconds = (double)ev->ts_us / 1e6 - app->since;
	struct usage *from = &app->usage[app->current];

	pair_of(app, app->current, to)->count++;
	app->transitions++;
	from->left++;
	from->left_s += seconds;

	feature_msg_reset(out);
	out->time_us = ev->ts_us;
	feature_add_label(out, "from_app", app->apps.list[app->current]);
	feature_add_label(out, "to_app", app->apps.list[to]);
	feature_add_int(out, "duration_ms", (int64_t)(seconds * 1000)); /* the cast truncates */
}

bool oracle_app_event(struct oracle_app *app, const struct event *ev, struct feature_msg *out)
{
	size_t id = app_id(app, &ev->name);
	bool changed = app->has_current && app->current != id;

	app->usage[id].events++;
	app->usage[id].by_hour[ev->ts_us / US_PER_HOUR % HOURS]++;
	if (changed)
		transition(app, id, ev, out);
	app->has_current = true;
	app->current = id;
	app->since = (double)ev->ts_us / 1e6;
	return changed;
}

/* ------------------------------------------------------------- patterns */

static void add_name(struct buf *json, const struct span *name)
{
	buf_add_json_string(json, name->p, name->len);
}

/* A comma, unless what stands before opens something. */
static void separate(struct buf *json)
{
	char last = json->data[json->len - 1];

	if (last != '{' && last != '[')
		buf_add_char(json, ',');
}

static void add_pair_text(struct buf *text, const struct oracle_app *app, const struct pair *p)
{
	const struct span *from = &app->apps.list[p->from], *to = &app->apps.list[p->to];

	buf_add(text, from->p, from->len);
	buf_add(text, "->", 2);
	buf_add(text, to->p, to->len);
}

/*
 * Names may hold "->", so that two pairs make one text; it then has the share
 * of the pair that was seen first later, as an assignment by text gives it.
 */
static void add_transition_matrix(struct buf *json, const struct oracle_app *app)
{
	const struct pair **by_text = mem_calloc(app->pair_names.n, sizeof(*by_text));
	struct names texts = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < app->pair_names.n; i++) {
		buf_reset(&text);
		add_pair_text(&text, app, &app->pairs[i]);
		by_text[names_id(&texts, text.data, text.len)] = &app->pairs[i];
	}
	for (size_t i = 0; i < texts.n; i++) {
		const struct pair *p = by_text[i];

		separate(json);
		add_name(json, &texts.list[i]);
		buf_add_char(json, ':');
		buf_add_double(json, (double)p->count / (double)app->usage[p->from].left);
	}
	buf_release(&text);
	names_release(&texts);
	free(by_text);
}

static void add_time_preferences(struct buf *json, const struct oracle_app *app)
{
	for (size_t id = 0; id < app->apps.n; id++) {
		const struct usage *u = &app->usage[id];

		separate(json);
		add_name(json, &app->apps.list[id]);
		buf_add_str(json, ":{");
		for (size_t hour = 0; hour < HOURS; hour++) {
			if (!u->by_hour[hour])
				continue;
			separate(json);
			buf_printf(json, "\"%zu\":", hour);
			buf_add_double(json, (double)u->by_hour[hour] / (double)u->events);
		}
		buf_add_char(json, '}');
	}
}

static int by_left(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	if (x->left != y->left)
		return x->left > y->left ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static void add_most_used(struct buf *json, const struct oracle_app *app)
{
	struct usage *sorted = mem_calloc(app->apps.n, sizeof(*sorted));

	for (size_t id = 0; id < app->apps.n; id++)
		sorted[id] = app->usage[id];
	qsort(sorted, app->apps.n, sizeof(*sorted), by_left);
	for (size_t i = 0; i < app->apps.n && i < MOST_USED && sorted[i].left; i++) {
		separate(json);
		buf_add_char(json, '[');
		add_name(json, &app->apps.list[sorted[i].id]);
		buf_printf(json, ",%llu]", (unsigned long long)sorted[i].left);
	}
	free(sorted);
}

/* Returns how many apps were ever left. */
static size_t add_avg_durations(struct buf *json, const struct oracle_app *app)
{
	size_t n = 0;

	for (size_t id = 0; id < app->apps.n; id++) {
		const struct usage *u = &app->usage[id];

		if (!u->left)
			continue;
		separate(json);
		add_name(json, &app->apps.list[id]);
		buf_add_char(json, ':');
		buf_add_double(json, (double)(u->left_s / (long double)u->left));
		n++;
	}
	return n;
}

void oracle_app_patterns(const struct oracle_app *app, struct buf *json)
{
	size_t apps_left;

	buf_add_str(json, "{\"transition_matrix\":{");
	add_transition_matrix(json, app);
	buf_add_str(json, "},\"time_preferences\":{");
	add_time_preferences(json, app);
	buf_add_str(json, "},\"usage_stats\":{\"most_used\":[");
	add_most_used(json, app);
	buf_add_str(json, "],\"avg_durations\":{");
	apps_left = add_avg_durations(json, app);
	buf_printf(json, "},\"total_transitions\":%llu,\"unique_apps\":%zu},\"dev_mode\":%s}",
		   (unsigned long long)app->transitions, apps_left,
		   app->dev_mode ? "true" : "false");
}
