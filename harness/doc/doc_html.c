/*
 * Documents as one HTML file that needs nothing beside it; see doc.h.
 *
 * Style and script are page.css and page.js, built in; what they do is said there.  The
 * page's policy names both by their digests, which the Makefile takes: should any text ever
 * get through as markup, a browser still runs nothing of it and fetches nothing for it
 * (https://www.w3.org/TR/CSP3/).
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

/*
 * Between the tags of style and script stand the files' bytes and nothing else, since the
 * digests are of those.  `file:`: what 'self' does not mean in a file that was opened from a disk.
 */
#define POLICY                                                   \
	"default-src 'none'; style-src 'sha256-" PAGE_CSS_SHA256 \
	"'; script-src 'sha256-" PAGE_JS_SHA256                  \
	"'; img-src 'self' file:; base-uri 'none'; form-action 'none'"

static void begin(struct buf *out, const char *title)
{
	buf_add_str(out,
		    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	add_escaped(out, title);
	buf_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>", page_css);
	add_escaped(out, title);
	buf_add_str(out, "</h1>\n");
}

static void end(struct buf *out)
{
	buf_printf(out, "</main>\n<script>%s</script>\n</body>\n</html>\n", page_js);
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

#define GROUP_MAX_BYTES 24 /* what may not be broken must fit into a narrow column */

/* Bytes of "[1.39, 1.41]" or "(n 12)" that begins at p; 0: nothing like it does. */
static size_t group_len(const char *p, const char *end)
{
	char closing = *p == '[' ? ']' : *p == '(' ? ')' : '\0';
	size_t room = (size_t)(end - p) < GROUP_MAX_BYTES ? (size_t)(end - p) : GROUP_MAX_BYTES;
	const char *last = closing ? memchr(p, closing, room) : NULL;

	return last && !memchr(p, '<', (size_t)(last - p)) ? (size_t)(last - p) + 1 : 0;
}

/* A cell of a number breaks between value, interval and n, not within one of them. */
static void add_number(struct buf *out, const struct buf *inner)
{
	const char *end = inner->data + inner->len;
	bool in_tag = false;
	size_t group = 0;

	for (const char *p = inner->data; p < end; p++) {
		if (*p == '<' || *p == '>')
			in_tag = *p == '<';
		if (!in_tag && !group)
			group = group_len(p, end);
		if (group && *p == ' ')
			buf_add_str(out, "&nbsp;");
		else
			buf_add_char(out, *p);
		group -= group > 0;
	}
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
	if (kind == DOC_NUMBER)
		add_number(out, inner);
	else
		buf_add(out, inner->data, inner->len);
	buf_add_str(out, "</td>");
}

static size_t starts_with(const char *p, const char *end, const char *prefix)
{
	size_t n = strlen(prefix);

	return (size_t)(end - p) >= n && !memcmp(p, prefix, n) ? n : 0;
}

/* How many bytes of a tag at p stand before an id or a reference to one; 0: it is neither. */
static size_t before_id(const char *p, const char *end)
{
	static const char *const leads[] = { " id=\"", " id='", "href=\"#", "href='#", "url(#" };
	size_t n = 0;

	for (size_t i = 0; !n && i < ARRAY_SIZE(leads); i++)
		n = starts_with(p, end, leads[i]);
	return n;
}

/*
 * gnuplot gives the parts of all its pictures the same ids, and a page has each id once: the
 * picture's name goes before them, and before the references to them.
 */
static void add_svg_body(struct buf *out, const char *p, const char *end, const char *file)
{
	bool in_tag = true;

	while (p < end) {
		size_t n = in_tag ? before_id(p, end) : 0;

		if (n) {
			buf_add(out, p, n);
			doc_add_anchor(out, file);
			buf_add_char(out, '-');
			p += n;
			continue;
		}
		if (*p == '<' || *p == '>')
			in_tag = *p == '<';
		buf_add_char(out, *p++);
	}
}

/* What stands before the root element (XML declaration, document type) has no place inside a page. */
static void add_svg(struct buf *out, const char *file, const struct buf *svg, const char *caption)
{
	static const char root_tag[] = "<svg";
	const char *root = memmem(svg->data, svg->len, root_tag, strlen(root_tag));

	if (!root)
		return;
	buf_printf(out, "%s role=\"img\" aria-label=\"", root_tag);
	add_escaped(out, caption);
	buf_add_char(out, '"');
	add_svg_body(out, root + strlen(root_tag), svg->data + svg->len, file);
}

/* The caption stands outside the box that a wide picture scrolls in. */
static void figure(struct buf *out, const char *file, const struct buf *svg, const char *caption)
{
	buf_add_str(out, "<figure>\n<div class=\"picture\">");
	if (svg) {
		add_svg(out, file, svg, caption);
	} else {
		buf_add_str(out, "<img src=\"");
		add_escaped(out, file);
		buf_add_str(out, ".svg\" alt=\"");
		add_escaped(out, caption);
		buf_add_str(out, "\">");
	}
	buf_add_str(out, "</div>\n<figcaption>");
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

/* A verdict stays in one line; what is no word or two may break. */
static void badge(struct buf *out, enum doc_mark mark, const char *t, enum doc_block in UNUSED)
{
	struct buf escaped = { 0 };
	static const char *const classes[DOC_MARKS] = {
		[DOC_GOOD] = "good",
		[DOC_BAD] = "bad",
		[DOC_NEUTRAL] = "neutral",
		[DOC_VOID] = "void",
	};

	buf_printf(out, "<span class=\"badge %s\">", classes[mark]);
	add_escaped(&escaped, t);
	for (size_t i = 0; i < escaped.len; i++)
		if (escaped.data[i] == ' ' && escaped.len <= GROUP_MAX_BYTES)
			buf_add_str(out, "&nbsp;");
		else
			buf_add_char(out, escaped.data[i]);
	buf_add_str(out, "</span>");
	buf_release(&escaped);
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
