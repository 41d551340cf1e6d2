/*
 * features.md "Mouse", row by row.
 *
 * What a window, its order and its times are is in window.c; the statistics
 * are in numbers.c.
 */
#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/oracle/names.h"
#include "harness/oracle/numbers.h"
#include "harness/oracle/window.h"

#define EVENTS_MIN	   50
#define MOVES_MIN	   3
#define DT_MIN_S	   0.001
#define DT_PAUSE_S	   0.1
#define VELOCITY_MAX	   10000.0   /* px/s */
#define ACCELERATION_MAX   100000.0  /* px/s2 */
#define JERK_MAX	   1000000.0 /* px/s3 */
#define CLICK_MAX_MS	   5000
#define DOUBLE_CLICK_MAX_S 0.5

static const char *const move_members[] = {
	"move_0",  "move_1",  "move_2",	 "move_3",  "move_4",  "move_5",  "move_6",
	"move_7",  "move_8",  "move_9",	 "move_10", "move_11", "move_12", "move_13",
	"move_14", "move_15", "move_16", "move_17", "move_18", "move_19",
};
static const char *const click_members[] = {
	"click_0", "click_1", "click_2", "click_3", "click_4",
	"click_5", "click_6", "click_7", "click_8", "click_9"
};
static const char *const scroll_members[] = { "scroll_0", "scroll_1", "scroll_2", "scroll_3",
					      "scroll_4", "scroll_5", "scroll_6", "scroll_7" };

/* The members of one group; what was not set stays 0.0. */
static void add_all(struct feature_msg *out, const char *const *members, const double *values,
		    size_t n)
{
	for (size_t i = 0; i < n; i++)
		feature_add(out, members[i], values[i]);
}

static void keep_below(struct numbers *out, const struct numbers *in, double limit)
{
	for (size_t i = 0; i < in->n; i++)
		if (fabs(in->v[i]) < limit)
			numbers_add(out, in->v[i]);
}

/* The differences of `in`, each over the dt of its place. */
static void derive(struct numbers *out, const struct numbers *in, const struct numbers *dt)
{
	numbers_add_diff(out, in);
	for (size_t i = 0; i < out->n; i++)
		out->v[i] /= dt->v[i];
}

/* The series of the page, over all moves; unfiltered. */
struct path {
	struct numbers dist, dt, v, a, j, turn;
	double straight;
};

static void path_release(struct path *p)
{
	numbers_release(&p->dist);
	numbers_release(&p->dt);
	numbers_release(&p->v);
	numbers_release(&p->a);
	numbers_release(&p->j);
	numbers_release(&p->turn);
}

static double distance(const struct event *from, const struct event *to)
{
	double dx = to->x - from->x, dy = to->y - from->y;

	return sqrt(dx * dx + dy * dy);
}

static void path_of(struct path *p, const struct moments *moves)
{
	struct numbers angle = { 0 }, diff = { 0 };

	for (size_t i = 1; i < moves->n; i++) {
		const struct moment *from = &moves->v[i - 1], *to = &moves->v[i];

		numbers_add(&p->dist, distance(from->ev, to->ev));
		numbers_add(&p->dt, fmax(to->t - from->t, DT_MIN_S));
		numbers_add(&p->v, p->dist.v[i - 1] / p->dt.v[i - 1]);
		numbers_add(&angle, atan2(to->ev->y - from->ev->y, to->ev->x - from->ev->x));
	}
	derive(&p->a, &p->v, &p->dt);
	derive(&p->j, &p->a, &p->dt);
	if (p->a.n < 2)
		numbers_add(&p->j, 0);
	numbers_add_diff(&diff, &angle);
	numbers_add_abs(&p->turn, &diff);
	p->straight = distance(moves->v[0].ev, moves->v[moves->n - 1].ev);
	numbers_release(&diff);
	numbers_release(&angle);
}

