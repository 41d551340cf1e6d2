/* Plans of the scenario latency; see latency_plan.h. */
#include "harness/latency_plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "extractors/base/clock.h"

/* ts spacing of the fill: 50,000 events in half a second, long before the window's end. */
#define FILL_HZ 100000.0
#define PAUSE_S \
	0.1 /* of ts, between the fill and the first trigger; what is waited is the subject's time */
/*
 * Applications in turn: a fill of a multiple of them ends where the triggers begin
 * anew, so that every trigger is a transition.
 */
#define APPS 10

const struct latency_shape latency_shapes[LATENCY_SHAPES] = {
	{ "alone-10pct", 0.1, false }, { "alone-50pct", 0.5, false }, { "alone-full", 1, false },
	{ "busy-10pct", 0.1, true },   { "busy-50pct", 0.5, true },   { "busy-full", 1, true },
};

const struct latency_shape *latency_shape_find(const char *name)
{
	for (size_t i = 0; i < LATENCY_SHAPES; i++)
		if (!strcmp(latency_shapes[i].name, name))
			return &latency_shapes[i];
	return NULL;
}

int latency_shapes_check(const char *key, const char *list, struct err *e)
{
	char word[24];
	int used;

	for (const char *p = list; sscanf(p, "%23s%n", word, &used) == 1; p += used)
		if (!latency_shape_find(word))
			return err_set(e, -EINVAL,
				       "%s: \"%s\" is none of alone-10pct, alone-50pct, "
				       "alone-full, busy-10pct, busy-50pct, busy-full",
				       key, word);
	return 0;
}

bool latency_shape_listed(const char *list, const struct latency_shape *shape)
{
	size_t len = strlen(shape->name);

	for (const char *p = list; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n == len && !strncmp(p, shape->name, n))
			return true;
		p += n;
	}
	return false;
}

static size_t share_of_buffer(enum event_type type, const struct latency_shape *shape)
{
	return (size_t)(shape->fill * (double)scenario_buffer_events[type]);
}

size_t latency_fill_events(const struct scenario_size *size, enum event_type type,
			   const struct latency_shape *shape)
{
	size_t n = share_of_buffer(type, shape), half = (size_t)size->triggers / 2;

	if (shape->fill < 1)
		n -= half < n / 2 ? half : n / 2;
	return n - n % APPS;
}

double latency_interval_s(const struct scenario *sc, enum event_type type,
			  const struct latency_shape *shape)
{
	/* app keeps no window: what it does at a trigger does not depend on the fill */
	double events = type == EVENT_APP ? 0 : (double)share_of_buffer(type, shape);

	return sc->update_interval_s + events * sc->interval_us_per_event / 1e6;
}

double latency_gap_s(const struct scenario *sc, enum event_type type,
		     const struct latency_shape *shape)
{
	return 2 * latency_interval_s(sc, type, shape);
}

int latency_plan_build(struct plan **out, const struct scenario *sc,
		       const struct scenario_size *size, enum event_type type,
		       const struct latency_shape *shape, uint64_t seed, struct err *e)
{
	size_t fill = latency_fill_events(size, type, shape);
	double gap_s = latency_gap_s(sc, type, shape);
	int64_t start_ns = (int64_t)(((double)fill / FILL_HZ + PAUSE_S) * 1e9);
	size_t triggers = (size_t)size->triggers + LATENCY_WARM;
	struct plan_lane lanes[3] = {
		{ .count = fill,
		  .rate_hz = FILL_HZ,
		  .arrival = ARRIVAL_CONSTANT,
		  .app_cycle = true,
		  .apps = APPS },
		{ .count = triggers,
		  .rate_hz = 1 / gap_s,
		  .start_ns = start_ns,
		  .arrival = ARRIVAL_CONSTANT,
		  .app_cycle = true,
		  .apps = APPS },
		{ .rate_hz = sc->other_rate_hz,
		  .start_ns = start_ns,
		  .duration_ns = (int64_t)((double)triggers * gap_s * 1e9),
		  .arrival = ARRIVAL_POISSON },
	};
	struct plan_spec spec = { .seed = seed, .lanes = lanes, .n_lanes = shape->busy ? 3 : 2 };

	lanes[0].weight[type] = lanes[1].weight[type] = 1;
	for (int t = 0; t < EVENT_TYPES; t++)
		if (t != (int)type)
			lanes[2].weight[t] = scenario_human_hz[t];
	return plan_build(out, &spec, e);
}
