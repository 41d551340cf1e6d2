/* What each phase of each scenario measured, extractor by extractor. */
#ifndef REPORT_RENDER_SECTIONS_H
#define REPORT_RENDER_SECTIONS_H

#include "harness/report/render_report.h"

/* A heading for each scenario, below it its sections, then its pictures. */
void render_sections(const struct report_parts *parts, struct doc *d);
/* Does a scenario of that number begin here?  Then its heading is its name. */
bool render_begins_scenario(const struct model *m, size_t section);

#endif
