/* The report as Markdown: verdict first, then tables, ledger, instrument, host. */
#ifndef REPORT_RENDER_MD_H
#define REPORT_RENDER_MD_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/* `plot` is the picture's file name beside the report, or NULL with the reason in `no_plot`. */
void render_md(const struct model *m, const char *plot, const char *no_plot, struct buf *out);

#endif
