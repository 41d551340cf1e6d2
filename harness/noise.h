/*
 * What disturbed a run: stolen CPU time and other people's programs (rule 8).
 *
 * Ours are this process, its children and the servers it started; the rest of
 * the busy time is foreign.  Ownership: the struct is the caller's.
 */
#ifndef HARNESS_NOISE_H
#define HARNESS_NOISE_H

#include "harness/host_load.h"
#include "harness/result.h"
#include "harness/sut.h"

struct noise_watch {
	struct host_load before;
	int64_t ours_ns;
};

void noise_start(struct noise_watch *w, const struct sut *sut);
/* Shares of all CPU time since then; NaN where the kernel does not tell. */
void noise_end(const struct noise_watch *w, const struct sut *sut, struct host_noise *out);

#endif
