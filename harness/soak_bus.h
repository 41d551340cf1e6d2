/*
 * One implementation's side of a soak: a Redis, the load on it, an ear, its subjects.
 *
 * Subjects of one extractor publish on one channel and nobody could tell whose a
 * message is, so each implementation has a Redis of its own; its three extractors
 * share that, the same plan goes to every bus at the same time.
 * The load is a row of segments, each a plan: soak_bus_add() hands one to the
 * generator's thread and the tap before the one before it ends, soak_bus_retire()
 * takes the oldest back when the one behind it has been sent, too; so nothing is
 * asked about a segment while its last events are on their way.
 * Ownership: a zeroed struct is empty; soak_bus_close() after any opening; plans are
 * borrowed from soak_bus_add() to soak_bus_retire().
 * Threads: the session's; generator and tap have one each.
 */
#ifndef HARNESS_SOAK_BUS_H
#define HARNESS_SOAK_BUS_H

#include <pthread.h>

#include "harness/loadgen/chain.h"
#include "harness/soak_seat.h"

/* A stretch of load that all buses get. */
struct soak_segment {
	size_t number; /* of this stretch, from 0: the one that fills the buffers */
	struct plan *plan;
	int64_t start_ns, wall_minus_mono_us;
	size_t drop_at; /* the planted fault; SIZE_MAX: none */
};

/* What must be equal, over all retired segments. */
enum soak_line { SOAK_SENT, SOAK_ANSWERED, SOAK_DELIVERED, SOAK_SEEN, SOAK_STRANGE, SOAK_LINES };

struct soak_total {
	int64_t expected, got;
	size_t segment; /* the first one in which they were not equal, from 1; 0: none */
	size_t event;	/* in it, where that is known; else MATCH_NONE */
};

struct soak_bus {
	struct session *session;
	const char *implementation;
	struct sut *sut;
	bool own_sut;
	struct tap *tap;
	struct soak_seat seats[EVENT_TYPES];
	size_t n_seats;
	struct soak_total totals[SOAK_LINES];
	struct hist *pacing;
	int64_t generator_cpu_ns;
	int64_t held_bytes; /* what Redis holds for the slowest subscriber */
	int64_t foreign;    /* messages of extractors that have no seat */
	/* segments not retired, oldest first */
	struct soak_bus_part {
		const struct soak_segment *segment;
		struct gen *gen;
	} parts[CHAIN_PLANS];
	size_t n_parts;
	struct gen_ctl ctl;
	bool ctl_open;
	pthread_t thread;
	bool thread_runs;

	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	size_t ready, done; /* parts ready to be sent, parts sent: of those not retired */
	bool stop;
	struct err gen_err;
};

/* Start the Redis (`number` 0: the session's own), the tap, and the thread; then add seats. */
int soak_bus_open(struct soak_bus *b, struct session *s, const char *implementation, int number,
		  const struct plan *first, struct err *e) MUST_CHECK;
void soak_bus_close(struct soak_bus *b);
int soak_bus_add_seat(struct soak_bus *b, const struct subject *subject, enum event_type type,
		      int stretch, double settle_s, struct err *e) MUST_CHECK;

/* The next segment; the first one's plan is the one that soak_bus_open() was told. */
int soak_bus_add(struct soak_bus *b, const struct soak_segment *segment, struct err *e) MUST_CHECK;
/* How many of those not retired are sent.  An error is the generator's. */
int soak_bus_sent(struct soak_bus *b, size_t *n, struct err *e) MUST_CHECK;
/* No further event; returns when the generator has ended. */
void soak_bus_stop(struct soak_bus *b);
/* The oldest segment into the totals and to the seats' oracles; its plan is free then. */
void soak_bus_retire(struct soak_bus *b);
/* Events sent so far. */
uint64_t soak_bus_events(struct soak_bus *b);

/* Hand the messages that came to their seats. */
void soak_bus_listen(struct soak_bus *b);
/* Listen, look at everybody, write a row for each seat. */
int soak_bus_sample(struct soak_bus *b, double elapsed_s, struct err *e) MUST_CHECK;

#endif
