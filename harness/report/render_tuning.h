/* Settings and recommendations as Markdown; of render_md. */
#ifndef REPORT_RENDER_TUNING_H
#define REPORT_RENDER_TUNING_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* Lines for the top of the report, one a parameter; nothing without settings. */
void render_tuning_lines(const struct model *m, struct buf *out);
/* The section. */
void render_tuning(const struct model *m, struct buf *out);

#endif
