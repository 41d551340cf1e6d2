/* The part of the report that sets the harness against itself. */
#ifndef REPORT_RENDER_AA_H
#define REPORT_RENDER_AA_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* Nothing when there was no aa. */
void render_aa_md(const struct model *m, struct buf *out);

#endif
