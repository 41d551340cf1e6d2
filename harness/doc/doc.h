/*
 * A document as it is written: headings, paragraphs, lists, tables and figures.
 *
 * Renderers say what a thing is, a form (Markdown, HTML) how it looks; a form also
 * escapes, so that no text of a host, a subject or a file can become markup.
 *
 * Blocks follow each other: each ends the one before it.  Inline text goes into the
 * block (or table cell) begun last.  Calls that do not fit the place are bugs.
 * Ownership: doc_new() allocates, doc_end() writes what is left and frees.
 * Threads: one writer.
 */
#ifndef HARNESS_DOC_H
#define HARNESS_DOC_H

#include <stdbool.h>

#include "extractors/base/buf.h"

struct doc;
struct doc_form; /* doc_form.h: what a form implements */

extern const struct doc_form doc_markdown, doc_html;

/*
 * What a word says about its subject: HTML has a badge for each, Markdown prints
 * DOC_BAD and DOC_VOID bold, so that what is wrong is seen there, too.
 */
enum doc_mark { DOC_GOOD, DOC_BAD, DOC_NEUTRAL, DOC_VOID, DOC_MARKS };

/* DOC_NUMBER: aligned to the right; sorted by doc_sort_key() in HTML. */
enum doc_column { DOC_TEXT, DOC_NUMBER, DOC_COLUMNS };

/* `title` is the page's, and becomes its first heading. */
struct doc *doc_new(const struct doc_form *form, const char *title, struct buf *out);
void doc_end(struct doc *d);

/* ---- blocks -------------------------------------------------------------------- */

/* Level 2 or 3; doc_link_to() finds it. */
void doc_heading(struct doc *d, int level, const char *fmt, ...) PRINTF(3, 4);
void doc_paragraph(struct doc *d);
/* A paragraph nobody should miss: the host was unfit, the session was cut off. */
void doc_warning(struct doc *d);
/* One item of a list. */
void doc_item(struct doc *d);

/*
 * What most readers skip (host, method, ledger): HTML folds it under `summary`,
 * Markdown makes it a heading of level 2.  Not nested.
 */
void doc_fold(struct doc *d, const char *summary);
/* The same for a part of a section: no heading, doc_link_to() does not find it. */
void doc_fold_part(struct doc *d, const char *summary);
void doc_unfold(struct doc *d);

/* Columns first, then rows; a row has as many cells as there are columns. */
void doc_table(struct doc *d);
void doc_column(struct doc *d, enum doc_column kind, const char *fmt, ...) PRINTF(3, 4);
void doc_row(struct doc *d);
void doc_cell(struct doc *d);
/* The same with its text. */
void doc_text_cell(struct doc *d, const char *fmt, ...) PRINTF(2, 3);
void doc_number_cell(struct doc *d, double key, const char *fmt, ...) PRINTF(3, 4);
/* Of the cell begun last: what sorting goes by; without one, its text.  NaN sorts last. */
void doc_sort_key(struct doc *d, double key);

/*
 * A picture.  `file` is its name beside the document without its ending: Markdown links
 * the .png.  HTML holds `svg` itself (an SVG document; NULL: links the .svg), its ids
 * with the name before them, so a document has a name once; `caption` is the text of both.
 * A phone shrinks it to some 360 px: letters must bear that.
 */
void doc_figure(struct doc *d, const char *file, const struct buf *svg, const char *caption);

/* ---- inline ---------------------------------------------------------------------- */

void doc_text(struct doc *d, const char *fmt, ...) PRINTF(2, 3);
void doc_strong(struct doc *d, const char *fmt, ...) PRINTF(2, 3);
void doc_emphasis(struct doc *d, const char *fmt, ...) PRINTF(2, 3);
void doc_code(struct doc *d, const char *fmt, ...) PRINTF(2, 3);
void doc_badge(struct doc *d, enum doc_mark mark, const char *fmt, ...) PRINTF(3, 4);
/* To a file beside the document. */
void doc_link(struct doc *d, const char *target, const char *fmt, ...) PRINTF(3, 4);
/*
 * To the first heading or fold of that text, before or after.  Anchors are made as GitHub
 * makes those of Markdown; a text that comes again has a number behind it.
 */
void doc_link_to(struct doc *d, const char *heading, const char *fmt, ...) PRINTF(3, 4);

#endif
