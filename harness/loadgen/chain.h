/*
 * Plans that follow one another on one subscription: match.h, over the borders.
 *
 * A load of hours is sent as plans of a minute each.  A delivery belongs to the
 * plan that is being delivered or, once that ends (or stays short of an event),
 * to the one behind it; what is in none of them is unknown in the one being
 * delivered.  A plan that is retired gives its counts and is forgotten, so the
 * memory is that of the plans under way.
 * Pure.  Ownership: zeroed is empty, chain_release() frees; plans are borrowed
 * until they are retired.
 */
#ifndef LOADGEN_CHAIN_H
#define LOADGEN_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/loadgen/match.h"

#define CHAIN_PLANS 4 /* under way at once: delivered, next, and not yet retired */

struct chain {
	struct match parts[CHAIN_PLANS]; /* oldest first */
	size_t n, at;			 /* parts[at] is being delivered */
	/* Of all plans so far, those that were retired too. */
	uint64_t received, seen, duplicates, unknown, order_breaks;
};

/* There must be room: CHAIN_PLANS of them are not retired at most. */
void chain_add(struct chain *c, const struct plan *plan);
/* Forget the oldest plan.  *out: its match as it ended, without bits; *first_missing as match_first_missing(). */
void chain_retire(struct chain *c, struct match *out, size_t *first_missing);
void chain_release(struct chain *c);

/* As match_expected() and match_message(). */
size_t chain_expected(struct chain *c, const char *p, size_t len);
void chain_message(struct chain *c, struct span payload);

#endif
