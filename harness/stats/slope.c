/* Slopes of series; see slope.h. */
#include "harness/stats/slope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "harness/stats/quantile.h"

struct point {
	double x, y;
};

/*
 * The medians of m stretches of neighbours, equally many points each but for one more or
 * less; with m = n the points themselves.  The caller frees.
 */
static struct point *thin(const double *x, const double *y, size_t n, size_t m)
{
	struct point *p = mem_calloc(m, sizeof(*p));
	double *room = mem_calloc(n / m + 1, sizeof(*room));

	for (size_t i = 0; i < m; i++) {
		size_t from = i * n / m, count = (i + 1) * n / m - from;

		memcpy(room, x + from, count * sizeof(*room));
		p[i].x = stats_median(room, count);
		memcpy(room, y + from, count * sizeof(*room));
		p[i].y = stats_median(room, count);
	}
	free(room);
	return p;
}

static double theil_sen(const struct point *p, size_t n)
{
	double *slopes = mem_calloc(n * (n - 1) / 2, sizeof(*slopes)), median = NAN;
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (p[j].x > p[i].x)
				slopes[m++] = (p[j].y - p[i].y) / (p[j].x - p[i].x);
	if (m)
		median = stats_median(slopes, m);
	free(slopes);
	return median;
}

/* Growth by time over as many growths as there are, drawn with replacement; p[growths + 1]. */
static double draw_slope(const struct point *p, size_t growths, struct rng *rng)
{
	struct point sum = { 0, 0 };

	for (size_t i = 0; i < growths; i++) {
		size_t k = (size_t)rng_below(rng, growths);

		sum.x += p[k + 1].x - p[k].x;
		sum.y += p[k + 1].y - p[k].y;
	}
	return sum.y / sum.x;
}

static void add_interval(struct estimate *est, const struct point *p, size_t growths, uint64_t seed)
{
	double draws[STATS_RESAMPLES], tail = (1 - est->level) / 2;
	struct rng rng;

	rng_init(&rng, seed, 0);
	for (size_t r = 0; r < STATS_RESAMPLES; r++)
		draws[r] = draw_slope(p, growths, &rng);
	stats_sort(draws, STATS_RESAMPLES);
	est->low = fmin(est->value, stats_quantile_sorted(draws, STATS_RESAMPLES, tail));
	est->high = fmax(est->value, stats_quantile_sorted(draws, STATS_RESAMPLES, 1 - tail));
	est->se = stats_spread(draws, STATS_RESAMPLES);
	est->method = STATS_GROWTHS;
}

/* The medians at the ends of n stretches, each of the quarter at its beginning; the last at the end. */
static struct point *ends(const double *x, const double *y, size_t n, size_t stretches)
{
	struct point *p = thin(x, y, n, 4 * stretches);

	for (size_t i = 1; i < stretches; i++)
		p[i] = p[4 * i];
	p[stretches] = p[4 * stretches - 1];
	return p;
}

/* Every end must be later than the one before, or growth by time is not defined. */
static bool ascends(const struct point *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (!(p[i + 1].x > p[i].x))
			return false;
	return true;
}

struct estimate stats_estimate_slope(const double *x, const double *y, size_t n, double level,
				     uint64_t seed)
{
	struct estimate est = {
		.n = n, .value = NAN, .low = NAN, .high = NAN, .se = NAN, .level = level
	};
	size_t points = n < SLOPE_POINTS_MAX ? n : SLOPE_POINTS_MAX;
	size_t stretches = n / 8 < SLOPE_STRETCHES ? n / 8 : SLOPE_STRETCHES;
	struct point *p;

	if (n < 2)
		return est;
	p = thin(x, y, n, points);
	est.value = theil_sen(p, points);
	free(p);
	if (stretches < SLOPE_STRETCHES_MIN)
		return est;
	p = ends(x, y, n, stretches);
	if (ascends(p, stretches + 1))
		add_interval(&est, p, stretches, seed);
	free(p);
	return est;
}
