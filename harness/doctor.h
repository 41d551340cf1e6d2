/*
 * Can this host be trusted to measure?  The judging, without the looking.
 *
 * doctor_gather.h fills the figures of a host; a row a figure comes out here: what
 * was found, a verdict, what to change.  *Unfit* is said only where figures from
 * the host would be wrong or could not be had at all: fewer than two cores, steal
 * or foreign load over the limits that discard every run anyway, no memory or disk
 * space, a clock that is too coarse, too slow or runs backwards, no Redis.
 * Everything else widens intervals, which say so themselves: *usable*.
 * Pure.  Ownership: the structs are the caller's.
 */
#ifndef HARNESS_DOCTOR_H
#define HARNESS_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "harness/clock_check.h"
#include "harness/host_load.h"
#include "harness/noise_score.h"

enum doctor_item {
	DOCTOR_CORES,
	DOCTOR_ISOLATED,
	DOCTOR_SMT,
	DOCTOR_HYPERVISOR,
	DOCTOR_STEAL,
	DOCTOR_FOREIGN,
	DOCTOR_LOAD,
	DOCTOR_PRESSURE,
	DOCTOR_MEMORY,
	DOCTOR_SWAP,
	DOCTOR_GOVERNOR,
	DOCTOR_TURBO,
	DOCTOR_THP,
	DOCTOR_ASLR,
	DOCTOR_CLOCKSOURCE,
	DOCTOR_CLOCK,
	DOCTOR_WAKEUPS,
	DOCTOR_RT,
	DOCTOR_EBPF,
	DOCTOR_PERF,
	DOCTOR_NOFILE,
	DOCTOR_MEMLOCK,
	DOCTOR_REDIS,
	DOCTOR_INFLUX,
	DOCTOR_VICTORIA,
	DOCTOR_PYTHON,
	DOCTOR_GNUPLOT,
	DOCTOR_HYPERFINE,
	DOCTOR_VALGRIND,
	DOCTOR_LEFTOVERS,
	DOCTOR_DISK,
	DOCTOR_TMP,
	DOCTOR_NOISE,
	DOCTOR_ITEMS
};

#define DOCTOR_TEXT_MAX 320

struct doctor_limits {
	double steal_frac, foreign_frac; /* as in scenarios: above them a run is discarded */
};
#define DOCTOR_LIMITS_DEFAULT                            \
	{                                                \
		.steal_frac = 0.02, .foreign_frac = 0.10 \
	}

/* What was found.  An item that was looked at has its bit in `asked`. */
struct doctor_host {
	uint64_t asked;
	char why[DOCTOR_ITEMS][DOCTOR_TEXT_MAX];  /* not "": why it could not be found out */
	char text[DOCTOR_ITEMS][DOCTOR_TEXT_MAX]; /* what is words, or goes beside the figures */
	int cores_online, cores_allowed;
	struct host_load_delta load; /* over the look */
	double tick_frac;	     /* what one tick of the kernel's account is of that look */
	int looks;		     /* how many were taken until one was within the limits */
	double load_average;	     /* of one minute */
	int64_t available_bytes, swap_used_bytes;
	struct clock_check clock;
	struct wakeup_check wakeups;
	int64_t timer_slack_ns;
	int64_t rt_runtime_us, rt_period_us; /* runtime -1: no limit */
	int64_t nofile, memlock_bytes;	     /* soft limits; INT64_MAX: none */
	size_t leftovers;
	int64_t disk_free_bytes, tmp_free_bytes;
	struct noise_score noise;
};

enum doctor_verdict {
	DOCTOR_GOOD,
	DOCTOR_USABLE,
	DOCTOR_UNFIT,
	DOCTOR_UNAVAILABLE,
	DOCTOR_VERDICTS
};
extern const char *const doctor_verdict_names[DOCTOR_VERDICTS];

struct doctor_row {
	enum doctor_item id;
	const char *item;
	char found[DOCTOR_TEXT_MAX]; /* of UNAVAILABLE: the reason */
	enum doctor_verdict verdict;
	char change[DOCTOR_TEXT_MAX]; /* an exact command or setting; "": nothing */
};

struct doctor_report {
	size_t n, unfit;
	struct doctor_row rows[DOCTOR_ITEMS];
	double noise_score_pct; /* NAN: not measured */
};

static inline bool doctor_asked(const struct doctor_host *h, enum doctor_item item)
{
	return h->asked & UINT64_C(1) << item;
}

void doctor_judge(const struct doctor_host *h, const struct doctor_limits *limits,
		  struct doctor_report *out);

/* A table for people, then fit or unfit in one line. */
void doctor_write_text(const struct doctor_report *r, struct buf *out);
/* The same as one JSON object: format, version, verdict, noise_score_pct, rows. */
void doctor_write_json(const struct doctor_report *r, struct buf *out);
/* "foreign load: 34 % …; memory: …": the unfit rows in one line. */
void doctor_write_reasons(const struct doctor_report *r, struct buf *out);

#endif
