/* Printing of a response time's parts; see render_split.h.  Nothing is computed here but scaling. */
#include "harness/report/render_split.h"

#include <math.h>

#include "harness/report/render_words.h"
#include "harness/report/titles.h"

/* What the run does not say: one cell has the reason, the others stay empty. */
static void empty_cells(struct doc *d, const char *why)
{
	doc_number_cell(d, NAN, "unavailable: %s", why);
	for (int i = 1; i < SPLIT_PARTS + 1; i++) /* and n */
		render_no_number_cell(d);
	doc_cell(d);
	for (int i = 0; i < 3; i++)
		render_no_number_cell(d);
}

static void estimate_cell(struct doc *d, const struct estimate *est)
{
	doc_cell(d);
	doc_sort_key(d, est->value);
	render_estimate(d, est, 1, 1);
}

static void row_of(struct doc *d, const struct split_row *row)
{
	const struct run *run = row->run;

	doc_row(d);
	doc_text_cell(d, "%s", event_type_names[run->extractor]);
	doc_text_cell(d, "%s", title_of(run->implementation));
	if (row->why) {
		empty_cells(d, row->why);
		return;
	}
	for (int p = 0; p < SPLIT_PARTS; p++) {
		estimate_cell(d, &row->part_us[p]);
		doc_text(d, " (%.0f %%)", 1e2 * row->share_frac[p]);
	}
	doc_number_cell(d, (double)row->known, "%zu%s", row->known,
			run->status == RUN_DISTURBED ? ", host disturbed" : "");
	doc_cell(d);
	for (int o = 0; o < SPLIT_OUTCOMES; o++)
		doc_text(d, "%s%zu", o ? " / " : "", row->outcomes[o]);
	doc_number_cell(d, (double)run->split.lost, "%lld", (long long)run->split.lost);
	estimate_cell(d, &row->traced_us);
	if (row->scored_us.n)
		estimate_cell(d, &row->scored_us);
	else
		doc_number_cell(d, NAN, "unavailable: no valid run of alone-full");
}

static void begin_table(struct doc *d)
{
	static const char *const numbers[] = { "Redis", "run queue", "compute", "delivery", "n" };

	doc_table(d);
	doc_column(d, DOC_TEXT, "extractor");
	doc_column(d, DOC_TEXT, "of");
	render_columns(d, DOC_NUMBER, numbers, ARRAY_SIZE(numbers));
	doc_column(d, DOC_TEXT, "whole / was awake / no send");
	doc_column(d, DOC_NUMBER, "events lost");
	doc_column(d, DOC_NUMBER, "service p50, traced");
	doc_column(d, DOC_NUMBER, "service p50, scored");
}

static void explain(struct doc *d)
{
	static const char *const parts[][2] = {
		{ "Redis", ": until the subject is woken; " },
		{ "run queue", ": until it runs; " },
		{ "compute", ": until it begins to send the features; " },
		{ "delivery", ": until the harness has received them. " },
	};

	doc_paragraph(d);
	doc_text(d, "One more run of each subject, alone with a full buffer and ");
	doc_strong(d, "not scored");
	doc_text(
		d,
		": tracing makes every wakeup and system call slower, as its service time beside that of "
		"the scored runs shows. A trigger counts from its actual sending. ");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		doc_emphasis(d, "%s", parts[i][0]);
		doc_text(d, "%s", parts[i][1]);
	}
	doc_text(d, "Medians [%.0f %%], µs, with the share of all service time in brackets.",
		 1e2 * MODEL_LEVEL);
}

void render_split(const struct split_report *s, struct doc *d)
{
	if (!s->n && !s->why)
		return;
	doc_heading(d, 3, "Where a response time goes");
	if (s->why) {
		doc_paragraph(d);
		doc_text(d, "%s", s->why);
	}
	if (!s->n)
		return;
	explain(d);
	begin_table(d);
	for (size_t i = 0; i < s->n; i++)
		row_of(d, &s->rows[i]);
}
