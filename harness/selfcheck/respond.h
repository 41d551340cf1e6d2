/*
 * Response and service times of a subject that answers every event.
 *
 * Response: from the event's intended time to the receipt of its answer.
 * Service: from when its work could begin, which is the later of its sending and the
 * answer before (a queue with one server, Lindley 1952), so that an event that waits
 * behind a slow one has a long response and a short service time.
 * That is not the service time of the scenario latency, whose triggers never queue
 * (harness/latency.h): there it counts from the sending.
 * Ownership: respond_release().
 */
#ifndef SELFCHECK_RESPOND_H
#define SELFCHECK_RESPOND_H

#include "harness/live.h"

struct respond {
	size_t n, unmatched;		  /* messages that answer no event of the plan */
	double *response_ms, *service_ms; /* in the order of arrival */
};

/* With a trace by its number; without, the k-th message answers the k-th event. */
void respond_collect(struct live *lv, struct respond *out);
void respond_release(struct respond *r);

#endif
