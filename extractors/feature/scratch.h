/*
 * Working memory that is kept from one extraction to the next.
 *
 * Ownership: zeroed is empty; scratch_release() frees it.
 */
#ifndef FEATURE_SCRATCH_H
#define FEATURE_SCRATCH_H

#include <stddef.h>

struct scratch {
	void *p;
	size_t bytes;
};

/* Room for n elements of `width_bytes`, aligned for any; what was in it is lost when it grows. */
void *scratch_fit(struct scratch *s, size_t n, size_t width_bytes);
void scratch_release(struct scratch *s);

#endif
