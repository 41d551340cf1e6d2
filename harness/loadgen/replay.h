/*
 * A recording: JSON lines, one event message a line, as they would come from Redis.
 *
 * Times may begin at 0 (which no live message has) or anywhere; what counts is
 * the time since the first event.  Events keep the order of the file; one that is
 * older than its predecessor is played with it (out_of_order counts them).
 * Ownership: names point into the recording; it must outlive what is made from it.
 * Pure: the caller reads the file.  Errors name the line and the reason.
 */
#ifndef LOADGEN_REPLAY_H
#define LOADGEN_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "extractors/wire/event.h"

struct recording {
	struct event *events; /* ts_us: since the first event, never decreasing */
	size_t n;
	size_t per_type[EVENT_TYPES];
	size_t out_of_order;
	/*
	 * From one round of a loop to the next: the last event's time and one mean
	 * interval more, so that looping keeps the mean rate.
	 */
	int64_t period_us;
	char *text; /* holds the names */
};

/* Empty lines are skipped; a line that is no valid event is -EINVAL, none at all too. */
int recording_parse(struct recording **out, const char *text, size_t len, struct err *e) MUST_CHECK;
void recording_free(struct recording *r);

#endif
