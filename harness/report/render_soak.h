/* The soak part of the report: its tables. */
#ifndef REPORT_RENDER_SOAK_H
#define REPORT_RENDER_SOAK_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

/* The item for the top: who leaks; nothing when there was no soak. */
void render_soak_line(const struct model *m, struct doc *d);
void render_soak(const struct model *m, struct doc *d);

#endif
