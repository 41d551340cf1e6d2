/* The whole report in both forms: its way for a reader of one minute, links, pictures, hostile names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/render_report.h"

#define PAIRS 8

static void add(struct result *r, const char *phase, const char *a, const char *b, double times)
{
	int comparison = result_add_comparison(r, "throughput", phase, EVENT_MOUSE, a, b);

	for (int i = 0; i < 2 * PAIRS; i++) {
		struct run run = { .scenario = "throughput",
				   .extractor = EVENT_MOUSE,
				   .comparison = comparison,
				   .pair = i / 2,
				   .side = i % 2 ? 'b' : 'a' };

		snprintf(run.id, sizeof(run.id), "%s-%s-%s-%d", phase, a, b, i);
		snprintf(run.phase, sizeof(run.phase), "%s", phase);
		snprintf(run.implementation, sizeof(run.implementation), "%s", i % 2 ? b : a);
		run_set(&run, METRIC_DRAIN_RATE,
			i % 2 ? 1000 * times * (1 + 0.01 * (i / 2 % 3 - 1)) : 1000);
		result_add_run(r, &run);
	}
}

static void fill(struct result *r)
{
	snprintf(r->id, sizeof(r->id), "test");
	snprintf(r->profile, sizeof(r->profile), "quick");
	r->seed = 1;
	r->complete = true;
	add(r, "drain", "python", "c", 5);
	add(r, "drain", "null", "c", 0.5);
	add(r, "drain", "c", "c", 1);
	add(r, "duet", "python", "c", 5); /* without A/A: undecided */
	r->runs[r->n_runs - 1].status = RUN_VOID;
	snprintf(r->runs[r->n_runs - 1].why, sizeof(r->runs[0].why), "sent: <b>off</b>");
}

static void advise(const void *ctx, struct doc *d)
{
	doc_paragraph(d);
	doc_text(d, "%s", (const char *)ctx);
}

/* Both forms of one session, with one picture. */
struct written {
	struct buf md, html;
};

static void write_both(struct written *w)
{
	static const char svg_text[] = "<?xml version=\"1.0\"?><svg><g id=\"dots\"/></svg>";
	static const char decision[] = "switch to C";
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { 0 };
	struct pictures pictures = { 0 };
	struct buf svg = { 0 };
	const struct report_parts parts = {
		.model = m, .pictures = &pictures, .judgement = advise, .judgement_ctx = decision
	};

	fill(&r);
	model_build(m, &r);
	buf_add_str(&svg, svg_text);
	pictures_add(&pictures, &picture_kinds[0], m->sections[0].scenario, &svg);
	*w = (struct written){ 0 };
	render_report(&doc_markdown, &parts, &w->md);
	render_report(&doc_html, &parts, &w->html);
	buf_str(&w->md);
	buf_str(&w->html);
	pictures_release(&pictures);
	model_release(m);
	result_release(&r);
	free(m);
}

static void release(struct written *w)
{
	buf_release(&w->md);
	buf_release(&w->html);
}

static void stand_in_this_order(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *found = strstr(text, words[i]);

		if (!found)
			fail_msg("not found after the one before it: %s\nin: %s", words[i], text);
		text = found + strlen(words[i]);
	}
}

