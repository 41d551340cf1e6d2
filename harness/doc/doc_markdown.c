/*
 * Documents as GitHub-flavoured Markdown, readable as plain text; see doc.h.
 *
 * Escaped is only what would become markup where it stands, so that intervals and
 * names with underscores read as they are.
 */
#include <ctype.h>
#include <string.h>

#include "harness/doc/doc_form.h"

static void block(struct buf *out, enum doc_block b, enum doc_block before)
{
	static const char *const openings[DOC_BLOCKS] = {
		[DOC_NONE] = "",   [DOC_PARAGRAPH] = "", [DOC_WARNING] = "> ",
		[DOC_ITEM] = "- ", [DOC_TABLE] = "",
	};

	if (b != DOC_ITEM || before != DOC_ITEM)
		buf_add_char(out, '\n');
	buf_add_str(out, openings[b]);
}

static void block_end(struct buf *out, enum doc_block b, enum doc_block next UNUSED)
{
	if (b != DOC_TABLE)
		buf_add_char(out, '\n');
}

/* Does *p begin markup?  `<` only before what a tag can begin with, `]` only before a target. */
static bool is_special(const char *p, enum doc_block in)
{
	switch (*p) {
	case '\\':
	case '`':
	case '*':
		return true;
	case '|':
		return in == DOC_TABLE;
	case '<':
		return isalpha((unsigned char)p[1]) || (p[1] && strchr("/!?", p[1]));
	case ']':
		return p[1] == '(';
	default:
		return false;
	}
}

static void add_escaped(struct buf *out, const char *text, enum doc_block in)
{
	for (; *text; text++) {
		if (is_special(text, in))
			buf_add_char(out, '\\');
		buf_add_char(out, isspace((unsigned char)*text) ? ' ' : *text);
	}
}

static void begin(struct buf *out, const char *title)
{
	buf_add_str(out, "# ");
	add_escaped(out, title, DOC_PARAGRAPH);
	buf_add_char(out, '\n');
}

static void end(struct buf *out UNUSED)
{
}

static void heading(struct buf *out, int level, const char *anchor UNUSED, const char *text)
{
	buf_printf(out, "\n%.*s ", level, "###");
	add_escaped(out, text, DOC_PARAGRAPH);
	buf_add_char(out, '\n');
}

/* A part's has no place among the headings: a line of its own in bold. */
static void fold(struct buf *out, const char *anchor, const char *summary)
{
	if (anchor) {
		heading(out, 2, anchor, summary);
		return;
	}
	buf_add_str(out, "\n**");
	add_escaped(out, summary, DOC_PARAGRAPH);
	buf_add_str(out, "**\n");
}

static void unfold(struct buf *out UNUSED)
{
}

static void columns(struct buf *out, const enum doc_column *kinds, char *const *titles, size_t n)
{
	buf_add_char(out, '|');
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, ' ');
		add_escaped(out, titles[i], DOC_TABLE);
		buf_add_str(out, " |");
	}
	buf_add_str(out, "\n|");
	for (size_t i = 0; i < n; i++)
		buf_add_str(out, kinds[i] == DOC_NUMBER ? "---:|" : "---|");
	buf_add_char(out, '\n');
}

static void row(struct buf *out)
{
	buf_add_char(out, '|');
}

static void row_end(struct buf *out)
{
	buf_add_char(out, '\n');
}

static void cell(struct buf *out, enum doc_column kind UNUSED, const double *sort_key UNUSED,
		 const struct buf *inner)
{
	if (inner->len)
		buf_add_char(out, ' ');
	buf_add(out, inner->data, inner->len);
	buf_add_str(out, " |");
}

/* A target with a space is none unless it stands in brackets (CommonMark 6.3). */
static void add_target(struct buf *out, const char *target, const char *ending)
{
	bool spaced = strchr(target, ' ');

	buf_printf(out, spaced ? "](<%s%s>)" : "](%s%s)", target, ending);
}

static void figure(struct buf *out, const char *file, const struct buf *svg UNUSED,
		   const char *caption)
{
	buf_add_str(out, "\n![");
	add_escaped(out, caption, DOC_PARAGRAPH);
	add_target(out, file, ".png");
	buf_add_char(out, '\n');
}

/* A span may hold backticks when its fence is of more of them (CommonMark 6.1). */
static void add_code(struct buf *out, const char *text, enum doc_block in)
{
	size_t run = 0, longest = 0;

	for (const char *p = text; *p; p++) {
		run = *p == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		buf_add_char(out, '`');
	buf_add_str(out, longest ? " " : "");
	for (; *text; text++) {
		if (*text == '|' && in == DOC_TABLE)
			buf_add_char(out, '\\');
		buf_add_char(out, isspace((unsigned char)*text) ? ' ' : *text);
	}
	buf_add_str(out, longest ? " " : "");
	for (size_t i = 0; i <= longest; i++)
		buf_add_char(out, '`');
}

static void text(struct buf *out, enum doc_inline how, const char *t, enum doc_block in)
{
	static const char *const fences[] = {
		[DOC_INLINE_TEXT] = "",
		[DOC_INLINE_STRONG] = "**",
		[DOC_INLINE_EMPHASIS] = "*",
		[DOC_INLINE_CODE] = "",
	};

	if (how == DOC_INLINE_CODE) {
		add_code(out, t, in);
		return;
	}
	buf_add_str(out, fences[how]);
	add_escaped(out, t, in);
	buf_add_str(out, fences[how]);
}

static void badge(struct buf *out, enum doc_mark mark, const char *t, enum doc_block in)
{
	bool bold = mark == DOC_BAD || mark == DOC_VOID;

	text(out, bold ? DOC_INLINE_STRONG : DOC_INLINE_TEXT, t, in);
}

static void add_link(struct buf *out, const char *target, const char *t, enum doc_block in)
{
	buf_add_char(out, '[');
	add_escaped(out, t, in);
	add_target(out, target, "");
}

const struct doc_form doc_markdown = {
	.begin = begin,
	.end = end,
	.heading = heading,
	.fold = fold,
	.unfold = unfold,
	.block = block,
	.block_end = block_end,
	.columns = columns,
	.row = row,
	.row_end = row_end,
	.cell = cell,
	.figure = figure,
	.text = text,
	.badge = badge,
	.link = add_link,
};
