/*
 * The order of a report's parts; see render_report.h.
 *
 * A part is one row of the table below: its heading, its name in the contents, whether
 * the session has it and who writes it.
 */
#include "harness/report/render_report.h"

#include <string.h>

#include "harness/report/latency.h"
#include "harness/report/render_aa.h"
#include "harness/report/render_background.h"
#include "harness/report/render_instrument.h"
#include "harness/report/render_items.h"
#include "harness/report/render_latency.h"
#include "harness/report/render_ledger.h"
#include "harness/report/render_runs.h"
#include "harness/report/render_sections.h"
#include "harness/report/render_soak.h"
#include "harness/report/render_top.h"
#include "harness/report/render_trials.h"
#include "harness/report/render_tuning.h"

struct part {
	const char *heading, *name;
	bool folded;
	/* NULL: every session has it. */
	bool (*there)(const struct model *m);
	/* One of the two. */
	void (*write)(const struct model *m, struct doc *d);
	void (*write_parts)(const struct report_parts *parts, struct doc *d);
};

static bool has_latency(const struct model *m)
{
	return m->latency;
}

static bool has_aa(const struct model *m)
{
	return m->n_aas;
}

static bool has_soak(const struct model *m)
{
	return m->n_soaks;
}

static bool has_items(const struct model *m)
{
	return m->items.n_rows;
}

static bool has_tuning(const struct model *m)
{
	return m->n_tunings;
}

static bool has_trials(const struct model *m)
{
	return m->result->n_trials;
}

static void write_latency(const struct report_parts *parts, struct doc *d)
{
	render_latency_intro(d);
	pictures_show(parts->pictures, PICTURE_OF_LATENCY, NULL, d);
	render_latency(parts->model->latency, d);
}

static void write_soak(const struct report_parts *parts, struct doc *d)
{
	pictures_show(parts->pictures, PICTURE_OF_SOAK, NULL, d);
	render_soak(parts->model, d);
}

static void write_method(const struct model *m UNUSED, struct doc *d)
{
	render_method_text(d);
}

/* In the order of the report, behind the scenarios. */
static const struct part report_parts_after[] = {
	{ .heading = "Latency by percentile",
	  .name = "latency by percentile",
	  .there = has_latency,
	  .write_parts = write_latency },
	{ .heading = "aa: the harness against itself",
	  .name = "the harness against itself",
	  .there = has_aa,
	  .write = render_aa },
	{ .heading = "soak: everything at once under people's rates",
	  .name = "soak",
	  .there = has_soak,
	  .write_parts = write_soak },
	{ .heading = "Integration: the contract, item by item",
	  .name = "integration",
	  .there = has_items,
	  .write = render_items },
	{ .heading = "Tuning: recommended settings",
	  .name = "recommended settings",
	  .there = has_tuning,
	  .write = render_tuning },
	{ .heading = "Search for the highest sustained rate",
	  .name = "searches",
	  .folded = true,
	  .there = has_trials,
	  .write = render_trials },
	{ .heading = RUNS_HEADING,
	  .name = "runs that do not count",
	  .folded = true,
	  .there = render_runs_any,
	  .write = render_runs },
	{ .heading = "Ledger", .name = "ledger", .folded = true, .write = render_ledger },
	{ .heading = "The instrument's own cost",
	  .name = "the instrument",
	  .folded = true,
	  .write = render_instrument },
	{ .heading = "Host and configuration",
	  .name = "host",
	  .folded = true,
	  .write = render_host },
	{ .heading = "How the figures were made",
	  .name = "method",
	  .folded = true,
	  .write = write_method },
	{ .heading = "Files beside this report",
	  .name = "raw data and files",
	  .write_parts = render_files },
};

static bool is_there(const struct part *part, const struct model *m)
{
	return !part->there || part->there(m);
}

static void contents(const struct model *m, struct doc *d)
{
	doc_paragraph(d);
	doc_text(d, "Contents: ");
	for (size_t i = 0; i < m->n_sections; i++) {
		if (!render_begins_scenario(m, i))
			continue;
		doc_link_to(d, m->sections[i].scenario, "%s", m->sections[i].scenario);
		doc_text(d, " · ");
	}
	for (size_t i = 0, n = 0; i < ARRAY_SIZE(report_parts_after); i++) {
		const struct part *part = &report_parts_after[i];

		if (!is_there(part, m))
			continue;
		doc_text(d, "%s", n++ ? " · " : "");
		doc_link_to(d, part->heading, "%s", part->name);
	}
}

static void write_part(const struct part *part, const struct report_parts *parts, struct doc *d)
{
	if (!is_there(part, parts->model))
		return;
	doc_unfold(d);
	if (part->folded)
		doc_fold(d, part->heading);
	else
		doc_heading(d, 2, "%s", part->heading);
	if (part->write)
		part->write(parts->model, d);
	else
		part->write_parts(parts, d);
}

/* What another program said, as one tidy line. */
static void add_line_of(struct buf *out, const char *text)
{
	static const char space[] = " \t\r\n\v\f";

	for (text += strspn(text, space); *text; text += strspn(text, space)) {
		size_t n = strcspn(text, space);

		buf_add(out, text, n);
		text += n;
		if (text[strspn(text, space)])
			buf_add_char(out, ' ');
	}
}

static void no_picture(struct doc *d, const char *why)
{
	struct buf line = { 0 };

	add_line_of(&line, why);
	doc_paragraph(d);
	doc_text(d, "Plot unavailable: %s", buf_str(&line));
	buf_release(&line);
}

void render_report(const struct doc_form *form, const struct report_parts *parts, struct buf *out)
{
	const struct model *m = parts->model;
	struct doc *d = doc_new(form, REPORT_TITLE, out);

	render_session(m, d);
	contents(m, d);
	render_top(parts, d);
	if (parts->pictures->why[0])
		no_picture(d, parts->pictures->why);
	render_sections(parts, d);
	for (size_t i = 0; i < ARRAY_SIZE(report_parts_after); i++)
		write_part(&report_parts_after[i], parts, d);
	doc_end(d);
}
