/*
 * The rules by which C replaces Python, or does not: scenarios/decision.ini.
 *
 * scenarios/README.md lists every key with its default; it is generated from the
 * tables in decision_rules.c (`make docs`).  Shares are fractions of 1; money is in
 * whatever `currency` names.  Pure.
 * Ownership: decision_rules_parse() fills, decision_rules_release() frees, after a failure too.
 * Source: spec/measurement.md, "Verdicts".
 */
#ifndef JUDGE_DECISION_RULES_H
#define JUDGE_DECISION_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/result.h"

/* A section each: one metric that is weighed. */
enum decision_slot {
	DECISION_STARTUP,
	DECISION_MEMORY,
	DECISION_CPU_EVENT,
	DECISION_CPU_HUMAN,
	DECISION_LATENCY,
	DECISION_THROUGHPUT,
	DECISION_SLOTS
};
extern const char *const decision_slot_names[DECISION_SLOTS];

/* Evidence that may be missing. */
enum decision_want { WANT_REQUIRED, WANT_IF_MEASURED, WANT_IGNORED };

struct decision_metric {
	char *scenario, *phase;
	int key; /* decision_metric_id() */
	double weight;
	double gain_frac; /* a smaller saving counts as none */
	double loss_frac; /* more than that is no switch, whatever else is gained */
};

struct decision_rules {
	char *from, *to; /* implementations */
	bool hybrid;
	int64_t wrong_messages_max, open_lines_max, failed_runs_max, failed_items_max;
	int64_t unchecked_messages_max;
	int integration, soak; /* enum decision_want */
	bool accept_unfit, accept_incomplete, accept_untraced;
	double threshold_frac; /* of the weighted gain */
	struct decision_metric metrics[DECISION_SLOTS];
	double days_each, days_once, day_price, two_languages_days_a_year;
	double machines, payback_months_max;
	double events_a_day, active_h;
	double core_hour_price, gb_month_price;
	char *currency;
};

/* `name` stands before the line number in errors. */
int decision_rules_parse(struct decision_rules *r, const char *text, size_t len, const char *name,
			 struct err *e) MUST_CHECK;
void decision_rules_release(struct decision_rules *r);

enum metric_id decision_metric_id(const struct decision_metric *m);

/* A key that is a number and could be another: what the sensitivity varies. */
struct decision_key {
	const char *section, *name, *help;
	size_t offset; /* of its double in struct decision_rules */
	double min, max;
};
/* The i-th; false when there are no more. */
bool decision_rules_key(size_t i, struct decision_key *key);

/* The generated part of scenarios/README.md. */
void decision_rules_markdown(struct buf *out);

#endif
