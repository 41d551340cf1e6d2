/* Host, method and files; see render_background.h. */
#include "harness/report/render_background.h"

#include "harness/report/latency.h"

void render_host(const struct model *m, struct doc *d)
{
	const struct result *r = m->result;

	doc_table(d);
	doc_column(d, DOC_TEXT, "what");
	doc_column(d, DOC_TEXT, "value");
	for (size_t i = 0; i < r->n_facts; i++) {
		doc_row(d);
		doc_text_cell(d, "%s", r->facts[i].key);
		doc_text_cell(d, "%s", r->facts[i].value);
	}
}

void render_method_text(struct doc *d)
{
	for (int i = 0; i < METRICS; i++) {
		doc_item(d);
		doc_emphasis(d, "%s", metrics[i].title);
		doc_text(d, ": %s.", metrics[i].what);
	}
	doc_item(d);
	doc_text(
		d,
		"Values are medians with their interval; ratios are the Hodges-Lehmann estimate over the "
		"log ratios of pairs of adjacent runs (in a duet: runs at the same time) under the same "
		"load plan. A comparison has no more pairs once they decide about its first metric; the "
		"interval's level is raised so that all looks together are wrong in 5 %% (A/A: 1 %%) of "
		"sessions. A difference smaller than what A/A shows at 99 %% is \"no difference seen\"; "
		"fewer than six pairs, or than eight of A/A, leave it \"undecided\".");
	doc_item(d);
	doc_text(
		d,
		"Searches are not pairs of adjacent runs: each gives the highest rate that was held, the "
		"k-th search of A is set against the k-th of B, and as no search measures A against A "
		"there is no verdict. ≥ marks a search in which no rate was too high. Where a search held "
		"no rate there is no median of the others.");
}

static void file(struct doc *d, const char *target, const char *what)
{
	doc_item(d);
	doc_link(d, target, "%s", target);
	doc_text(d, ": %s", what);
}

static void picture_files(struct doc *d, const struct picture *x)
{
	static const char *const endings[] = { ".png", ".svg", ".svg.gp" };
	struct buf target = { 0 };

	doc_item(d);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		buf_reset(&target);
		buf_printf(&target, "%s%s", x->file, endings[i]);
		doc_text(d, "%s", i ? ", " : "");
		doc_link(d, buf_str(&target), "%s", buf_str(&target));
	}
	doc_text(d, ": %s", x->kind->caption);
	buf_release(&target);
}

void render_files(const struct report_parts *parts, struct doc *d)
{
	const struct model *m = parts->model;

	doc_paragraph(d);
	doc_text(d, "The raw values of every run are in ");
	doc_code(d, "results.json");
	doc_text(d, " beside this file; ");
	doc_code(d, "bench report %s", m->result->id);
	doc_text(d, " makes this report from it again, byte for byte.");
	file(d, "results.json", "the raw values of every run, host and configuration");
	if (m->n_soaks)
		file(d, "soak/", "every sample of every subject of the soak");
	if (m->result->n_timelines)
		file(d, "timeline/",
		     "memory, CPU and run-queue wait through each run of memory and cpu");
	if (m->latency)
		file(d, "hist/", "merged histograms of response and service times");
	file(d, "report.html", "this report as a page that needs nothing beside it");
	file(d, "report.md", "the same as Markdown");
	for (size_t i = 0; i < parts->pictures->n; i++)
		picture_files(d, &parts->pictures->list[i]);
}
