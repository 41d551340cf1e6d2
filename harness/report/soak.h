/*
 * What became of each subject of a soak: slopes, and whether it leaks.
 *
 * From the series of its runs (stretches), put behind each other: a slope is common to
 * them, each has its own level.  Intervals are at VERDICT_NOISE_LEVEL.
 * A stretch counts when its ledger has no open line and its oracle found nothing
 * wrong; one that was cut off counts as far as its books went.  Those of a disturbed
 * host are left out, counted, and let in beside that (rule 8).
 */
#ifndef REPORT_SOAK_H
#define REPORT_SOAK_H

#include "harness/report/model.h"

void soak_build(struct model *m, const struct result *r);
/* How many subjects of a soak the result has; counting ends above MODEL_SOAKS_MAX. */
size_t soak_subjects(const struct result *r);
/* Does the run's series count? */
bool soak_run_counts(const struct run *run, bool with_disturbed);

#endif
