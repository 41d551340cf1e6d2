/* Settings and what is recommended. */
#ifndef REPORT_RENDER_TUNING_H
#define REPORT_RENDER_TUNING_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

/* Items for the top of the report, one a parameter; nothing without settings. */
void render_tuning_lines(const struct model *m, struct doc *d);
void render_tuning(const struct model *m, struct doc *d);

#endif
