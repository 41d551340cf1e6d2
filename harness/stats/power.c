/* Power; see power.h. */
#include "harness/stats/power.h"

#include <math.h>

#include "extractors/base/compiler.h"
#include "harness/stats/normal.h"
#include "harness/stats/signed_rank.h"
#include "harness/stats/student.h"

#define STEPS 200 /* of Simpson's rule; even */

/* What n pairs are judged by: t beyond `critical`, and the estimate beyond `noise` standard errors. */
struct test {
	double df, critical, noise;
};

/* The density of s, where df * s^2 is chi-squared with df degrees of freedom, but for a factor. */
static double scale_density(double s, double df)
{
	return s > 0 ? exp((df - 1) * log(s) - df * (s * s - 1) / 2) : df > 1 ? 0 : exp(df / 2);
}

/*
 * P(Z + shift beyond critical * s and beyond noise), Z normal and s the estimated over the true
 * standard error, averaged over s by Simpson's rule.  s is 1 give or take 1 / sqrt(2 df).
 */
static double found(const struct test *t, double shift)
{
	double width = 9 / sqrt(2 * t->df), low = fmax(0, 1 - width), high = 1 + width;
	double sum = 0, all = 0;

	for (int i = 0; i <= STEPS; i++) {
		double s = low + (high - low) * i / STEPS;
		double weight = (i == 0 || i == STEPS ? 1
				 : i % 2	      ? 4
						      : 2) *
				scale_density(s, t->df);

		sum += weight * normal_tail(fmax(t->critical * s, t->noise) - shift);
		all += weight;
	}
	return sum / all;
}

double power_spread(const struct estimate *est)
{
	return est->se * sqrt((double)est->n);
}

/* false: n pairs have no interval at the level. */
static bool make_test(struct test *t, const struct power_setup *s, size_t n)
{
	size_t cut = signed_rank_cut(n, (1 - s->level) / 2);

	BUG_ON(!(s->spread > 0));
	if (n < 2 || !cut)
		return false;
	t->df = (double)n - 1;
	t->critical = student_upper(t->df, signed_rank_cdf(n, cut - 1));
	t->noise = s->noise * sqrt((double)n) / s->spread;
	return true;
}

static double shift_of(const struct power_setup *s, size_t n, double ratio)
{
	return fabs(log(ratio)) * sqrt((double)n) / s->spread;
}

double power_of(const struct power_setup *s, size_t n, double ratio)
{
	struct test t;

	return make_test(&t, s, n) ? found(&t, shift_of(s, n, ratio)) : 0;
}

double power_smallest_ratio(const struct power_setup *s, size_t n, double power)
{
	double low = 0, high = 1;
	struct test t;

	if (!make_test(&t, s, n))
		return NAN;
	while (found(&t, high) < power && high < 1e6)
		high *= 2;
	for (int i = 0; i < 60; i++) {
		double mid = (low + high) / 2;

		if (found(&t, mid) < power)
			low = mid;
		else
			high = mid;
	}
	return exp(high * s->spread / sqrt((double)n));
}

size_t power_pairs(const struct power_setup *s, double ratio, double power, size_t n_max)
{
	for (size_t n = 2; n <= n_max; n++)
		if (power_of(s, n, ratio) >= power)
			return n;
	return 0;
}
