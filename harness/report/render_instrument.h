/* What the measuring itself cost, and how well it kept its plan. */
#ifndef REPORT_RENDER_INSTRUMENT_H
#define REPORT_RENDER_INSTRUMENT_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

void render_instrument(const struct model *m, struct doc *d);

#endif
