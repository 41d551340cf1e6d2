/*
 * A response divided into its parts: the pure half of attribution.h.
 *
 * Works backwards from the answer: which send, which receive before it, which wakeup
 * before that.
 */
#include <stddef.h>

#include "harness/probes/attribution.h"

const char *const attribution_outcome_names[ATTRIBUTION_OUTCOMES] = { "whole", "was awake",
								      "no send" };

/* Index of the first event that ended after `ns`; n when there is none. */
static size_t first_after(const struct attribution_event *events, size_t n, int64_t ns)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (events[mid].end_ns <= ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A send whose answer was received this long ago and that has not returned is none. */
#define RETURN_MAX_NS INT64_C(1000000000)

/*
 * The earliest to be entered.  The log is ordered by the end of calls, and a send may
 * end after its message was received: Redis is faster than the way back into the subject.
 */
static const struct attribution_event *find_send(const struct attribution_event *events, size_t n,
						 size_t from, const struct attribution_query *q)
{
	const struct attribution_event *found = NULL;

	for (size_t i = from; i < n && events[i].end_ns <= q->received_ns + RETURN_MAX_NS; i++) {
		const struct attribution_event *ev = &events[i];

		if (ev->kind == ATTRIBUTION_SEND && ev->bytes >= q->min_bytes &&
		    (q->family == ATTRIBUTION_ANY_FAMILY || ev->family == q->family) &&
		    ev->begin_ns >= q->publish_ns && ev->begin_ns <= q->received_ns &&
		    (!found || ev->begin_ns < found->begin_ns))
			found = ev;
	}
	return found;
}

/* The last of a thread and kind that ended in [from_ns, upto_ns], looking back from `end`. */
static const struct attribution_event *find_last(const struct attribution_event *events, size_t end,
						 enum attribution_kind kind, int tid,
						 int64_t from_ns, int64_t upto_ns)
{
	while (end-- > 0) {
		const struct attribution_event *ev = &events[end];

		if (ev->end_ns < from_ns)
			break;
		if (ev->kind == kind && ev->tid == tid && ev->end_ns <= upto_ns)
			return ev;
	}
	return NULL;
}

void attribution_split(const struct attribution_event *events, size_t n,
		       const struct attribution_query *q, struct attribution_split *out)
{
	size_t from = first_after(events, n, q->publish_ns - 1);
	const struct attribution_event *send = find_send(events, n, from, q), *recv, *wake;
	int64_t arrived_ns;
	size_t end;

	*out = (struct attribution_split){ .outcome = ATTRIBUTION_NO_SEND };
	if (!send)
		return;
	end = first_after(events, n, send->begin_ns);
	recv = find_last(events, end, ATTRIBUTION_RECV, send->tid, q->publish_ns, send->begin_ns);
	arrived_ns = recv ? recv->end_ns : send->begin_ns;
	wake = find_last(events, end, ATTRIBUTION_WAKE, send->tid, q->publish_ns, arrived_ns);
	out->delivery_ns = q->received_ns - send->begin_ns;
	if (wake && wake->begin_ns >= q->publish_ns) {
		out->outcome = ATTRIBUTION_WHOLE;
		out->redis_ns = wake->begin_ns - q->publish_ns;
		out->runq_ns = wake->end_ns - wake->begin_ns;
		out->compute_ns = send->begin_ns - wake->end_ns;
	} else {
		out->outcome = ATTRIBUTION_AWAKE;
		out->redis_ns = arrived_ns - q->publish_ns;
		out->compute_ns = send->begin_ns - arrived_ns;
	}
}
