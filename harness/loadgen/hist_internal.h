/* Inside of struct hist, for hist.c and the files that write and read histograms; see hist.c. */
#ifndef LOADGEN_HIST_INTERNAL_H
#define LOADGEN_HIST_INTERNAL_H

#include "harness/loadgen/hist.h"

struct hist {
	int64_t max_ns;
	int digits;
	int half_bits; /* log2(sub_count / 2) */
	size_t n_counts;
	uint64_t within, overflow, negative;
	int64_t seen_min, seen_max;
	double sum, squares;
	uint64_t counts[];
};

/* Where bucket i begins, and how wide it is. */
int64_t hist_bucket_lowest(int half_bits, size_t i, int64_t *width);

#endif
