/*
 * An interval for a quantile from the order statistics of a sample.
 *
 * The number of values below the q-quantile is binomial (n, q), whatever the
 * distribution; two ranks cut off its tails (David and Nagaraja, "Order Statistics",
 * 2003, 7.1).  Where the sample is too small for the upper rank to exist, the tail was
 * not seen: the quantile is not to be stated.  Values count as independent.  Pure.
 */
#ifndef STATS_ORDER_H
#define STATS_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Ranks from 1 whose values hold the q-quantile between them with probability
 * `level` or more.  False when n values are too few for it.
 */
bool stats_quantile_ranks(uint64_t n, double q, double level, uint64_t *low, uint64_t *high);

/*
 * The smallest n for which the ranks exist: ln((1 - level) / 2) / ln(max(q, 1 - q)).
 * Example: 99 % at level 0.95 needs ln(0.025) / ln(0.99) = 367.04, so 368.
 */
uint64_t stats_quantile_needs(double q, double level);

/*
 * The highest q that n values have an interval for: ((1 - level) / 2)^(1/n); 0 of none.
 * Example: 500 values at level 0.95 reach 0.025^(1/500) = 0.99265.
 */
double stats_quantile_highest(uint64_t n, double level);

#endif
