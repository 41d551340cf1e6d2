/*
 * The value of a figure, and the runs that show it; of the checklist's files only.  Pure.
 */
#ifndef JUDGE_VALUES_H
#define JUDGE_VALUES_H

#include "harness/judge/checklist.h"
#include "harness/report/paired.h"

/* Of the row's clause, in its unit: an implementation's, or an improvement in %. */
void values_fill(struct checklist_row *row, const struct model *m, struct paired *p);
/* The runs that a figure comes from; of a comparison those of its second side. */
void values_evidence(struct checklist_row *row, const struct result *r);

#endif
