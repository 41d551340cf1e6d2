/*
 * Sums over arrays, four values a step; see moments.h.
 *
 * The rest of fewer than four is padded with a value that every limit leaves
 * out, so each sum is written once.
 */
#include "extractors/feature/moments.h"

#include <math.h>
#include <string.h>

#include "extractors/feature/lanes.h"

#define STEP ((size_t)(2 * LANES)) /* two chains of additions, so that neither is waited for */

struct sums {
	lanes sum, abs, max;
	lanes_mask minus_n; /* a mask that is set is -1 */
};

static inline void add_values(struct sums *s, lanes v, lanes limit)
{
	lanes a = lanes_abs(v);
	lanes_mask in = a < limit;

	a = lanes_keep(in, a);
	s->minus_n += in;
	s->sum += lanes_keep(in, v);
	s->abs += a;
	s->max = lanes_max(s->max, a);
}

static inline lanes square_of_deviation(lanes v, lanes mean, lanes limit)
{
	lanes d = lanes_keep(lanes_abs(v) < limit, v - mean);

	return d * d;
}

static inline double across(lanes v)
{
	return v[0] + v[1];
}

/* The last n % STEP values, padded. */
static void rest(double last[STEP], const double *x, size_t n, double pad)
{
	for (size_t i = 0; i < STEP; i++)
		last[i] = i < n % STEP ? x[n - n % STEP + i] : pad;
}

static void block_sums(struct moments *b, const double *x, size_t n, const double *last,
		       double limit)
{
	struct sums s = { 0 }, t = { 0 };
	lanes lim = lanes_all(limit);

	for (size_t i = 0; i + STEP <= n; i += STEP) {
		add_values(&s, lanes_load(x + i), lim);
		add_values(&t, lanes_load(x + i + LANES), lim);
	}
	add_values(&s, lanes_load(last), lim);
	add_values(&t, lanes_load(last + LANES), lim);
	s.minus_n += t.minus_n;
	s.max = lanes_max(s.max, t.max);
	b->n = (size_t) - (s.minus_n[0] + s.minus_n[1]);
	b->mean = b->n ? across(s.sum + t.sum) / (double)b->n : 0;
	b->sum_abs = across(s.abs + t.abs);
	b->max_abs = s.max[0] > s.max[1] ? s.max[0] : s.max[1];
}

static void block_squares(struct moments *b, const double *x, size_t n, const double *last,
			  double limit)
{
	lanes lim = lanes_all(limit), mean = lanes_all(b->mean);
	lanes s = square_of_deviation(lanes_load(last), mean, lim);
	lanes t = square_of_deviation(lanes_load(last + LANES), mean, lim);

	for (size_t i = 0; i + STEP <= n; i += STEP) {
		s += square_of_deviation(lanes_load(x + i), mean, lim);
		t += square_of_deviation(lanes_load(x + i + LANES), mean, lim);
	}
	b->m2 = across(s + t);
}

static void join(struct moments *m, const struct moments *b)
{
	double n = (double)(m->n + b->n), delta = b->mean - m->mean;

	if (!b->n)
		return;
	if (!m->n) {
		*m = *b;
		return;
	}
	m->mean += delta * (double)b->n / n;
	m->m2 += b->m2 + delta * delta * (double)m->n * (double)b->n / n;
	m->n += b->n;
	m->sum_abs += b->sum_abs;
	m->max_abs = b->max_abs > m->max_abs ? b->max_abs : m->max_abs;
}

void moments_add_block(struct moments *m, const double *x, size_t n, double limit)
{
	double last[STEP];
	struct moments b;

	rest(last, x, n, INFINITY);
	block_sums(&b, x, n, last, limit);
	block_squares(&b, x, n, last, limit);
	join(m, &b);
}

double moments_mean_abs(const struct moments *m)
{
	return m->n ? m->sum_abs / (double)m->n : 0;
}

double moments_var(const struct moments *m)
{
	return m->n ? m->m2 / (double)m->n : 0;
}

double moments_std(const struct moments *m)
{
	return sqrt(moments_var(m));
}

double moments_sum(const double *x, size_t n)
{
	double last[STEP];
	lanes s, t;

	rest(last, x, n, 0);
	s = lanes_load(last);
	t = lanes_load(last + LANES);
	for (size_t i = 0; i + STEP <= n; i += STEP) {
		s += lanes_load(x + i);
		t += lanes_load(x + i + LANES);
	}
	return across(s + t);
}

size_t moments_count_above(const double *x, size_t n, double limit)
{
	lanes lim = lanes_all(limit);
	lanes_mask s, t;
	double last[STEP];

	rest(last, x, n, -INFINITY);
	s = lanes_load(last) > lim;
	t = lanes_load(last + LANES) > lim;
	for (size_t i = 0; i + STEP <= n; i += STEP) {
		s += lanes_load(x + i) > lim;
		t += lanes_load(x + i + LANES) > lim;
	}
	s += t;
	return (size_t) - (s[0] + s[1]);
}
