/* Runs by what became of them; see render_runs.h. */
#include "harness/report/render_runs.h"

#include "harness/report/render_words.h"

/* A search's trial that was stopped has done its work. */
static bool counts(const struct run *run)
{
	return run->status == RUN_OK || run->status == RUN_STOPPED;
}

bool render_runs_any(const struct model *m)
{
	for (size_t i = 0; i < m->result->n_runs; i++)
		if (!counts(&m->result->runs[i]))
			return true;
	return false;
}

/* Only what is wrong, so that "every" stays a claim about all of them. */
static void ledger_words(struct doc *d, const struct model *m)
{
	const struct model_ledger_sum *l = &m->lines;

	if (!l->open && !l->unavailable && !l->runs_without) {
		doc_text(d, l->closed ? "Every ledger closed." : "No ledger was kept.");
		return;
	}
	doc_text(d, "Ledger: ");
	if (l->open)
		doc_badge(d, DOC_BAD, "%zu line%s open", l->open, plural(l->open));
	else
		doc_text(d, "no line open");
	doc_text(d, ", %zu closed", l->closed);
	if (l->unavailable)
		doc_text(d, ", %zu line%s could not be told", l->unavailable,
			 plural(l->unavailable));
	if (l->runs_without)
		doc_text(d, ", %zu run%s ended before the ledger", l->runs_without,
			 plural(l->runs_without));
	doc_text(d, ".");
}

void render_runs_line(const struct model *m, struct doc *d)
{
	const struct model_trials *t = &m->trials;
	size_t n = m->result->n_runs;

	doc_item(d);
	doc_text(d, "%zu run%s", n, plural(n));
	if (t->n)
		doc_text(d, ", %zu of them trial%s of searches", t->n - t->without_run,
			 plural(t->n - t->without_run));
	doc_text(d, ": %zu ok, %zu void, %zu failed, %zu disturbed", m->by_status[RUN_OK],
		 m->by_status[RUN_VOID], m->by_status[RUN_FAILED], m->by_status[RUN_DISTURBED]);
	if (m->by_status[RUN_STOPPED])
		doc_text(d, ", %zu stopped as the rate was too high", m->by_status[RUN_STOPPED]);
	if (m->by_status[RUN_UNFINISHED])
		doc_text(d, ", %zu cut off", m->by_status[RUN_UNFINISHED]);
	doc_text(d, ". ");
	if (render_runs_any(m)) {
		doc_text(d, "Runs that are not ok have no score; their reasons are under ");
		doc_link_to(d, RUNS_HEADING, "%s", RUNS_HEADING);
		doc_text(d, ". ");
	}
	ledger_words(d, m);
}

void render_runs(const struct model *m, struct doc *d)
{
	const struct result *r = m->result;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (counts(run))
			continue;
		doc_item(d);
		doc_code(d, "%s", run->id[0] ? run->id : run->subject);
		doc_text(d, " %s: %s", run_status_names[run->status], run->why);
	}
}
