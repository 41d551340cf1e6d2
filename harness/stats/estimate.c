/* Medians, Hodges-Lehmann and the bootstrap; see estimate.h. */
#include "harness/stats/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "harness/stats/quantile.h"

const char *const stats_method_names[STATS_METHODS] = { "none", "range", "percentile bootstrap" };

/* A statistic of v[n]; `room` holds at least n * (n + 1) / 2 values and may be used. */
typedef double (*statistic_fn)(const double *v, size_t n, double *room);

static double median_of(const double *v, size_t n, double *room)
{
	memcpy(room, v, n * sizeof(*v));
	return stats_median(room, n);
}

/* The median of the n (n + 1) / 2 averages of pairs, each value with itself included. */
static double hodges_lehmann_of(const double *v, size_t n, double *room)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++)
			room[k++] = (v[i] + v[j]) / 2;
	return stats_median(room, k);
}

/* How often the range of n values holds the median they were drawn around. */
static double range_level(size_t n)
{
	return 1 - pow(2, 1 - (double)n);
}

static void range_interval(struct estimate *est, const double *v, size_t n)
{
	est->low = est->high = v[0];
	for (size_t i = 1; i < n; i++) {
		est->low = fmin(est->low, v[i]);
		est->high = fmax(est->high, v[i]);
	}
	est->level = range_level(n);
	est->method = STATS_RANGE;
}

static void bootstrap_interval(struct estimate *est, const double *v, size_t n, statistic_fn f,
			       double *room, uint64_t seed)
{
	double *draws = mem_calloc(STATS_RESAMPLES, sizeof(*draws));
	double *sample = mem_calloc(n, sizeof(*sample));
	struct rng rng;

	rng_init(&rng, seed, 0);
	for (size_t r = 0; r < STATS_RESAMPLES; r++) {
		for (size_t i = 0; i < n; i++)
			sample[i] = v[rng_below(&rng, n)];
		draws[r] = f(sample, n, room);
	}
	stats_sort(draws, STATS_RESAMPLES);
	est->low = stats_quantile_sorted(draws, STATS_RESAMPLES, (1 - est->level) / 2);
	est->high = stats_quantile_sorted(draws, STATS_RESAMPLES, (1 + est->level) / 2);
	est->method = STATS_BOOTSTRAP;
	free(sample);
	free(draws);
}

static struct estimate estimate(const double *v, size_t n, double level, uint64_t seed,
				statistic_fn f)
{
	struct estimate est = { .n = n, .value = NAN, .low = NAN, .high = NAN, .level = level };
	double *room;

	if (n == 0)
		return est;
	room = mem_calloc(n * (n + 1) / 2, sizeof(*room));
	est.value = f(v, n, room);
	if (n >= 2 && range_level(n) >= level)
		bootstrap_interval(&est, v, n, f, room, seed);
	else if (n >= 2)
		range_interval(&est, v, n);
	free(room);
	return est;
}

struct estimate stats_estimate_median(const double *v, size_t n, double level, uint64_t seed)
{
	return estimate(v, n, level, seed, median_of);
}

struct estimate stats_estimate_hl(const double *d, size_t n, double level, uint64_t seed)
{
	return estimate(d, n, level, seed, hodges_lehmann_of);
}

struct estimate stats_estimate_ratio(const double *a, const double *b, size_t n, double level,
				     uint64_t seed)
{
	double *d = mem_calloc(n, sizeof(*d));
	struct estimate est;

	for (size_t i = 0; i < n; i++)
		d[i] = log(b[i] / a[i]);
	est = stats_estimate_hl(d, n, level, seed);
	est.value = exp(est.value);
	est.low = exp(est.low);
	est.high = exp(est.high);
	free(d);
	return est;
}
