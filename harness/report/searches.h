/*
 * What the searches for the highest sustained rate came to; of the model's files.
 *
 * A search is not a pair of runs: it has trials, each with a run of its own.
 * Pure; no allocation stays.
 */
#ifndef REPORT_SEARCHES_H
#define REPORT_SEARCHES_H

#include "harness/report/model.h"
#include "harness/report/sample.h"

/* The rates that an implementation's searches held, in the order of the searches. */
void searches_collect(const struct result *r, const struct model_section *x,
		      const char *implementation, struct sample *rates);
/* Of cell->implementation: the median of the searches, or why there is none. */
void searches_fill_cell(struct model_cell *cell, const struct result *r,
			const struct model_section *x);
/* Of ratio->b to ratio->a. */
void searches_fill_ratio(struct model_ratio *ratio, const struct result *r,
			 const struct model_section *x);

#endif
