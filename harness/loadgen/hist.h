/*
 * Latency histogram: bounded memory, bounded relative error, nothing clamped.
 *
 * The bucket layout is HdrHistogram's (Tene, hdrhistogram.org; layout of
 * HdrHistogram_c's hdr_histogram.c) at a lowest value of 1 ns; the derivation is
 * at the top of hist.c.  With digits = 3 every quantile is within 0.1 % of a
 * recorded value, and exact below 2,048 ns.
 * Units: ns.  A value above max_ns is counted (hist_overflow) and takes part in
 * count, quantiles, mean and max; a negative one is counted apart and takes part in nothing.
 * Ownership: hist_new() allocates, hist_free() releases, recording never does.
 * Threads: one writer; merge after the writers were joined.
 */
#ifndef LOADGEN_HIST_H
#define LOADGEN_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

#define HIST_HOUR_NS 3600000000000 /* a range for latencies: 270 KB at 3 digits */
#define HIST_DIGITS  3
#define HIST_NONE    (-1)      /* the quantile, min or max of nothing */
#define HIST_ABOVE   INT64_MAX /* a quantile that lies among the values above max_ns */

struct hist;
/* max_ns 1 ... 2^62, digits 1 ... 5. */
struct hist *hist_new(int64_t max_ns, int digits, struct err *e) MUST_CHECK;
void hist_free(struct hist *h);
void hist_reset(struct hist *h);

void hist_record(struct hist *h, int64_t value_ns);
void hist_record_n(struct hist *h, int64_t value_ns, uint64_t times);
/* Add what `from` holds; -EINVAL when the two have not the same range and digits. */
int hist_merge(struct hist *h, const struct hist *from) MUST_CHECK;

uint64_t hist_count(const struct hist *h); /* overflow included, negative ones not */
uint64_t hist_overflow(const struct hist *h);
uint64_t hist_negative(const struct hist *h);
int64_t hist_min(const struct hist *h);	  /* exact */
int64_t hist_max(const struct hist *h);	  /* exact, also above max_ns */
double hist_mean(const struct hist *h);	  /* from the exact sum; NaN of nothing */
double hist_stddev(const struct hist *h); /* population, from exact sums; NaN of nothing */

/*
 * The highest value of the bucket that holds the value of rank ceil(q * count),
 * q from 0 to 1; HIST_NONE, HIST_ABOVE.
 */
int64_t hist_quantile(const struct hist *h, double q);
/* How many are greater than value_ns, to the resolution of its bucket. */
uint64_t hist_count_above(const struct hist *h, int64_t value_ns);

/* Walk over the buckets that are not empty, lowest first: for (it = 0; hist_next(h, &it, &b);) … */
struct hist_bucket {
	int64_t lowest_ns, highest_ns;
	uint64_t count;
};
bool hist_next(const struct hist *h, size_t *it, struct hist_bucket *out);

/*
 * Append the percentile distribution as HdrHistogram prints it (".hgrm", the text
 * its plotter reads; 5 ticks per half distance), values in units of unit_ns.
 */
void hist_write_hgrm(const struct hist *h, double unit_ns, struct buf *out);

#endif
