/*
 * Random numbers that repeat: one generator a stream, no global state.
 *
 * xoshiro256** 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47(4), 2021), seeded by splitmix64 as its authors ask.
 * Streams of one seed are 2^128 draws apart (the authors' jump), so they cannot
 * meet: a change in one kind of event leaves the others as they were.
 * The variates other than rng_u64, rng_unit and rng_below go through libm, whose
 * last bit may differ between C libraries; a plan's checksum shows it.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t s[4];
};

uint64_t rng_splitmix(uint64_t *state);
/* Stream number `stream` (small: each costs 256 steps) of a seed. */
void rng_init(struct rng *r, uint64_t seed, unsigned int stream);

static inline uint64_t rng_rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

static inline uint64_t rng_u64(struct rng *r)
{
	uint64_t *s = r->s, result = rng_rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rng_rotl(s[3], 45);
	return result;
}

/* 0 <= u < 1, all 53 bits. */
static inline double rng_unit(struct rng *r)
{
	return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

static inline bool rng_chance(struct rng *r, double p)
{
	return rng_unit(r) < p;
}

/* 0 ... n-1 without bias; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* Mean 0, standard deviation 1. */
double rng_normal(struct rng *r);
/* Mean 1. */
double rng_exponential(struct rng *r);
/* exp of a normal with this mean and standard deviation of ln. */
double rng_lognormal(struct rng *r, double mu, double sigma);

#endif
