/*
 * Feature messages as they were received: a growing list with a bound.
 *
 * Payloads are copied into blocks that never move.  Pure.
 * Ownership: the caller's struct (zeroed with the bounds set), feature_list_release().
 */
#ifndef LOADGEN_FEATURE_LIST_H
#define LOADGEN_FEATURE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/wire/event.h"

#define RELAY_CHANNEL	 "seclyzer:features:null"
#define FEATURE_OF_RELAY EVENT_TYPES

struct tap_feature {
	int64_t recv_ns;      /* when the read that completed it returned */
	enum event_type type; /* of the channel; FEATURE_OF_RELAY: the relay's */
	struct span payload;
};

struct feature_block;
struct feature_list {
	size_t max_n, max_bytes;
	size_t n, cap, bytes;
	struct tap_feature *list;
	struct feature_block *blocks; /* the one being filled first */
};

/* False: it does not fit the bounds and was not kept. */
bool feature_list_add(struct feature_list *l, const struct tap_feature *f);
void feature_list_release(struct feature_list *l);

#endif
