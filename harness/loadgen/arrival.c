/* Arrival processes; see arrival.h. */
#include "harness/loadgen/arrival.h"

#include <math.h>

#include "extractors/base/clock.h"
#include "extractors/base/compiler.h"

const char *const arrival_names[ARRIVAL_KINDS + 1] = {
	[ARRIVAL_HUMAN] = "human",   [ARRIVAL_CONSTANT] = "constant", [ARRIVAL_POISSON] = "poisson",
	[ARRIVAL_BURSTS] = "bursts", [ARRIVAL_ONOFF] = "on-off",
};

static int64_t human(struct arrival *a UNUSED, int64_t human_ns)
{
	return human_ns;
}

/*
 * From the number, so nothing adds up: at 3 Hz event 3,000,000 is due at
 * 1,000,000 s sharp.  A double holds ns exactly for 104 days.
 */
static int64_t at_number(const struct arrival *a, uint64_t number)
{
	return llround((double)number * (double)NS_PER_S / a->rate_hz);
}

static int64_t constant(struct arrival *a, int64_t human_ns UNUSED)
{
	return at_number(a, a->number);
}

static int64_t poisson(struct arrival *a, int64_t human_ns UNUSED)
{
	a->poisson_ns += rng_exponential(&a->rng) * (double)NS_PER_S / a->rate_hz;
	return (int64_t)a->poisson_ns;
}

static int64_t bursts(struct arrival *a, int64_t human_ns UNUSED)
{
	return at_number(a, a->number - a->number % (uint64_t)a->burst);
}

/* On-times laid end to end have a mean event every on / (on + off) / rate; then the pauses go between. */
static int64_t onoff(struct arrival *a, int64_t human_ns UNUSED)
{
	double on_ns = (double)a->on_ns, cycle_ns = on_ns + (double)a->off_ns;
	double busy_ns = (double)a->number * (double)NS_PER_S / a->rate_hz * (on_ns / cycle_ns);

	return llround(busy_ns + floor(busy_ns / on_ns) * (double)a->off_ns);
}

int64_t arrival_next_ns(struct arrival *a, int64_t human_ns)
{
	static int64_t (*const next[ARRIVAL_KINDS])(struct arrival *, int64_t) = {
		[ARRIVAL_HUMAN] = human,     [ARRIVAL_CONSTANT] = constant,
		[ARRIVAL_POISSON] = poisson, [ARRIVAL_BURSTS] = bursts,
		[ARRIVAL_ONOFF] = onoff,
	};
	int64_t due_ns = next[a->kind](a, human_ns);

	a->number++;
	return due_ns;
}
