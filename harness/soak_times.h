/*
 * How a soak of some length is cut: segments, samples, what is left out.
 *
 * Everything follows from the duration, so that `--duration 24h` is all one has to
 * say.  Pure.
 */
#ifndef HARNESS_SOAK_TIMES_H
#define HARNESS_SOAK_TIMES_H

#include <stddef.h>

struct soak_times {
	double duration_s; /* of human-rate load, over all stretches */
	double segment_s;  /* of one plan: at most 60 s, so that memory is bounded */
	double sample_s;   /* between samples: some 400 of them, or one each 10 s */
	double settle_s;   /* of each stretch, not in slopes: the window passes on, caches settle */
};

struct soak_times soak_times_for(double duration_s, double window_s);
/* How many segments the load from elapsed_s to the end has, and how long number i of them is. */
size_t soak_segments(const struct soak_times *t, double elapsed_s);
double soak_segment_length_s(const struct soak_times *t, double elapsed_s, size_t i);

#endif
