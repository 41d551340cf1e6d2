/*
 * The mouse extractor: stores events, and cuts a window into moves, clicks and scrolls.
 *
 * Read mouse_extract() first.  The numbers themselves come from moves.c and clicks.c.
 */
#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "extractors/feature/clicks.h"
#include "extractors/feature/extractor.h"
#include "extractors/feature/intern.h"
#include "extractors/feature/moments.h"
#include "extractors/feature/moves.h"
#include "extractors/feature/ring.h"
#include "extractors/feature/window.h"

#define EVENTS_MIN	50 /* fewer in the window: no features */
#define BUTTON_NAME_MAX 100
#define STRETCH_MIN	64 /* of events looked at in one go, so that short ones do not add up */

/* What an event is to the features; with a button above it in the tag. */
enum part {
	PART_MOVE = 1, /* alone has the lowest bit */
	PART_PRESS = 2,
	PART_RELEASE = 4,
	PART_SCROLL = 6, /* with a delta, which stands in the column of x */
	PART_BARE_SCROLL = 8,
	PART_OTHER = 10 /* counts for the window and for nothing else */
};
#define PART_BITS 4
#define PART_MASK 15U

enum column { COLUMN_T, COLUMN_TAG, COLUMN_X, COLUMN_Y, COLUMNS };

struct mouse {
	struct extractor_params params;
	struct ring ring;
	struct intern buttons; /* numbers one below the button's; 0 is no button */
	struct moves moves;
	struct clicks clicks;
	size_t in_window, n_rest;
	struct scratch rest; /* positions in the ring of what is in the window and no move */
	struct scratch click_events, deltas, scroll_times;
};

static void *mouse_new(const struct extractor_params *p)
{
	static const size_t widths[COLUMNS] = { [COLUMN_T] = sizeof(double),
						[COLUMN_TAG] = sizeof(uint32_t),
						[COLUMN_X] = sizeof(double),
						[COLUMN_Y] = sizeof(double) };
	static const char *const known[] = { "Left", "Right", "Middle" };
	struct mouse *m = mem_calloc(1, sizeof(*m));

	m->params = *p;
	ring_init(&m->ring, p->max_events, widths, COLUMNS);
	intern_init(&m->buttons, BUTTON_NAME_MAX);
	for (uint32_t i = 0; i < ARRAY_SIZE(known); i++) { /* referred to for good */
		struct span name = { known[i], strlen(known[i]) };
		bool fresh;

		BUG_ON(intern_get(&m->buttons, name, &fresh) + 1 != BUTTON_LEFT + i);
	}
	return m;
}

static void mouse_free(void *self)
{
	struct mouse *m = self;

	if (!m)
		return;
	ring_release(&m->ring);
	intern_release(&m->buttons);
	moves_release(&m->moves);
	clicks_release(&m->clicks);
	scratch_release(&m->rest);
	scratch_release(&m->click_events);
	scratch_release(&m->deltas);
	scratch_release(&m->scroll_times);
	free(m);
}

static uint32_t tag_of(struct mouse *m, const struct event *ev)
{
	static const uint32_t parts[EVENT_KINDS] = {
		[KIND_PRESS] = PART_PRESS, [KIND_RELEASE] = PART_RELEASE,
		[KIND_MOVE] = PART_MOVE,   [KIND_SCROLL] = PART_SCROLL,
		[KIND_CLICK] = PART_OTHER, [KIND_FOCUS] = PART_OTHER
	};
	uint32_t part = parts[ev->kind], button = BUTTON_NONE;
	bool fresh;

	if (part == PART_MOVE)
		return ev->has_x ? PART_MOVE : PART_OTHER;
	if (part == PART_SCROLL)
		return ev->has_scroll ? PART_SCROLL : PART_BARE_SCROLL;
	if (part != PART_OTHER && ev->has_name)
		button = intern_get(&m->buttons, ev->name, &fresh) + 1;
	return button << PART_BITS | part;
}

static void forget(struct mouse *m, uint32_t tag)
{
	uint32_t button = tag >> PART_BITS;

	if (button != BUTTON_NONE)
		intern_put(&m->buttons, button - 1);
}

