/*
 * For tests that count how often something happens in simulations of a fixed seed.
 *
 * The seed is fixed, so a test passes or fails for good; the bound says by how much a
 * count may miss what is promised before the code, not the draw, is to blame: 4
 * standard deviations of the binomial, which a right program passes for 30,000 seeds of 30,001.
 */
#ifndef TEST_COVERAGE_H
#define TEST_COVERAGE_H

#include <math.h>

#include "extractors/base/compiler.h"
#include "tests/stats/noise.h"

/* The sanitizers take an order of magnitude: fewer repetitions there. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REPEATS(n) ((n) / 8)
#else
#define REPEATS(n) (n)
#endif

static inline double binomial_sd(double p, int n)
{
	return sqrt(p * (1 - p) * n);
}

static inline void assert_at_least(int count, double p, int n)
{
	if (count < p * n - 4 * binomial_sd(p, n))
		fail_msg("%d of %d, promised %g", count, n, p);
}

static inline void assert_at_most(int count, double p, int n)
{
	if (count > p * n + 4 * binomial_sd(p, n))
		fail_msg("%d of %d, promised at most %g", count, n, p);
}

#endif
