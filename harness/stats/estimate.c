/* Medians, Hodges-Lehmann and their intervals; see estimate.h. */
#include "harness/stats/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/compiler.h"
#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "harness/stats/quantile.h"
#include "harness/stats/signed_rank.h"
#include "harness/stats/walsh.h"

const char *const stats_method_names[STATS_METHODS] = {
	[STATS_NONE] = "none",
	[STATS_RANGE] = "range",
	[STATS_EXACT] = "exact signed rank",
	[STATS_BOOTSTRAP] = "bootstrap (exact at least)",
	[STATS_GROWTHS] = "bootstrap of growths",
	[STATS_RANK_SUM] = "exact rank sum (Welch's t at least)",
	[STATS_WELCH] = "Welch's t (range at least)",
	[STATS_BOTH_INTERVALS] = "both intervals",
};

struct interval {
	double low, high;
};

/* A statistic, and the exact interval that leaves `tail` out at each end; v[n] ascends. */
struct statistic {
	double (*value)(struct walsh *w, const double *v, size_t n);
	struct interval (*exact)(struct walsh *w, const double *v, size_t n, double tail);
};

static double median_of(struct walsh *w UNUSED, const double *v, size_t n)
{
	return stats_quantile_sorted(v, n, 0.5);
}

static struct interval median_exact(struct walsh *w UNUSED, const double *v, size_t n, double tail)
{
	size_t cut = sign_cut(n, tail);

	return (struct interval){ v[cut - 1], v[n - cut] };
}

static struct interval hl_exact(struct walsh *w, const double *v, size_t n, double tail)
{
	size_t cut = signed_rank_cut(n, tail);

	return (struct interval){ walsh_select(w, v, n, cut - 1),
				  walsh_select(w, v, n, walsh_count(n) - cut) };
}

static const struct statistic statistic_median = { median_of, median_exact },
			      statistic_hl = { walsh_median, hl_exact };

/* How often the range of n values holds the median they were drawn around. */
static double range_level(size_t n)
{
	return 1 - pow(2, 1 - (double)n);
}

/* The ascending sample in which v[i] stands times[i] times; from the far end if `mirrored`. */
static void spell(double *sample, const double *v, const unsigned int *times, size_t n,
		  bool mirrored)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		for (unsigned int k = times[mirrored ? n - 1 - i : i]; k > 0; k--)
			sample[m++] = v[i];
}

/*
 * draws[STATS_RESAMPLES], ascending.  Each resample is used twice, the second time
 * counted from the other end of the sample: so -v has exactly the draws of v negated.
 */
static void bootstrap(double *draws, const struct statistic *f, struct walsh *w, const double *v,
		      size_t n, uint64_t seed)
{
	double *sample = mem_calloc(n, sizeof(*sample));
	unsigned int *times = mem_calloc(n, sizeof(*times));
	struct rng rng;

	rng_init(&rng, seed, 0);
	for (size_t r = 0; r < STATS_RESAMPLES; r += 2) {
		memset(times, 0, n * sizeof(*times));
		for (size_t i = 0; i < n; i++)
			times[rng_below(&rng, n)]++;
		spell(sample, v, times, n, false);
		draws[r] = f->value(w, sample, n);
		spell(sample, v, times, n, true);
		draws[r + 1] = f->value(w, sample, n);
	}
	stats_sort(draws, STATS_RESAMPLES);
	free(times);
	free(sample);
}

static void exact_interval(struct estimate *est, const struct statistic *f, struct walsh *w,
			   const double *v)
{
	struct interval exact = { v[0], v[est->n - 1] };

	if (est->level < 1 && est->level <= range_level(est->n)) {
		exact = f->exact(w, v, est->n, (1 - est->level) / 2);
		est->method = STATS_EXACT;
	} else {
		est->level = range_level(est->n);
		est->method = STATS_RANGE;
	}
	est->low = exact.low;
	est->high = exact.high;
}

static void widen(struct estimate *est, const struct statistic *f, struct walsh *w, const double *v,
		  uint64_t seed)
{
	double draws[STATS_RESAMPLES], tail = (1 - est->level) / 2;

	bootstrap(draws, f, w, v, est->n, seed);
	est->se =
		stats_spread(draws, STATS_RESAMPLES) * sqrt((double)est->n / (double)(est->n - 1));
	if (est->method != STATS_EXACT)
		return;
	est->low = fmin(est->low, stats_quantile_sorted(draws, STATS_RESAMPLES, tail));
	est->high = fmax(est->high, stats_quantile_sorted(draws, STATS_RESAMPLES, 1 - tail));
	est->method = STATS_BOOTSTRAP;
}

/* seed: NULL for no bootstrap. */
static struct estimate estimate(const double *values, size_t n, double level, const uint64_t *seed,
				const struct statistic *f)
{
	struct estimate est = {
		.n = n, .value = NAN, .low = NAN, .high = NAN, .se = NAN, .level = level
	};
	double *v;
	struct walsh *w;

	if (n == 0)
		return est;
	v = mem_calloc(n, sizeof(*v));
	memcpy(v, values, n * sizeof(*v));
	stats_sort(v, n);
	w = walsh_new(n);
	est.value = f->value(w, v, n);
	if (n >= 2)
		exact_interval(&est, f, w, v);
	if (n >= 2 && seed)
		widen(&est, f, w, v, *seed);
	walsh_free(w);
	free(v);
	return est;
}

struct estimate stats_estimate_median(const double *v, size_t n, double level, uint64_t seed)
{
	return estimate(v, n, level, &seed, &statistic_median);
}

struct estimate stats_estimate_hl(const double *d, size_t n, double level, uint64_t seed)
{
	return estimate(d, n, level, &seed, &statistic_hl);
}

struct estimate stats_exact_hl(const double *d, size_t n, double level)
{
	return estimate(d, n, level, NULL, &statistic_hl);
}

struct estimate stats_exponential(struct estimate est)
{
	est.value = exp(est.value);
	est.low = exp(est.low);
	est.high = exp(est.high);
	return est;
}

struct estimate stats_estimate_ratio(const double *a, const double *b, size_t n, double level,
				     uint64_t seed)
{
	double *d = mem_calloc(n, sizeof(*d));
	struct estimate est;

	for (size_t i = 0; i < n; i++)
		d[i] = log(b[i] / a[i]);
	est = stats_exponential(stats_estimate_hl(d, n, level, seed));
	free(d);
	return est;
}
