/*
 * Documents as one HTML file that needs nothing beside it; see doc.h.
 *
 * Style and script are page.css and page.js, built in; tables are sorted by the script
 * and complete without it.
 */
#include <math.h>
#include <string.h>

#include "harness/doc/doc_form.h"
#include "page_css.h"
#include "page_js.h"

static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			buf_add_str(out, "&amp;");
			break;
		case '<':
			buf_add_str(out, "&lt;");
			break;
		case '>':
			buf_add_str(out, "&gt;");
			break;
		case '"':
			buf_add_str(out, "&quot;");
			break;
		case '\'':
			buf_add_str(out, "&#39;");
			break;
		default:
			buf_add_char(out, *text);
		}
}

static void begin(struct buf *out, const char *title)
{
	buf_add_str(out,
		    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	add_escaped(out, title);
	buf_printf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>", page_css);
	add_escaped(out, title);
	buf_add_str(out, "</h1>\n");
}

static void end(struct buf *out)
{
	buf_printf(out, "</main>\n<script>\n%s</script>\n</body>\n</html>\n", page_js);
}

static void heading(struct buf *out, int level, const char *anchor, const char *text)
{
	buf_printf(out, "<h%d id=\"%s\">", level, anchor);
	add_escaped(out, text);
	buf_printf(out, "</h%d>\n", level);
}

static void fold(struct buf *out, const char *anchor, const char *summary)
{
	if (anchor)
		buf_printf(out, "<details id=\"%s\">\n<summary>", anchor);
	else
		buf_add_str(out, "<details class=\"part\">\n<summary>");
	add_escaped(out, summary);
	buf_add_str(out, "</summary>\n");
}

static void unfold(struct buf *out)
{
	buf_add_str(out, "</details>\n");
}

static void block(struct buf *out, enum doc_block b, enum doc_block before)
{
	static const char *const openings[DOC_BLOCKS] = {
		[DOC_NONE] = "",
		[DOC_PARAGRAPH] = "<p>",
		[DOC_WARNING] = "<p class=\"warning\">",
		[DOC_ITEM] = "<li>",
		[DOC_TABLE] = "<div class=\"table\"><table>\n",
	};

	if (b == DOC_ITEM && before != DOC_ITEM)
		buf_add_str(out, "<ul>\n");
	buf_add_str(out, openings[b]);
}

static void block_end(struct buf *out, enum doc_block b, enum doc_block next)
{
	static const char *const closings[DOC_BLOCKS] = {
		[DOC_NONE] = "",
		[DOC_PARAGRAPH] = "</p>\n",
		[DOC_WARNING] = "</p>\n",
		[DOC_ITEM] = "</li>\n",
		[DOC_TABLE] = "</tbody>\n</table></div>\n",
	};

	buf_add_str(out, closings[b]);
	if (b == DOC_ITEM && next != DOC_ITEM)
		buf_add_str(out, "</ul>\n");
}

static void columns(struct buf *out, const enum doc_column *kinds, char *const *titles, size_t n)
{
	buf_add_str(out, "<thead>\n<tr>");
	for (size_t i = 0; i < n; i++) {
		buf_add_str(out, kinds[i] == DOC_NUMBER ? "<th class=\"number\" scope=\"col\">"
							: "<th scope=\"col\">");
		add_escaped(out, titles[i]);
		buf_add_str(out, "</th>");
	}
	buf_add_str(out, "</tr>\n</thead>\n<tbody>\n");
}

static void row(struct buf *out)
{
	buf_add_str(out, "<tr>");
}

static void row_end(struct buf *out)
{
	buf_add_str(out, "</tr>\n");
}

static void cell(struct buf *out, enum doc_column kind, const double *sort_key,
		 const struct buf *inner)
{
	buf_add_str(out, kind == DOC_NUMBER ? "<td class=\"number\"" : "<td");
	if (sort_key && isfinite(*sort_key)) {
		buf_add_str(out, " data-key=\"");
		buf_add_double(out, *sort_key);
		buf_add_char(out, '"');
	} else if (sort_key) {
		buf_add_str(out, " data-key=\"\"");
	}
	buf_add_char(out, '>');
	buf_add(out, inner->data, inner->len);
	buf_add_str(out, "</td>");
}

/* What stands before the root element (XML declaration, document type) has no place inside a page. */
static void add_svg(struct buf *out, const struct buf *svg)
{
	const char *root = memmem(svg->data, svg->len, "<svg", 4);

	if (root)
		buf_add(out, root, svg->len - (size_t)(root - svg->data));
}

static void figure(struct buf *out, const char *file, const struct buf *svg, const char *caption)
{
	buf_add_str(out, "<figure>\n");
	if (svg) {
		add_svg(out, svg);
	} else {
		buf_add_str(out, "<img src=\"");
		add_escaped(out, file);
		buf_add_str(out, ".svg\" alt=\"\">\n");
	}
	buf_add_str(out, "<figcaption>");
	add_escaped(out, caption);
	buf_add_str(out, "</figcaption>\n</figure>\n");
}

static void text(struct buf *out, enum doc_inline how, const char *t, enum doc_block in UNUSED)
{
	static const char *const tags[][2] = {
		[DOC_INLINE_TEXT] = { "", "" },
		[DOC_INLINE_STRONG] = { "<strong>", "</strong>" },
		[DOC_INLINE_EMPHASIS] = { "<em>", "</em>" },
		[DOC_INLINE_CODE] = { "<code>", "</code>" },
	};

	buf_add_str(out, tags[how][0]);
	add_escaped(out, t);
	buf_add_str(out, tags[how][1]);
}

static void badge(struct buf *out, enum doc_mark mark, const char *t, enum doc_block in UNUSED)
{
	static const char *const classes[DOC_MARKS] = {
		[DOC_GOOD] = "good",
		[DOC_BAD] = "bad",
		[DOC_NEUTRAL] = "neutral",
		[DOC_VOID] = "void",
	};

	buf_printf(out, "<span class=\"badge %s\">", classes[mark]);
	add_escaped(out, t);
	buf_add_str(out, "</span>");
}

static void add_link(struct buf *out, const char *target, const char *t, enum doc_block in UNUSED)
{
	buf_add_str(out, "<a href=\"");
	add_escaped(out, target);
	buf_add_str(out, "\">");
	add_escaped(out, t);
	buf_add_str(out, "</a>");
}

const struct doc_form doc_html = {
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
