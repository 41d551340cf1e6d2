/*
 * The first screen of a report: what was compared, what came out, how sure that is, what
 * to do.
 */
#ifndef REPORT_RENDER_TOP_H
#define REPORT_RENDER_TOP_H

#include "harness/report/render_report.h"

/* Which session, of what; and what nobody may miss about it. */
void render_session(const struct model *m, struct doc *d);
void render_top(const struct report_parts *parts, struct doc *d);

#endif