static void a_reader_meets_verdict_certainty_and_advice_before_the_tables(void **state UNUSED)
{
	static const char *const words[] = {
		"# Extractors compared\n",
		"Compared: floor, C, Python; each as mouse; in throughput.",
		"Session `test`, profile quick",
		"Contents: [throughput](#throughput) · ",
		"[runs that do not count](#runs-that-do-not-count) · [ledger](#ledger) · ",
		"## Verdict\n\nswitch to C\n",
		"## What came out\n",
		"- **mouse**, C / Python: 1 better, 1 undecided.\n",
		"### C / Python\n",
		"| throughput, drain: drained | 5.00× better | more |\n",
		"### C / floor\n",
		"| 0.500× worse |", /* not bold: a floor is no rival */
		"## How sure it is\n",
		"- 64 runs: 63 ok, 1 void, 0 failed, 0 disturbed. ",
		"- Noise: by A/A (a subject against itself, at 99 %) a figure must differ by more than ",
		" (2 of them); 1 has no A/A of enough pairs",
		"## What to do\n\n",
		"- **1 run void or failed**: read why under [Runs that do not count]",
		"- 1 of 3 figures above are undecided;",
		"`make bench PROFILE=standard`",
		"## throughput\n\n",
		"### throughput, drain: mouse\n\n| metric | unit | floor | C | Python | C / Python | "
		"verdict |\n|---|---|---:|---:|---:|---:|---|\n| drained | k events/s | ",
		" | better |\n",
		"\n**All ratios, with n, method and A/A**\n\n| ratio | of |",
		"Pairs made: C / Python 8 of ",
		"### throughput, duet: mouse\n",
		"\n![throughput: every run as a dot](runs-throughput.png)\n",
		"## Runs that do not count\n\n- `duet-python-c-15` void: sent: \\<b>off\\</b>\n",
		"## Ledger\n",
		"## The instrument's own cost\n",
		"## Host and configuration\n",
		"## How the figures were made\n",
		"## Files beside this report\n",
		"[runs-throughput.svg](runs-throughput.svg)",
	};
	struct written w;

	write_both(&w);
	stand_in_this_order(w.md.data, words, ARRAY_SIZE(words));
	release(&w);
}

static void the_page_says_the_same_in_its_own_form(void **state UNUSED)
{
	static const char *const words[] = {
		"<h2 id=\"verdict\">",
		"<p>switch to C</p>",
		"<h2 id=\"what-came-out\">",
		"<span class=\"badge good\">1&nbsp;better</span>, "
		"<span class=\"badge neutral\">1&nbsp;undecided</span>.</li>",
		"<span class=\"badge good\">better</span></td>",
		"0.500× <span class=\"badge neutral\">worse</span></td>",
		"<span class=\"badge void\">1&nbsp;run&nbsp;void&nbsp;or&nbsp;failed</span>",
		"<details class=\"part\">\n<summary>All ratios",
		"<figure>",
		"<svg",
		"dots\"/></svg>",
		"<details id=\"runs-that-do-not-count\">",
		"sent: &lt;b&gt;off&lt;/b&gt;",
		"<details id=\"ledger\">",
		"</details>\n<h2 id=\"files-beside-this-report\">",
	};
	struct written w;

	write_both(&w);
	stand_in_this_order(w.html.data, words, ARRAY_SIZE(words));
	release(&w);
}

/* The next text between `open` and a quote, copied; NULL: there is none. */
static const char *next_quoted(const char *text, const char *open, char *out, size_t size)
{
	const char *at = strstr(text, open);
	size_t n;

	if (!at)
		return NULL;
	at += strlen(open);
	n = strcspn(at, "\"");
	assert_true(n < size);
	memcpy(out, at, n);
	out[n] = '\0';
	return at + n;
}

static size_t places_of(const char *html, const char *anchor)
{
	char found[256];
	size_t n = 0;

	while ((html = next_quoted(html, " id=\"", found, sizeof(found))))
		n += !strcmp(found, anchor);
	return n;
}

static void every_link_leads_to_one_place(void **state UNUSED)
{
	char anchor[256];
	struct written w;
	size_t links = 0, ids = 0;

	write_both(&w);
	for (const char *at = w.html.data;
	     (at = next_quoted(at, "<a href=\"#", anchor, sizeof(anchor))); links++)
		if (places_of(w.html.data, anchor) != 1)
			fail_msg("#%s has %zu places", anchor, places_of(w.html.data, anchor));
	for (const char *at = w.html.data; (at = next_quoted(at, " id=\"", anchor, sizeof(anchor)));
	     ids++)
		if (places_of(w.html.data, anchor) != 1)
			fail_msg("#%s comes more than once", anchor);
	assert_true(links > 6 && ids > 10);
	release(&w);
}

static void equal_parts_give_equal_bytes(void **state UNUSED)
{
	struct written w, again;

	write_both(&w);
	write_both(&again);
	assert_string_equal(w.md.data, again.md.data);
	assert_string_equal(w.html.data, again.html.data);
	release(&w);
	release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_meets_verdict_certainty_and_advice_before_the_tables),
		cmocka_unit_test(the_page_says_the_same_in_its_own_form),
		cmocka_unit_test(every_link_leads_to_one_place),
		cmocka_unit_test(equal_parts_give_equal_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
