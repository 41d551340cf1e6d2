/* Statistics by their definitions: two passes, a sorted copy; see numbers.h. */
#include "harness/oracle/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

void numbers_release(struct numbers *s)
{
	free(s->v);
	*s = (struct numbers){ 0 };
}

void numbers_add(struct numbers *s, double v)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->v = mem_realloc(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = v;
}

static long double exact_sum(const struct numbers *s)
{
	long double sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->v[i];
	return sum;
}

static long double exact_mean(const struct numbers *s)
{
	return s->n ? exact_sum(s) / (long double)s->n : 0;
}

double numbers_sum(const struct numbers *s)
{
	return (double)exact_sum(s);
}

double numbers_mean(const struct numbers *s)
{
	return (double)exact_mean(s);
}

double numbers_var(const struct numbers *s)
{
	long double mean = exact_mean(s), sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += (s->v[i] - mean) * (s->v[i] - mean);
	return s->n ? (double)(sum / (long double)s->n) : 0;
}

double numbers_std(const struct numbers *s)
{
	return sqrt(numbers_var(s));
}

double numbers_min(const struct numbers *s)
{
	double min = s->n ? s->v[0] : 0;

	for (size_t i = 1; i < s->n; i++)
		min = fmin(min, s->v[i]);
	return min;
}

double numbers_max(const struct numbers *s)
{
	double max = s->n ? s->v[0] : 0;

	for (size_t i = 1; i < s->n; i++)
		max = fmax(max, s->v[i]);
	return max;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double numbers_quantile(const struct numbers *s, double q)
{
	double *sorted, at, below, value;
	size_t i;

	if (!s->n)
		return 0;
	sorted = mem_calloc(s->n, sizeof(*sorted));
	memcpy(sorted, s->v, s->n * sizeof(*sorted));
	qsort(sorted, s->n, sizeof(*sorted), by_value);
	at = q * (double)(s->n - 1);
	below = floor(at);
	i = (size_t)below;
	value = sorted[i];
	if (i + 1 < s->n)
		value += (sorted[i + 1] - sorted[i]) * (at - below);
	free(sorted);
	return value;
}

void numbers_add_abs(struct numbers *out, const struct numbers *in)
{
	for (size_t i = 0; i < in->n; i++)
		numbers_add(out, fabs(in->v[i]));
}

void numbers_add_diff(struct numbers *out, const struct numbers *in)
{
	for (size_t i = 1; i < in->n; i++)
		numbers_add(out, in->v[i] - in->v[i - 1]);
}
