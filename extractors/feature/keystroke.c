/*
 * The keystroke extractor: stores events, and turns a window into its features.
 *
 * Read keystroke_extract() first.  Source of every definition: spec/features.md.
 */
#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "extractors/feature/digraphs.h"
#include "extractors/feature/extractor.h"
#include "extractors/feature/intern.h"
#include "extractors/feature/moments.h"
#include "extractors/feature/order.h"
#include "extractors/feature/ring.h"
#include "extractors/feature/select.h"
#include "extractors/feature/window.h"

#define EVENTS_MIN	  10 /* fewer in the window: no features */
#define DWELL_LIMIT_MS	  1000.0
#define FLIGHT_LIMIT_MS	  2000.0
#define DIGRAPH_LIMIT_MS  2000.0
#define INTERVAL_LIMIT_MS 5000.0

enum column { COLUMN_T, COLUMN_TAG, COLUMNS };

struct keystroke {
	struct extractor_params params;
	struct ring ring;
	struct intern keys;
	struct digraphs digraphs;
	struct select select;
	struct scratch window, tmp; /* struct timed */
	struct scratch pressed;	    /* double by key */
	struct scratch values;	    /* ms */
};

static inline uint32_t tag_of(uint32_t key, bool press)
{
	return key << 1 | press;
}

static inline uint32_t key_of(uint32_t tag)
{
	return tag >> 1;
}

static inline bool is_press(uint32_t tag)
{
	return tag & 1;
}

static void *keystroke_new(const struct extractor_params *p)
{
	static const size_t widths[COLUMNS] = {
		[COLUMN_T] = sizeof(double), [COLUMN_TAG] = sizeof(uint32_t)
	};
	struct keystroke *k = mem_calloc(1, sizeof(*k));

	k->params = *p;
	ring_init(&k->ring, p->max_events, widths, COLUMNS);
	intern_init(&k->keys, KEY_NAME_MAX);
	return k;
}

static void keystroke_free(void *self)
{
	struct keystroke *k = self;

	if (!k)
		return;
	ring_release(&k->ring);
	intern_release(&k->keys);
	digraphs_release(&k->digraphs);
	scratch_release(&k->select.room);
	scratch_release(&k->window);
	scratch_release(&k->tmp);
	scratch_release(&k->pressed);
	scratch_release(&k->values);
	free(k);
}

static bool contains(struct span s, const char *word)
{
	return memmem(s.p, s.len, word, strlen(word)) != NULL;
}

static uint16_t key_flags(struct span name)
{
	uint16_t flags = 0;

	if (memchr(name.p, '_', name.len))
		flags |= KEY_HAS_UNDERSCORE;
	if (contains(name, "Backspace") || contains(name, "Delete"))
		flags |= KEY_CORRECTS;
	return flags;
}

static bool keystroke_accept(void *self, const struct event *ev, struct feature_msg *out UNUSED)
{
	struct keystroke *k = self;
	bool fresh;
	uint32_t key = intern_get(&k->keys, ev->name, &fresh);
	size_t at;

	if (fresh)
		intern_entry(&k->keys, key)->flags = key_flags(ev->name);
	if (ring_full(&k->ring))
		intern_put(&k->keys, key_of(((uint32_t *)k->ring.col[COLUMN_TAG])[k->ring.next]));
	at = ring_push(&k->ring);
	((double *)k->ring.col[COLUMN_T])[at] = window_seconds(ev->ts_us);
	((uint32_t *)k->ring.col[COLUMN_TAG])[at] = tag_of(key, ev->kind == KIND_PRESS);
	return false;
}

/* The window's events in order of arrival; how many. */
static size_t cut_window(struct keystroke *k, struct timed *out, double cut)
{
	const double *t = k->ring.col[COLUMN_T];
	const uint32_t *tag = k->ring.col[COLUMN_TAG];
	struct ring_run runs[2];
	size_t n = 0;

	ring_runs(&k->ring, runs);
	for (int r = 0; r < 2; r++) {
		for (size_t i = runs[r].from; i < runs[r].from + runs[r].len; i++) {
			out[n].t = t[i];
			out[n].tag = tag[i];
			n += t[i] > cut;
		}
	}
	return n;
}

