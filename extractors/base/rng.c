/* Random numbers and the few distributions that the models need; see rng.h. */
#include "extractors/base/rng.h"

#include <math.h>
#include <string.h>

uint64_t rng_splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 2^128 draws ahead. */
static void jump(struct rng *r)
{
	static const uint64_t poly[4] = { 0x180ec6d33cfd0aba, 0xd5a61266f0c9392c,
					  0xa9582618e03fc9aa, 0x39abdc4529b1661c };
	uint64_t s[4] = { 0 };

	for (int i = 0; i < 4; i++)
		for (int bit = 0; bit < 64; bit++) {
			if (poly[i] >> bit & 1)
				for (int k = 0; k < 4; k++)
					s[k] ^= r->s[k];
			rng_u64(r);
		}
	memcpy(r->s, s, sizeof(s));
}

void rng_init(struct rng *r, uint64_t seed, unsigned int stream)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = rng_splitmix(&seed);
	for (unsigned int i = 0; i < stream; i++)
		jump(r);
}

/* Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
	unsigned __int128 m = (unsigned __int128)rng_u64(r) * n;

	if ((uint64_t)m < n)
		for (uint64_t least = -n % n; (uint64_t)m < least;)
			m = (unsigned __int128)rng_u64(r) * n;
	return (uint64_t)(m >> 64);
}

/* Marsaglia's polar method; the second value is thrown away so that the state is the four words. */
double rng_normal(struct rng *r)
{
	double x, y, s;

	do {
		x = 2 * rng_unit(r) - 1;
		y = 2 * rng_unit(r) - 1;
		s = x * x + y * y;
	} while (s >= 1 || s == 0);
	return x * sqrt(-2 * log(s) / s);
}

double rng_exponential(struct rng *r)
{
	return -log(1 - rng_unit(r));
}

double rng_lognormal(struct rng *r, double mu, double sigma)
{
	return exp(mu + sigma * rng_normal(r));
}
