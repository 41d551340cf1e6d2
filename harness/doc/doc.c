/*
 * The order of a document's parts; see doc.h.
 *
 * Here stands what all forms have in common: which block is open, when a table's
 * columns are complete, that a row has as many cells as columns.
 */
#include "harness/doc/doc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/err.h"
#include "extractors/base/mem.h"
#include "harness/doc/doc_form.h"

#define COLUMNS_MAX 64

struct doc {
	const struct doc_form *form;
	struct buf *out;
	enum doc_block block;  /* that is open */
	enum doc_block before; /* that was closed last, when nothing else came since */
	bool folded;
	char **anchors; /* of the headings so far: none comes twice */
	size_t n_anchors;
	/* of the open table */
	size_t n_columns, n_cells;
	enum doc_column kinds[COLUMNS_MAX];
	char *titles[COLUMNS_MAX];
	bool has_rows, in_row, in_cell, has_key;
	double key;
	struct buf cell;
	struct buf text; /* of one call; reused */
};

VPRINTF(2) static const char *format(struct doc *d, const char *fmt, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	BUG_ON(n < 0);
	buf_reset(&d->text);
	vsnprintf(buf_reserve(&d->text, (size_t)n + 1), (size_t)n + 1, fmt, args);
	d->text.len = (size_t)n;
	return buf_str(&d->text);
}

void doc_add_anchor(struct buf *out, const char *text)
{
	size_t from = out->len;

	for (; *text; text++)
		if (isalnum((unsigned char)*text) || *text == '-' || *text == '_')
			buf_add_char(out, (char)tolower((unsigned char)*text));
		else if (*text == ' ')
			buf_add_char(out, '-');
	if (out->len == from)
		buf_add_str(out, "section");
}

static bool has_anchor(const struct doc *d, const char *anchor)
{
	for (size_t i = 0; i < d->n_anchors; i++)
		if (!strcmp(d->anchors[i], anchor))
			return true;
	return false;
}

/* The text's; when a heading has it already, the first with a number that none has. */
static const char *new_anchor(struct doc *d, const char *text)
{
	struct buf anchor = { 0 };
	size_t plain;

	doc_add_anchor(&anchor, text);
	plain = anchor.len;
	for (size_t i = 1; has_anchor(d, buf_str(&anchor)); i++) {
		anchor.len = plain;
		buf_printf(&anchor, "-%zu", i);
	}
	d->anchors = mem_realloc(d->anchors, d->n_anchors + 1, sizeof(*d->anchors));
	d->anchors[d->n_anchors++] = mem_strdup(buf_str(&anchor));
	buf_release(&anchor);
	return d->anchors[d->n_anchors - 1];
}

static void end_cell(struct doc *d)
{
	if (!d->in_cell)
		return;
	d->form->cell(d->out, d->kinds[d->n_cells], d->has_key ? &d->key : NULL, &d->cell);
	d->n_cells++;
	d->in_cell = false;
}

static void end_row(struct doc *d)
{
	if (!d->in_row)
		return;
	end_cell(d);
	BUG_ON(d->n_cells != d->n_columns);
	d->form->row_end(d->out);
	d->in_row = false;
}

/* The first row is preceded by the columns; a table without rows has them, too. */
static void end_columns(struct doc *d)
{
	if (d->has_rows)
		return;
	BUG_ON(!d->n_columns);
	d->form->columns(d->out, d->kinds, d->titles, d->n_columns);
	d->has_rows = true;
}

static void end_block(struct doc *d, enum doc_block next)
{
	if (d->block == DOC_TABLE) {
		end_columns(d);
		end_row(d);
	}
	if (d->block != DOC_NONE)
		d->form->block_end(d->out, d->block, next);
	d->before = d->block;
	d->block = DOC_NONE;
}

static void begin_block(struct doc *d, enum doc_block block)
{
	end_block(d, block);
	d->form->block(d->out, block, d->before);
	d->block = block;
}

struct doc *doc_new(const struct doc_form *form, const char *title, struct buf *out)
{
	struct doc *d = mem_calloc(1, sizeof(*d));

	d->form = form;
	d->out = out;
	form->begin(out, title);
	new_anchor(d, title);
	return d;
}

static void drop_columns(struct doc *d)
{
	for (size_t i = 0; i < d->n_columns; i++)
		free(d->titles[i]);
	d->n_columns = 0;
}

void doc_end(struct doc *d)
{
	doc_unfold(d);
	end_block(d, DOC_NONE);
	d->form->end(d->out);
	drop_columns(d);
	for (size_t i = 0; i < d->n_anchors; i++)
		free(d->anchors[i]);
	free(d->anchors);
	buf_release(&d->cell);
	buf_release(&d->text);
	free(d);
}

