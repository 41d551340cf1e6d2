/*
 * The harness's own ear on Redis: sees every event delivered and every feature
 * message, in a thread of its own.
 *
 * Events are compared with the plan byte by byte (match.h); feature messages are
 * kept with the time they were read.  tap_start() returns when Redis has
 * confirmed the subscriptions: what is published from then on is seen.
 *
 * Ownership: tap_start()/tap_free(); the plan and the ctl must outlive the tap;
 * payloads belong to the tap and stay valid until tap_free().
 * Threads: one tap thread inside; the functions may be called from any one other.
 * Units: ns, CLOCK_MONOTONIC.  Memory: max_feature_bytes at most for the payloads.
 */
#ifndef LOADGEN_TAP_H
#define LOADGEN_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "harness/loadgen/feature_list.h"
#include "harness/loadgen/gen_ctl.h"
#include "harness/loadgen/match.h"
#include "harness/loadgen/plan.h"
#include "harness/loadgen/rconn.h"

#define TAP_TIMEOUT_DEFAULT_NS 10000000000
#define TAP_FEATURES_DEFAULT   4000000
#define TAP_BYTES_DEFAULT      ((size_t)512 << 20)

struct tap_conf {
	struct rconn_addr addr;
	const struct plan *plan;		/* NULL: do not listen to events */
	bool features;				/* listen to seclyzer:features:* */
	size_t max_features, max_feature_bytes; /* kept; 0: the defaults */
	int64_t timeout_ns;			/* of connecting and subscribing; 0: the default */
	const int *cpu;				/* the tap thread's core; NULL: the caller's */
	/* Let a generator go at most `ahead` events further than what was seen; NULL: no bound. */
	struct gen_ctl *ctl;
	uint64_t ahead;
};

struct tap_counts {
	/* events, of all plans: see match.h */
	uint64_t received, seen, duplicates, unknown, order_breaks;
	size_t first_duplicate, first_unknown; /* of the oldest plan not retired; MATCH_NONE */
	/* feature messages */
	uint64_t features;	   /* kept */
	uint64_t features_unkept;  /* over a bound */
	uint64_t features_foreign; /* on a channel that is none of the three, nor the relay's */
	int64_t cpu_ns;		   /* of the tap thread; final after tap_stop() */
};

struct tap;
int tap_start(struct tap **out, const struct tap_conf *conf, struct err *e) MUST_CHECK;

/*
 * Wait until at least so many events of the plan were seen and so many features
 * kept.  0, -ETIMEDOUT with how far it came, or why the tap cannot go on.
 */
int tap_await(struct tap *t, uint64_t events, uint64_t features, int64_t deadline_ns,
	      struct err *e) MUST_CHECK;
void tap_counts(struct tap *t, struct tap_counts *out);
/* The i-th kept feature message, in order of arrival; false when there is none yet. */
bool tap_feature(struct tap *t, size_t i, struct tap_feature *out);

/*
 * For loads without an end.  Hand over the features kept so far: *out is the
 * caller's, feature_list_release().  The bounds count from there; the numbers of
 * tap_counts() go on, those of tap_feature() begin again.
 */
void tap_take_features(struct tap *t, struct feature_list *out);
/* A plan that follows: before its first event is sent (chain.h has the bound). */
void tap_add_plan(struct tap *t, const struct plan *plan);
/* Forget the oldest plan, with what was seen of it; it may be freed then. */
void tap_retire_plan(struct tap *t, struct match *out, size_t *first_missing);

/* End the thread.  Not 0: the tap had failed before, e.g. Redis cut it off. */
int tap_stop(struct tap *t, struct err *e) MUST_CHECK;
/* The first event of the plan not seen, MATCH_NONE; after tap_stop(). */
size_t tap_first_missing(const struct tap *t);
void tap_free(struct tap *t);

#endif
