/*
 * Inside of the human model: one table of functions a type of event.
 *
 * Only synth*.c include this.  A model's struct begins with the random numbers
 * that synth.c seeds.
 */
#ifndef LOADGEN_SYNTH_MODELS_H
#define LOADGEN_SYNTH_MODELS_H

#include <stddef.h>

#include "extractors/base/rng.h"
#include "harness/loadgen/synth.h"

struct synth {
	const struct synth_model *model;
	struct rng rng;
};

struct synth_model {
	size_t size; /* of the model's own struct, whose first member is a struct synth */
	void (*init)(struct synth *s, const struct synth_options *o);
	void (*next)(struct synth *s, struct event *ev);
};
extern const struct synth_model synth_keystroke_model, synth_mouse_model, synth_app_model;

/* A log-normal time in ms, at most cap_ms, as whole microseconds, at least 1. */
int64_t synth_time_us(struct rng *rng, double mu, double sigma, double cap_ms);

static inline struct span synth_name(const char *literal)
{
	return (struct span){ literal, __builtin_strlen(literal) };
}

#endif
