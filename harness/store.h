/*
 * A store run: events that each bring out a feature message and a point, and how
 * long it takes until the database holds all of them.
 *
 * Of scenario `tuning`, for INFLUX_BATCH_SIZE.  The plan's first STORE_WARM_EVENTS
 * own events load what is loaded once (libcurl, the database's shard); figures count
 * from the moment their points are in the database.  Needs UPDATE_INTERVAL=0 and a
 * database; the database is asked by query, not the subject.
 */
#ifndef HARNESS_STORE_H
#define HARNESS_STORE_H

#include "harness/loadgen/plan.h"
#include "harness/session.h"

#define STORE_WARM_EVENTS 100 /* enough for features of any extractor */

/* size->store_events own events. */
int store_plan(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
	       struct err *e) MUST_CHECK;
/* As drain_run(). */
int store_run(struct session *s, const struct subject *subject, struct plan *plan, struct run *run,
	      struct err *e) MUST_CHECK;

#endif
