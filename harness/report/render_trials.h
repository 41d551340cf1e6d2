/* The searches for the highest sustained rate, trial by trial. */
#ifndef REPORT_RENDER_TRIALS_H
#define REPORT_RENDER_TRIALS_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

/* The item for the top; nothing without searches. */
void render_trials_line(const struct model *m, struct doc *d);
void render_trials(const struct model *m, struct doc *d);

#endif
