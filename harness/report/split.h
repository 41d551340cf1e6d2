/*
 * Where a response time goes: the parts of the traced run of each subject.
 *
 * A part's figure is the median over the triggers whose parts are known, with an
 * interval; medians do not add up, so its share is of sums: of the part over all of
 * those, divided by that of their service times.
 * Pure.  Ownership: split_report_build()/split_report_release(); names point into the
 * result.  An empty one is zeroed.
 */
#ifndef REPORT_SPLIT_H
#define REPORT_SPLIT_H

#include "harness/report/model.h"

struct split_row {
	const struct run *run;
	const char *why; /* not NULL: the run says nothing */
	size_t outcomes[SPLIT_OUTCOMES];
	size_t known; /* triggers whose parts are known: each part's n */
	struct estimate part_us[SPLIT_PARTS];
	double share_frac[SPLIT_PARTS];
	struct estimate traced_us; /* service time of all its triggers */
	struct estimate scored_us; /* of the scored runs of the same shape; n = 0: there are none */
};

struct split_report {
	size_t n;
	struct split_row *rows;
	const char *why; /* there are no rows: the reason, or NULL */
};

void split_report_build(struct split_report *out, const struct result *r);
void split_report_release(struct split_report *s);

#endif
