/* Trials of searches; see render_trials.h. */
#include "harness/report/render_trials.h"

#include <math.h>

#include "harness/report/render_words.h"

static void words(struct doc *d, const struct model *m)
{
	const struct model_trials *t = &m->trials;

	doc_text(d, "%zu trial%s: %zu held; %zu void, %zu failed, %zu disturbed", t->n,
		 plural(t->n), t->held, t->by_status[RUN_VOID], t->by_status[RUN_FAILED],
		 t->by_status[RUN_DISTURBED]);
	if (t->without_run)
		doc_text(d, ", %zu without a run", t->without_run);
	doc_text(d, ", which do not count as held.");
}

void render_trials_line(const struct model *m, struct doc *d)
{
	if (!m->trials.n)
		return;
	doc_item(d);
	doc_text(d, "Searches: ");
	words(d, m);
}

static void ms_cell(struct doc *d, double ms)
{
	if (isnan(ms))
		doc_number_cell(d, ms, "unavailable");
	else
		doc_number_cell(d, ms, "%.1f ms", ms);
}

static void row(struct doc *d, const struct result *r, const struct trial *t)
{
	const struct run *run = model_trial_run(r, t);

	doc_row(d);
	doc_text_cell(d, "%s", t->subject);
	doc_number_cell(d, t->search, "%d", t->search + 1);
	doc_number_cell(d, t->rate_per_s, "%.1f", t->rate_per_s / 1e3);
	doc_number_cell(d, t->hold_s, "%.3g s", t->hold_s);
	ms_cell(d, t->max_lag_ms);
	ms_cell(d, t->pacing_p99_us / 1e3);
	doc_text_cell(d, "%s", run ? run_status_names[run->status] : "none");
	doc_text_cell(d, "%s%s%s", model_trial_held(r, t) ? "yes" : "no", t->why[0] ? ": " : "",
		      t->why);
}

void render_trials(const struct model *m, struct doc *d)
{
	static const struct {
		enum doc_column kind;
		const char *title;
	} columns[] = {
		{ DOC_TEXT, "subject" },       { DOC_NUMBER, "search" },
		{ DOC_NUMBER, "k events/s" },  { DOC_NUMBER, "held for" },
		{ DOC_NUMBER, "largest lag" }, { DOC_NUMBER, "generator late, p99" },
		{ DOC_TEXT, "run" },	       { DOC_TEXT, "held" },
	};
	const struct result *r = m->result;

	doc_paragraph(d);
	words(d, m);
	doc_table(d);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		doc_column(d, columns[i].kind, "%s", columns[i].title);
	for (size_t i = 0; i < r->n_trials; i++)
		row(d, r, &r->trials[i]);
}
