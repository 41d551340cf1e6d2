/* One document in both forms: the structure, and that no text becomes markup. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/doc/doc.h"

static void contains(struct buf *b, const char *want)
{
	if (!strstr(buf_str(b), want))
		fail_msg("not found: %s\nin: %s", want, buf_str(b));
}

static void lacks(struct buf *b, const char *bad)
{
	if (strstr(buf_str(b), bad))
		fail_msg("found: %s\nin: %s", bad, buf_str(b));
}

static void write_sample(const struct doc_form *form, struct buf *out)
{
	static const char svg_text[] = "<?xml version=\"1.0\"?><svg id=\"s\"></svg>";
	struct buf svg = { .data = (char *)(uintptr_t)svg_text, .len = sizeof(svg_text) - 1 };
	struct doc *d = doc_new(form, "What came out", out);

	doc_warning(d);
	doc_text(d, "unfit: %s", "load <b>9</b>");
	doc_item(d);
	doc_text(d, "first");
	doc_item(d);
	doc_badge(d, DOC_BAD, "worse");
	doc_heading(d, 2, "Start-up, %s", "cold");
	doc_table(d);
	doc_column(d, DOC_TEXT, "what|ever");
	doc_column(d, DOC_NUMBER, "ms");
	doc_row(d);
	doc_cell(d);
	doc_code(d, "a|b");
	doc_number_cell(d, 1.5, "%.1f [1, 2]", 1.5);
	doc_row(d);
	doc_text_cell(d, "%s", "none");
	doc_cell(d);
	doc_sort_key(d, NAN);
	doc_text(d, "–");
	doc_figure(d, "dots", &svg, "every run");
	doc_fold(d, "Host");
	doc_paragraph(d);
	doc_link(d, "results.json", "raw");
	doc_end(d);
}

static void markdown_is_what_a_reader_of_plain_text_expects(void **state UNUSED)
{
	struct buf b = { 0 };

	write_sample(&doc_markdown, &b);
	assert_string_equal(buf_str(&b), "# What came out\n"
					 "\n> unfit: load \\<b>9\\</b>\n"
					 "\n- first\n"
					 "- **worse**\n"
					 "\n## Start-up, cold\n"
					 "\n| what\\|ever | ms |\n|---|---:|\n"
					 "| `a\\|b` | 1.5 [1, 2] |\n"
					 "| none | – |\n"
					 "\n![every run](dots.png)\n"
					 "\n## Host\n"
					 "\n[raw](results.json)\n");
	buf_release(&b);
}

static void html_nests_every_block(void **state UNUSED)
{
	struct buf b = { 0 };

	write_sample(&doc_html, &b);
	contains(&b, "<p class=\"warning\">unfit: load &lt;b&gt;9&lt;/b&gt;</p>\n");
	contains(&b, "<ul>\n<li>first</li>\n<li><span class=\"badge bad\">worse</span></li>\n"
		     "</ul>\n<h2 id=\"start-up-cold\">Start-up, cold</h2>\n");
	contains(&b, "<th scope=\"col\">what|ever</th><th class=\"number\" scope=\"col\">ms</th>");
	contains(&b, "<tr><td><code>a|b</code></td>"
		     "<td class=\"number\" data-key=\"1.5\">1.5 [1,&nbsp;2]</td></tr>\n"
		     "<tr><td>none</td><td class=\"number\" data-key=\"\">–</td></tr>\n"
		     "</tbody>\n</table></div>\n<figure>\n<div class=\"picture\">"
		     "<svg role=\"img\" aria-label=\"every run\" id=\"dots-s\"></svg></div>\n"
		     "<figcaption>every run</figcaption>\n</figure>\n");
	contains(&b, "<details id=\"host\">\n<summary>Host</summary>\n"
		     "<p><a href=\"results.json\">raw</a></p>\n</details>\n</main>");
	lacks(&b, "<?xml");
	buf_release(&b);
}

static void html_needs_no_network(void **state UNUSED)
{
	struct buf b = { 0 };

	write_sample(&doc_html, &b);
	lacks(&b, "http:");
	lacks(&b, "https:");
	lacks(&b, "src=");
	lacks(&b, "@import");
	buf_release(&b);
}

static void a_number_breaks_between_its_parts(void **state UNUSED)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "1.40 [1.39, 1.41] (n 5, 93.8 %)",
		  ">1.40 [1.39,&nbsp;1.41] (n&nbsp;5,&nbsp;93.8&nbsp;%)<a" },
		{ "no end [1, 2", ">no end [1, 2<a" },
		{ "it says (far more than fits into a column)", ">it says (far more than" },
		{ "(]", ">(]<a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = { 0 };
		struct doc *d = doc_new(&doc_html, "t", &b);

		doc_table(d);
		doc_column(d, DOC_NUMBER, "n");
		doc_row(d);
		doc_cell(d);
		doc_text(d, "%s", rows[i].text);
		doc_link(d, "a b (c d)", "%s", "e");
		doc_row(d);
		doc_cell(d);
		doc_end(d);
		contains(&b, rows[i].want);
		contains(&b, "<a href=\"a b (c d)\">e</a>");
		contains(&b, "<tr><td class=\"number\"></td></tr>");
		buf_release(&b);
	}
}

static void a_short_badge_stays_in_one_line(void **state UNUSED)
{
	struct buf b = { 0 };
	struct doc *d = doc_new(&doc_html, "t", &b);

	doc_paragraph(d);
	doc_badge(d, DOC_NEUTRAL, "no difference seen");
	doc_badge(d, DOC_VOID, "a reason that is longer than a word or two");
	doc_end(d);
	contains(&b, ">no&nbsp;difference&nbsp;seen</span>");
	contains(&b, ">a reason that is longer than a word or two</span>");
	buf_release(&b);
}

/* The browser's tests see that it is obeyed; here, that nothing is let in by it. */
static void html_lets_nothing_run_but_its_own(void **state UNUSED)
{
	struct buf b = { 0 };

	write_sample(&doc_html, &b);
	contains(&b, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		     "style-src 'sha256-");
	contains(&b, "script-src 'sha256-");
	lacks(&b, "unsafe");
	buf_release(&b);
}

