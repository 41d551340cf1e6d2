/*
 * Order statistics of Walsh averages; see walsh.h.
 *
 * Row i holds the averages of v[i] with v[i], v[i + 1], ...; of each row the
 * part [from, to) that can still hold the answer is kept.  A round draws a pivot
 * among what is left and cuts every row at it: rows and columns ascend, so one walk
 * down the rows and to the left does it.  Which pivot is drawn changes only how long it takes.
 */
#include "harness/stats/walsh.h"

#include <stdbool.h>
#include <stdlib.h>

#include "extractors/base/compiler.h"
#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "harness/stats/quantile.h"

/* So few are cheaper gathered and selected from than cut once more. */
#define GATHER 256

struct walsh {
	size_t n_max;
	size_t *from, *to, *below, *not_above; /* [n_max] */
	double *room;			       /* [GATHER + n_max] */
	struct rng rng;
};

struct walsh *walsh_new(size_t n_max)
{
	struct walsh *w = mem_calloc(1, sizeof(*w));

	w->n_max = n_max;
	w->from = mem_calloc(4 * n_max, sizeof(*w->from));
	w->to = w->from + n_max;
	w->below = w->to + n_max;
	w->not_above = w->below + n_max;
	w->room = mem_calloc(GATHER + n_max, sizeof(*w->room));
	rng_init(&w->rng, 1, 0);
	return w;
}

void walsh_free(struct walsh *w)
{
	if (!w)
		return;
	free(w->from);
	free(w->room);
	free(w);
}

static double average(const double *v, size_t i, size_t j)
{
	return (v[i] + v[j]) / 2;
}

/* The at-th of the averages that are left. */
static double pick(const struct walsh *w, const double *v, size_t at)
{
	size_t i = 0;

	for (; at >= w->to[i] - w->from[i]; i++)
		at -= w->to[i] - w->from[i];
	return average(v, i, w->from[i] + at);
}

static size_t within(size_t x, size_t low, size_t high)
{
	return x < low ? low : x > high ? high : x;
}

/*
 * Where each row meets the pivot: of the part that is left, below[i] is the first
 * not below it, not_above[i] the first above it.
 */
static void cut_rows(struct walsh *w, const double *v, size_t n, double pivot)
{
	size_t low = n, high = n;

	for (size_t i = 0; i < n; i++) {
		while (low > i && average(v, i, low - 1) >= pivot)
			low--;
		while (high > i && average(v, i, high - 1) > pivot)
			high--;
		w->below[i] = within(low, w->from[i], w->to[i]);
		w->not_above[i] = within(high, w->from[i], w->to[i]);
	}
}

static size_t count(const size_t *from, const size_t *to, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += to[i] - from[i];
	return sum;
}

static size_t gather(struct walsh *w, const double *v, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = w->from[i]; j < w->to[i]; j++)
			w->room[m++] = average(v, i, j);
	return m;
}

static void keep_all(struct walsh *w, size_t n)
{
	BUG_ON(n > w->n_max);
	for (size_t i = 0; i < n; i++) {
		w->from[i] = i;
		w->to[i] = n;
	}
}

static bool few(const struct walsh *w, size_t left)
{
	return left <= GATHER + w->n_max;
}

double walsh_select(struct walsh *w, const double *v, size_t n, size_t k)
{
	size_t left = walsh_count(n);

	keep_all(w, n);
	while (!few(w, left)) {
		double pivot = pick(w, v, (size_t)rng_below(&w->rng, left));
		size_t below, not_above;

		cut_rows(w, v, n, pivot);
		below = count(w->from, w->below, n);
		not_above = count(w->from, w->not_above, n);
		if (k >= below && k < not_above)
			return pivot;
		for (size_t i = 0; i < n; i++) {
			if (k < below)
				w->to[i] = w->below[i];
			else
				w->from[i] = w->not_above[i];
		}
		k -= k < below ? 0 : not_above;
		left = count(w->from, w->to, n);
	}
	return stats_select(w->room, gather(w, v, n), k);
}

double walsh_median(struct walsh *w, const double *v, size_t n)
{
	size_t m = walsh_count(n);
	double upper;

	if (few(w, m)) {
		keep_all(w, n);
		return stats_median(w->room, gather(w, v, n));
	}
	upper = walsh_select(w, v, n, m / 2);
	if (m % 2)
		return upper;
	return (walsh_select(w, v, n, m / 2 - 1) + upper) / 2;
}
