/*
 * The whole report: verdict first, then a table for each phase, then what few read.
 *
 * One description for both forms; it has no access to anything but what it is given, so
 * equal parts give equal bytes.
 */
#ifndef REPORT_RENDER_REPORT_H
#define REPORT_RENDER_REPORT_H

#include "harness/doc/doc.h"
#include "harness/report/pictures.h"

#define REPORT_TITLE "Extractors compared"

struct report_parts {
	const struct model *model;
	const struct pictures *pictures; /* those that stand beside the report */
	/*
	 * Writes what the rules (harness/judge/) make of the model, as blocks below "Verdict",
	 * the first heading; NULL: nobody judged.
	 */
	void (*judgement)(const void *ctx, struct doc *d);
	const void *judgement_ctx;
};

/* Appends the document to *out. */
void render_report(const struct doc_form *form, const struct report_parts *parts, struct buf *out);

#endif
