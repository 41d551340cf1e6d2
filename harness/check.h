/*
 * Was the work done right?  The feature messages of a run against the oracle.
 *
 * Source: spec/measurement.md, rule 4.  A message with `trace` says how many own
 * events it stands on and which wall clock cut its window; both are believed
 * only as far as the plan and the times of sending and receiving bear them out.
 * Without trace, messages that came after the last event was sent are checked at
 * every cut-off possible between that sending and their receipt; earlier ones
 * count as unchecked.  Pure.
 */
#ifndef HARNESS_CHECK_H
#define HARNESS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "extractors/wire/event.h"
#include "harness/result.h"

struct check_message {
	int64_t received_wall_us;
	const char *json;
	size_t len;
};

struct check_spec {
	enum event_type type;
	const struct event *own;     /* the plan's own events, in the order they were sent */
	const int64_t *sent_wall_us; /* when each of them was sent */
	size_t n_own;
	uint64_t first; /* own events before own[0], which no message to come stands on */
	double window_s;
	size_t max_buffer;
	bool traced; /* the subject sends `trace` */
};

/* The clocks of two processes on one host are the same; this much is reading them one after the other. */
#define CHECK_CLOCK_SLACK_US 2000

void check_features(const struct check_spec *spec, const struct check_message *messages, size_t n,
		    struct oracle_summary *out);

/*
 * One traced message of keystroke or mouse.  NULL when it is right, else what is
 * wrong, which may be in *why.  *last_events: of the message before; moved on.
 */
const char *check_traced_message(const struct check_spec *spec, const struct check_message *m,
				 uint64_t *last_events, struct err *why);

/* Does any message stand on all own events?  (The sentinel's features.) */
bool check_has_last(const struct check_spec *spec, const struct check_message *messages, size_t n);

/* How many feature messages must come out: app's are exact, the others' hang on the clock (-1). */
int64_t check_expected_messages(const struct check_spec *spec);

#endif
