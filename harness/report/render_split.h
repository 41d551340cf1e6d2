/* Where a response time goes: Markdown. */
#ifndef REPORT_RENDER_SPLIT_H
#define REPORT_RENDER_SPLIT_H

#include "extractors/base/buf.h"
#include "harness/report/split.h"

/* Nothing when there are neither rows nor a reason for it. */
void render_split_md(const struct split_report *s, struct buf *out);

#endif
