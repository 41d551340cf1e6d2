/*
 * Time as the features count it: doubles of seconds.
 *
 * spec/features.md "Common ground": t = ts / 1e6, and every comparison and
 * difference is one of these doubles, because the models' training data came
 * from them: "dt > 0.1" or "equal to the median" fall differently on integers.
 */
#ifndef FEATURE_WINDOW_H
#define FEATURE_WINDOW_H

#include <stdint.h>

static inline double window_seconds(int64_t us)
{
	return (double)us / 1e6; /* exact conversion: EVENT_TS_MAX < 2^53 */
}

/* An event belongs to the window when its time is *after* this. */
static inline double window_cut_s(int64_t now_us, double window_s)
{
	return window_seconds(now_us) - window_s;
}

#endif
