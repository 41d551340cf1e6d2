/* What another tool (hyperfine) says of the same subjects. */
#ifndef REPORT_RENDER_OPINIONS_H
#define REPORT_RENDER_OPINIONS_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

/* Of the scenario's subjects; nothing without. */
void render_opinions(const struct model *m, const char *scenario, struct doc *d);

#endif
