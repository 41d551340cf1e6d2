/* The judged checklist as a document, and its summary for a report; nothing is computed here. */
#ifndef JUDGE_RENDER_CHECKLIST_H
#define JUDGE_RENDER_CHECKLIST_H

#include "harness/doc/doc.h"
#include "harness/judge/checklist.h"

#define RENDER_CHECKLIST_TITLE "Performance checklist"

/* The whole document, into a fresh one of that title. */
void render_checklist(const struct checklist *c, struct doc *d);
/* Verdict and counts in a paragraph, then what failed, in few lines. */
void render_checklist_summary(const struct checklist *c, struct doc *d);

#endif
