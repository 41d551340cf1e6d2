/*
 * The items of scenario `integration`: what the contract promises, one row each.
 *
 * A row looks at the evidence (evidence.h) and says pass, fail with the offending
 * value, or unavailable with the reason.  Source of every promise: the contract of
 * an extractor; the reasons of rejection are those of extractors/README.md.  Pure.
 */
#ifndef HARNESS_ITEMS_H
#define HARNESS_ITEMS_H

#include "harness/evidence.h"
#include "harness/result.h"

/* One at the start would not show that they go on. */
#define ITEMS_WATCHDOGS 3

/* What an item needs of subject and scenario; without it, it is unavailable. */
enum item_need {
	NEEDS_DATABASE = 1, /* the scenario has one and the subject writes points */
	NEEDS_COUNTERS = 2,
	NEEDS_NOTIFY = 4,
	NEEDS_TRACE = 8,
	TOLD_EVEN_IF_CUT_SHORT = 16, /* the visit need not have gone to its end */
};

struct item {
	const char *name, *what;
	enum visit_id visit; /* that shows it */
	unsigned int needs;
	void (*look)(const struct evidence *x, struct item_result *out);
};

extern const struct item items[];
extern const size_t items_n;

/* What the oracle says of a visit with an attempt at every event. */
void items_ask_oracle(const struct evidence *x, enum visit_id id, struct oracle_summary *out);

/* One item's outcome: out->outcome, value and run, and its name and words. */
void item_judge(const struct item *item, const struct evidence *x, struct item_result *out);

#endif
