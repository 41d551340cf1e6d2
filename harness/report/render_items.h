/* The integration items: the contract, item by item. */
#ifndef REPORT_RENDER_ITEMS_H
#define REPORT_RENDER_ITEMS_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

/* The item for the top of the report; nothing without items. */
void render_items_line(const struct model_items *t, struct doc *d);
void render_items(const struct model *m, struct doc *d);

#endif
