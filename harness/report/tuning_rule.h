/*
 * Which setting to recommend, given the verdicts on each value against the default.
 *
 * The rule: the default, unless another value is *better* on the metric that decides
 * (beyond the A/A noise, as every verdict is) and on no other metric that matters
 * *worse*, void or undecided.  Of several such values the one with the largest gain.
 * A value under which the subject does other work (fewer events in a window, say) is
 * never recommended: less work is no better setting.  Pure.
 */
#ifndef REPORT_TUNING_RULE_H
#define REPORT_TUNING_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/stats/verdict.h"

struct tuning_value {
	enum verdict primary;
	bool other_work;
	double gain; /* > 1: by how much better on the metric that decides; NaN: not measured */
	/* the other metrics that matter, in any order */
	const enum verdict *others;
	size_t n_others;
};

/* Why the default stays, or that it does not. */
enum tuning_advice {
	TUNING_CHANGE,
	TUNING_KEEP_SAME,      /* no difference seen */
	TUNING_KEEP_WORSE,     /* every value is worse, or no better */
	TUNING_KEEP_TRADE,     /* one is better, but not on all metrics */
	TUNING_KEEP_WORK,      /* one is better, but for other work */
	TUNING_KEEP_UNDECIDED, /* too few pairs to tell of one at least */
	TUNING_KEEP_UNKNOWN,   /* nothing could be measured */
	TUNING_ADVICES
};
extern const char *const tuning_advice_words[TUNING_ADVICES];

/* *chosen: the index of the value to take, with TUNING_CHANGE only. */
enum tuning_advice tuning_choose(const struct tuning_value *values, size_t n, size_t *chosen);

#endif
