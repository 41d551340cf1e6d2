/*
 * What a reader looks for first: a few metrics of every phase, by pair of implementations.
 *
 * A table is one pair (C / Python; C / floor, of whatever kind the floor is), a row one
 * metric in one phase, a column one extractor.  A/A and tuning have none.
 * Pure.  Ownership: headlines_build()/headlines_release(); pointers go into the model.
 */
#ifndef REPORT_HEADLINES_H
#define REPORT_HEADLINES_H

#include "harness/report/model.h"

struct headline {
	const struct model_section *section; /* of the first extractor that has it */
	enum metric_id metric;
	const struct model_ratio *ratios[EVENT_TYPES]; /* NULL: not of this extractor */
};

struct headline_table {
	const char *a, *b;
	bool of_floor; /* a is one */
	size_t n;
	struct headline *rows;
	bool has_type[EVENT_TYPES];
	size_t by_verdict[EVENT_TYPES][VERDICTS];
};

/* What a subject differs from itself by, in the figures of the tables. */
struct headline_noise {
	size_t n;	/* figures whose A/A has an interval at VERDICT_NOISE_LEVEL */
	size_t missing; /* those whose A/A has none */
	double least_frac, most_frac;
};

struct headlines {
	size_t n;
	struct headline_table *tables; /* the ones that are no floor's first */
	struct headline_noise noise;
	size_t figures, undecided; /* over all tables */
};

void headlines_build(struct headlines *h, const struct model *m);
void headlines_release(struct headlines *h);

#endif
