/*
 * One subject of a soak: started at a load that others share, sampled, checked.
 *
 * The bus (soak_bus.h) sends and listens; what concerns one subject alone is here:
 * its messages against the oracle and against its database, its series on disk.
 * Memory is bounded whatever the length: checked messages are let go, events out
 * of reach forgotten, rows written.
 * Ownership: a zeroed struct is empty; soak_seat_close() after any opening.
 * Threads: the session's.
 */
#ifndef HARNESS_SOAK_SEAT_H
#define HARNESS_SOAK_SEAT_H

#include "harness/check_stream.h"
#include "harness/live.h"
#include "harness/loadgen/feature_list.h"
#include "harness/series.h"

struct soak_message {
	struct soak_message *next;
	int64_t received_wall_us;
	size_t len;
	char json[];
};

struct soak_queue {
	struct soak_message *first, *last;
	size_t n;
};

#define SOAK_RESPONSES_MAX 4096 /* a sample; more are a flood, and not needed for a median */

struct soak_seat {
	struct live lv;
	struct run *run; /* of this stretch */
	bool joined, ended;
	struct check_stream *check;
	struct soak_queue unchecked, unstored; /* to be checked; to be found in the database */
	int64_t messages;		       /* received */
	int64_t own;			       /* events of its type sent in retired segments */
	int64_t points_differ, points_unkept;
	char first_differ[96];
	struct series series; /* no rows: those are on disk */
	int csv;	      /* descriptor, -1 */
	double response_us[SOAK_RESPONSES_MAX];
	size_t n_responses;
	struct series_row at_start, latest; /* at_start: after settling, of which CPU counts */
};

struct soak_place {
	struct session *session;
	const struct subject *subject;
	enum event_type type;
	struct sut *sut;
	size_t n_others; /* subscriptions there before */
	int stretch;	 /* from 1 */
	double settle_s;
};

/* A failure of the subject is its run's status, not an error. */
int soak_seat_open(struct soak_seat *seat, const struct soak_place *place,
		   struct err *e) MUST_CHECK;
void soak_seat_close(struct soak_seat *seat);
static inline bool soak_seat_lives(const struct soak_seat *seat)
{
	return seat->joined && !seat->ended;
}

/* Look whether it still runs; its end in the middle is the run's failure. */
void soak_seat_look(struct soak_seat *seat);
/* A message of its type. */
void soak_seat_message(struct soak_seat *seat, const struct tap_feature *f,
		       int64_t wall_minus_mono_us);
/* Sample, and append the row to the file. */
int soak_seat_sample(struct soak_seat *seat, double elapsed_s, uint64_t events,
		     struct err *e) MUST_CHECK;
/* The first n_sent events of a segment went out, at these times. */
void soak_seat_segment(struct soak_seat *seat, const struct plan *plan, const int64_t *sent_ns,
		       size_t n_sent, int64_t wall_minus_mono_us);
/* Check messages until the deadline; true when there is nothing left that can be. */
bool soak_seat_check(struct soak_seat *seat, int64_t deadline_ns, bool last);
/* Look checked messages of before `wall_us` up in the database. */
int soak_seat_points(struct soak_seat *seat, int64_t wall_us, bool last, struct err *e) MUST_CHECK;

/* What the run's id is: "mouse-soak-2-python". */
void soak_run_id(char *out, size_t size, enum event_type type, int stretch,
		 const char *implementation);
/* Where its series is. */
void soak_seat_path(struct buf *out, struct session *s, enum event_type type, int stretch,
		    const char *implementation);

#endif
