/*
 * The events that an extraction sees, and the lists of them it works on.
 *
 * Inside the oracle only.  Ownership: a list is the caller's, zeroed is empty,
 * moments_release() frees it; the events stay where they are.
 */
#ifndef ORACLE_WINDOW_H
#define ORACLE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/wire/event.h"
#include "harness/oracle/oracle.h"

struct moment {
	double t; /* s since the epoch: ts / 1e6 */
	const struct event *ev;
	size_t order; /* of arrival */
};

struct moments {
	struct moment *v;
	size_t n, cap;
};

void moments_release(struct moments *l);
void moments_add(struct moments *l, const struct moment *m);
/* By time; equal times keep the order of arrival. */
void moments_sort(struct moments *l);
/* The moments of one kind of event, in the same order. */
void moments_of_kind(struct moments *out, const struct moments *in, enum event_kind kind);

/* Of all own events so far: those in the buffer and in the window. */
void window_cut(struct moments *out, const struct event *events, size_t n,
		const struct oracle_params *p);

/* features.md "Keystroke" and "Mouse" over a window; false: too few events. */
bool keystroke_oracle(const struct moments *window, struct feature_msg *out);
bool mouse_oracle(const struct moments *window, double window_s, struct feature_msg *out);

#endif
