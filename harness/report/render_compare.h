/* Two sessions side by side, as a document; of struct compare, which decided every number. */
#ifndef REPORT_RENDER_COMPARE_H
#define REPORT_RENDER_COMPARE_H

#include "harness/doc/doc.h"
#include "harness/report/compare.h"

/* The document's title, for doc_new(). */
void render_compare_title(const struct compare *c, struct buf *out);
void render_compare(const struct compare *c, struct doc *d);

#endif
