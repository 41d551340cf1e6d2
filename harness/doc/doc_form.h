/*
 * What a form of a document implements; doc.c calls it and holds the order of things.
 *
 * Only forms and doc.c include this.  Every `text` is raw: the form escapes it.
 */
#ifndef HARNESS_DOC_FORM_H
#define HARNESS_DOC_FORM_H

#include <stddef.h>

#include "harness/doc/doc.h"

enum doc_inline { DOC_INLINE_TEXT, DOC_INLINE_STRONG, DOC_INLINE_EMPHASIS, DOC_INLINE_CODE };

/* Blocks that inline text can stand in. */
enum doc_block { DOC_NONE, DOC_PARAGRAPH, DOC_WARNING, DOC_ITEM, DOC_TABLE, DOC_BLOCKS };

/*
 * An anchor as GitHub makes it: letters in lower case, digits, "-" and "_", spaces as "-",
 * nothing of the rest.
 */
void doc_add_anchor(struct buf *out, const char *text);

struct doc_form {
	void (*begin)(struct buf *out, const char *title);
	void (*end)(struct buf *out);
	/* `anchor`: no other heading of the document has it; needs no escaping. */
	void (*heading)(struct buf *out, int level, const char *anchor, const char *text);
	/* `anchor`: NULL: of a part of a section. */
	void (*fold)(struct buf *out, const char *anchor, const char *summary);
	void (*unfold)(struct buf *out);
	/* `before`: the block that stood before it and has ended; for items in a row. */
	void (*block)(struct buf *out, enum doc_block block, enum doc_block before);
	/* `next`: the block that follows; DOC_NONE: a heading, a figure or the end. */
	void (*block_end)(struct buf *out, enum doc_block block, enum doc_block next);
	/* All columns of a table, before its first row. */
	void (*columns)(struct buf *out, const enum doc_column *kinds, char *const *titles,
			size_t n);
	void (*row)(struct buf *out);
	void (*row_end)(struct buf *out);
	/* A whole cell: `inner` is what the inline calls have written for it. */
	void (*cell)(struct buf *out, enum doc_column kind, const double *sort_key,
		     const struct buf *inner);
	void (*figure)(struct buf *out, const char *file, const struct buf *svg,
		       const char *caption);
	/* `in`: the block that it stands in, as Markdown's tables have characters of their own. */
	void (*text)(struct buf *out, enum doc_inline how, const char *text, enum doc_block in);
	void (*badge)(struct buf *out, enum doc_mark mark, const char *text, enum doc_block in);
	void (*link)(struct buf *out, const char *target, const char *text, enum doc_block in);
};

#endif
