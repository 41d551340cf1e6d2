/*
 * Two sessions side by side: every figure that both have, B's divided by A's.
 *
 * Sessions are not paired: they ran on other days, perhaps on other hosts.  What crosses
 * that best is a ratio within a session (C / Python, C / floor), whose two sides shared
 * the host, minute by minute; so ratios come first, B's divided by A's.  One has a verdict only
 * when the work is the same: profile, settings and plans.  On another host it keeps it, but as a
 * ratio depends on the CPU, too, the page says so.  Values themselves are set against each other
 * too, but carry a verdict only when host, profile, settings
 * and plans are the same; and as a host has its days (of two sessions an hour apart with
 * the same programs 26 of 173 values did not agree, starts were 12 % slower, while all ratios
 * did), only beyond what the floor's value moved by, at VERDICT_NOISE_LEVEL.
 *
 * B / A is the Hodges-Lehmann shift of the logarithms of two samples, with the interval that
 * the rank-sum test and Welch's t both admit (stats/shift.h).  The rule of
 * verdicts is that of stats/verdict.h: both sides have an interval of their own (six values or
 * more), that of B / A does not hold 1, and the value exceeds what A/A shows in either session.
 * As there are many figures, each list has its level: 1 - COMPARE_ALPHA / (figures in it that can get
 * a verdict), so that all verdicts of the list together are wrong in at most that share of
 * comparisons of equals (Bonferroni), as far as the ratio itself does not move from session to
 * session: that is in no interval.  Of one pair of sessions an hour apart 13 of 13 ratios agreed, of
 * another 56 of 56 (n = 2 pairs of sessions).  A comparison within a session ends early when its pairs
 * decide, which a sample of fixed size does not: of 10,000 simulated couples of sessions with
 * a true ratio of 1 the interval at 95 % missed in 6.7 %, that at 99.97 % in 0.09 %; with one
 * further from 1 neither missed more often than it may (tests/stats/stats_check.c).
 *
 * Pure.  Ownership: compare_build() allocates, compare_release() frees; names point into
 * the results, which must outlive it, as must the models.
 */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "harness/report/model.h"

enum compare_side { COMPARE_A, COMPARE_B, COMPARE_SIDES };
enum compare_kind { COMPARE_RATIOS, COMPARE_VALUES, COMPARE_KINDS };

#define COMPARE_ALPHA 0.05 /* of all verdicts of a list together */

/* One figure that both sessions have. */
struct compare_row {
	const struct model_section *section; /* A's; B's has the same names */
	enum metric_id metric;
	const char *of, *against; /* ratio: of / against; value: of, NULL */
	struct estimate sides[COMPARE_SIDES];
	enum model_bound bounds[COMPARE_SIDES];
	struct estimate change; /* B / A; n = 0: there is none, `why` says the reason */
	struct estimate noise;	/* A/A where it was larger, or the floor's day; n = 0: not known */
	enum verdict verdict;
	const char *why;      /* of VERDICT_TOO_FEW */
	bool can_be_judged;   /* its verdict could be better or worse */
	bool stated, overlap; /* both sides have an interval at MODEL_LEVEL; they overlap */
};

/* Why figures are undecided, and how many for that reason. */
struct compare_reason {
	const char *why;
	size_t n;
};
#define COMPARE_REASONS_MAX 16 /* the others are in the table alone */

struct compare_list {
	size_t n, judged;
	struct compare_row *rows;
	double level; /* of `change`, where as much can be had */
	size_t by_verdict[VERDICTS];
	size_t n_reasons;
	struct compare_reason reasons[COMPARE_REASONS_MAX]; /* as they come */
	size_t stated, overlap;
};

/* What only one session has; members that are NULL are not part of it: a whole scenario, say. */
struct compare_absent {
	enum compare_side only_in;
	const char *scenario;
	const struct model_section *section;
	const char *of, *against;
	const struct metric_info *metric;
	const char *why; /* of the session that lacks it */
};

/* What was found and is no figure, where it is not the same: an item of the contract, a leak. */
struct compare_outcome {
	const char *what, *implementation;
	enum event_type type;
	const char *sides[COMPARE_SIDES];
	bool worse; /* it failed in B alone */
};

#define COMPARE_NAMED_MAX 8 /* things of one difference that are named; the others are counted */

/* Something that is not the same in both. */
struct compare_difference {
	size_t n;   /* things with the same two texts */
	char *what; /* the first of them, with commas between them */
	char *sides[COMPARE_SIDES];
};

struct compare {
	const struct model *models[COMPARE_SIDES];
	struct compare_list lists[COMPARE_KINDS];
	bool other_host;
	const char *no_values; /* why no value has a verdict; NULL: that depends on the section */
	size_t n_outcomes, compared_outcomes;
	struct compare_outcome *outcomes;
	size_t n_absent;
	struct compare_absent *absent;
	size_t n_differences;
	struct compare_difference *differences;
};

void compare_build(struct compare *c, const struct model *a, const struct model *b);
void compare_release(struct compare *c);

size_t compare_count(const struct compare *c, enum verdict verdict); /* of both lists */
bool compare_any_worse(const struct compare *c);		     /* figure or outcome */

/* The share of figures whose intervals overlap; NaN: none has an interval in both. */
double compare_agreement(const struct compare *c);

#endif
