/* Clicks; see clicks.h. */
#include "extractors/feature/clicks.h"

#include <math.h>
#include <string.h>

#include "extractors/feature/moments.h"

#define DURATION_LIMIT_MS 5000.0
#define DOUBLE_CLICK_S	  0.5

void clicks_release(struct clicks *c)
{
	scratch_release(&c->last_press);
	scratch_release(&c->durations);
	scratch_release(&c->presses);
	scratch_release(&c->tmp);
	scratch_release(&c->select.room);
}

/* The quirk on purpose: a button's *last* press in the window, whatever was released before it. */
static double *last_presses(struct clicks *c, const struct timed *ev, size_t n, size_t n_buttons)
{
	double *last = scratch_fit(&c->last_press, n_buttons, sizeof(*last));

	memset(last, 0, n_buttons * sizeof(*last)); /* 0: not pressed; times are later */
	for (size_t i = 0; i < n; i++)
		if (ev[i].tag & 1)
			last[ev[i].tag >> 1] = ev[i].t;
	return last;
}

static size_t durations(double *out, double *last, const struct timed *ev, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		double *pressed = &last[ev[i].tag >> 1], d;

		if (ev[i].tag & 1 || *pressed == 0)
			continue;
		d = (ev[i].t - *pressed) * 1000;
		*pressed = 0;
		if (d > 0 && d < DURATION_LIMIT_MS)
			out[m++] = d;
	}
	return m;
}

static void add_durations(struct clicks *c, struct click_features *f, const double *d, size_t n)
{
	static const double half = 0.5;
	struct moments m = { 0 };

	if (!n)
		return;
	moments_add_block(&m, d, n, INFINITY);
	select_quantiles(&c->select, d, n, n, &half, &f->median_ms, 1);
	f->mean_ms = m.mean;
	f->std_ms = moments_std(&m);
}

static size_t double_clicks(struct clicks *c, struct timed *presses, size_t n)
{
	size_t m = 0;

	order_by_time(presses, scratch_fit(&c->tmp, n, sizeof(*presses)), n);
	for (size_t i = 1; i < n; i++)
		m += presses[i].t - presses[i - 1].t < DOUBLE_CLICK_S;
	return m;
}

struct click_features clicks_measure(struct clicks *c, const struct timed *ev, size_t n,
				     size_t n_buttons)
{
	struct timed *presses = scratch_fit(&c->presses, n, sizeof(*presses));
	double *last = last_presses(c, ev, n, n_buttons);
	double *d = scratch_fit(&c->durations, n, sizeof(*d));
	size_t of_button[BUTTONS_KNOWN] = { 0 };
	struct click_features f = { 0 };

	add_durations(c, &f, d, durations(d, last, ev, n));
	for (size_t i = 0; i < n; i++) {
		if (!(ev[i].tag & 1))
			continue;
		presses[f.presses++] = ev[i];
		if (ev[i].tag >> 1 < BUTTONS_KNOWN)
			of_button[ev[i].tag >> 1]++;
	}
	f.left = of_button[BUTTON_LEFT];
	f.right = of_button[BUTTON_RIGHT];
	f.middle = of_button[BUTTON_MIDDLE];
	f.double_clicks = double_clicks(c, presses, f.presses);
	return f;
}
