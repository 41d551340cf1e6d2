/*
 * The hand on the mouse; see synth.h.
 *
 * It goes round: a stroke, perhaps a click, a double click or a drag, perhaps a
 * run of scroll notches, a pause.  Within a stroke the device reports at its
 * interval, as long as the pointer moved by a whole pixel; ln speed follows a
 * first-order autoregression and the heading a random walk.
 */
#include <math.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/synth_models.h"
#include "harness/loadgen/synth_params.h"

struct queued {
	int64_t at_us;
	enum event_kind kind;
	const char *button;
};

struct hand {
	struct synth base;
	int64_t now_us, stroke_end_us, interval_us;
	double x, y, heading;
	double speed_z; /* ln speed, standardised */
	double bend;	/* sd of one report's change of heading */
	int stage;	/* of the round: which of stages[] comes next */
	bool dragging;
	int n_queued, at_queued;
	struct queued queue[4]; /* a double click */
	int scrolls_left;
	bool scroll_first, scroll_down;
};

/*
 * A stroke that begins now, towards some point of the screen.  Its change of
 * heading is spread evenly over its reports.
 */
static void begin_stroke(struct hand *h, enum synth_param mu, enum synth_param sigma)
{
	struct rng *rng = &h->base.rng;
	int64_t length_us = synth_time_us(rng, synth_param(mu), synth_param(sigma),
					  synth_param(SP_PAUSE_CAP_MS));
	double bend = rng_lognormal(rng, synth_param(SP_BEND_MU), synth_param(SP_BEND_SIGMA));

	/* One draw a statement: C leaves open in which order arguments are worked out. */
	double to_x = synth_param(SP_SCREEN_WIDTH_PX) * rng_unit(rng);
	double to_y = synth_param(SP_SCREEN_HEIGHT_PX) * rng_unit(rng);

	h->stroke_end_us = h->now_us + length_us;
	h->heading = atan2(to_y - h->y, to_x - h->x);
	h->bend = bend * sqrt(fmin(1, (double)h->interval_us / (double)length_us));
}

static void enqueue(struct hand *h, int64_t at_us, enum event_kind kind, const char *button)
{
	h->queue[h->n_queued++] = (struct queued){ at_us, kind, button };
}

static int64_t click_us(struct hand *h)
{
	return synth_time_us(&h->base.rng, synth_param(SP_CLICK_MU), synth_param(SP_CLICK_SIGMA),
			     synth_param(SP_PAUSE_CAP_MS));
}

static void enqueue_click(struct hand *h, int64_t at_us, int64_t click_us, const char *button)
{
	enqueue(h, at_us, KIND_PRESS, button);
	enqueue(h, at_us + click_us, KIND_RELEASE, button);
}

static void enqueue_double_click(struct hand *h, int64_t at_us)
{
	int64_t apart_us =
		synth_time_us(&h->base.rng, synth_param(SP_DOUBLE_GAP_MU),
			      synth_param(SP_DOUBLE_GAP_SIGMA), synth_param(SP_PAUSE_CAP_MS));
	int64_t first_us = click_us(h);

	enqueue_click(h, at_us, first_us < apart_us ? first_us : apart_us / 2, "Left");
	enqueue_click(h, at_us + apart_us, click_us(h), "Left");
}

/*
 * Of n clicks q n are double ones, which makes (1 + q) n presses of which q n come
 * right after another: the share s of those is q / (1 + q), so q = s / (1 - s).
 */
static void maybe_click(struct hand *h)
{
	struct rng *rng = &h->base.rng;
	int64_t at_us = h->now_us + h->interval_us;
	double s = synth_param(SP_DOUBLE_SHARE);

	if (!rng_chance(rng, synth_param(SP_CLICK_PER_STROKE)))
		return;
	h->n_queued = h->at_queued = 0;
	if (rng_chance(rng, synth_param(SP_DRAG_SHARE))) {
		enqueue(h, at_us, KIND_PRESS, "Left");
		h->dragging = true;
		begin_stroke(h, SP_DRAG_MU, SP_DRAG_SIGMA);
	} else if (rng_chance(rng, synth_param(SP_RIGHT_SHARE))) {
		enqueue_click(h, at_us, click_us(h), "Right");
	} else if (rng_chance(rng, s / (1 - s))) {
		enqueue_double_click(h, at_us);
	} else {
		enqueue_click(h, at_us, click_us(h), "Left");
	}
}

#define SCROLL_RUN_MAX 1000 /* far beyond any recorded run */

static void maybe_scroll(struct hand *h)
{
	struct rng *rng = &h->base.rng;
	double n =
		rng_lognormal(rng, synth_param(SP_SCROLL_RUN_MU), synth_param(SP_SCROLL_RUN_SIGMA));

	if (!rng_chance(rng, synth_param(SP_SCROLL_PER_STROKE)))
		return;
	h->scrolls_left = (int)fmin(fmax(1, round(n)), SCROLL_RUN_MAX);
	h->scroll_first = true;
	h->scroll_down = rng_chance(rng, synth_param(SP_SCROLL_DOWN_SHARE));
}

