/*
 * How busy the host is, and how much of that is not ours.
 *
 * Two snapshots around a run and the CPU time our own processes used in between
 * give the share of steal and of foreign load (rule 8 of the measurement).
 *
 * Busy is what is neither idle nor stolen.  Idle time is kept in us where the kernel stops
 * its tick (NO_HZ, the default) and told in ticks of 10 ms; user and system time are samples
 * of who runs at a tick: in 120 windows of 0.2 s they were wrong by up to 6 % of all CPU
 * time, idle time by 0.7 %.  So a foreign share can come out slightly below 0; it is
 * given as it came out.  Kernel work that a subject causes for others is nobody's of ours
 * and counts as foreign.
 * Ownership: the structs are the caller's.
 */
#ifndef HARNESS_HOST_LOAD_H
#define HARNESS_HOST_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/procfs_parse.h"

enum host_pressure { PRESSURE_CPU, PRESSURE_IO, PRESSURE_MEMORY, PRESSURES };
extern const char *const host_pressure_names[PRESSURES]; /* "cpu" … */

struct host_load {
	int64_t at_ns; /* monotonic */
	bool has_cpu, has_average, has_pressure[PRESSURES];
	struct procfs_cpu cpu;
	struct procfs_loadavg average;
	struct procfs_pressure pressure[PRESSURES];
};

/* What cannot be read is marked as missing. */
void host_load_take(struct host_load *h);

/* Shares are of the CPU time of all CPUs; NAN where a side is missing. */
struct host_load_delta {
	double seconds;
	double busy_frac, steal_frac;
	double foreign_frac;		 /* busy that is not `our_cpu_ns` */
	double switches_per_s;		 /* of the whole host */
	double pressure_frac[PRESSURES]; /* share of the time in which some task waited */
};
void host_load_between(const struct host_load *before, const struct host_load *after,
		       int64_t our_cpu_ns, struct host_load_delta *out);

/* One line for the record: load average and pressure, or why not. */
void host_load_text(const struct host_load *h, struct buf *out);

/* CPU time that our process and its reaped children have used. */
int64_t host_load_own_cpu_ns(void);

#endif