static double share_above(const struct numbers *s, double limit)
{
	size_t above = 0;

	for (size_t i = 0; i < s->n; i++)
		above += s->v[i] > limit;
	return (double)above / (double)s->n;
}

static void move_values(double f[], const struct path *p, double n, double window_s)
{
	struct numbers v = { 0 }, a = { 0 }, abs_a = { 0 }, j = { 0 }, abs_j = { 0 };
	double path_px = numbers_sum(&p->dist);

	keep_below(&v, &p->v, VELOCITY_MAX);
	keep_below(&a, &p->a, ACCELERATION_MAX);
	keep_below(&j, &p->j, JERK_MAX);
	numbers_add_abs(&abs_a, &a);
	numbers_add_abs(&abs_j, &j);
	f[0] = numbers_mean(&v);
	f[1] = numbers_std(&v);
	f[2] = numbers_max(&v);
	f[3] = numbers_quantile(&v, 0.5);
	f[4] = numbers_mean(&abs_a);
	f[5] = numbers_std(&a);
	f[6] = numbers_max(&abs_a);
	f[7] = 1 - p->straight / fmax(path_px, 1);
	f[8] = numbers_mean(&p->turn);
	f[9] = numbers_std(&p->turn);
	f[10] = numbers_mean(&abs_j);
	f[11] = numbers_std(&j);
	f[12] = path_px;
	f[13] = p->straight;
	f[14] = path_px / n;
	f[15] = share_above(&p->dt, DT_PAUSE_S);
	f[16] = numbers_mean(&p->dt);
	f[17] = numbers_std(&p->dt);
	f[18] = p->straight / fmax(path_px, 1);
	f[19] = n / window_s;
	numbers_release(&abs_j);
	numbers_release(&j);
	numbers_release(&abs_a);
	numbers_release(&a);
	numbers_release(&v);
}

static void add_moves(struct feature_msg *out, const struct moments *window, double window_s)
{
	double f[ARRAY_SIZE(move_members)] = { 0 };
	struct moments moves = { 0 };
	struct path path = { 0 };

	for (size_t i = 0; i < window->n; i++)
		if (window->v[i].ev->kind == KIND_MOVE && window->v[i].ev->has_x)
			moments_add(&moves, &window->v[i]);
	if (moves.n >= MOVES_MIN) {
		path_of(&path, &moves);
		move_values(f, &path, (double)moves.n, window_s);
	}
	add_all(out, move_members, f, ARRAY_SIZE(move_members));
	path_release(&path);
	moments_release(&moves);
}

static bool is_button(const struct event *ev, const char *name)
{
	return ev->has_name && ev->name.len == strlen(name) &&
	       !memcmp(ev->name.p, name, ev->name.len);
}

static double count_button(const struct moments *presses, const char *name)
{
	double n = 0;

	for (size_t i = 0; i < presses->n; i++)
		n += is_button(presses->v[i].ev, name);
	return n;
}

/* A number for each button; one for "none", which no name can have. */
static size_t button_id(struct names *buttons, const struct event *ev)
{
	char text[EVENT_NAME_MAX + 1] = { ev->has_name };

	if (ev->has_name)
		memcpy(text + 1, ev->name.p, ev->name.len);
	return names_id(buttons, text, 1 + (ev->has_name ? ev->name.len : 0));
}

/* Each button's first release against its last press of the window: the page's first quirk. */
static void click_durations(struct numbers *out, const struct moments *presses,
			    const struct moments *releases)
{
	const struct moment **last =
		mem_calloc(presses->n + releases->n, sizeof(*last)); /* by button */
	struct names buttons = { 0 };

	for (size_t i = 0; i < presses->n; i++)
		last[button_id(&buttons, presses->v[i].ev)] = &presses->v[i];
	for (size_t i = 0; i < releases->n; i++) {
		const struct moment *release = &releases->v[i];
		size_t button = button_id(&buttons, release->ev);
		double d;

		if (!last[button])
			continue;
		d = (release->t - last[button]->t) * 1000;
		if (d > 0 && d < CLICK_MAX_MS)
			numbers_add(out, d);
		last[button] = NULL;
	}
	names_release(&buttons);
	free(last);
}

