/*
 * Events into the order of their times; equal times keep the order of arrival.
 *
 * What arrives is nearly always in order already, so that is looked at first.
 */
#ifndef FEATURE_ORDER_H
#define FEATURE_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct timed {
	double t;     /* seconds, > 0 */
	uint32_t tag; /* the caller's */
};

/* Sort ev[n] in place; tmp[n] is scratch. */
void order_by_time(struct timed *ev, struct timed *tmp, size_t n);

#endif
