/*
 * Which message answers which trigger?
 *
 * A message with a trace names the own event that caused it, and a relay's is that
 * event itself: then it answers that trigger.  One that cannot be told so answers
 * the last trigger that was sent before it came, as only one is on its way at a
 * time.  What answers the fill is no business of this; whatever answers nothing,
 * answers again, or came before its trigger was sent, is counted.
 * Pure.  Units: ns, CLOCK_MONOTONIC.
 */
#ifndef HARNESS_LATENCY_MATCH_H
#define HARNESS_LATENCY_MATCH_H

#include <stddef.h>
#include <stdint.h>

struct latency_trigger {
	int64_t intended_ns, sent_ns; /* sent 0: never */
	int64_t answered_ns;	      /* out: when its message was received; 0: never */
};

#define LATENCY_UNTOLD 0
#define LATENCY_WRONG  UINT64_MAX /* tells, but nothing that can be */

struct latency_answer {
	int64_t received_ns;
	/* The number of the own event that it answers, from 1 and the fill counted; or one of the above. */
	uint64_t own_number;
};

struct latency_account {
	size_t answered;
	size_t stray;	   /* answers to nothing, or once more */
	size_t early;	   /* received before their trigger was sent */
	size_t unanswered; /* the first trigger that is; SIZE_MAX: none */
};

/* `fill` own events came before the first trigger. */
void latency_match(struct latency_trigger *triggers, size_t n, size_t fill,
		   const struct latency_answer *answers, size_t n_answers,
		   struct latency_account *out);

#endif
