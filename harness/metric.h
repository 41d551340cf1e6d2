/*
 * Every figure that a run can yield: one row a metric.
 *
 * The row gives the unit, which direction is better and the words for people;
 * scenarios fill metrics by id, reports never name one in code.  A value that
 * could not be measured is a reason, not a number (spec/measurement.md, rule 9).
 */
#ifndef HARNESS_METRIC_H
#define HARNESS_METRIC_H

#include <stdbool.h>
#include <stddef.h>

enum metric_id {
	METRIC_DRAIN_RATE,
	METRIC_SUSTAINED_RATE,
	METRIC_CPU_PER_EVENT,
	METRIC_RSS,
	METRIC_PSS,
	METRIC_USS,
	METRIC_PEAK_RSS,
	METRIC_RSS_IDLE,
	METRIC_PSS_IDLE,
	METRIC_USS_IDLE,
	METRIC_RSS_AFTER,
	METRIC_GROWTH,
	METRIC_CPU_IDLE,
	METRIC_CPU_HUMAN,
	METRIC_CPU_FLOOD,
	METRIC_WAKEUPS_IDLE,
	METRIC_RUNQ_PER_EVENT,
	METRIC_FAULTS,
	METRIC_READY,
	METRIC_FIRST_FEATURE,
	METRIC_EXEC_CPU,
	METRIC_EXTRACT_FEATURES,
	METRIC_SWITCHES_PER_1000,
	METRIC_RESPONSE_P50,
	METRIC_RESPONSE_P99,
	METRIC_SERVICE_P50,
	METRIC_SERVICE_P99,
	METRIC_CPU_PER_TRIGGER,
	METRIC_RECONNECTS,
	METRIC_STORED_RATE,
	METRIC_STORE_LAG,
	METRIC_INSTRUCTIONS,
	METRIC_WAKEUPS_HUMAN,
	METRIC_SYSCALLS,
	METRIC_HW_INSTRUCTIONS,
	METRIC_HW_CYCLES,
	METRICS
};

enum metric_better { HIGHER_IS_BETTER, LOWER_IS_BETTER, NEITHER_IS_BETTER };

struct metric_info {
	const char *key; /* in results.json: name ends in its unit */
	const char *title;
	const char *unit; /* as printed, after scaling */
	double scale;	  /* printed = value * scale */
	int decimals;	  /* as printed */
	enum metric_better better;
	bool plotted;	  /* has a panel in the plot */
	const char *what; /* one sentence: how it is measured */
};

extern const struct metric_info metrics[METRICS];

struct metric_value {
	bool there;
	double value; /* in the key's unit */
	char why[96]; /* when not there: the reason; empty: not part of the scenario */
};

/* The id of a key, or -1. */
int metric_find(const char *key);

#endif
