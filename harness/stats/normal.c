/* The normal distribution; see normal.h. */
#include "harness/stats/normal.h"

#include <math.h>

double normal_tail(double z)
{
	return erfc(z * M_SQRT1_2) / 2;
}

double normal_upper(double p)
{
	double low = -40, high = 40; /* erfc underflows before 39 */

	for (int i = 0; i < 100; i++) {
		double mid = (low + high) / 2;

		if (normal_tail(mid) > p)
			low = mid;
		else
			high = mid;
	}
	return (low + high) / 2;
}