static bool mouse_accept(void *self, const struct event *ev, struct feature_msg *out UNUSED)
{
	struct mouse *m = self;
	uint32_t tag = tag_of(m, ev);
	size_t at;

	if (ring_full(&m->ring))
		forget(m, ((uint32_t *)m->ring.col[COLUMN_TAG])[m->ring.next]);
	at = ring_push(&m->ring);
	((double *)m->ring.col[COLUMN_T])[at] = window_seconds(ev->ts_us);
	((uint32_t *)m->ring.col[COLUMN_TAG])[at] = tag;
	((double *)m->ring.col[COLUMN_X])[at] = tag == PART_SCROLL ? ev->scroll_delta : ev->x;
	((double *)m->ring.col[COLUMN_Y])[at] = ev->y;
	return false;
}

/* One stretch of positions, no branch on what is there: moves to their block, the rest noted. */
static void sort_out(struct mouse *m, size_t from, size_t len, double cut)
{
	const double *t = m->ring.col[COLUMN_T], *x = m->ring.col[COLUMN_X],
		     *y = m->ring.col[COLUMN_Y];
	const uint32_t *tag = m->ring.col[COLUMN_TAG];
	uint32_t *rest = m->rest.p;
	struct moves *mv = &m->moves;
	size_t fill = mv->fill, n_rest = m->n_rest;

	for (size_t i = from; i < from + len; i++) {
		size_t in = t[i] > cut, move = tag[i] & PART_MOVE;

		mv->t[fill] = t[i];
		mv->x[fill] = x[i];
		mv->y[fill] = y[i];
		rest[n_rest] = (uint32_t)i;
		fill += in & move;
		n_rest += in & (move ^ 1);
	}
	mv->fill = fill;
	m->n_rest = n_rest;
}

static void sort_out_run(struct mouse *m, struct ring_run run, double cut)
{
	const double *t = m->ring.col[COLUMN_T];
	size_t end = run.from + run.len, len;

	for (size_t at = run.from; at < end; at += len) {
		size_t in;

		if (MOVES_BLOCK - m->moves.fill < STRETCH_MIN)
			moves_flush(&m->moves);
		len = MOVES_BLOCK - m->moves.fill;
		len = len < end - at ? len : end - at;
		in = moments_count_above(t + at, len, cut);
		m->in_window += in;
		if (in) /* most of a full buffer is older than the window when it is used lightly */
			sort_out(m, at, len, cut);
	}
}

static void sort_out_window(struct mouse *m, double cut)
{
	struct ring_run runs[2];

	m->in_window = m->n_rest = 0;
	scratch_fit(&m->rest, m->ring.len + 1, sizeof(uint32_t));
	moves_start(&m->moves, m->ring.len);
	ring_runs(&m->ring, runs);
	sort_out_run(m, runs[0], cut);
	sort_out_run(m, runs[1], cut);
}

static const char *const move_names[MOVES_FEATURES] = {
	"move_0",  "move_1",  "move_2",	 "move_3",  "move_4",  "move_5",  "move_6",
	"move_7",  "move_8",  "move_9",	 "move_10", "move_11", "move_12", "move_13",
	"move_14", "move_15", "move_16", "move_17", "move_18", "move_19",
};
static const char *const click_names[] = {
	"click_0", "click_1", "click_2", "click_3", "click_4",
	"click_5", "click_6", "click_7", "click_8", "click_9",
};
static const char *const scroll_names[] = {
	"scroll_0", "scroll_1", "scroll_2", "scroll_3",
	"scroll_4", "scroll_5", "scroll_6", "scroll_7",
};

static void add_zeros(struct feature_msg *out, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		feature_add(out, names[i], 0);
}

static void add_moves(struct mouse *m, struct feature_msg *out)
{
	double v[MOVES_FEATURES];

	moves_finish(&m->moves, m->params.window_s, v);
	for (size_t i = 0; i < MOVES_FEATURES; i++)
		feature_add(out, move_names[i], v[i]);
}

/* The presses and releases among the rest. */
static size_t pick_clicks(struct mouse *m, struct timed *ev)
{
	const double *t = m->ring.col[COLUMN_T];
	const uint32_t *tag = m->ring.col[COLUMN_TAG], *rest = m->rest.p;
	size_t n = 0;

	for (size_t k = 0; k < m->n_rest; k++) {
		uint32_t i = rest[k], part = tag[i] & PART_MASK;

		if (part == PART_PRESS || part == PART_RELEASE)
			ev[n++] = (struct timed){ t[i], click_tag(tag[i] >> PART_BITS,
								  part == PART_PRESS) };
	}
	return n;
}

