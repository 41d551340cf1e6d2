/* The table of another tool's figures; see render_opinions.h. */
#include "harness/report/render_opinions.h"

#include <math.h>
#include <string.h>

#include "harness/report/render_words.h"
#include "harness/report/titles.h"

static void row(struct doc *d, const struct model_opinion *mo)
{
	const struct opinion *o = mo->theirs;

	doc_row(d);
	doc_text_cell(d, "%s", event_type_names[o->extractor]);
	doc_text_cell(d, "%s", title_of(o->implementation));
	if (o->n) {
		doc_number_cell(d, o->median, "%.2f (%.2f … %.2f, n %lld)", o->median, o->min,
				o->max, (long long)o->n);
		doc_number_cell(d, o->mean, "%.2f ± %.2f", o->mean, o->stddev);
	} else {
		doc_number_cell(d, NAN, "unavailable: %s", o->why);
		doc_number_cell(d, NAN, "–");
	}
	doc_cell(d);
	doc_sort_key(d, mo->ours_ms.n ? mo->ours_ms.value : NAN);
	if (mo->ours_ms.n) {
		render_estimate(d, &mo->ours_ms, 1, 2);
		doc_text(d, " (n %zu)", mo->ours_ms.n);
	} else {
		doc_text(d, "unavailable: no valid warm run");
	}
	render_number_cell(d, mo->ratio, 2);
}

static void begin(struct doc *d, const struct opinion *o)
{
	doc_heading(d, 3, "%s: hyperfine's opinion", o->scenario);
	doc_paragraph(d);
	doc_text(
		d,
		"By %s, from before fork to the end of the process, which connects, subscribes and "
		"exits; ours is from exec to the receipt of READY=1. Theirs has fork, exit and "
		"reaping on top, but starts at once after the last run, with the core's caches "
		"warm; ours starts after a pause, as a service does. On a 2-core VM a pause of "
		"0.3 s before each run raised hyperfine's 1.1 ms to 1.8 ms. So the ratio need not "
		"be 1, but should be alike for all implementations that start as fast.",
		o->tool);
	doc_table(d);
	doc_column(d, DOC_TEXT, "extractor");
	doc_column(d, DOC_TEXT, "implementation");
	doc_column(d, DOC_NUMBER, "median, ms (min … max)");
	doc_column(d, DOC_NUMBER, "mean ± standard deviation");
	doc_column(d, DOC_NUMBER, "ours: exec to ready, warm, ms [interval]");
	doc_column(d, DOC_NUMBER, "theirs / ours");
}

void render_opinions(const struct model *m, const char *scenario, struct doc *d)
{
	bool begun = false;

	for (size_t i = 0; i < m->n_opinions; i++) {
		const struct opinion *o = m->opinions[i].theirs;

		if (strcmp(o->scenario, scenario))
			continue;
		if (!begun)
			begin(d, o);
		begun = true;
		row(d, &m->opinions[i]);
	}
}
