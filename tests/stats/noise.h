/* Kinds of noise for simulations, all of standard deviation about 1 and with their centres known. */
#ifndef TEST_NOISE_H
#define TEST_NOISE_H

#include <math.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"

enum noise {
	NOISE_NORMAL,
	NOISE_LAPLACE,
	NOISE_UNEVEN,	       /* a busy neighbour in one of five */
	NOISES,		       /* that are symmetric; then: */
	NOISE_SKEWED = NOISES, /* now and then much slower: exponential */
	NOISES_ALL
};

static const char *const noise_names[NOISES_ALL] UNUSED = { "normal", "laplace", "uneven",
							    "skewed" };

static inline double draw_noise(struct rng *rng, enum noise kind)
{
	if (kind == NOISE_NORMAL)
		return rng_normal(rng);
	if (kind == NOISE_UNEVEN)
		return rng_normal(rng) * (rng_chance(rng, 0.2) ? 2 : 0.5);
	if (kind == NOISE_SKEWED)
		return rng_exponential(rng);
	return rng_exponential(rng) * (rng_chance(rng, 0.5) ? M_SQRT1_2 : -M_SQRT1_2);
}

/* What the median estimates. */
static inline double noise_median(enum noise kind)
{
	return kind == NOISE_SKEWED ? M_LN2 : 0;
}

/* What Hodges-Lehmann estimates: half of the median of the sum of two (of a gamma with shape 2). */
static inline double noise_pseudo_median(enum noise kind)
{
	return kind == NOISE_SKEWED ? 1.6783469900166606 / 2 : 0;
}

#endif
