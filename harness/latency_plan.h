/*
 * The plans of the scenario latency: fill the buffer, then trigger after trigger.
 *
 * A shape is how full the buffer is and whether other events come meanwhile.
 * The fill goes out as fast as it is read (gen_conf.paced_from); the triggers, each
 * an own event, come at a fixed distance, which is more than the update interval
 * and an extraction of any subject; the other events as a Poisson process, so
 * that they keep no step with the triggers.
 * Pure.  Units in names.
 */
#ifndef HARNESS_LATENCY_PLAN_H
#define HARNESS_LATENCY_PLAN_H

#include "harness/loadgen/plan.h"
#include "harness/scenario.h"

/* The first triggers after the fill find caches cold: answered and checked, but not counted. */
#define LATENCY_WARM 5

struct latency_shape {
	const char *name; /* the phase */
	double fill;	  /* share of MAX_BUFFER_SIZE */
	bool busy;	  /* with events of the types that the subject does not use */
};

#define LATENCY_SHAPES 6
extern const struct latency_shape latency_shapes[LATENCY_SHAPES];

/* The shape of that name, or NULL. */
const struct latency_shape *latency_shape_find(const char *name);
/* Is every word of the list a shape's name?  -EINVAL names the first that is not, and `key`. */
int latency_shapes_check(const char *key, const char *list, struct err *e) MUST_CHECK;
/* Does the list of words name the shape? */
bool latency_shape_listed(const char *list, const struct latency_shape *shape);

/*
 * The events that fill the buffer.  Where there is room above, half of the triggers
 * fewer than the share, so that the share is the mean over the triggers.
 */
size_t latency_fill_events(const struct scenario_size *size, enum event_type type,
			   const struct latency_shape *shape);
/*
 * UPDATE_INTERVAL of the subjects: longer than their extraction, which grows with the
 * window; else a slow one makes an attempt at every event of the fill.
 */
double latency_interval_s(const struct scenario *sc, enum event_type type,
			  const struct latency_shape *shape);
/* Between two triggers: time for an extraction, and then an interval. */
double latency_gap_s(const struct scenario *sc, enum event_type type,
		     const struct latency_shape *shape);

int latency_plan_build(struct plan **out, const struct scenario *sc,
		       const struct scenario_size *size, enum event_type type,
		       const struct latency_shape *shape, uint64_t seed, struct err *e) MUST_CHECK;

#endif
