/* The migration decision as a document: the whole, and the lines for the top of a report.  Pure. */
#ifndef JUDGE_RENDER_DECISION_H
#define JUDGE_RENDER_DECISION_H

#include "harness/doc/doc.h"
#include "harness/judge/decision.h"

/* Items: one for all, one an extractor with the deciding rule, what to do next. */
void render_decision_summary(const struct decision *d, struct doc *doc);
/* decision.md, decision.html: a document of its own. */
void render_decision(const struct decision *d, const struct doc_form *form, struct buf *out);

#endif
