/* Slopes; see slope.h. */
#include "harness/stats/slope.h"

#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "harness/stats/quantile.h"

static double mean_of(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

/* dx: x without its mean; sxx: the sum of its squares. */
static double slope_of(const double *dx, double sxx, const double *y, size_t n)
{
	double sxy = 0;

	for (size_t i = 0; i < n; i++)
		sxy += dx[i] * y[i];
	return sxy / sxx;
}

/* A series of residuals made of blocks drawn with replacement. */
static void draw_blocks(const double *residual, size_t n, size_t block, struct rng *rng,
			double *out)
{
	for (size_t i = 0; i < n;) {
		size_t from = rng_below(rng, n - block + 1);

		for (size_t k = 0; k < block && i < n; k++)
			out[i++] = residual[from + k];
	}
}

struct estimate stats_estimate_slope(const double *x, const double *y, size_t n, double level,
				     uint64_t seed)
{
	struct estimate est = { .n = n, .value = NAN, .low = NAN, .high = NAN, .level = level };
	double *dx, *residual, *draws, mx, my, sxx = 0;
	size_t block = (size_t)ceil(2 * cbrt((double)n));
	struct rng rng;

	if (n < STATS_SLOPE_MIN) {
		est.n = 0;
		return est;
	}
	dx = mem_calloc(2 * n, sizeof(*dx));
	residual = mem_calloc(n, sizeof(*residual));
	draws = mem_calloc(STATS_RESAMPLES, sizeof(*draws));
	mx = mean_of(x, n);
	my = mean_of(y, n);
	for (size_t i = 0; i < n; i++) {
		dx[i] = x[i] - mx;
		sxx += dx[i] * dx[i];
	}
	est.value = slope_of(dx, sxx, y, n);
	for (size_t i = 0; i < n; i++)
		residual[i] = y[i] - my - est.value * dx[i];
	rng_init(&rng, seed, 0);
	for (size_t r = 0; r < STATS_RESAMPLES; r++) {
		draw_blocks(residual, n, block, &rng, dx + n);
		draws[r] = est.value + slope_of(dx, sxx, dx + n, n);
	}
	stats_sort(draws, STATS_RESAMPLES);
	est.low = stats_quantile_sorted(draws, STATS_RESAMPLES, (1 - level) / 2);
	est.high = stats_quantile_sorted(draws, STATS_RESAMPLES, (1 + level) / 2);
	est.method = STATS_BOOTSTRAP;
	free(dx);
	free(residual);
	free(draws);
	if (!(sxx > 0))
		est = (struct estimate){ .value = NAN, .low = NAN, .high = NAN, .level = level };
	return est;
}
