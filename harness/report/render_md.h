/* The report as Markdown: verdict first, then tables, ledger, instrument, host. */
#ifndef REPORT_RENDER_MD_H
#define REPORT_RENDER_MD_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* `plots`: the pictures stand beside the report; else the reason is in `no_plot`. */
void render_md(const struct model *m, bool plots, const char *no_plot, struct buf *out);

#endif
