/*
 * The numbers behind click_0 ... click_9, from the presses and releases of a window.
 *
 * Source: spec/features.md "Mouse".  Ownership: the caller's zeroed struct,
 * clicks_release() frees what it grew.
 */
#ifndef FEATURE_CLICKS_H
#define FEATURE_CLICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/feature/order.h"
#include "extractors/feature/select.h"

/* Buttons are numbered by the caller; these are fixed. */
enum { BUTTON_NONE, BUTTON_LEFT, BUTTON_RIGHT, BUTTON_MIDDLE, BUTTONS_KNOWN };

struct clicks {
	struct scratch last_press, durations, presses, tmp;
	struct select select;
};

/* The tag of a click's struct timed. */
static inline uint32_t click_tag(uint32_t button, bool press)
{
	return button << 1 | press;
}

struct click_features {
	double mean_ms, std_ms, median_ms; /* of durations, 0 if none */
	size_t presses, left, right, middle, double_clicks;
};

void clicks_release(struct clicks *c);
/* ev[n] in order of arrival; every button is below n_buttons. */
struct click_features clicks_measure(struct clicks *c, const struct timed *ev, size_t n,
				     size_t n_buttons);

#endif
