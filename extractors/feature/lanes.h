/*
 * Two doubles at a time, by the vector types of gcc and clang.
 *
 * Every x86-64 and every AArch64 has them, so no special build is needed; a
 * machine without gets the same numbers from scalar code.  Lane by lane these
 * are the IEEE operations of the scalar code: nothing is rounded differently.
 */
#ifndef FEATURE_LANES_H
#define FEATURE_LANES_H

#include <math.h>
#include <stddef.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LANES 2

typedef double lanes __attribute__((vector_size(16)));
typedef long long lanes_mask __attribute__((vector_size(16))); /* all bits or none, a lane */
typedef double lanes_memory __attribute__((vector_size(16), aligned(8), may_alias));

static inline lanes lanes_load(const double *p)
{
	return *(const lanes_memory *)p;
}

static inline void lanes_store(double *p, lanes v)
{
	*(lanes_memory *)p = v;
}

static inline lanes lanes_all(double v)
{
	return (lanes){ v, v };
}

/* v where the mask is set, else +0. */
static inline lanes lanes_keep(lanes_mask m, lanes v)
{
	return (lanes)((lanes_mask)v & m);
}

static inline lanes lanes_either(lanes_mask m, lanes yes, lanes no)
{
	return (lanes)(((lanes_mask)yes & m) | ((lanes_mask)no & ~m));
}

static inline lanes_mask lanes_sign(lanes v)
{
	return (lanes_mask)v & (lanes_mask)lanes_all(-0.0);
}

static inline lanes lanes_abs(lanes v)
{
	return (lanes)((lanes_mask)v & ~(lanes_mask)lanes_all(-0.0));
}

/* One instruction each, which gcc does not find by itself. */
#ifdef __SSE2__
static inline lanes lanes_max(lanes a, lanes b)
{
	return (lanes)_mm_max_pd((__m128d)a, (__m128d)b);
}

static inline lanes lanes_min(lanes a, lanes b)
{
	return (lanes)_mm_min_pd((__m128d)a, (__m128d)b);
}

static inline lanes lanes_sqrt(lanes v)
{
	return (lanes)_mm_sqrt_pd((__m128d)v);
}
#else
static inline lanes lanes_max(lanes a, lanes b)
{
	return lanes_either(a > b, a, b);
}

static inline lanes lanes_min(lanes a, lanes b)
{
	return lanes_either(a < b, a, b);
}

static inline lanes lanes_sqrt(lanes v)
{
	return (lanes){ sqrt(v[0]), sqrt(v[1]) };
}
#endif

#endif
