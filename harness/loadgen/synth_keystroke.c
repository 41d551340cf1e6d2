/*
 * The typist; see synth.h.
 *
 * Presses follow one another by the press-to-press time; each key's release comes
 * a dwell after its press, whatever was pressed meanwhile.  The next press is
 * always known one ahead, because a key that is pressed again must be up before.
 */
#include <math.h>

#include "harness/loadgen/key_chain.h"
#include "harness/loadgen/synth_models.h"
#include "harness/loadgen/synth_params.h"

struct down_key {
	int key;
	int64_t pressed_us, release_us;
};

struct typist {
	struct synth base;
	struct key_chain chain;
	double dwell_shift, down_shift;				 /* of this person, ln */
	double tempo;						 /* ln; moves slowly */
	double dwell_sigma, fast_sigma, slow_sigma, tempo_sigma; /* of this person, ln */
	int next_key;
	int64_t next_press_us;
	int n_down;
	struct down_key down[KEYS]; /* a key is down once at most */
};

/*
 * The fits are of many people pooled, so the variance between people is taken out
 * of each component, and the tempo's likewise: over all people and times the
 * mixture is the measured one.  Within a person the variance of ln press-to-press
 * is that of the components, 0.618 - 0.25^2, plus 0.146 between their means; the
 * tempo's share is 0.075 * 0.701 = 0.053.
 */
static void split_variance(struct typist *t)
{
	double w = synth_param(SP_DOWN_FAST_SHARE);
	double apart = synth_param(SP_DOWN_SLOW_MU) - synth_param(SP_DOWN_FAST_MU);
	double people = pow(synth_param(SP_DOWN_PERSON_SD), 2);
	double fast = pow(synth_param(SP_DOWN_FAST_SIGMA), 2) - people;
	double slow = pow(synth_param(SP_DOWN_SLOW_SIGMA), 2) - people;
	double total = w * fast + (1 - w) * slow + w * (1 - w) * apart * apart;
	double tempo = synth_param(SP_TEMPO_VARIANCE_SHARE) * total;

	t->tempo_sigma = sqrt(tempo);
	t->fast_sigma = sqrt(fast - tempo);
	t->slow_sigma = sqrt(slow - tempo);
	t->dwell_sigma =
		sqrt(pow(synth_param(SP_DWELL_SIGMA), 2) - pow(synth_param(SP_DWELL_PERSON_SD), 2));
}

static int64_t draw_press_to_press(struct typist *t)
{
	struct rng *rng = &t->base.rng;
	double lag1 = synth_param(SP_TEMPO_LAG1);
	bool fast = rng_chance(rng, synth_param(SP_DOWN_FAST_SHARE));
	double mu = synth_param(fast ? SP_DOWN_FAST_MU : SP_DOWN_SLOW_MU);

	t->tempo = lag1 * t->tempo + sqrt(1 - lag1 * lag1) * t->tempo_sigma * rng_normal(rng);
	return synth_time_us(rng, mu + t->tempo + t->down_shift,
			     fast ? t->fast_sigma : t->slow_sigma, synth_param(SP_DOWN_CAP_MS));
}

static int64_t draw_dwell(struct typist *t, int key)
{
	struct rng *rng = &t->base.rng;
	double mu = synth_param(SP_DWELL_MU), sigma = t->dwell_sigma;

	if (key == KEY_SHIFT_LEFT) {
		mu = synth_param(SP_DWELL_SHIFT_MU);
		sigma = synth_param(SP_DWELL_SHIFT_SIGMA);
	} else if (rng_chance(rng, synth_param(SP_DWELL_ODD_SHARE))) {
		mu = synth_param(SP_DWELL_ODD_MU);
		sigma = synth_param(SP_DWELL_ODD_SIGMA);
	}
	return synth_time_us(rng, mu + t->dwell_shift, sigma, synth_param(SP_DOWN_CAP_MS));
}

/* A key that is still down when its next press comes is let go shortly before, not in the past. */
static void release_before_press(struct typist *t, int64_t now_us)
{
	for (int i = 0; i < t->n_down; i++) {
		struct down_key *d = &t->down[i];
		int64_t between = t->next_press_us - d->pressed_us;
		int64_t gap = (int64_t)(synth_param(SP_SAME_KEY_GAP_MS) * 1000);

		if (d->key != t->next_key)
			continue;
		if (gap > between / 2)
			gap = between / 2;
		if (d->release_us > t->next_press_us - gap)
			d->release_us = t->next_press_us - gap;
		if (d->release_us < now_us)
			d->release_us = now_us;
	}
}

static void plan_press(struct typist *t)
{
	int64_t now_us = t->next_press_us;

	t->next_press_us += draw_press_to_press(t);
	t->next_key = key_chain_next(&t->chain);
	release_before_press(t, now_us);
}

static void typist_init(struct synth *s, const struct synth_options *o)
{
	struct typist *t = (struct typist *)s;

	split_variance(t);
	if (!o->average_person) {
		t->dwell_shift = synth_param(SP_DWELL_PERSON_SD) * rng_normal(&s->rng);
		t->down_shift = synth_param(SP_DOWN_PERSON_SD) * rng_normal(&s->rng);
	}
	t->tempo = t->tempo_sigma * rng_normal(&s->rng);
	key_chain_init(&t->chain, &s->rng);
	t->next_key = key_chain_next(&t->chain); /* the first press is at 0 */
}

static int first_to_release(const struct typist *t)
{
	int first = -1;

	for (int i = 0; i < t->n_down; i++)
		if (first < 0 || t->down[i].release_us < t->down[first].release_us)
			first = i;
	return first;
}

static void typist_next(struct synth *s, struct event *ev)
{
	struct typist *t = (struct typist *)s;
	int up = first_to_release(t);
	int key;

	*ev = (struct event){ .type = EVENT_KEYSTROKE, .has_name = true };
	if (up >= 0 && t->down[up].release_us <= t->next_press_us) {
		ev->kind = KIND_RELEASE;
		ev->ts_us = t->down[up].release_us;
		key = t->down[up].key;
		t->down[up] = t->down[--t->n_down];
	} else {
		ev->kind = KIND_PRESS;
		ev->ts_us = t->next_press_us;
		key = t->next_key;
		t->down[t->n_down++] =
			(struct down_key){ key, ev->ts_us, ev->ts_us + draw_dwell(t, key) };
		plan_press(t);
	}
	ev->name = synth_name(key_counts[key].name);
}

const struct synth_model synth_keystroke_model = { sizeof(struct typist), typist_init,
						   typist_next };
