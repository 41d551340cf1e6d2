/* The integration items as a table of items and subjects; of the model's files. */
#ifndef REPORT_ITEMS_H
#define REPORT_ITEMS_H

#include "harness/report/model.h"

void items_build(struct model_items *t, const struct result *r);

#endif
