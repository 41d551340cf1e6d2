/* Triggers and their answers; see latency_match.h. */
#include "harness/latency_match.h"

#define NOBODY	SIZE_MAX
#define OF_FILL (SIZE_MAX - 1)

/* The last trigger sent before the message came. */
static size_t by_time(const struct latency_trigger *triggers, size_t n, int64_t received_ns)
{
	size_t k = n;

	while (k > 0 && !(triggers[k - 1].sent_ns && triggers[k - 1].sent_ns <= received_ns))
		k--;
	return k ? k - 1 : OF_FILL;
}

static size_t trigger_of(const struct latency_trigger *triggers, size_t n, size_t fill,
			 const struct latency_answer *a)
{
	if (a->own_number == LATENCY_UNTOLD)
		return by_time(triggers, n, a->received_ns);
	if (a->own_number <= fill)
		return OF_FILL;
	return a->own_number - fill <= n ? (size_t)a->own_number - fill - 1 : NOBODY;
}

static void answer(struct latency_trigger *t, int64_t received_ns, struct latency_account *out)
{
	if (t->answered_ns) {
		out->stray++;
	} else if (!t->sent_ns || received_ns < t->sent_ns) {
		out->early++;
	} else {
		t->answered_ns = received_ns;
		out->answered++;
	}
}

void latency_match(struct latency_trigger *triggers, size_t n, size_t fill,
		   const struct latency_answer *answers, size_t n_answers,
		   struct latency_account *out)
{
	*out = (struct latency_account){ .unanswered = SIZE_MAX };
	for (size_t i = 0; i < n_answers; i++) {
		size_t k = trigger_of(triggers, n, fill, &answers[i]);

		if (k == NOBODY)
			out->stray++;
		else if (k != OF_FILL)
			answer(&triggers[k], answers[i].received_ns, out);
	}
	for (size_t k = n; k-- > 0;)
		if (!triggers[k].answered_ns)
			out->unanswered = k;
}
