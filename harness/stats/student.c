/* Student's t; see student.h. */
#include "harness/stats/student.h"

#include <math.h>

static double log_gamma(double x)
{
	int sign; /* lgamma() writes it into a global */

	return lgamma_r(x, &sign);
}

/*
 * 1 / (1 + d1 / (1 + d2 / (1 + ...))) from its end; for x < (a + 1) / (a + b + 2), where terms in
 * proportion to the root of the larger of a and b are enough.
 */
static double fraction(double a, double b, double x)
{
	double f = 1;

	for (int k = 60 + 6 * (int)sqrt(fmax(a, b)); k > 0; k--) {
		double m = floor(k / 2.0);
		double d = k % 2 ? -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))
				 : m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m));

		f = 1 + d * x / f;
	}
	return 1 / f;
}

/* I_x(a, b), y = 1 - x. */
static double incomplete_beta(double a, double b, double x, double y)
{
	double front =
		exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log(y));

	if (x < (a + 1) / (a + b + 2))
		return front / a * fraction(a, b, x);
	return 1 - front / b * fraction(b, a, y);
}

double student_tail(double df, double t)
{
	double sum = df + t * t;

	return incomplete_beta(df / 2, 0.5, df / sum, t * t / sum) / 2;
}

double student_upper(double df, double p)
{
	double low = 0, high = 1;

	while (student_tail(df, high) > p)
		high *= 2;
	for (int i = 0; i < 60; i++) {
		double mid = (low + high) / 2;

		if (student_tail(df, mid) > p)
			low = mid;
		else
			high = mid;
	}
	return high;
}