static void pause_and_move_on(struct hand *h)
{
	h->now_us += synth_time_us(&h->base.rng, synth_param(SP_PAUSE_MU),
				   synth_param(SP_PAUSE_SIGMA), synth_param(SP_PAUSE_CAP_MS));
	begin_stroke(h, SP_STROKE_MU, SP_STROKE_SIGMA);
}

static void (*const stages[])(struct hand *h) = { maybe_click, maybe_scroll, pause_and_move_on };

static void take_queued(struct hand *h, struct event *ev)
{
	const struct queued *q = &h->queue[h->at_queued++];

	h->now_us = ev->ts_us = q->at_us;
	ev->kind = q->kind;
	ev->has_name = true;
	ev->name = synth_name(q->button);
}

static void take_scroll(struct hand *h, struct event *ev)
{
	struct rng *rng = &h->base.rng;

	if (h->scroll_first || !rng_chance(rng, synth_param(SP_SCROLL_SAME_TICK)))
		h->now_us += synth_time_us(rng, synth_param(SP_SCROLL_GAP_MU),
					   synth_param(SP_SCROLL_GAP_SIGMA),
					   synth_param(SP_SCROLL_GAP_CAP_MS));
	h->scroll_first = false;
	h->scrolls_left--;
	ev->ts_us = h->now_us;
	ev->kind = KIND_SCROLL;
	ev->has_scroll = true;
	ev->scroll_delta = h->scroll_down ? -1 : 1;
}

/* Keep *v within 0 ... max by reflection; true when it was outside. */
static bool reflect(double *v, double max)
{
	if (*v >= 0 && *v <= max)
		return false;
	*v = *v < 0 ? -*v : 2 * max - *v;
	*v = fmin(fmax(*v, 0), max);
	return true;
}

static void step(struct hand *h)
{
	struct rng *rng = &h->base.rng;
	double lag1 = synth_param(SP_SPEED_LAG1), way;

	h->speed_z = lag1 * h->speed_z + sqrt(1 - lag1 * lag1) * rng_normal(rng);
	h->heading += h->bend * rng_normal(rng);
	way = exp(synth_param(SP_SPEED_MU) + synth_param(SP_SPEED_SIGMA) * h->speed_z) *
	      (double)h->interval_us / (double)US_PER_S;
	h->x += way * cos(h->heading);
	h->y += way * sin(h->heading);
	if (reflect(&h->x, synth_param(SP_SCREEN_WIDTH_PX) - 1))
		h->heading = M_PI - h->heading;
	if (reflect(&h->y, synth_param(SP_SCREEN_HEIGHT_PX) - 1))
		h->heading = -h->heading;
}

/* One report; false when the pointer did not come to another pixel. */
static bool take_move(struct hand *h, struct event *ev)
{
	double x = round(h->x), y = round(h->y);
	double jitter = 1 + synth_param(SP_MOUSE_JITTER) * rng_normal(&h->base.rng);

	h->now_us += (int64_t)((double)h->interval_us * fmax(jitter, 0.5));
	step(h);
	if (round(h->x) == x && round(h->y) == y)
		return false;
	ev->ts_us = h->now_us;
	ev->kind = KIND_MOVE;
	ev->has_x = ev->has_xy = true;
	ev->x = round(h->x);
	ev->y = round(h->y);
	return true;
}

static void hand_init(struct synth *s, const struct synth_options *o)
{
	struct hand *h = (struct hand *)s;
	double interval_ms =
		o->mouse_interval_ms > 0 ? o->mouse_interval_ms : synth_param(SP_MOUSE_INTERVAL_MS);

	h->interval_us = (int64_t)fmax(1, interval_ms * 1000);
	h->x = synth_param(SP_SCREEN_WIDTH_PX) * rng_unit(&s->rng);
	h->y = synth_param(SP_SCREEN_HEIGHT_PX) * rng_unit(&s->rng);
	h->speed_z = rng_normal(&s->rng);
	begin_stroke(h, SP_STROKE_MU, SP_STROKE_SIGMA);
}

static void end_drag(struct hand *h, struct event *ev)
{
	h->dragging = false;
	ev->ts_us = h->now_us;
	ev->kind = KIND_RELEASE;
	ev->has_name = true;
	ev->name = synth_name("Left");
}

static void hand_next(struct synth *s, struct event *ev)
{
	struct hand *h = (struct hand *)s;

	*ev = (struct event){ .type = EVENT_MOUSE };
	for (;;) {
		if (h->at_queued < h->n_queued) {
			take_queued(h, ev);
			return;
		}
		if (h->now_us < h->stroke_end_us) {
			if (take_move(h, ev))
				return;
			continue;
		}
		if (h->dragging) {
			end_drag(h, ev);
			return;
		}
		if (h->scrolls_left) {
			take_scroll(h, ev);
			return;
		}
		stages[h->stage](h);
		h->stage = (h->stage + 1) % (int)ARRAY_SIZE(stages);
	}
}

const struct synth_model synth_mouse_model = { sizeof(struct hand), hand_init, hand_next };
