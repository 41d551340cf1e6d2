/* How many runs count, and which do not. */
#ifndef REPORT_RENDER_RUNS_H
#define REPORT_RENDER_RUNS_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

#define RUNS_HEADING "Runs that do not count"

/* The item for the top: runs by what became of them, and whether ledgers closed. */
void render_runs_line(const struct model *m, struct doc *d);
/* Every run without a score, and why; render_runs_any() says whether there is one. */
void render_runs(const struct model *m, struct doc *d);
bool render_runs_any(const struct model *m);

#endif
