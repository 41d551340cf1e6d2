/*
 * The histogram; see hist.h.
 *
 * Layout.  With d digits the first sub_count values have a bucket each, where
 * sub_count is the power of two at or above 2 * 10^d.  From there on every
 * doubling of the value is cut into sub_count / 2 buckets, so a bucket's width is
 * at most 2 / sub_count <= 10^-d of its value.  Example, d = 3: sub_count 2048;
 * 5,000,000 ns = 2^22.25 lies in the octave 2^22 ... 2^23, whose 1024 buckets are
 * 4096 ns wide: 0.08 % of the value.  An hour needs 33,000 buckets.
 */
#include "harness/loadgen/hist.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/loadgen/hist_internal.h"

static int bits_of_half(int digits)
{
	double need = pow(10, digits);
	int bits = 0;

	while (ldexp(1, bits) < need)
		bits++;
	return bits;
}

static size_t index_of(int half_bits, int64_t value)
{
	int top = 63 - __builtin_clzll((unsigned long long)value | 1);
	int shift = top > half_bits ? top - half_bits : 0;

	return ((size_t)shift << half_bits) + (size_t)(value >> shift);
}

/* The inverse of index_of(). */
int64_t hist_bucket_lowest(int half_bits, size_t i, int64_t *width)
{
	size_t octave = i >> half_bits;
	int shift = octave > 1 ? (int)octave - 1 : 0;

	*width = (int64_t)1 << shift;
	return (int64_t)(i - ((size_t)shift << half_bits)) << shift;
}

struct hist *hist_new(int64_t max_ns, int digits, struct err *e)
{
	struct hist *h;
	size_t n;
	int half_bits;

	if (max_ns < 1 || max_ns > (int64_t)1 << 62 || digits < 1 || digits > 5) {
		err_set(e, -EINVAL,
			"histogram: range 1 ... 2^62 ns and 1 ... 5 digits, not %lld and %d",
			(long long)max_ns, digits);
		return NULL;
	}
	half_bits = bits_of_half(digits);
	n = index_of(half_bits, max_ns) + 1;
	h = mem_calloc(1, sizeof(*h) + n * sizeof(h->counts[0]));
	h->max_ns = max_ns;
	h->digits = digits;
	h->half_bits = half_bits;
	h->n_counts = n;
	h->seen_min = h->seen_max = HIST_NONE;
	return h;
}

void hist_free(struct hist *h)
{
	free(h);
}

void hist_reset(struct hist *h)
{
	memset(h->counts, 0, h->n_counts * sizeof(h->counts[0]));
	h->within = h->overflow = h->negative = 0;
	h->seen_min = h->seen_max = HIST_NONE;
	h->sum = h->squares = 0;
}

void hist_record_n(struct hist *h, int64_t value_ns, uint64_t times)
{
	if (!times)
		return;
	if (value_ns < 0) {
		h->negative += times;
		return;
	}
	if (value_ns > h->max_ns) {
		h->overflow += times;
	} else {
		h->counts[index_of(h->half_bits, value_ns)] += times;
		h->within += times;
	}
	if (h->seen_min == HIST_NONE || value_ns < h->seen_min)
		h->seen_min = value_ns;
	if (value_ns > h->seen_max)
		h->seen_max = value_ns;
	h->sum += (double)value_ns * (double)times;
	h->squares += (double)value_ns * (double)value_ns * (double)times;
}

void hist_record(struct hist *h, int64_t value_ns)
{
	hist_record_n(h, value_ns, 1);
}

int hist_merge(struct hist *h, const struct hist *from)
{
	if (h->max_ns != from->max_ns || h->half_bits != from->half_bits)
		return -EINVAL;
	for (size_t i = 0; i < h->n_counts; i++)
		h->counts[i] += from->counts[i];
	h->within += from->within;
	h->overflow += from->overflow;
	h->negative += from->negative;
	h->sum += from->sum;
	h->squares += from->squares;
	if (from->seen_min != HIST_NONE &&
	    (h->seen_min == HIST_NONE || from->seen_min < h->seen_min))
		h->seen_min = from->seen_min;
	if (from->seen_max > h->seen_max)
		h->seen_max = from->seen_max;
	return 0;
}

uint64_t hist_count(const struct hist *h)
{
	return h->within + h->overflow;
}

uint64_t hist_overflow(const struct hist *h)
{
	return h->overflow;
}

uint64_t hist_negative(const struct hist *h)
{
	return h->negative;
}

int64_t hist_min(const struct hist *h)
{
	return h->seen_min;
}

int64_t hist_max(const struct hist *h)
{
	return h->seen_max;
}

double hist_mean(const struct hist *h)
{
	return h->sum / (double)hist_count(h);
}

double hist_stddev(const struct hist *h)
{
	double mean = hist_mean(h);

	return sqrt(fmax(h->squares / (double)hist_count(h) - mean * mean, 0));
}

bool hist_next(const struct hist *h, size_t *it, struct hist_bucket *out)
{
	int64_t width;

	for (; *it < h->n_counts; ++*it) {
		if (!h->counts[*it])
			continue;
		out->lowest_ns = hist_bucket_lowest(h->half_bits, *it, &width);
		out->highest_ns = out->lowest_ns + width - 1;
		out->count = h->counts[(*it)++];
		return true;
	}
	if (*it > h->n_counts || !h->overflow)
		return false;
	*it = h->n_counts + 1;
	out->lowest_ns = h->max_ns + 1;
	out->highest_ns = HIST_ABOVE;
	out->count = h->overflow;
	return true;
}

int64_t hist_quantile(const struct hist *h, double q)
{
	/* 0.07 * 100 is 7.000000000000001 in doubles, and means the 7th */
	double rank = ceil(q * (double)hist_count(h) - 1e-6);
	uint64_t below = 0;
	struct hist_bucket b;

	for (size_t it = 0; hist_next(h, &it, &b);) {
		below += b.count;
		if ((double)below >= rank)
			return b.highest_ns;
	}
	return HIST_NONE;
}

uint64_t hist_count_above(const struct hist *h, int64_t value_ns)
{
	uint64_t n = 0;
	struct hist_bucket b;

	for (size_t it = 0; hist_next(h, &it, &b);)
		if (b.lowest_ns > value_ns)
			n += b.count;
	return n;
}
