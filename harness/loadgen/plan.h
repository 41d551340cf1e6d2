/*
 * The load, decided before the run: every event with its due time and its bytes.
 *
 * spec/measurement.md rule 1: made from a seed or a recording, the same for both
 * sides of a pair, never re-planned.  Lanes start and pace on their own and are
 * merged by due time (equal times: in the order of the lanes), e.g. one lane
 * that fills a buffer, one that begins later with the triggering events, and one
 * of other types beside it.
 *
 * An event's `ts` is base_wall_us + its due time in us; app events are moved on
 * by as many us as it takes for each to be later than the one before, so that
 * (series, time) stays distinct in the database.
 * Memory: 72 bytes an event and its message: 180 MB for a million mouse events.
 * Pure.  Ownership: plan_build()/plan_free(); names point to literals or into the
 * lanes' recordings, which must outlive the plan.  Threads: read-only once built.
 */
#ifndef LOADGEN_PLAN_H
#define LOADGEN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/wire/event.h"
#include "extractors/wire/feature.h"
#include "harness/loadgen/lane.h"

/* The first time with 16 digits, 2001-09-09; later ones have as many, so a plan can be rebased. */
#define PLAN_BASE_MIN_US 1000000000000000
#define PLAN_TS_DIGITS	 16

struct plan_spec {
	uint64_t seed;
	int64_t base_wall_us; /* planned wall clock at the start; 0: PLAN_BASE_MIN_US */
	const struct plan_lane *lanes;
	size_t n_lanes;
};

struct plan_entry {
	int64_t due_ns;	 /* from the start of the run; never decreasing */
	uint32_t offset; /* of the bulk string in the arena: $<n>\r\n<message>\r\n */
	uint16_t msg_len;
	uint8_t head_len; /* of $<n>\r\n */
	uint8_t type;	  /* enum event_type */
};

struct plan {
	size_t n;
	struct plan_entry *entries;
	struct event *events; /* decoded, as sent; for the oracle */
	size_t per_type[EVENT_TYPES];
	int64_t base_wall_us;
	/* FNV-1a over due times and messages, times relative to the base: equal for equal loads. */
	uint64_t checksum;
	size_t ts_at[EVENT_TYPES]; /* where the 16 digits begin in a message */
	struct buf arena;
};

int plan_build(struct plan **out, const struct plan_spec *spec, struct err *e) MUST_CHECK;
void plan_free(struct plan *p);
/* Move every ts to another base, in place.  -ERANGE when the times would leave the contract's. */
int plan_rebase(struct plan *p, int64_t base_wall_us, struct err *e) MUST_CHECK;

/* The message of event i, and the same as a RESP bulk string. */
static inline struct span plan_message(const struct plan *p, size_t i)
{
	const struct plan_entry *en = &p->entries[i];

	return (struct span){ p->arena.data + en->offset + en->head_len, en->msg_len };
}

static inline struct span plan_bulk(const struct plan *p, size_t i)
{
	const struct plan_entry *en = &p->entries[i];

	return (struct span){ p->arena.data + en->offset, (size_t)en->head_len + en->msg_len + 2 };
}

/*
 * What stands before the bulk string in the command that sends an event, and in
 * the push by which Redis delivers it.  The two differ in one word only.
 */
#define PLAN_PUBLISH	"*3\r\n$7\r\nPUBLISH\r\n$15\r\n" EVENTS_CHANNEL "\r\n"
#define PLAN_MESSAGE	"*3\r\n$7\r\nmessage\r\n$15\r\n" EVENTS_CHANNEL "\r\n"
#define PLAN_PREFIX_LEN (sizeof(PLAN_PUBLISH) - 1)

#endif
