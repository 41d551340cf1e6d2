/* Where the figures come from: the host, the method, the files. */
#ifndef REPORT_RENDER_BACKGROUND_H
#define REPORT_RENDER_BACKGROUND_H

#include "harness/report/render_report.h"

/* Host and configuration, as the session's facts say. */
void render_host(const struct model *m, struct doc *d);
/* How each metric is measured, and what is done to the values. */
void render_method_text(struct doc *d);
/* What lies beside the report. */
void render_files(const struct report_parts *parts, struct doc *d);

#endif