static void add_clicks(struct mouse *m, struct feature_msg *out)
{
	struct timed *ev = scratch_fit(&m->click_events, m->n_rest, sizeof(*ev));
	size_t n = pick_clicks(m, ev), known;
	struct click_features f;

	if (!n) {
		add_zeros(out, click_names, ARRAY_SIZE(click_names));
		return;
	}
	f = clicks_measure(&m->clicks, ev, n, m->buttons.slots + 1);
	known = f.left + f.right + f.middle;
	feature_add(out, click_names[0], f.mean_ms);
	feature_add(out, click_names[1], f.std_ms);
	feature_add_int(out, click_names[2], (int64_t)f.left);
	feature_add_int(out, click_names[3], (int64_t)f.right);
	feature_add_int(out, click_names[4], (int64_t)f.middle);
	feature_add(out, click_names[5], (double)f.left / fmax((double)known, 1));
	feature_add_int(out, click_names[6], (int64_t)f.double_clicks);
	feature_add(out, click_names[7], (double)f.double_clicks / fmax((double)f.presses, 1));
	feature_add(out, click_names[8], (double)f.presses / m->params.window_s);
	feature_add(out, click_names[9], f.median_ms);
}

struct scrolls {
	size_t n, n_deltas;
	double *delta, *t;
};

static struct scrolls pick_scrolls(struct mouse *m)
{
	const double *t = m->ring.col[COLUMN_T], *x = m->ring.col[COLUMN_X];
	const uint32_t *tag = m->ring.col[COLUMN_TAG], *rest = m->rest.p;
	struct scrolls s = { .delta = scratch_fit(&m->deltas, m->n_rest, sizeof(double)),
			     .t = scratch_fit(&m->scroll_times, m->n_rest, sizeof(double)) };

	for (size_t k = 0; k < m->n_rest; k++) {
		uint32_t i = rest[k], part = tag[i] & PART_MASK;

		if (part == PART_SCROLL)
			s.delta[s.n_deltas++] = x[i];
		if (part == PART_SCROLL || part == PART_BARE_SCROLL)
			s.t[s.n++] = t[i];
	}
	return s;
}

static void add_scrolls(struct mouse *m, struct feature_msg *out)
{
	struct scrolls s = pick_scrolls(m);
	struct moments delta = { 0 }, gap = { 0 };
	size_t up = 0, down = 0;

	if (!s.n_deltas) {
		add_zeros(out, scroll_names, ARRAY_SIZE(scroll_names));
		return;
	}
	moments_add_block(&delta, s.delta, s.n_deltas, INFINITY);
	for (size_t i = 0; i < s.n_deltas; i++) {
		up += s.delta[i] > 0;
		down += s.delta[i] < 0;
	}
	for (size_t i = 0; i + 1 < s.n; i++)
		s.t[i] = s.t[i + 1] - s.t[i]; /* in order of arrival, so possibly negative */
	moments_add_block(&gap, s.t, s.n - 1, INFINITY);
	feature_add(out, scroll_names[0], moments_mean_abs(&delta));
	feature_add(out, scroll_names[1], moments_std(&delta));
	feature_add_int(out, scroll_names[2], (int64_t)up);
	feature_add_int(out, scroll_names[3], (int64_t)down);
	feature_add(out, scroll_names[4], (double)up / (double)s.n_deltas);
	feature_add(out, scroll_names[5], (double)s.n / m->params.window_s);
	feature_add(out, scroll_names[6], gap.mean);
	feature_add(out, scroll_names[7], moments_std(&gap));
}

static bool mouse_extract(void *self, int64_t now_us, struct feature_msg *out)
{
	struct mouse *m = self;

	sort_out_window(m, window_cut_s(now_us, m->params.window_s));
	if (m->in_window < EVENTS_MIN)
		return false;
	feature_msg_reset(out);
	out->time_us = now_us;
	add_moves(m, out);
	add_clicks(m, out);
	add_scrolls(m, out);
	feature_add_bool(out, "dev_mode", m->params.dev_mode);
	return true;
}

static uint64_t mouse_evicted(const void *self)
{
	return ((const struct mouse *)self)->ring.evicted;
}

const struct extractor_ops mouse_ops = {
	.type = EVENT_MOUSE,
	.program = "mouse_extractor",
	.default_max_events = 50000,
	.new = mouse_new,
	.free = mouse_free,
	.accept = mouse_accept,
	.extract = mouse_extract,
	.evicted = mouse_evicted,
};
