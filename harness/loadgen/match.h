/*
 * Is what Redis delivers what the plan says, event by event?
 *
 * Every message is compared with the plan's bytes.  The usual case, the next
 * event in order, is one memcmp over the whole push.  Otherwise the message is
 * looked for among the MATCH_WINDOW events after and before the expected one.
 * What the counts mean: seen = events of the plan found (each once);
 * duplicates = found again; unknown = no event of the plan has these bytes (an
 * altered event is one unknown and one missing); order_breaks = found, but not
 * behind the one before (0 on one connection without loss).
 * Pure.  Memory: one bit an event.
 */
#ifndef LOADGEN_MATCH_H
#define LOADGEN_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/loadgen/plan.h"

#define MATCH_WINDOW 16384 /* events; more than sixteen connections' turns of 64 KiB hold */
#define MATCH_NONE   SIZE_MAX

struct match {
	const struct plan *plan;
	size_t cursor; /* the event expected next */
	uint64_t *seen_bits;
	uint64_t received, seen, duplicates, unknown, order_breaks;
	size_t first_duplicate,
		first_unknown; /* event (for unknown: where the cursor was), MATCH_NONE */
};

void match_init(struct match *m, const struct plan *plan);
void match_release(struct match *m);

/*
 * Take whole pushes from the front of the bytes as long as they are the expected
 * ones in order.  Returns the bytes taken; what follows goes through match_message().
 */
size_t match_expected(struct match *m, const char *p, size_t len);
/* One message's payload, whatever it is. */
void match_message(struct match *m, struct span payload);
/* Would match_message() find it? */
bool match_has(const struct match *m, struct span payload);

/* The first event not seen, MATCH_NONE when all were. */
size_t match_first_missing(const struct match *m);

#endif
