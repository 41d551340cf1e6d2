/*
 * features.md "Keystroke", row by row.
 *
 * What a window, its order and its times are is in window.c; the statistics
 * are in numbers.c.
 */
#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/oracle/names.h"
#include "harness/oracle/numbers.h"
#include "harness/oracle/window.h"

#define EVENTS_MIN	10
#define DWELL_MAX_MS	1000
#define FLIGHT_MAX_MS	2000
#define DIGRAPH_MAX_MS	2000
#define INTERVAL_MAX_MS 5000
#define CHARS_PER_WORD	5

enum { MEAN, STD, MIN, MAX, MEDIAN, Q25, Q75, RANGE, EIGHT };

static const char *const dwell_members[EIGHT] = { "dwell_mean", "dwell_std",	"dwell_min",
						  "dwell_max",	"dwell_median", "dwell_q25",
						  "dwell_q75",	"dwell_range" };
static const char *const flight_members[EIGHT] = { "flight_mean", "flight_std",	   "flight_min",
						   "flight_max",  "flight_median", "flight_q25",
						   "flight_q75",  "flight_range" };
static const char *const digraph_members[] = {
	"digraph_0_mean",  "digraph_1_mean",  "digraph_2_mean",	 "digraph_3_mean",
	"digraph_4_mean",  "digraph_5_mean",  "digraph_6_mean",	 "digraph_7_mean",
	"digraph_8_mean",  "digraph_9_mean",  "digraph_10_mean", "digraph_11_mean",
	"digraph_12_mean", "digraph_13_mean", "digraph_14_mean", "digraph_15_mean",
	"digraph_16_mean", "digraph_17_mean", "digraph_18_mean", "digraph_19_mean",
};
static const char *const no_rhythm_members[] = { "rhythm_0", "rhythm_1", "rhythm_2", "rhythm_3",
						 "rhythm_4", "rhythm_5", "rhythm_6", "rhythm_7" };

static double ms_between(const struct moment *from, const struct moment *to)
{
	return (to->t - from->t) * 1000;
}

static void add_eight(struct feature_msg *out, const char *const members[EIGHT],
		      const struct numbers *s)
{
	if (!s->n)
		return;
	feature_add(out, members[MEAN], numbers_mean(s));
	feature_add(out, members[STD], numbers_std(s));
	feature_add(out, members[MIN], numbers_min(s));
	feature_add(out, members[MAX], numbers_max(s));
	feature_add(out, members[MEDIAN], numbers_quantile(s, 0.5));
	feature_add(out, members[Q25], numbers_quantile(s, 0.25));
	feature_add(out, members[Q75], numbers_quantile(s, 0.75));
	feature_add(out, members[RANGE], numbers_max(s) - numbers_min(s));
}

/* Per key, in order of arrival: the last press not yet released, and its release. */
static void add_dwell(struct feature_msg *out, const struct moments *window)
{
	const struct moment **pressed = mem_calloc(window->n, sizeof(*pressed)); /* by key */
	struct names keys = { 0 };
	struct numbers dwell = { 0 };

	for (size_t i = 0; i < window->n; i++) {
		const struct moment *m = &window->v[i];
		size_t key = names_id(&keys, m->ev->name.p, m->ev->name.len);

		if (m->ev->kind == KIND_PRESS) {
			pressed[key] = m;
		} else if (pressed[key]) {
			double d = ms_between(pressed[key], m);

			if (d > 0 && d < DWELL_MAX_MS)
				numbers_add(&dwell, d);
			pressed[key] = NULL;
		}
	}
	add_eight(out, dwell_members, &dwell);
	numbers_release(&dwell);
	names_release(&keys);
	free(pressed);
}

/* By time: every press after the last release of whatever key. */
static void add_flight(struct feature_msg *out, const struct moments *by_time)
{
	const struct moment *released = NULL;
	struct numbers flight = { 0 };

	for (size_t i = 0; i < by_time->n; i++) {
		const struct moment *m = &by_time->v[i];

		if (m->ev->kind == KIND_RELEASE) {
			released = m;
		} else if (released) {
			double f = ms_between(released, m);

			if (f > 0 && f < FLIGHT_MAX_MS)
				numbers_add(&flight, f);
		}
	}
	add_eight(out, flight_members, &flight);
	numbers_release(&flight);
}

struct digraph {
	size_t id; /* 0 was kept first */
	struct numbers ms;
};