void doc_heading(struct doc *d, int level, const char *fmt, ...)
{
	const char *text;
	va_list args;

	BUG_ON(level < 2 || level > 3);
	end_block(d, DOC_NONE);
	va_start(args, fmt);
	text = format(d, fmt, args);
	va_end(args);
	d->form->heading(d->out, level, new_anchor(d, text), text);
}

void doc_paragraph(struct doc *d)
{
	begin_block(d, DOC_PARAGRAPH);
}

void doc_warning(struct doc *d)
{
	begin_block(d, DOC_WARNING);
}

void doc_item(struct doc *d)
{
	begin_block(d, DOC_ITEM);
}

static void begin_fold(struct doc *d, const char *anchor, const char *summary)
{
	doc_unfold(d);
	end_block(d, DOC_NONE);
	d->form->fold(d->out, anchor, summary);
	d->folded = true;
}

void doc_fold(struct doc *d, const char *summary)
{
	begin_fold(d, new_anchor(d, summary), summary);
}

void doc_fold_part(struct doc *d, const char *summary)
{
	begin_fold(d, NULL, summary);
}

void doc_unfold(struct doc *d)
{
	if (!d->folded)
		return;
	end_block(d, DOC_NONE);
	d->form->unfold(d->out);
	d->folded = false;
}

void doc_table(struct doc *d)
{
	begin_block(d, DOC_TABLE);
	drop_columns(d);
	d->has_rows = false;
	d->in_row = false;
	d->in_cell = false;
}

void doc_column(struct doc *d, enum doc_column kind, const char *fmt, ...)
{
	va_list args;

	BUG_ON(d->block != DOC_TABLE || d->has_rows || d->n_columns == COLUMNS_MAX);
	va_start(args, fmt);
	d->kinds[d->n_columns] = kind;
	d->titles[d->n_columns++] = mem_strdup(format(d, fmt, args));
	va_end(args);
}

void doc_row(struct doc *d)
{
	BUG_ON(d->block != DOC_TABLE);
	end_columns(d);
	end_row(d);
	d->form->row(d->out);
	d->in_row = true;
	d->n_cells = 0;
}

void doc_cell(struct doc *d)
{
	BUG_ON(!d->in_row);
	end_cell(d);
	BUG_ON(d->n_cells == d->n_columns);
	buf_reset(&d->cell);
	d->in_cell = true;
	d->has_key = false;
}

void doc_sort_key(struct doc *d, double key)
{
	BUG_ON(!d->in_cell);
	d->key = key;
	d->has_key = true;
}

void doc_figure(struct doc *d, const char *file, const struct buf *svg, const char *caption)
{
	end_block(d, DOC_NONE);
	d->form->figure(d->out, file, svg, caption);
}

/* Where inline text goes: a cell is complete only when it ends. */
static struct buf *inline_out(struct doc *d)
{
	BUG_ON(d->block == DOC_NONE || (d->block == DOC_TABLE && !d->in_cell));
	return d->block == DOC_TABLE ? &d->cell : d->out;
}

VPRINTF(3) static void add_inline(struct doc *d, enum doc_inline how, const char *fmt, va_list args)
{
	d->form->text(inline_out(d), how, format(d, fmt, args), d->block);
}

void doc_text(struct doc *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_inline(d, DOC_INLINE_TEXT, fmt, args);
	va_end(args);
}

void doc_text_cell(struct doc *d, const char *fmt, ...)
{
	va_list args;

	doc_cell(d);
	va_start(args, fmt);
	add_inline(d, DOC_INLINE_TEXT, fmt, args);
	va_end(args);
}

void doc_number_cell(struct doc *d, double key, const char *fmt, ...)
{
	va_list args;

	doc_cell(d);
	doc_sort_key(d, key);
	va_start(args, fmt);
	add_inline(d, DOC_INLINE_TEXT, fmt, args);
	va_end(args);
}

void doc_strong(struct doc *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_inline(d, DOC_INLINE_STRONG, fmt, args);
	va_end(args);
}

void doc_emphasis(struct doc *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_inline(d, DOC_INLINE_EMPHASIS, fmt, args);
	va_end(args);
}

void doc_code(struct doc *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_inline(d, DOC_INLINE_CODE, fmt, args);
	va_end(args);
}

void doc_badge(struct doc *d, enum doc_mark mark, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	d->form->badge(inline_out(d), mark, format(d, fmt, args), d->block);
	va_end(args);
}

void doc_link(struct doc *d, const char *target, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	d->form->link(inline_out(d), target, format(d, fmt, args), d->block);
	va_end(args);
}

void doc_link_to(struct doc *d, const char *heading, const char *fmt, ...)
{
	struct buf target = { .data = NULL };
	va_list args;

	buf_add_char(&target, '#');
	doc_add_anchor(&target, heading);
	va_start(args, fmt);
	d->form->link(inline_out(d), buf_str(&target), format(d, fmt, args), d->block);
	va_end(args);
	buf_release(&target);
}
