/* Brownian motion between bounds; see brownian.h. */
#include "harness/stats/brownian.h"

#include <math.h>

#include "extractors/base/compiler.h"
#include "harness/stats/normal.h"

#define Z_MAX 12.0 /* beyond: 4e-33 */

void brownian_init(struct brownian *b)
{
	b->time = 0;
	b->n = 1;
	b->at[0] = 0;
	b->weight[0] = 1;
}

double brownian_leaves(const struct brownian *b, double time, double z)
{
	double bound = z * sqrt(time), step = sqrt(time - b->time), sum = 0;

	BUG_ON(!(time > b->time));
	for (size_t i = 0; i < b->n; i++)
		sum += b->weight[i] * (normal_tail((bound - b->at[i]) / step) +
				       normal_tail((bound + b->at[i]) / step));
	return sum;
}

double brownian_bound(const struct brownian *b, double time, double share)
{
	double low = 0, high = Z_MAX;

	for (int i = 0; i < 50; i++) {
		double mid = (low + high) / 2;

		if (brownian_leaves(b, time, mid) > share)
			low = mid;
		else
			high = mid;
	}
	return high;
}

static double density(const struct brownian *b, double x, double step)
{
	double sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		double u = (x - b->at[i]) / step;

		sum += b->weight[i] * exp(-u * u / 2);
	}
	return sum / (step * sqrt(2 * M_PI));
}

/* Simpson's 1 4 2 4 ... 2 4 1, in thirds of the spacing. */
static double simpson(size_t i)
{
	return i == 0 || i == BROWNIAN_POINTS - 1 ? 1 : i % 2 ? 4 : 2;
}

void brownian_cut(struct brownian *b, double time, double z)
{
	double bound = fmin(z, Z_MAX) * sqrt(time), step = sqrt(time - b->time);
	double spacing = 2 * bound / (BROWNIAN_POINTS - 1);
	struct brownian next = { .time = time, .n = BROWNIAN_POINTS };

	BUG_ON(!(time > b->time));
	for (size_t i = 0; i < BROWNIAN_POINTS; i++) {
		next.at[i] = -bound + spacing * (double)i;
		next.weight[i] = density(b, next.at[i], step) * spacing * simpson(i) / 3;
	}
	*b = next;
}
