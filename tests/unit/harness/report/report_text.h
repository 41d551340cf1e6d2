/* The whole report as Markdown, for tests that look for words in it. */
#ifndef TEST_REPORT_TEXT_H
#define TEST_REPORT_TEXT_H

#include "harness/report/render_report.h"

/* Appends to *md.  No picture was drawn; `why`, unless NULL, says why not. */
static inline void report_text(const struct model *m, const char *why, struct buf *md)
{
	struct pictures none = { 0 };
	const struct report_parts parts = { .model = m, .pictures = &none };

	if (why)
		strncpy(none.why, why, sizeof(none.why) - 1);
	render_report(&doc_markdown, &parts, md);
}

#endif
