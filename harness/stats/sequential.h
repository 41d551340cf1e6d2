/*
 * Stopping early without being wrong more often.
 *
 * Whoever looks at a 95 % interval after every few pairs and stops at the first that
 * does not hold 1 is wrong far more often than in 5 % of sessions.  So each look has
 * its share of the total error `alpha`, by a spending function of n alone (Lan and DeMets,
 * "Discrete sequential boundaries for clinical trials", Biometrika 70, 1983), and
 * takes its interval at the higher level that follows from it: the levels
 * are such that ALL intervals of a session hold the truth together with 1 - alpha
 * (repeated confidence intervals: Jennison and Turnbull, "Interim analyses: the repeated
 * confidence interval approach", J. R. Statist. Soc. B 51, 1989).  The interval may
 * then be used whenever, and for whatever reason, the session ended.
 *
 * The intervals are those of estimate.h.  The signed-rank statistics of growing samples
 * behave like Brownian motion (brownian.h), and the level is rounded up to one that the
 * exact distribution attains, so that few pairs keep the promise too.  A look so
 * early that no interval can be as sure as it must is passed over, and its share is there
 * for the next.  For pairs whose sides could have been exchanged the joint distribution of
 * all looks is the same whatever the noise, so one simulation settles it: of 100,000
 * sessions 3.7 ... 5.0 % err at alpha = 5 % for n_max 8 ... 200 (test_sequential.c).
 * Of 10,000 sessions each: up to 6.1 % with exponential noise, which is nowhere symmetric, or
 * on a host that drifts (AR(1), 0.8 from run to run, ABBA blocks drawn by lot).
 * Why this spending function: see sequential.c.
 *
 * The level follows from n and the plan alone: who has the raw pairs and the plan makes
 * the interval again.  Pure.
 */
#ifndef STATS_SEQUENTIAL_H
#define STATS_SEQUENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/stats/estimate.h"

#define SEQUENTIAL_LOOKS_MAX 32

struct sequential_plan {
	double alpha;
	size_t n_max;			     /* pairs; the last look */
	size_t n_looks;			     /* at least 1 */
	size_t looks[SEQUENTIAL_LOOKS_MAX];  /* after how many pairs, ascending */
	double levels[SEQUENTIAL_LOOKS_MAX]; /* of the interval there; 1: passed over */
};

/*
 * Looks from 6 pairs on, each after a third more than the one before, and at n_max >= 1.
 * n_max should be what the budget allows: error kept for pairs that never come is lost.
 */
void sequential_plan_init(struct sequential_plan *plan, size_t n_max, double alpha);

bool sequential_is_look(const struct sequential_plan *plan, size_t n);
/*
 * The level at which the ordinary interval of n pairs must be taken.  Between looks (the
 * session was ended there) that of a look at n in place of the next one; 1: none can be.
 */
double sequential_level(const struct sequential_plan *plan, size_t n);

enum sequential_state {
	SEQUENTIAL_UNDECIDED,	  /* more pairs may decide */
	SEQUENTIAL_HIGHER,	  /* B/A is above 1 and above what A/A explains */
	SEQUENTIAL_LOWER,	  /* likewise below */
	SEQUENTIAL_EQUIVALENT,	  /* B/A is inside the margin */
	SEQUENTIAL_OUT_OF_BUDGET, /* the last pair was made and none of these is so */
	SEQUENTIAL_STATES
};
extern const char *const sequential_state_names[SEQUENTIAL_STATES];

struct sequential_bounds {
	double noise;  /* |log ratio| that A/A explains (verdict.h); 0: nothing known */
	double margin; /* |log ratio| that does not matter; 0: any does */
};

/*
 * Judge B/A after n pairs.  `last`: there will be no more, whatever comes out; without
 * it nothing is decided between looks.  *est, unless NULL, is the interval as the
 * report will print it (of n pairs, at sequential_level()).
 */
enum sequential_state sequential_judge(const struct sequential_plan *plan, const double *a,
				       const double *b, size_t n, struct sequential_bounds bounds,
				       bool last, uint64_t seed, struct estimate *est);

#endif
