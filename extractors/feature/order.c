/*
 * A stable sort by time; see order.h.
 *
 * A few late events are moved by insertion, which is cheapest for them; when it
 * has cost too much a radix sort takes over.  That one works on the bits of the
 * doubles, which order like the doubles themselves for positive ones.
 */
#include "extractors/feature/order.h"

#include <string.h>

#define DIGIT_BITS 11 /* 2048 counters are 8 KiB of a first-level cache of 32 */
#define DIGITS	   (1U << DIGIT_BITS)
/*
 * A radix sort takes as long as some 15 shifts an event (measured: 5.7 ns an event
 * against 0.37 ns a shift); at half of that the worst case loses half as much again.
 */
#define SHIFTS_PER_EVENT 8

static uint64_t time_bits(const struct timed *e)
{
	uint64_t bits;

	memcpy(&bits, &e->t, sizeof(bits));
	return bits;
}

/* Insertion sort until done or out of budget: how far it got.  What is behind is untouched. */
static size_t insert_late_ones(struct timed *ev, size_t n)
{
	size_t budget = n * SHIFTS_PER_EVENT, i;

	for (i = 1; i < n; i++) {
		struct timed e = ev[i];
		size_t at = i;

		if (e.t >= ev[i - 1].t)
			continue;
		while (at && ev[at - 1].t > e.t) {
			ev[at] = ev[at - 1];
			at--;
		}
		ev[at] = e;
		if (budget < i - at)
			return i + 1;
		budget -= i - at;
	}
	return n;
}

/* One pass by the digit at `shift`: from -> to. */
static void radix_pass(const struct timed *from, struct timed *to, size_t n, uint64_t base,
		       int shift)
{
	uint32_t start[DIGITS] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		start[(time_bits(&from[i]) - base) >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		uint32_t count = start[d];

		start[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[start[(time_bits(&from[i]) - base) >> shift & (DIGITS - 1)]++] = from[i];
}

/*
 * Least significant digit first; only the digits in which the times differ.
 * The times of a 30 s window differ in 27 bits (a step is 2^-22 s): three passes.
 */
static void radix_sort(struct timed *ev, struct timed *tmp, size_t n)
{
	uint64_t low = UINT64_MAX, high = 0;
	struct timed *from = ev, *to = tmp, *swap;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits = time_bits(&ev[i]);

		low = bits < low ? bits : low;
		high = bits > high ? bits : high;
	}
	for (int shift = 0; shift < 64 && (high - low) >> shift; shift += DIGIT_BITS) {
		radix_pass(from, to, n, low, shift);
		swap = from;
		from = to;
		to = swap;
	}
	if (from != ev)
		memcpy(ev, from, n * sizeof(*ev));
}

void order_by_time(struct timed *ev, struct timed *tmp, size_t n)
{
	if (insert_late_ones(ev, n) < n)
		radix_sort(ev, tmp, n);
}
