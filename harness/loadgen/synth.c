/* The table of the models and what they share; see synth.h. */
#include "harness/loadgen/synth.h"

#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/loadgen/synth_models.h"

static const struct synth_model *const models[EVENT_TYPES] = {
	[EVENT_KEYSTROKE] = &synth_keystroke_model,
	[EVENT_MOUSE] = &synth_mouse_model,
	[EVENT_APP] = &synth_app_model,
};

struct synth *synth_new(enum event_type type, const struct synth_options *o)
{
	struct synth *s = mem_calloc(1, models[type]->size);

	s->model = models[type];
	rng_init(&s->rng, o->seed, SYNTH_STREAM(o->stream, type));
	s->model->init(s, o);
	return s;
}

void synth_free(struct synth *s)
{
	free(s);
}

void synth_next(struct synth *s, struct event *ev)
{
	s->model->next(s, ev);
}

int64_t synth_time_us(struct rng *rng, double mu, double sigma, double cap_ms)
{
	double us = fmin(rng_lognormal(rng, mu, sigma), cap_ms) * 1000;

	return us < 1 ? 1 : (int64_t)us;
}