/* ev[] in order of arrival.  No branch depends on an event; likewise below. */
static size_t dwell_times(struct keystroke *k, const struct timed *ev, size_t n, double *out)
{
	double *pressed = scratch_fit(&k->pressed, k->keys.slots, sizeof(*pressed));
	size_t m = 0;

	memset(pressed, 0, k->keys.slots * sizeof(*pressed)); /* 0: not pressed; times are later */

	for (size_t i = 0; i < n; i++) {
		bool press = is_press(ev[i].tag);
		double *at = &pressed[key_of(ev[i].tag)];
		double d = (ev[i].t - *at) * 1000;

		out[m] = d;
		m += !press & (*at != 0) & (d > 0) & (d < DWELL_LIMIT_MS);
		*at = press ? ev[i].t : 0;
	}
	return m;
}

/* From the latest release of whatever key to each press.  ev[] sorted by time. */
static size_t flight_times(const struct timed *ev, size_t n, double *out)
{
	double released = 0;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		bool press = is_press(ev[i].tag);
		double f = (ev[i].t - released) * 1000;

		out[m] = f;
		m += press & (released != 0) & (f > 0) & (f < FLIGHT_LIMIT_MS);
		released = press ? released : ev[i].t;
	}
	return m;
}

static size_t keep_presses(struct timed *ev, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		struct timed e = ev[i];

		ev[m] = e;
		m += is_press(e.tag);
	}
	return m;
}

struct spread_names {
	const char *mean, *std, *min, *max, *median, *q25, *q75, *range;
};

static void add_spread(struct keystroke *k, struct feature_msg *out, const struct spread_names *as,
		       const double *v, size_t n)
{
	static const double q[] = { 0.5, 0.25, 0.75 };
	double at[ARRAY_SIZE(q)];
	struct moments m = { 0 };
	struct select_extremes x;

	if (!n)
		return;
	moments_add_block(&m, v, n, INFINITY);
	x = select_extremes(v, n);
	select_quantiles(&k->select, v, n, n, q, at, ARRAY_SIZE(q));
	feature_add(out, as->mean, m.mean);
	feature_add(out, as->std, moments_std(&m));
	feature_add(out, as->min, x.min);
	feature_add(out, as->max, x.max);
	feature_add(out, as->median, at[0]);
	feature_add(out, as->q25, at[1]);
	feature_add(out, as->q75, at[2]);
	feature_add(out, as->range, x.max - x.min);
}

/* press[n] sorted by time. */
static void add_digraphs(struct keystroke *k, struct feature_msg *out, const struct timed *press,
			 size_t n)
{
	static const char *const names[DIGRAPHS_RANKED] = {
		"digraph_0_mean",  "digraph_1_mean",  "digraph_2_mean",	 "digraph_3_mean",
		"digraph_4_mean",  "digraph_5_mean",  "digraph_6_mean",	 "digraph_7_mean",
		"digraph_8_mean",  "digraph_9_mean",  "digraph_10_mean", "digraph_11_mean",
		"digraph_12_mean", "digraph_13_mean", "digraph_14_mean", "digraph_15_mean",
		"digraph_16_mean", "digraph_17_mean", "digraph_18_mean", "digraph_19_mean",
	};
	double mean_ms[DIGRAPHS_RANKED];

	digraphs_reset(&k->digraphs);
	for (size_t i = 1; i < n; i++) {
		double d = (press[i].t - press[i - 1].t) * 1000;

		if (d > 0 && d < DIGRAPH_LIMIT_MS)
			digraphs_add(&k->digraphs, &k->keys, key_of(press[i - 1].tag),
				     key_of(press[i].tag), d);
	}
	digraphs_rank(&k->digraphs, mean_ms);
	for (size_t i = 0; i < DIGRAPHS_RANKED; i++)
		feature_add(out, names[i], mean_ms[i]);
}

static void add_corrections(const struct keystroke *k, struct feature_msg *out,
			    const struct timed *press, size_t n)
{
	size_t b = 0;

	for (size_t i = 0; i < n; i++)
		b += (intern_entry(&k->keys, key_of(press[i].tag))->flags & KEY_CORRECTS) != 0;
	feature_add(out, "backspace_frequency", (double)b / fmax((double)n, 1));
	feature_add_int(out, "backspace_count", (int64_t)b);
	feature_add(out, "correction_rate", (double)b / fmax((double)(n - b), 1));
	feature_add(out, "clean_typing_ratio", (double)(n - b) / fmax((double)n, 1));
}