static double count_double_clicks(const struct moments *presses)
{
	struct moments by_time = { 0 };
	double n = 0;

	moments_of_kind(&by_time, presses, KIND_PRESS);
	moments_sort(&by_time);
	for (size_t i = 1; i < by_time.n; i++)
		n += by_time.v[i].t - by_time.v[i - 1].t < DOUBLE_CLICK_MAX_S;
	moments_release(&by_time);
	return n;
}

static void add_clicks(struct feature_msg *out, const struct moments *window, double window_s)
{
	double f[ARRAY_SIZE(click_members)] = { 0 };
	struct moments presses = { 0 }, releases = { 0 };
	struct numbers durations = { 0 };

	moments_of_kind(&presses, window, KIND_PRESS);
	moments_of_kind(&releases, window, KIND_RELEASE);
	if (presses.n || releases.n) {
		click_durations(&durations, &presses, &releases);
		f[0] = numbers_mean(&durations);
		f[1] = numbers_std(&durations);
		f[2] = count_button(&presses, "Left");
		f[3] = count_button(&presses, "Right");
		f[4] = count_button(&presses, "Middle");
		f[5] = f[2] / fmax(f[2] + f[3] + f[4], 1);
		f[6] = count_double_clicks(&presses);
		f[7] = f[6] / fmax((double)presses.n, 1);
		f[8] = (double)presses.n / window_s;
		f[9] = numbers_quantile(&durations, 0.5);
	}
	add_all(out, click_members, f, ARRAY_SIZE(click_members));
	numbers_release(&durations);
	moments_release(&releases);
	moments_release(&presses);
}

static void scroll_values(double f[], const struct moments *scrolls, const struct numbers *deltas,
			  double window_s)
{
	struct numbers size = { 0 }, time = { 0 }, gap = { 0 };

	for (size_t i = 0; i < deltas->n; i++) {
		f[2] += deltas->v[i] > 0;
		f[3] += deltas->v[i] < 0;
	}
	for (size_t i = 0; i < scrolls->n; i++)
		numbers_add(&time, scrolls->v[i].t);
	numbers_add_abs(&size, deltas);
	numbers_add_diff(&gap, &time);
	f[0] = numbers_mean(&size);
	f[1] = numbers_std(deltas);
	f[4] = f[2] / fmax((double)deltas->n, 1);
	f[5] = (double)scrolls->n / window_s;
	f[6] = numbers_mean(&gap);
	f[7] = numbers_std(&gap);
	numbers_release(&gap);
	numbers_release(&time);
	numbers_release(&size);
}

static void add_scrolls(struct feature_msg *out, const struct moments *window, double window_s)
{
	double f[ARRAY_SIZE(scroll_members)] = { 0 };
	struct moments scrolls = { 0 };
	struct numbers deltas = { 0 };

	moments_of_kind(&scrolls, window, KIND_SCROLL);
	for (size_t i = 0; i < scrolls.n; i++)
		if (scrolls.v[i].ev->has_scroll)
			numbers_add(&deltas, scrolls.v[i].ev->scroll_delta);
	if (deltas.n)
		scroll_values(f, &scrolls, &deltas, window_s);
	add_all(out, scroll_members, f, ARRAY_SIZE(scroll_members));
	numbers_release(&deltas);
	moments_release(&scrolls);
}

bool mouse_oracle(const struct moments *window, double window_s, struct feature_msg *out)
{
	if (window->n < EVENTS_MIN)
		return false;
	add_moves(out, window, window_s);
	add_clicks(out, window, window_s);
	add_scrolls(out, window, window_s);
	return true;
}
