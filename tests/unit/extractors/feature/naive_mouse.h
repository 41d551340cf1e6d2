/*
 * Mouse features as spec/features.md reads, word by word: what the fast
 * implementation is compared with.
 */
#ifndef NAIVE_MOUSE_H
#define NAIVE_MOUSE_H

#include <stdlib.h>

#include "tests/unit/extractors/feature/feature_tests.h"

#define NAIVE_MAX 4000

static inline int naive_ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static inline double naive_mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return n ? sum / (double)n : 0;
}

static inline double naive_std(const double *v, size_t n)
{
	double mean = naive_mean(v, n), sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return n ? sqrt(sum / (double)n) : 0;
}

static inline double naive_median(const double *v, size_t n)
{
	static double s[NAIVE_MAX];

	memcpy(s, v, n * sizeof(*v));
	qsort(s, n, sizeof(*s), naive_ascending);
	return n ? (s[(n - 1) / 2] + s[n / 2]) / 2 : 0;
}

static inline double naive_max(const double *v, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)
		max = fmax(max, v[i]);
	return max;
}

/* Those of v within the limit; magnitudes in abs. */
static inline size_t naive_within(const double *v, size_t n, double limit, double *kept,
				  double *abs)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		if (fabs(v[i]) < limit) {
			abs[m] = fabs(v[i]);
			kept[m++] = v[i];
		}
	return m;
}

static inline void naive_add(struct feature_msg *out, const char *const *names, const double *v,
			     size_t n)
{
	for (size_t i = 0; i < n; i++)
		feature_add(out, names[i], v[i]);
}

static inline void naive_moves(struct feature_msg *out, const struct event *ev, size_t n,
			       double window_s)
{
	static const char *const names[20] = {
		"move_0",  "move_1",  "move_2",	 "move_3",  "move_4",  "move_5",  "move_6",
		"move_7",  "move_8",  "move_9",	 "move_10", "move_11", "move_12", "move_13",
		"move_14", "move_15", "move_16", "move_17", "move_18", "move_19",
	};
	static double dt[NAIVE_MAX], v[NAIVE_MAX], a[NAIVE_MAX], j[NAIVE_MAX], angle[NAIVE_MAX],
		turn[NAIVE_MAX], kept[NAIVE_MAX], abs[NAIVE_MAX];
	double f[20] = { 0 }, path = 0, straight, slow = 0;
	size_t m;

	if (n <= 2) {
		naive_add(out, names, f, 20);
		return;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		double dx = ev[i + 1].x - ev[i].x, dy = ev[i + 1].y - ev[i].y;

		dt[i] = fmax((double)ev[i + 1].ts_us / 1e6 - (double)ev[i].ts_us / 1e6, 0.001);
		v[i] = sqrt(dx * dx + dy * dy) / dt[i];
		path += sqrt(dx * dx + dy * dy);
		slow += dt[i] > 0.1;
		angle[i] = atan2(dy, dx);
	}
	for (size_t i = 0; i + 2 < n; i++) {
		a[i] = (v[i + 1] - v[i]) / dt[i];
		turn[i] = fabs(angle[i + 1] - angle[i]);
	}
	for (size_t i = 0; i + 3 < n; i++)
		j[i] = (a[i + 1] - a[i]) / dt[i];
	straight = sqrt((ev[n - 1].x - ev[0].x) * (ev[n - 1].x - ev[0].x) +
			(ev[n - 1].y - ev[0].y) * (ev[n - 1].y - ev[0].y));

	m = naive_within(v, n - 1, 10000, kept, abs);
	f[0] = naive_mean(kept, m);
	f[1] = naive_std(kept, m);
	f[2] = naive_max(kept, m);
	f[3] = naive_median(kept, m);
	m = naive_within(a, n - 2, 100000, kept, abs);
	f[4] = naive_mean(abs, m);
	f[5] = naive_std(kept, m);
	f[6] = naive_max(abs, m);
	f[7] = 1 - straight / fmax(path, 1);
	f[8] = naive_mean(turn, n - 2);
	f[9] = naive_std(turn, n - 2);
	m = naive_within(j, n - 3, 1000000, kept, abs);
	f[10] = naive_mean(abs, m);
	f[11] = naive_std(kept, m);
	f[12] = path;
	f[13] = straight;
	f[14] = path / (double)n;
	f[15] = slow / (double)(n - 1);
	f[16] = naive_mean(dt, n - 1);
	f[17] = naive_std(dt, n - 1);
	f[18] = straight / fmax(path, 1);
	f[19] = (double)n / window_s;
	naive_add(out, names, f, 20);
}

/* Like is like: null is a button of its own. */
static inline bool naive_same_button(const struct event *a, const struct event *b)
{
	return a->has_name == b->has_name && (!a->has_name || !strcmp(a->name.p, b->name.p));
}

