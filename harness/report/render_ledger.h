/* The ledger, line by line, over all runs of each implementation. */
#ifndef REPORT_RENDER_LEDGER_H
#define REPORT_RENDER_LEDGER_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

void render_ledger(const struct model *m, struct doc *d);

#endif