static size_t intervals(const struct timed *press, size_t n, double *out)
{
	size_t m = 0;

	for (size_t i = 1; i < n; i++) {
		double d = (press[i].t - press[i - 1].t) * 1000;

		out[m] = d;
		m += (d > 0) & (d < INTERVAL_LIMIT_MS);
	}
	return m;
}

/* The quirk on purpose: other names when there is nothing to tell. */
static void add_no_rhythm(struct feature_msg *out)
{
	static const char *const names[] = { "rhythm_0", "rhythm_1", "rhythm_2", "rhythm_3",
					     "rhythm_4", "rhythm_5", "rhythm_6", "rhythm_7" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		feature_add(out, names[i], 0);
}

/* v[n], n >= 1: kept intervals between presses, ms. */
static void add_rhythm(struct keystroke *k, struct feature_msg *out, const double *v, size_t n)
{
	static const double half = 0.5;
	double median, std, burst_sum = 0, pause_sum = 0;
	size_t bursts = 0, pauses;
	struct moments m = { 0 };

	moments_add_block(&m, v, n, INFINITY);
	select_quantiles(&k->select, v, n, n, &half, &median, 1);
	for (size_t i = 0; i < n; i++) {
		bool burst = v[i] < median;

		bursts += burst;
		burst_sum += burst ? v[i] : 0;
		pause_sum += burst ? 0 : v[i];
	}
	pauses = n - bursts;
	std = moments_std(&m);
	feature_add(out, "rhythm_consistency", 1 - std / fmax(m.mean, 1));
	feature_add(out, "burst_frequency", (double)bursts / (double)n);
	feature_add(out, "pause_frequency", (double)pauses / (double)n);
	feature_add(out, "avg_burst_speed", bursts ? burst_sum / (double)bursts : 0);
	feature_add(out, "avg_pause_duration", pauses ? pause_sum / (double)pauses : 0);
	feature_add(out, "rhythm_variation", std);
	feature_add(out, "typing_speed_wpm", 60000 / fmax(m.mean, 1) / 5);
	feature_add(out, "rhythm_stability", 1 / (1 + moments_var(&m)));
}

static bool keystroke_extract(void *self, int64_t now_us, struct feature_msg *out)
{
	static const struct spread_names dwell = { "dwell_mean", "dwell_std",	 "dwell_min",
						   "dwell_max",	 "dwell_median", "dwell_q25",
						   "dwell_q75",	 "dwell_range" };
	static const struct spread_names flight = { "flight_mean", "flight_std",    "flight_min",
						    "flight_max",  "flight_median", "flight_q25",
						    "flight_q75",  "flight_range" };
	struct keystroke *k = self;
	struct timed *ev = scratch_fit(&k->window, k->ring.len + 1, sizeof(*ev));
	size_t n = cut_window(k, ev, window_cut_s(now_us, k->params.window_s)), n_presses, m;
	double *v = scratch_fit(&k->values, n + 1, sizeof(*v));

	if (n < EVENTS_MIN)
		return false;
	feature_msg_reset(out);
	out->time_us = now_us;
	m = dwell_times(k, ev, n, v);
	add_spread(k, out, &dwell, v, m);
	order_by_time(ev, scratch_fit(&k->tmp, n, sizeof(*ev)), n);
	m = flight_times(ev, n, v);
	add_spread(k, out, &flight, v, m);
	n_presses = keep_presses(ev, n);
	add_digraphs(k, out, ev, n_presses);
	add_corrections(k, out, ev, n_presses);
	m = intervals(ev, n_presses, v);
	if (m)
		add_rhythm(k, out, v, m);
	else
		add_no_rhythm(out);
	feature_add_bool(out, "dev_mode", k->params.dev_mode);
	feature_add_int(out, "total_keys", (int64_t)(n / 2));
	return true;
}

static uint64_t keystroke_evicted(const void *self)
{
	return ((const struct keystroke *)self)->ring.evicted;
}

const struct extractor_ops keystroke_ops = {
	.type = EVENT_KEYSTROKE,
	.program = "keystroke_extractor",
	.default_max_events = 10000,
	.new = keystroke_new,
	.free = keystroke_free,
	.accept = keystroke_accept,
	.extract = keystroke_extract,
	.evicted = keystroke_evicted,
};
