/*
 * Keystroke features as spec/features.md reads, word by word, with texts, lists and
 * sorting: what the fast implementation is compared with.
 */
#ifndef NAIVE_KEYSTROKE_H
#define NAIVE_KEYSTROKE_H

#include <stdlib.h>

#include "tests/unit/extractors/feature/feature_tests.h"

#define NAIVE_MAX 2000

struct naive_event {
	double t;
	const char *key;
	bool press;
	size_t arrival;
};

static inline int naive_by_time(const void *a, const void *b)
{
	const struct naive_event *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return x->arrival < y->arrival ? -1 : x->arrival > y->arrival;
}

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

static inline double naive_var(const double *v, size_t n)
{
	double mean = naive_mean(v, n), sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return n ? sum / (double)n : 0;
}

/* Sorts v. */
static inline double naive_quantile(double *v, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	qsort(v, n, sizeof(*v), naive_ascending);
	return i + 1 < n ? v[i] + (v[i + 1] - v[i]) * (at - (double)i) : v[i];
}

static inline size_t naive_dwell(const struct naive_event *ev, size_t n, double *out)
{
	size_t m = 0;

	for (size_t r = 0; r < n; r++) {
		size_t p = r;

		if (ev[r].press)
			continue;
		/* the nearest earlier event of the key: a press not yet used, or nothing */
		while (p && strcmp(ev[--p].key, ev[r].key))
			if (p == 0)
				break;
		if (p < r && !strcmp(ev[p].key, ev[r].key) && ev[p].press) {
			double d = (ev[r].t - ev[p].t) * 1000;

			if (d > 0 && d < 1000)
				out[m++] = d;
		}
	}
	return m;
}

static inline size_t naive_flight(const struct naive_event *ev, size_t n, double *out)
{
	const struct naive_event *release = NULL;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (ev[i].press && release) {
			double f = (ev[i].t - release->t) * 1000;

			if (f > 0 && f < 2000)
				out[m++] = f;
		}
		if (!ev[i].press)
			release = &ev[i];
	}
	return m;
}

static inline void naive_spread(struct feature_msg *out, const char *const names[8], double *v,
				size_t n)
{
	if (!n)
		return;
	feature_add(out, names[0], naive_mean(v, n));
	feature_add(out, names[1], sqrt(naive_var(v, n)));
	feature_add(out, names[2], naive_quantile(v, n, 0));
	feature_add(out, names[3], naive_quantile(v, n, 1));
	feature_add(out, names[4], naive_quantile(v, n, 0.5));
	feature_add(out, names[5], naive_quantile(v, n, 0.25));
	feature_add(out, names[6], naive_quantile(v, n, 0.75));
	feature_add(out, names[7], v[n - 1] - v[0]);
}

static inline void naive_digraphs(struct feature_msg *out, const struct naive_event *press,
				  size_t n)
{
	static const char *const names[20] = {
		"digraph_0_mean",  "digraph_1_mean",  "digraph_2_mean",	 "digraph_3_mean",
		"digraph_4_mean",  "digraph_5_mean",  "digraph_6_mean",	 "digraph_7_mean",
		"digraph_8_mean",  "digraph_9_mean",  "digraph_10_mean", "digraph_11_mean",
		"digraph_12_mean", "digraph_13_mean", "digraph_14_mean", "digraph_15_mean",
		"digraph_16_mean", "digraph_17_mean", "digraph_18_mean", "digraph_19_mean",
	};
	static char texts[NAIVE_MAX][204];
	static double sum[NAIVE_MAX];
	static size_t count[NAIVE_MAX];
	size_t n_texts = 0;

	for (size_t i = 1; i < n; i++) {
		double d = (press[i].t - press[i - 1].t) * 1000;
		size_t k = 0;

		if (!(d > 0 && d < 2000))
			continue;
		snprintf(texts[n_texts], sizeof(texts[0]), "%s_%s", press[i - 1].key, press[i].key);
		while (strcmp(texts[k], texts[n_texts]))
			k++;
		if (k == n_texts) {
			sum[k] = 0;
			count[k] = 0;
			n_texts++;
		}
		sum[k] += d;
		count[k]++;
	}
	for (size_t rank = 0; rank < 20; rank++) {
		size_t best = n_texts;

		for (size_t k = 0; k < n_texts; k++)
			if (count[k] && (best == n_texts || count[k] > count[best]))
				best = k;
		feature_add(out, names[rank], best < n_texts ? sum[best] / (double)count[best] : 0);
		if (best < n_texts)
			count[best] = 0;
	}
}

