/* The times of a soak; see soak_times.h. */
#include "harness/soak_times.h"

#include <math.h>

#define SEGMENT_MAX_S 60.0
#define SAMPLE_MIN_S  0.1
#define SAMPLE_MAX_S  10.0
#define SETTLE_MAX_S  300.0

struct soak_times soak_times_for(double duration_s, double window_s)
{
	return (struct soak_times){
		.duration_s = duration_s,
		.segment_s = fmin(SEGMENT_MAX_S, duration_s / 5),
		.sample_s = fmin(SAMPLE_MAX_S, fmax(SAMPLE_MIN_S, duration_s / 400)),
		/* What filled the buffers must have left the window: not only half of it. */
		.settle_s = fmin(duration_s / 2,
				 fmax(1.5 * window_s, fmin(SETTLE_MAX_S, duration_s / 20))),
	};
}

/* A rest that is shorter than a tenth of a segment goes with the one before it. */
size_t soak_segments(const struct soak_times *t, double elapsed_s)
{
	double left = (t->duration_s - elapsed_s) / t->segment_s;

	return left > 0 ? (size_t)fmax(1, ceil(left - 0.1)) : 0;
}

double soak_segment_length_s(const struct soak_times *t, double elapsed_s, size_t i)
{
	double left = t->duration_s - elapsed_s - (double)i * t->segment_s;

	return i + 1 < soak_segments(t, elapsed_s) ? t->segment_s : left;
}
