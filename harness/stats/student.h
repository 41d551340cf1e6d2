/*
 * Student's t with any number of degrees of freedom above 0: tails by the incomplete beta
 * function's continued fraction (DLMF 8.17.22), quantiles by bisection of it.  Pure.
 */
#ifndef STATS_STUDENT_H
#define STATS_STUDENT_H

/* P(T > t), t >= 0. */
double student_tail(double df, double t);
/* The t with P(T > t) = p, 0 < p < 1/2. */
double student_upper(double df, double p);

#endif
