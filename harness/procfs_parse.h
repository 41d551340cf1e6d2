/*
 * Parsers of the files below /proc: pure, bounded, fuzzed.
 *
 * Sources: proc(5), Documentation/filesystems/proc.rst, kernel/sched/stats.h
 * (schedstat), Documentation/accounting/psi.rst.  Every parser returns false and
 * leaves *out alone when the text does not have the shape; values that are absent
 * on some kernels are -1.  Units are in the names: the files' kB become bytes,
 * ticks stay ticks (sysconf(_SC_CLK_TCK), 100 on every Linux we run on).
 */
#ifndef HARNESS_PROCFS_PARSE_H
#define HARNESS_PROCFS_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/compiler.h"

/* /proc/PID/stat */
struct procfs_stat {
	int64_t pid, pgrp, session;
	char state;			    /* R S D Z T t X I */
	int64_t minor_faults, major_faults; /* all threads */
	int64_t utime_ticks, stime_ticks;   /* all threads, exited ones included */
	int64_t threads;
	int64_t start_ticks; /* since boot: with the pid it names a process for ever */
};
bool procfs_parse_stat(const char *text, size_t len, struct procfs_stat *out) MUST_CHECK;

/* /proc/PID/task/TID/schedstat */
struct procfs_schedstat {
	int64_t cpu_ns, runq_wait_ns, timeslices;
};
bool procfs_parse_schedstat(const char *text, size_t len, struct procfs_schedstat *out) MUST_CHECK;

/* /proc/PID/statm, the resident pages */
bool procfs_parse_statm(const char *text, size_t len, int64_t *rss_pages) MUST_CHECK;

/* /proc/PID/status; the switches and the signal masks are those of one task */
struct procfs_status {
	int64_t vm_hwm_bytes, vm_rss_bytes; /* -1 for kernel threads and zombies */
	int64_t voluntary_switches, involuntary_switches;
	uint64_t sig_blocked, sig_caught; /* bit signo - 1 */
};
bool procfs_parse_status(const char *text, size_t len, struct procfs_status *out) MUST_CHECK;

/* /proc/PID/smaps_rollup */
struct procfs_rollup {
	int64_t rss_bytes, pss_bytes, private_clean_bytes, private_dirty_bytes;
};
bool procfs_parse_rollup(const char *text, size_t len, struct procfs_rollup *out) MUST_CHECK;

/* /proc/PID/io */
struct procfs_io {
	int64_t rchar_bytes, wchar_bytes, read_calls, write_calls;
};
bool procfs_parse_io(const char *text, size_t len, struct procfs_io *out) MUST_CHECK;

/* /proc/stat: the sum over CPUs, in ticks, and how many have a line of their own: online */
struct procfs_cpu {
	int64_t busy_ticks; /* user nice system irq softirq; guest time is inside user */
	int64_t idle_ticks; /* idle and iowait */
	int64_t steal_ticks;
	int64_t switches; /* ctxt, of the whole machine */
	int64_t cpus;	  /* 1 or more */
};
bool procfs_parse_cpu(const char *text, size_t len, struct procfs_cpu *out) MUST_CHECK;

/* /proc/loadavg */
struct procfs_loadavg {
	double one, five, fifteen;
};
bool procfs_parse_loadavg(const char *text, size_t len, struct procfs_loadavg *out) MUST_CHECK;

/* /proc/meminfo */
struct procfs_meminfo {
	int64_t available_bytes; /* what programs can have without swapping */
	int64_t swap_total_bytes, swap_free_bytes;
};
bool procfs_parse_meminfo(const char *text, size_t len, struct procfs_meminfo *out) MUST_CHECK;

/* /proc/pressure/{cpu,io,memory}: how long at least one task was stalled */
struct procfs_pressure {
	double some_avg10_pct;
	int64_t some_total_us;
};
bool procfs_parse_pressure(const char *text, size_t len, struct procfs_pressure *out) MUST_CHECK;

/*
 * The next listening socket of /proc/net/tcp or tcp6 at or after *pos: its port
 * and inode.  False at the end; lines of another shape are stepped over.
 */
bool procfs_next_listener(const char *text, size_t len, size_t *pos, int *port,
			  uint64_t *inode) MUST_CHECK;

#endif
