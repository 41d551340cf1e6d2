/*
 * The pairs of one comparison: their ratio, and whether they decide.
 *
 * Bench looks after every pair whether more are needed (pairs.h), the report looks
 * at the end; both must see the same interval.  It is taken at a level that holds
 * under that peeking (stats/sequential.h) and follows from the raw pairs and from
 * comparison.pairs_planned alone.  Planned are pairs that count.  One is discarded for the
 * host's load, steal and what is busy and not ours, not for its figures; but kernel work that
 * a subject causes for others is foreign, too, so the two are not wholly apart: the report
 * says how many were discarded.  Pure.
 */
#ifndef REPORT_PAIRED_H
#define REPORT_PAIRED_H

#include <stdbool.h>

#include "harness/report/sample.h"
#include "harness/result.h"
#include "harness/stats/estimate.h"
#include "harness/stats/sequential.h"

/* Total errors of the intervals of comparisons and of A/A (spec/measurement.md, rules 6 and 7). */
#define PAIRED_ALPHA	0.05
#define PAIRED_AA_ALPHA 0.01

/* A/A: one implementation against itself. */
bool paired_is_aa(const struct comparison *c);

/*
 * The plans of a result's comparisons: levels cost milliseconds each, so they are
 * kept.  Ownership: paired_init() allocates, paired_release() frees; the result
 * must outlive it and have no new comparison; new runs are seen.
 */
struct paired {
	const struct result *r;
	struct paired_plan {
		struct sequential_plan plan;
		size_t n; /* the last n that was asked for, and its level */
		double level;
	} * plans;
};
void paired_init(struct paired *p, const struct result *r);
void paired_release(struct paired *p);

/* Pairs of which at least one run was made. */
size_t paired_made(const struct result *r, int comparison);
/*
 * Of those: discarded, as the host disturbed a side and nothing else was wrong (rule 8).
 * Another one is made in its place; it is not one of those that were planned.
 */
size_t paired_discarded(const struct result *r, int comparison);

/* Both values of every pair of which both sides count. */
void paired_collect(const struct result *r, int comparison, enum metric_id id, bool with_disturbed,
		    struct sample *s);

/* The same one by one in the order of the pairs, disturbed ones among them.  Allocated; how many. */
struct paired_value {
	double a, b;
	bool disturbed; /* a side was */
};
size_t paired_list(const struct result *r, int comparison, enum metric_id id,
		   struct paired_value **out);

/*
 * Pairs of which a side is 0 or below (no wakeup at all, say): they have no ratio, and
 * what the others say is not what all of them do.  Then there is none.
 */
size_t paired_without_ratio(const struct result *r, int comparison, enum metric_id id,
			    bool with_disturbed);

/* The level at which the interval of n pairs holds; 1: no interval can be so sure. */
double paired_level(struct paired *p, int comparison, size_t n);

/* B/A with the interval at that level. */
struct estimate paired_ratio(struct paired *p, int comparison, enum metric_id id,
			     bool with_disturbed);

/* A/A of the same scenario, phase and extractor; n = 0 when there is none. */
struct estimate paired_noise(struct paired *p, int comparison, enum metric_id id);

/* Is the interval as sure as its level demands?  False: the pairs are too few. */
bool paired_is_sure(struct paired *p, int comparison, const struct estimate *e);

/*
 * Do the pairs so far decide about the metric?  margin_frac: a ratio within 1 +- that
 * does not matter.  `last`: no more will come.
 */
enum sequential_state paired_state(struct paired *p, int comparison, enum metric_id id,
				   double margin_frac, bool last);

#endif
