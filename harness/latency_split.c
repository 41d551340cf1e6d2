/* Traced triggers divided into their parts; see latency_split.h. */
#include "harness/latency_split.h"

#include "extractors/base/mem.h"

_Static_assert((int)SPLIT_OUTCOMES == (int)ATTRIBUTION_OUTCOMES &&
		       (int)SPLIT_WHOLE == (int)ATTRIBUTION_WHOLE &&
		       (int)SPLIT_AWAKE == (int)ATTRIBUTION_AWAKE &&
		       (int)SPLIT_NO_SEND == (int)ATTRIBUTION_NO_SEND,
	       "results name the outcomes of probes/attribution.h");

/* The length of the message that was received then; they are in that order, *next is where to look. */
static int64_t bytes_of(struct tap *tap, int64_t received_ns, size_t *next)
{
	struct tap_feature f;

	while (tap_feature(tap, (*next)++, &f))
		if (f.recv_ns == received_ns)
			return (int64_t)f.payload.len;
	BUG_ON(true); /* the answer's time is that of a message of this tap */
	return 0;
}

static void keep(struct split_samples *s, const struct attribution_split *split)
{
	const int64_t ns[SPLIT_PARTS] = {
		[SPLIT_REDIS] = split->redis_ns,
		[SPLIT_RUNQ] = split->runq_ns,
		[SPLIT_COMPUTE] = split->compute_ns,
		[SPLIT_DELIVERY] = split->delivery_ns,
	};

	s->outcome[s->n] = (int)split->outcome;
	for (int p = 0; p < SPLIT_PARTS; p++)
		s->part_ns[p][s->n] = ns[p];
	s->n++;
}

void latency_split_keep(struct split_samples *out, struct attribution *a, struct tap *tap,
			int family, const struct latency_trigger *triggers, size_t n)
{
	const struct attribution_event *events;
	size_t n_events, next = 0;

	attribution_read(a);
	events = attribution_events(a, &n_events);
	*out = (struct split_samples){ .lost = attribution_lost(a) };
	out->outcome = mem_calloc(n + 1, sizeof(*out->outcome));
	for (int p = 0; p < SPLIT_PARTS; p++)
		out->part_ns[p] = mem_calloc(n + 1, sizeof(*out->part_ns[p]));
	for (size_t k = 0; k < n; k++) {
		struct attribution_query q = { .publish_ns = triggers[k].sent_ns,
					       .received_ns = triggers[k].answered_ns,
					       .family = family };
		struct attribution_split split;

		if (!triggers[k].answered_ns)
			continue;
		q.min_bytes = bytes_of(tap, q.received_ns, &next);
		attribution_split(events, n_events, &q, &split);
		keep(out, &split);
	}
}
