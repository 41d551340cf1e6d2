/*
 * A growing list of doubles and its statistics, as spec/features.md defines them.
 *
 * Sums are long double, so the oracle is the most exact of the three
 * implementations.  Of an empty list every statistic is 0.
 * Ownership: a zeroed struct is empty, numbers_release() frees it.
 */
#ifndef ORACLE_NUMBERS_H
#define ORACLE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

struct numbers {
	double *v;
	size_t n, cap;
};

void numbers_release(struct numbers *s);
void numbers_add(struct numbers *s, double v);

double numbers_sum(const struct numbers *s);
double numbers_mean(const struct numbers *s);
double numbers_var(const struct numbers *s); /* of the population: ddof 0 */
double numbers_std(const struct numbers *s);
double numbers_min(const struct numbers *s);
double numbers_max(const struct numbers *s);
/* Linear interpolation at index q * (n - 1) of the sorted values (numpy); 0.5: the median. */
double numbers_quantile(const struct numbers *s, double q);

/* Add to `out` the absolute values of `in`, the differences of its neighbours. */
void numbers_add_abs(struct numbers *out, const struct numbers *in);
void numbers_add_diff(struct numbers *out, const struct numbers *in);

#endif