static inline size_t naive_durations(const struct event *ev, size_t n, double *out)
{
	size_t m = 0;

	for (size_t r = 0; r < n; r++) {
		const struct event *press = NULL;
		bool first = true;
		double d;

		if (ev[r].kind != KIND_RELEASE)
			continue;
		for (size_t i = 0; i < n; i++) {
			if (!naive_same_button(&ev[i], &ev[r]))
				continue;
			if (ev[i].kind == KIND_PRESS)
				press = &ev[i];
			else if (i < r)
				first = false;
		}
		if (!press || !first)
			continue;
		d = ((double)ev[r].ts_us / 1e6 - (double)press->ts_us / 1e6) * 1000;
		if (d > 0 && d < 5000)
			out[m++] = d;
	}
	return m;
}

static inline void naive_clicks(struct feature_msg *out, const struct event *ev, size_t n,
				double window_s)
{
	static const char *const names[10] = { "click_0", "click_1", "click_2", "click_3",
					       "click_4", "click_5", "click_6", "click_7",
					       "click_8", "click_9" };
	static double d[NAIVE_MAX], t[NAIVE_MAX];
	double zeros[10] = { 0 }, of[3] = { 0 };
	size_t presses = 0, doubles = 0, m;

	if (!n) {
		naive_add(out, names, zeros, 10);
		return;
	}
	m = naive_durations(ev, n, d);
	for (size_t i = 0; i < n; i++) {
		if (ev[i].kind != KIND_PRESS)
			continue;
		t[presses++] = (double)ev[i].ts_us / 1e6;
		of[0] += ev[i].has_name && !strcmp(ev[i].name.p, "Left");
		of[1] += ev[i].has_name && !strcmp(ev[i].name.p, "Right");
		of[2] += ev[i].has_name && !strcmp(ev[i].name.p, "Middle");
	}
	qsort(t, presses, sizeof(*t), naive_ascending);
	for (size_t i = 1; i < presses; i++)
		doubles += t[i] - t[i - 1] < 0.5;
	feature_add(out, names[0], naive_mean(d, m));
	feature_add(out, names[1], naive_std(d, m));
	for (int i = 0; i < 3; i++)
		feature_add_int(out, names[2 + i], (int64_t)of[i]);
	feature_add(out, names[5], of[0] / fmax(of[0] + of[1] + of[2], 1));
	feature_add_int(out, names[6], (int64_t)doubles);
	feature_add(out, names[7], (double)doubles / fmax((double)presses, 1));
	feature_add(out, names[8], (double)presses / window_s);
	feature_add(out, names[9], naive_median(d, m));
}

static inline void naive_scrolls(struct feature_msg *out, const struct event *ev, size_t n,
				 double window_s)
{
	static const char *const names[8] = { "scroll_0", "scroll_1", "scroll_2", "scroll_3",
					      "scroll_4", "scroll_5", "scroll_6", "scroll_7" };
	static double delta[NAIVE_MAX], abs[NAIVE_MAX], gap[NAIVE_MAX];
	double zeros[8] = { 0 };
	size_t m = 0, up = 0, down = 0;

	for (size_t i = 0; i < n; i++) {
		if (!ev[i].has_scroll)
			continue;
		delta[m] = ev[i].scroll_delta;
		abs[m] = fabs(delta[m]);
		up += delta[m] > 0;
		down += delta[m] < 0;
		m++;
	}
	if (!m) {
		naive_add(out, names, zeros, 8);
		return;
	}
	for (size_t i = 0; i + 1 < n; i++)
		gap[i] = (double)ev[i + 1].ts_us / 1e6 - (double)ev[i].ts_us / 1e6;
	feature_add(out, names[0], naive_mean(abs, m));
	feature_add(out, names[1], naive_std(delta, m));
	feature_add_int(out, names[2], (int64_t)up);
	feature_add_int(out, names[3], (int64_t)down);
	feature_add(out, names[4], (double)up / (double)m);
	feature_add(out, names[5], (double)n / window_s);
	feature_add(out, names[6], naive_mean(gap, n - 1));
	feature_add(out, names[7], naive_std(gap, n - 1));
}

/* The last `max` of all[n_all], cut at now. */
static inline bool naive_mouse(const struct event *all, size_t n_all, size_t max, double window_s,
			       int64_t now_us, struct feature_msg *out)
{
	static struct event moves[NAIVE_MAX], clicks[NAIVE_MAX], scrolls[NAIVE_MAX];
	size_t n = 0, n_moves = 0, n_clicks = 0, n_scrolls = 0;

	for (size_t i = n_all > max ? n_all - max : 0; i < n_all; i++) {
		const struct event *e = &all[i];

		if (!((double)e->ts_us / 1e6 > (double)now_us / 1e6 - window_s))
			continue;
		n++;
		if (e->kind == KIND_MOVE && e->has_x)
			moves[n_moves++] = *e;
		if (e->kind == KIND_PRESS || e->kind == KIND_RELEASE)
			clicks[n_clicks++] = *e;
		if (e->kind == KIND_SCROLL)
			scrolls[n_scrolls++] = *e;
	}
	if (n < 50)
		return false;
	feature_msg_reset(out);
	naive_moves(out, moves, n_moves, window_s);
	naive_clicks(out, clicks, n_clicks, window_s);
	naive_scrolls(out, scrolls, n_scrolls, window_s);
	feature_add_bool(out, "dev_mode", false);
	return true;
}

#endif