static void a_picture_has_its_ids_to_itself(void **state UNUSED)
{
	static const struct {
		const char *svg, *want;
	} rows[] = {
		{ "<svg><g id='a'/><use xlink:href='#a'/></svg>",
		  "<g id='p-1-a'/><use xlink:href='#p-1-a'/></svg>" },
		{ "<svg id=\"b\"><use href=\"#b\" clip-path=\"url(#b)\"/></svg>",
		  " id=\"p-1-b\"><use href=\"#p-1-b\" clip-path=\"url(#p-1-b)\"/></svg>" },
		/* what is drawn is no reference, what leads out of it is none of its ids */
		{ "<svg><text grid='g'> id='a' url(#a)</text><image href='a#b'/></svg>",
		  "><text grid='g'> id='a' url(#a)</text><image href='a#b'/></svg>" },
		{ "<svg id='", " id='p-1-</div>" },
		{ "no picture", "<div class=\"picture\"></div>" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = { 0 }, svg = { 0 };
		struct doc *d = doc_new(&doc_html, "t", &b);

		buf_add_str(&svg, rows[i].svg);
		doc_figure(d, "P 1", &svg, "c");
		doc_end(d);
		contains(&b, rows[i].want);
		buf_release(&svg);
		buf_release(&b);
	}
}

static void a_code_span_has_a_longer_fence_than_its_text(void **state UNUSED)
{
	struct buf b = { 0 };
	struct doc *d = doc_new(&doc_markdown, "t", &b);

	doc_paragraph(d);
	doc_code(d, "%s", "a``b");
	doc_end(d);
	contains(&b, "``` a``b ```");
	buf_release(&b);
}

/* A reader's path from the top: every link has its place, and no two places are one. */
static void headings_of_one_text_have_anchors_of_their_own(void **state UNUSED)
{
	static const char *const expected[] = {
		"<h2 id=\"cpu-c-s-cost\">",	"<h3 id=\"cpu-c-s-cost-1\">",
		"<h2 id=\"cpu-c-s-cost-1-1\">", "<details id=\"cpu-c-s-cost-2\">",
		"<h2 id=\"section\">",		"<a href=\"#cpu-c-s-cost\">costs</a>",
		"<h2 id=\"page-1\">",		"<details class=\"part\">\n<summary>more</summary>",
	};
	struct buf b = { 0 };
	struct doc *d = doc_new(&doc_html, "Page", &b);

	doc_paragraph(d);
	doc_link_to(d, "CPU: C s cost", "costs");
	doc_heading(d, 2, "CPU: C s cost");
	doc_heading(d, 3, "CPU, C s (cost)");
	doc_heading(d, 2, "CPU: C s cost 1");
	doc_fold(d, "CPU C s cost");
	doc_heading(d, 2, "–");
	doc_heading(d, 2, "Page");
	doc_fold_part(d, "more");
	doc_end(d);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		contains(&b, expected[i]);
	buf_release(&b);
}

static void parts_and_links_in_markdown(void **state UNUSED)
{
	struct buf b = { 0 };
	struct doc *d = doc_new(&doc_markdown, "t", &b);

	doc_paragraph(d);
	doc_link_to(d, "The instrument's own cost", "instrument");
	doc_text(d, " ");
	doc_link(d, "runs-a b.png", "picture");
	doc_fold_part(d, "All *ratios*");
	doc_table(d);
	doc_column(d, DOC_TEXT, "a");
	doc_column(d, DOC_TEXT, "b");
	doc_row(d);
	doc_cell(d);
	doc_cell(d);
	doc_text(d, "x");
	doc_end(d);
	assert_string_equal(buf_str(&b),
			    "# t\n"
			    "\n[instrument](#the-instruments-own-cost) [picture](<runs-a b.png>)\n"
			    "\n**All \\*ratios\\***\n"
			    "\n| a | b |\n|---|---|\n| | x |\n");
	buf_release(&b);
}

static void hostile_text_is_no_markup_in_any_place(void **state UNUSED)
{
	static const char evil[] = "\"><script>x</script>'`|*a*](http://e)\n# h";
	const struct doc_form *forms[] = { &doc_markdown, &doc_html };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct buf b = { 0 };
		struct doc *d = doc_new(forms[i], "t", &b);

		doc_paragraph(d);
		doc_text(d, "%s", evil);
		doc_strong(d, "%s", evil);
		doc_link(d, "#t", "%s", evil);
		doc_table(d);
		doc_column(d, DOC_TEXT, "%s", evil);
		doc_row(d);
		doc_cell(d);
		doc_text(d, "%s", evil);
		doc_heading(d, 2, "%s", evil);
		doc_end(d);
		lacks(&b, i ? "<script>x" : "\n# h");
		if (!i)
			lacks(&b, "*a*](http");
		buf_release(&b);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(markdown_is_what_a_reader_of_plain_text_expects),
		cmocka_unit_test(html_nests_every_block),
		cmocka_unit_test(html_needs_no_network),
		cmocka_unit_test(a_number_breaks_between_its_parts),
		cmocka_unit_test(a_short_badge_stays_in_one_line),
		cmocka_unit_test(html_lets_nothing_run_but_its_own),
		cmocka_unit_test(a_picture_has_its_ids_to_itself),
		cmocka_unit_test(a_code_span_has_a_longer_fence_than_its_text),
		cmocka_unit_test(headings_of_one_text_have_anchors_of_their_own),
		cmocka_unit_test(parts_and_links_in_markdown),
		cmocka_unit_test(hostile_text_is_no_markup_in_any_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