static inline void naive_rhythm(struct feature_msg *out, double *v, size_t n)
{
	static const char *const zeros[] = { "rhythm_0", "rhythm_1", "rhythm_2", "rhythm_3",
					     "rhythm_4", "rhythm_5", "rhythm_6", "rhythm_7" };
	double mean = naive_mean(v, n), std = sqrt(naive_var(v, n)), m;
	size_t b = 0;

	if (!n) {
		for (int i = 0; i < 8; i++)
			feature_add(out, zeros[i], 0);
		return;
	}
	m = naive_quantile(v, n, 0.5);
	while (b < n && v[b] < m) /* sorted by now */
		b++;
	feature_add(out, "rhythm_consistency", 1 - std / fmax(mean, 1));
	feature_add(out, "burst_frequency", (double)b / (double)n);
	feature_add(out, "pause_frequency", (double)(n - b) / (double)n);
	feature_add(out, "avg_burst_speed", naive_mean(v, b));
	feature_add(out, "avg_pause_duration", naive_mean(v + b, n - b));
	feature_add(out, "rhythm_variation", std);
	feature_add(out, "typing_speed_wpm", 60000 / fmax(mean, 1) / 5);
	feature_add(out, "rhythm_stability", 1 / (1 + naive_var(v, n)));
}

static inline void naive_presses(struct feature_msg *out, struct naive_event *ev, size_t n)
{
	static double v[NAIVE_MAX];
	size_t presses = 0, kept = 0;
	double p, b = 0;

	for (size_t i = 0; i < n; i++)
		if (ev[i].press)
			ev[presses++] = ev[i];
	naive_digraphs(out, ev, presses);
	for (size_t i = 0; i < presses; i++)
		b += strstr(ev[i].key, "Backspace") || strstr(ev[i].key, "Delete");
	p = (double)presses;
	feature_add(out, "backspace_frequency", b / fmax(p, 1));
	feature_add_int(out, "backspace_count", (int64_t)b);
	feature_add(out, "correction_rate", b / fmax(p - b, 1));
	feature_add(out, "clean_typing_ratio", (p - b) / fmax(p, 1));
	for (size_t i = 1; i < presses; i++) {
		double d = (ev[i].t - ev[i - 1].t) * 1000;

		if (d > 0 && d < 5000)
			v[kept++] = d;
	}
	naive_rhythm(out, v, kept);
}

/* The last `max` of all[n_all], cut at now. */
static inline bool naive_keystroke(const struct event *all, size_t n_all, size_t max,
				   double window_s, int64_t now_us, struct feature_msg *out)
{
	static const char *const dwell[] = {
		"dwell_mean",	"dwell_std", "dwell_min", "dwell_max",
		"dwell_median", "dwell_q25", "dwell_q75", "dwell_range"
	};
	static const char *const flight[] = { "flight_mean", "flight_std",    "flight_min",
					      "flight_max",  "flight_median", "flight_q25",
					      "flight_q75",  "flight_range" };
	static struct naive_event ev[NAIVE_MAX];
	static double v[NAIVE_MAX];
	size_t n = 0;

	for (size_t i = n_all > max ? n_all - max : 0; i < n_all; i++)
		if ((double)all[i].ts_us / 1e6 > (double)now_us / 1e6 - window_s) {
			ev[n] = (struct naive_event){ (double)all[i].ts_us / 1e6, all[i].name.p,
						      all[i].kind == KIND_PRESS, n };
			n++;
		}
	if (n < 10)
		return false;
	feature_msg_reset(out);
	naive_spread(out, dwell, v, naive_dwell(ev, n, v));
	qsort(ev, n, sizeof(*ev), naive_by_time);
	naive_spread(out, flight, v, naive_flight(ev, n, v));
	naive_presses(out, ev, n);
	feature_add_bool(out, "dev_mode", false);
	feature_add_int(out, "total_keys", (int64_t)(n / 2));
	return true;
}

#endif
