/*
 * The human-rate model: an endless stream of events of one type, as a person
 * would cause them.
 *
 * Fitted to recorded people; the constants and their sources are the table in
 * synth_params.h.  keystroke: log-normal dwell; press-to-press a mixture of two
 * log-normals with a slowly moving tempo, so that bursts and pauses ("spells")
 * come out as measured; dwell and press-to-press drawn independently, which gives
 * the measured rollover; keys by recorded digraphs, Backspace in runs.  mouse:
 * strokes and pauses, an autocorrelated speed, clicks, double clicks, drags,
 * scroll runs.  app: focus times, Zipf choice, returns to the app before.
 *
 * Time: ev->ts_us counts from 0 in the person's own time and never goes back.
 * Coordinates are whole pixels, as X11 and Windows report them.
 * Ownership: names are literals.  Threads: no state outside the struct.
 * Repeatable: the same options give the same events.
 */
#ifndef LOADGEN_SYNTH_H
#define LOADGEN_SYNTH_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/wire/event.h"

#define SYNTH_APPS_MAX 24
/* The rng stream of a type; each number has one more, EVENT_TYPES, for its user's own draws. */
#define SYNTH_STREAM(number, type) ((number) * (EVENT_TYPES + 1) + (unsigned int)(type))

struct synth_options {
	uint64_t seed;
	unsigned int stream;	  /* numbers of one seed are independent; small */
	bool average_person;	  /* no personal shift of dwell and tempo */
	bool app_cycle;		  /* app: every event brings the next app in turn */
	int apps;		  /* app: how many, 2 ... SYNTH_APPS_MAX; 0: the model's */
	double mouse_interval_ms; /* of the device's reports; 0: the model's */
};

struct synth;
struct synth *synth_new(enum event_type type, const struct synth_options *o);
void synth_free(struct synth *s);
void synth_next(struct synth *s, struct event *ev);

#endif
