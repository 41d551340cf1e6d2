/*
 * The only place that reads clocks.
 *
 * Intervals are CLOCK_MONOTONIC nanoseconds; the wall clock is microseconds
 * since the epoch and serves only the window's cut-off, time stamps, history.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_S  1000000000LL
#define NS_PER_MS 1000000LL
#define NS_PER_US 1000LL
#define US_PER_S  1000000LL

int64_t clock_mono_ns(void);
int64_t clock_wall_us(void);
/* CPU time of the calling thread. */
int64_t clock_thread_cpu_ns(void);
/* Sleep until the monotonic time; returns at once when it is past; restarts after signals. */
void clock_sleep_until_ns(int64_t mono_ns);

#define CLOCK_ISO_MAX 40
/*
 * ISO 8601, UTC, `2026-11-23T19:10:34.278528+00:00`; the microseconds are left
 * out when zero (Python's datetime.isoformat()).  Returns the length.
 */
size_t clock_format_iso(char out[CLOCK_ISO_MAX], int64_t wall_us);
/* Hour of the day in UTC, 0 ... 23. */
int clock_utc_hour(int64_t wall_us);

#endif
