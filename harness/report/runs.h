/*
 * The runs of a section, and the values that they give; of the model's files only.
 *
 * Pure; what sample.h allocates is the caller's.
 */
#ifndef REPORT_RUNS_H
#define REPORT_RUNS_H

#include "harness/report/model.h"
#include "harness/report/sample.h"

/* Is the run one of the section's? */
bool runs_belong(const struct run *run, const struct model_section *x);

/*
 * Adds the metric's value of every run of the implementation that counts.  *why, unless
 * set before, is the first reason why one has none; NULL: none is known.
 */
void runs_collect(const struct result *r, const struct model_section *x, const char *implementation,
		  enum metric_id id, struct sample *s, const char **why);

#endif
