/* Where a response time goes. */
#ifndef REPORT_RENDER_SPLIT_H
#define REPORT_RENDER_SPLIT_H

#include "harness/doc/doc.h"
#include "harness/report/split.h"

/* Nothing when there are neither rows nor a reason for it. */
void render_split(const struct split_report *s, struct doc *d);

#endif
