/*
 * Ratios of counts that are not made in pairs of runs: instructions; of the model's files.
 *
 * The k-th count of A goes with the k-th of B.  A count is not disturbed by load, so
 * there is no A/A and no verdict: repetitions show their spread themselves.
 * Pure; no allocation stays.
 */
#ifndef REPORT_COUNTED_H
#define REPORT_COUNTED_H

#include "harness/report/model.h"

/* Of ratio->b to ratio->a. */
void counted_fill_ratio(struct model_ratio *ratio, const struct result *r,
			const struct model_section *x, enum metric_id id);

#endif
