/*
 * One page with everything a document can hold, for the tests in a browser: `sample_page
 * PICTURE.svg > page.html`.
 *
 * Rows, names and numbers are known to tests/browser/test_page.py.  Text that would like to
 * be markup stands in every place that takes text, and words that have no place to break.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/log.h"
#include "harness/doc/doc.h"
#include "harness/file.h"

#define PICTURE_MAX_BYTES (1 << 20)
#define WIDE_COLUMNS	  12
#define LONG_ROWS	  60

static const char hostile[] = "\"></title></p><script>window.owned=1</script>"
			      "<img src=x onerror=\"window.owned=2\">'`|*a*](javascript:owned=3)";
static const char endless[] = "a_word_of_a_hundred_letters_without_a_place_to_break_it_"
			      "as_paths_and_compiler_flags_and_digests_have_them";

static void top(struct doc *d)
{
	static const char *const words[DOC_MARKS] = {
		[DOC_GOOD] = "better",
		[DOC_BAD] = "worse",
		[DOC_NEUTRAL] = "no difference seen",
		[DOC_VOID] = "void",
	};

	doc_warning(d);
	doc_strong(d, "The host was unfit to measure: %s. ", hostile);
	doc_text(d, "The session was told to go on anyway; its figures are not for decisions.");
	doc_paragraph(d);
	doc_link(d, "#sorting", "Sorting");
	doc_text(d, " · ");
	doc_link(d, "#host-and-configuration", "Host");
	doc_text(d, " · ");
	doc_link(d, "linked.svg", "a file");
	for (int i = 0; i < DOC_MARKS; i++) {
		doc_item(d);
		doc_text(d, "CPU per event, C / Python: 0.131× ");
		doc_badge(d, (enum doc_mark)i, "%s", words[i]);
	}
	doc_item(d);
	doc_badge(d, DOC_BAD, "%s", hostile);
	doc_item(d);
	doc_emphasis(d, "%s ", endless);
	doc_code(d, "%s", endless);
}

static void sorted(struct doc *d)
{
	static const struct {
		const char *name, *value;
		double key;
		const char *where;
	} rows[] = {
		{ "alpha", "1.5 [1, 2] (n 12)", 1.5, "run-10" },
		{ "beta", "12.0", 12, "run-9" },
		{ "gamma", "–", NAN, "–" },
		{ "delta", "-3", -3, "run-100" },
		{ "epsilon", "0.9 k", 900, "Run-1" },
		{ "zeta", "unavailable: no clock", NAN, "run-2" },
	};

	doc_heading(d, 2, "Sorting");
	doc_table(d);
	doc_column(d, DOC_TEXT, "name");
	doc_column(d, DOC_NUMBER, "value [interval]");
	doc_column(d, DOC_TEXT, "where");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		doc_row(d);
		doc_cell(d);
		doc_text(d, "%s", rows[i].name);
		doc_cell(d);
		doc_sort_key(d, rows[i].key);
		doc_text(d, "%s", rows[i].value);
		doc_cell(d);
		doc_text(d, "%s", rows[i].where);
	}
}

static void wide(struct doc *d)
{
	doc_heading(d, 2, "Wide: %s", hostile);
	doc_table(d);
	doc_column(d, DOC_TEXT, "metric");
	for (int i = 1; i < WIDE_COLUMNS; i++)
		doc_column(d, DOC_NUMBER, "implementation_%d", i);
	for (int k = 0; k < 4; k++) {
		doc_row(d);
		doc_cell(d);
		doc_text(d, "%s", k == 1 ? hostile : k == 2 ? endless : "exec to first features");
		for (int i = 1; i < WIDE_COLUMNS; i++) {
			doc_cell(d);
			if ((k + i) % 5)
				doc_text(d, "%d.%02d [%d.10, %d.90] (n 12, 93.8 %%)", i, k, i, i);
			else
				doc_text(d, "unavailable: the host disturbed every run");
		}
	}
}

static void lengthy(struct doc *d)
{
	doc_heading(d, 2, "Long");
	doc_table(d);
	doc_column(d, DOC_TEXT, "run");
	doc_column(d, DOC_NUMBER, "ms");
	doc_column(d, DOC_TEXT, "verdict");
	for (int i = 0; i < LONG_ROWS; i++) {
		doc_row(d);
		doc_cell(d);
		doc_code(d, "run-%02d", i);
		doc_cell(d);
		doc_text(d, "%d", i);
		doc_cell(d);
		doc_badge(d, (enum doc_mark)(i % DOC_MARKS),
			  i % DOC_MARKS ? "undecided" : "better");
	}
}

static void pictures(struct doc *d, const struct buf *svg)
{
	doc_heading(d, 2, "Pictures");
	doc_heading(d, 3, "Twice the same");
	doc_figure(d, "first", svg, hostile);
	doc_figure(d, "second", svg, "the parts of this picture have the ids of the first");
	doc_heading(d, 3, "Beside the page");
	doc_figure(d, "linked", NULL, "a picture in a file of its own");
}

static void folded(struct doc *d)
{
	doc_fold(d, "Host and configuration");
	doc_paragraph(d);
	doc_text(d, "What most readers skip, %s", endless);
	doc_table(d);
	doc_column(d, DOC_TEXT, "what");
	doc_column(d, DOC_TEXT, "value");
	doc_row(d);
	doc_cell(d);
	doc_text(d, "flags");
	doc_cell(d);
	doc_code(d, "-O2 -g %s", endless);
	doc_unfold(d);
	doc_fold_part(d, "A part");
	doc_paragraph(d);
	doc_text(d, "%s", hostile);
	doc_fold(d, "Empty table");
	doc_table(d);
	doc_column(d, DOC_TEXT, "%s", hostile);
}

int main(int argc, char **argv)
{
	struct buf svg = { 0 }, page = { 0 };
	struct err e = ERR_INIT;
	struct doc *d;

	log_init("sample_page", LOG_INFO);
	if (argc != 2 || file_read(argv[1], PICTURE_MAX_BYTES, &svg, &e)) {
		log_error("%s", e.code ? e.text : "usage: sample_page PICTURE.svg");
		return EXIT_FAILURE;
	}
	d = doc_new(&doc_html, hostile, &page);
	top(d);
	sorted(d);
	wide(d);
	lengthy(d);
	pictures(d, &svg);
	folded(d);
	doc_end(d);
	fwrite(page.data, 1, page.len, stdout);
	buf_release(&page);
	buf_release(&svg);
	return EXIT_SUCCESS;
}
