/*
 * How often a Brownian motion that is looked at only now and then leaves a band.
 *
 * A statistic of n pairs, standardised and times sqrt(n / n_max), behaves at time n / n_max
 * like Brownian motion, whose increments are independent; so the chance of being beyond
 * one bound or the other at any of several looks follows by integrating its
 * density from look to look (Armitage, McPherson and Rowe, "Repeated significance tests
 * on accumulating data", J. R. Statist. Soc. A 132, 1969; Jennison and Turnbull, "Group
 * Sequential Methods", 2000, chapter 19).  The density is held on BROWNIAN_POINTS
 * points between the bounds and integrated by Simpson's rule: the bounds agree with the
 * printed ones in all their digits.
 * Pure; no allocation.
 */
#ifndef STATS_BROWNIAN_H
#define STATS_BROWNIAN_H

#include <stddef.h>

#define BROWNIAN_POINTS 201 /* odd */

/* What has not left yet: `weight` of it is at `at`, at time `time`. */
struct brownian {
	double time;
	size_t n;
	double at[BROWNIAN_POINTS], weight[BROWNIAN_POINTS];
};

/* All of it at 0, at time 0. */
void brownian_init(struct brownian *b);
/* The share of the beginning that is beyond z standard deviations at `time`, and never was before. */
double brownian_leaves(const struct brownian *b, double time, double z);
/* The z for which that is `share` > 0; the largest that makes sense when share is tiny. */
double brownian_bound(const struct brownian *b, double time, double share);
/* Take away what is beyond z at `time`. */
void brownian_cut(struct brownian *b, double time, double z);

#endif
