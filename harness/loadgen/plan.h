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
 * Memory: 16 bytes an event.  What differs between messages of one shape is the
 * time and, of mouse moves, two whole numbers; the rest of the text is kept once
 * for all and a message is put together when it is wanted (some 30 ns).
 * Pure.  Ownership: plan_build()/plan_free(); names point to literals or into the
 * lanes' recordings, which must outlive the plan.  Threads: read-only once built.
 */
#ifndef LOADGEN_PLAN_H
#define LOADGEN_PLAN_H

#include <stdbool.h>
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
	bool with_seq; /* every message ends with a member "seq", its number from 0 on */
};

struct plan_entry {
	int64_t due_ns; /* from the start of the run; never decreasing */
	uint32_t shape; /* place in the plan's shapes */
	union {
		struct {
			int16_t x, y;
		} at;		   /* when the shape has its coordinates here */
		uint32_t later_us; /* else: `ts` lies so much behind base + due */
	};
};

#define PLAN_PAD 80 /* readable bytes behind the last text */

/* What all messages of a shape have in common. */
struct plan_shape {
	struct event event;	 /* without ts, and without coordinates when they vary */
	uint32_t text;		 /* in plan->texts: what stands before the time, */
	uint16_t before, behind; /* so long, and directly after it what stands behind */
	bool has_at;		 /* between them `,"x":<x>,"y":<y>` */
};

struct plan {
	size_t n;
	struct plan_entry *entries;
	size_t per_type[EVENT_TYPES];
	int64_t base_wall_us;
	bool with_seq;
	/* FNV-1a over due times and messages, times relative to the base: equal for equal loads. */
	uint64_t checksum;
	size_t ts_at[EVENT_TYPES]; /* where the 16 digits begin in a message */
	uint64_t bulk_bytes;	   /* of all bulk strings together */
	int64_t last_ts_us;	   /* the latest time, from the base on */
	struct plan_shape *shapes;
	size_t n_shapes;
	struct buf texts;
};

int plan_build(struct plan **out, const struct plan_spec *spec, struct err *e) MUST_CHECK;
void plan_free(struct plan *p);
/* Move every ts to another base.  -ERANGE when the times would leave the contract's. */
int plan_rebase(struct plan *p, int64_t base_wall_us, struct err *e) MUST_CHECK;

/* The event as it is sent, decoded; for the oracle. */
void plan_event(const struct plan *p, size_t i, struct event *out);

static inline enum event_type plan_type(const struct plan *p, size_t i)
{
	return p->shapes[p->entries[i].shape].event.type;
}

static inline int64_t plan_ts_us(const struct plan *p, size_t i)
{
	const struct plan_entry *en = &p->entries[i];

	return p->base_wall_us + en->due_ns / 1000 +
	       (p->shapes[en->shape].has_at ? 0 : en->later_us);
}

/* An app's name of 500 bytes, all of them escaped (6 for each), and the rest, with PLAN_PAD to spare. */
#define PLAN_BULK_MAX 4096
/* Write event i as a RESP bulk string, $<n>\r\n<message>\r\n; returns its length. */
size_t plan_render(const struct plan *p, size_t i, char to[PLAN_BULK_MAX]);
/* The message within what plan_render() wrote; both at once. */
struct span plan_message_in(const char *bulk, size_t len);
struct span plan_message(const struct plan *p, size_t i, char scratch[PLAN_BULK_MAX]);

/*
 * What stands before the bulk string in the command that sends an event, and in
 * the push by which Redis delivers it.  The two differ in one word only.
 */
#define PLAN_PUBLISH	"*3\r\n$7\r\nPUBLISH\r\n$15\r\n" EVENTS_CHANNEL "\r\n"
#define PLAN_MESSAGE	"*3\r\n$7\r\nmessage\r\n$15\r\n" EVENTS_CHANNEL "\r\n"
#define PLAN_PREFIX_LEN (sizeof(PLAN_PUBLISH) - 1)

#endif