static int by_rank(const void *a, const void *b)
{
	const struct digraph *x = a, *y = b;

	if (x->ms.n != y->ms.n)
		return x->ms.n > y->ms.n ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* The number of the digraph `<key1>_<key2>`: by its text, so a_b+c is a+b_c. */
static size_t digraph_id(struct names *texts, const struct span *key1, const struct span *key2)
{
	char text[2 * EVENT_NAME_MAX + 1];

	memcpy(text, key1->p, key1->len);
	text[key1->len] = '_';
	memcpy(text + key1->len + 1, key2->p, key2->len);
	return names_id(texts, text, key1->len + 1 + key2->len);
}

static void add_digraphs(struct feature_msg *out, const struct moments *presses)
{
	struct digraph *digraphs = mem_calloc(presses->n, sizeof(*digraphs));
	struct names texts = { 0 };

	for (size_t i = 1; i < presses->n; i++) {
		const struct moment *first = &presses->v[i - 1], *second = &presses->v[i];
		double d = ms_between(first, second);
		size_t id;

		if (d <= 0 || d >= DIGRAPH_MAX_MS)
			continue;
		id = digraph_id(&texts, &first->ev->name, &second->ev->name);
		digraphs[id].id = id;
		numbers_add(&digraphs[id].ms, d);
	}
	qsort(digraphs, texts.n, sizeof(*digraphs), by_rank);
	for (size_t i = 0; i < ARRAY_SIZE(digraph_members); i++)
		feature_add(out, digraph_members[i],
			    i < texts.n ? numbers_mean(&digraphs[i].ms) : 0.0);
	for (size_t i = 0; i < texts.n; i++)
		numbers_release(&digraphs[i].ms);
	names_release(&texts);
	free(digraphs);
}

static bool contains(const struct span *s, const char *word)
{
	return memmem(s->p, s->len, word, strlen(word));
}

static void add_corrections(struct feature_msg *out, const struct moments *presses)
{
	double n = (double)presses->n, b = 0;

	for (size_t i = 0; i < presses->n; i++) {
		const struct span *key = &presses->v[i].ev->name;

		b += contains(key, "Backspace") || contains(key, "Delete");
	}
	feature_add(out, "backspace_frequency", b / fmax(n, 1));
	feature_add_int(out, "backspace_count", (int64_t)b);
	feature_add(out, "correction_rate", b / fmax(n - b, 1));
	feature_add(out, "clean_typing_ratio", (n - b) / fmax(n, 1));
}

static void add_rhythm_of(struct feature_msg *out, const struct numbers *intervals)
{
	double mean = numbers_mean(intervals), std = numbers_std(intervals);
	double median = numbers_quantile(intervals, 0.5), n = (double)intervals->n;
	struct numbers bursts = { 0 }, pauses = { 0 };

	for (size_t i = 0; i < intervals->n; i++)
		numbers_add(intervals->v[i] < median ? &bursts : &pauses, intervals->v[i]);
	feature_add(out, "rhythm_consistency", 1 - std / fmax(mean, 1));
	feature_add(out, "burst_frequency", (double)bursts.n / n);
	feature_add(out, "pause_frequency", (double)pauses.n / n);
	feature_add(out, "avg_burst_speed", numbers_mean(&bursts));
	feature_add(out, "avg_pause_duration", numbers_mean(&pauses));
	feature_add(out, "rhythm_variation", std);
	feature_add(out, "typing_speed_wpm", 60000 / fmax(mean, 1) / CHARS_PER_WORD);
	feature_add(out, "rhythm_stability", 1 / (1 + numbers_var(intervals)));
	numbers_release(&bursts);
	numbers_release(&pauses);
}

static void add_rhythm(struct feature_msg *out, const struct moments *presses)
{
	struct numbers intervals = { 0 };

	for (size_t i = 1; i < presses->n; i++) {
		double ms = ms_between(&presses->v[i - 1], &presses->v[i]);

		if (ms > 0 && ms < INTERVAL_MAX_MS)
			numbers_add(&intervals, ms);
	}
	if (intervals.n)
		add_rhythm_of(out, &intervals);
	else
		for (size_t i = 0; i < ARRAY_SIZE(no_rhythm_members); i++)
			feature_add(out, no_rhythm_members[i], 0.0);
	numbers_release(&intervals);
}

bool keystroke_oracle(const struct moments *window, struct feature_msg *out)
{
	struct moments by_time = { 0 }, presses = { 0 };

	if (window->n < EVENTS_MIN)
		return false;
	for (size_t i = 0; i < window->n; i++)
		moments_add(&by_time, &window->v[i]);
	moments_sort(&by_time);
	moments_of_kind(&presses, &by_time, KIND_PRESS);

	add_dwell(out, window);
	add_flight(out, &by_time);
	add_digraphs(out, &presses);
	add_corrections(out, &presses);
	add_rhythm(out, &presses);
	feature_add_int(out, "total_keys", (int64_t)(window->n / 2));
	moments_release(&presses);
	moments_release(&by_time);
	return true;
}
