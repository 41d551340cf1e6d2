/*
 * Selection by digits of the values' bits; see select.h.
 *
 * Positive doubles order like their bits.  One pass counts the values in buckets
 * by the leading bits in which they differ; the bucket that holds the wanted
 * rank is gathered and looked at in the same way, until few are left to sort.
 * No branch depends on a value, which is what makes quickselect slow on random
 * data; and 64 bits are at most seven digits, whatever the input.
 */
#include "extractors/feature/select.h"

#include <math.h>
#include <string.h>

#include "extractors/base/compiler.h"
#include "extractors/feature/lanes.h"

#define FEW 32 /* sorted by insertion */

struct digit {
	uint64_t low; /* bits of the smallest value */
	int shift;    /* bucket = (bits - low) >> shift */
};

/* The values at a rank and at the one after it. */
struct neighbours {
	double at, next;
};

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

struct select_extremes select_extremes(const double *v, size_t n)
{
	lanes low = lanes_all(v[0]), high = low;
	size_t i;

	for (i = 0; i + LANES <= n; i += LANES) {
		lanes x = lanes_load(v + i);

		low = lanes_min(low, x);
		high = lanes_max(high, x);
	}
	if (i < n) {
		low = lanes_min(low, lanes_all(v[i]));
		high = lanes_max(high, lanes_all(v[i]));
	}
	return (struct select_extremes){ low[0] < low[1] ? low[0] : low[1],
					 high[0] > high[1] ? high[0] : high[1] };
}

static struct digit leading_digit(const double *v, size_t n)
{
	struct select_extremes x = select_extremes(v, n);
	uint64_t low = bits_of(x.min), range = bits_of(x.max) - low;
	int width = range ? 64 - __builtin_clzll(range) : 0;

	return (struct digit){ low, width > SELECT_BITS ? width - SELECT_BITS : 0 };
}

static size_t bucket(const struct digit *d, double v)
{
	return (bits_of(v) - d->low) >> d->shift;
}

static struct digit count_buckets(uint32_t *count, const double *v, size_t n)
{
	struct digit d = leading_digit(v, n);

	memset(count, 0, SELECT_BUCKETS * sizeof(*count));
	for (size_t i = 0; i < n; i++)
		count[bucket(&d, v[i])]++;
	return d;
}

/* The values of one bucket to out (which may be v itself); how many. */
static size_t gather(double *out, const struct digit *d, size_t b, const double *v, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		double x = v[i];

		out[m] = x;
		m += bucket(d, x) == b;
	}
	return m;
}

static double smallest_above(const struct digit *d, size_t b, const double *v, size_t n,
			     double otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (bucket(d, v[i]) > b && v[i] < otherwise)
			otherwise = v[i];
	return otherwise;
}

static void sort_few(double *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double x = v[i];
		size_t at = i;

		for (; at && v[at - 1] > x; at--)
			v[at] = v[at - 1];
		v[at] = x;
	}
}

/*
 * From v[n], counted by digit d into s->first, down to the bucket of the rank.
 * `next` is the smallest value known to lie beyond the bucket.
 */
static struct neighbours descend(struct select *s, struct digit d, const double *v, size_t n,
				 size_t rank)
{
	const uint32_t *count = s->first;
	double *room = s->room.p, next = INFINITY;

	for (;;) {
		size_t b = 0;

		while (rank >= count[b])
			rank -= count[b++];
		if (rank + 1 == count[b])
			next = smallest_above(&d, b, v, n, next);
		n = gather(room, &d, b, v, n);
		if (d.shift == 0) /* one bucket, one value */
			break;
		if (n <= FEW) {
			sort_few(room, n);
			break;
		}
		v = room;
		count = s->count;
		d = count_buckets(s->count, v, n);
	}
	return (struct neighbours){ room[rank], rank + 1 < n ? room[rank + 1] : next };
}

/* As numpy does it, from the nearer end. */
static double between(struct neighbours v, double frac)
{
	double step = v.next - v.at;

	return frac < 0.5 ? v.at + step * frac : v.next - step * (1 - frac);
}

void select_quantiles(struct select *s, const double *v, size_t n_all, size_t n, const double *q,
		      double *out, size_t n_q)
{
	struct digit d;

	BUG_ON(n == 0 || n > n_all || n_all > UINT32_MAX);
	scratch_fit(&s->room, n_all, sizeof(*v));
	d = count_buckets(s->first, v, n_all);
	for (size_t i = 0; i < n_q; i++) {
		double at = q[i] * (double)(n - 1), whole = floor(at);
		struct neighbours nb = descend(s, d, v, n_all, (size_t)whole);

		out[i] = at > whole ? between(nb, at - whole) : nb.at;
	}
}
