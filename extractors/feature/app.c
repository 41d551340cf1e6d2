/*
 * The app tracker: the current app, its transitions, and the patterns behind them.
 *
 * No event is stored: a transition needs the app before it, the patterns are counts.
 * The quirk on purpose: duration_ms truncates a difference of doubles of seconds.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "extractors/feature/extractor.h"
#include "extractors/feature/patterns.h"
#include "extractors/feature/window.h"

struct app_name {
	size_t len;
	char text[EVENT_NAME_MAX];
};

struct app {
	struct extractor_params params;
	struct patterns patterns;
	struct app_name names[2]; /* the current app's and the one's before it */
	unsigned current;	  /* which of them */
	bool any;		  /* an event was accepted */
	double since_s;		  /* the current app's latest event */
};

static void *app_new(const struct extractor_params *p)
{
	struct app *a = mem_calloc(1, sizeof(*a));

	a->params = *p;
	patterns_init(&a->patterns, p->max_events);
	return a;
}

static void app_free(void *self)
{
	struct app *a = self;

	if (!a)
		return;
	patterns_release(&a->patterns);
	free(a);
}

static struct span current_app(const struct app *a)
{
	const struct app_name *n = &a->names[a->current];

	return (struct span){ n->text, n->len };
}

static void make_current(struct app *a, struct span name)
{
	struct app_name *n;

	BUG_ON(name.len > EVENT_NAME_MAX);
	a->current ^= 1;
	n = &a->names[a->current];
	memcpy(n->text, name.p, name.len);
	n->len = name.len;
	a->any = true;
}

static bool app_accept(void *self, const struct event *ev, struct feature_msg *out)
{
	struct app *a = self;
	double t = window_seconds(ev->ts_us), seconds = t - a->since_s;
	struct span from = current_app(a);
	bool same = a->any && from.len == ev->name.len && !memcmp(from.p, ev->name.p, from.len);
	bool transition = a->any && !same;

	patterns_count(&a->patterns, transition ? &from : NULL, seconds, ev->name,
		       clock_utc_hour(ev->ts_us));
	if (!same)
		make_current(a, ev->name);
	a->since_s = t;
	if (!transition)
		return false;
	feature_msg_reset(out);
	out->time_us = ev->ts_us;
	feature_add_label(out, "from_app", from);
	feature_add_label(out, "to_app", current_app(a));
	feature_add_int(out, "duration_ms", (int64_t)trunc(seconds * 1000));
	return true;
}

static uint64_t app_evicted(const void *self)
{
	return ((const struct app *)self)->patterns.evicted;
}

static void app_patterns_write(void *self, struct buf *json)
{
	struct app *a = self;

	patterns_write_json(&a->patterns, a->params.dev_mode, false, json);
}

static void app_patterns_save(void *self, struct buf *json)
{
	struct app *a = self;

	patterns_write_json(&a->patterns, a->params.dev_mode, true, json);
}

static int app_patterns_load(void *self, const char *json, size_t len, struct err *e)
{
	struct app *a = self;

	BUG_ON(a->any); /* the counts so far would be lost */
	return patterns_read_json(&a->patterns, json, len, e);
}

const struct extractor_ops app_ops = {
	.type = EVENT_APP,
	.program = "app_tracker",
	.default_max_events = 1000,
	.new = app_new,
	.free = app_free,
	.accept = app_accept,
	.evicted = app_evicted,
	.patterns_write = app_patterns_write,
	.patterns_save = app_patterns_save,
	.patterns_load = app_patterns_load,
};
