/* Clocks and the one way a time is written; see clock.h. */
#include "extractors/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static int64_t read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
	return read_ns(CLOCK_REALTIME) / NS_PER_US;
}

int64_t clock_thread_cpu_ns(void)
{
	return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

void clock_sleep_until_ns(int64_t mono_ns)
{
	struct timespec ts = { .tv_sec = mono_ns / NS_PER_S, .tv_nsec = mono_ns % NS_PER_S };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

/* Whole seconds, rounded down before 1970 too. */
static int64_t floor_s(int64_t wall_us)
{
	return wall_us / US_PER_S - (wall_us % US_PER_S < 0);
}

size_t clock_format_iso(char out[CLOCK_ISO_MAX], int64_t wall_us)
{
	time_t s = (time_t)floor_s(wall_us);
	int64_t us = wall_us - (int64_t)s * US_PER_S;
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(out, CLOCK_ISO_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	if (us)
		n += (size_t)snprintf(out + n, CLOCK_ISO_MAX - n, ".%06d", (int)us);
	return n + (size_t)snprintf(out + n, CLOCK_ISO_MAX - n, "+00:00");
}

int clock_utc_hour(int64_t wall_us)
{
	int64_t s = floor_s(wall_us) % 86400;

	return (int)((s < 0 ? s + 86400 : s) / 3600);
}
