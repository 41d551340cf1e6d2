/* The integration items as Markdown; of render_md. */
#ifndef REPORT_RENDER_ITEMS_H
#define REPORT_RENDER_ITEMS_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* The line for the top of the report; nothing without items. */
void render_items_line(const struct model_items *t, struct buf *out);
/* The section. */
void render_items(const struct model_items *t, struct buf *out);

#endif
