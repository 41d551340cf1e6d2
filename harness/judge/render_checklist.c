/* The checklist as a document; see render_checklist.h.  Tables are one an item. */
#include "harness/judge/render_checklist.h"

#include <math.h>

#include "extractors/base/clock.h"
#include "harness/report/titles.h"

#define SUMMARY_ROWS_MAX 4

static const enum doc_mark marks[CHECKLIST_VERDICTS] = {
	[CHECKLIST_PASS] = DOC_GOOD,
	[CHECKLIST_FAIL] = DOC_BAD,
	[CHECKLIST_UNDECIDED] = DOC_VOID,
	[CHECKLIST_NO_TARGET] = DOC_NEUTRAL,
};

static void verdict(struct doc *d, enum checklist_verdict v)
{
	doc_badge(d, marks[v], "%s", checklist_verdict_names[v]);
}

/* "C", "C against Python" */
static void subject(struct doc *d, const struct checklist_row *row)
{
	const struct checklist_clause *c = row->clause;

	if (c->b[0])
		doc_text(d, "%s against %s", title_of(c->b), title_of(c->a));
	else
		doc_text(d, "%s", title_of(c->a));
}

static int decimals(const struct checklist_row *row)
{
	return row->clause->b[0] ? 1 : row->rule->figure.decimals;
}

static void number(struct doc *d, const struct checklist_row *row, double v)
{
	if (isinf(v))
		doc_text(d, v > 0 ? "∞" : "-∞");
	else
		doc_text(d, "%.*f", decimals(row), v);
}

static void target(struct doc *d, const struct checklist_row *row)
{
	const struct checklist_clause *c = row->clause;

	if (!row->rule->is_figure) {
		doc_text(d, "passes");
	} else if (c->op == CHECKLIST_NO_OP) {
		doc_text(d, "–");
	} else {
		const char *unit = checklist_unit(row->rule, c);

		doc_text(d, "%s %g%s%s%s", checklist_op_names[c->op], c->target, unit[0] ? " " : "",
			 unit, c->b[0] ? " less" : "");
	}
}

static void measured(struct doc *d, const struct checklist_row *row)
{
	const char *unit = row->rule->is_figure ? checklist_unit(row->rule, row->clause) : "";

	if (!row->rule->is_figure) {
		doc_text(d, "%s", row->seen[0] ? row->seen : "–");
	} else if (!row->value.there) {
		doc_text(d, "–");
	} else {
		number(d, row, row->value.value);
		doc_text(d, "%s%s%s", unit[0] ? " " : "", unit, row->clause->b[0] ? " less" : "");
	}
}

/* "[1.2, 1.4] (n 12, 95 % bootstrap)" */
static void interval(struct doc *d, const struct checklist_row *row)
{
	const struct checklist_value *v = &row->value;

	if (!row->rule->is_figure || !v->there) {
		doc_text(d, "–");
	} else if (isnan(v->low) || isnan(v->high)) {
		doc_text(d, "n %zu, no interval", v->n);
	} else {
		doc_text(d, "[");
		number(d, row, v->low);
		doc_text(d, ", ");
		number(d, row, v->high);
		doc_text(d, "] (n %zu, %.4g %%, %s)", v->n, 100 * v->level, v->method);
	}
}

/* The run next to the median; where there is none, from the first to the last. */
static void evidence(struct doc *d, const struct checklist_row *row, const struct checklist *c)
{
	const struct checklist_evidence *ev = &row->evidence;
	const struct checklist_bad *bad = checklist_bad_of(c, row);

	if (!ev->runs) {
		doc_text(d, "no run");
	} else if (ev->nearest || ev->runs == 1) {
		doc_code(d, "%s", ev->nearest ? ev->nearest : ev->first);
		doc_text(d, " of %zu run%s", ev->runs, ev->runs == 1 ? "" : "s");
	} else {
		doc_code(d, "%s", ev->first);
		doc_text(d, " … ");
		doc_code(d, "%s", ev->last);
		doc_text(d, ", %zu runs", ev->runs);
	}
	if (bad)
		doc_text(d, "; %zu void, %zu failed", bad->voids, bad->failed);
}

static void table_row(struct doc *d, const struct checklist_row *row, const struct checklist *c)
{
	doc_row(d);
	doc_cell(d);
	doc_text(d, "%s", row->rule->name);
	doc_cell(d);
	doc_text(d, "%s", event_type_names[row->extractor]);
	doc_cell(d);
	subject(d, row);
	doc_cell(d);
	verdict(d, row->verdict);
	if (row->why[0])
		doc_text(d, ": %s", row->why);
	doc_cell(d);
	target(d, row);
	doc_cell(d);
	doc_sort_key(d, row->rule->is_figure && row->value.there ? row->value.value : NAN);
	measured(d, row);
	doc_cell(d);
	interval(d, row);
	doc_cell(d);
	evidence(d, row, c);
}

static void table(struct doc *d, const struct checklist *c, enum checklist_item item)
{
	bool begun = false;

	for (size_t i = 0; i < c->n_rows; i++) {
		if (c->rows[i].rule->item != item)
			continue;
		if (!begun) {
			doc_heading(d, 2, "%s", checklist_items[item].title);
			doc_table(d);
			doc_column(d, DOC_TEXT, "item");
			doc_column(d, DOC_TEXT, "extractor");
			doc_column(d, DOC_TEXT, "of");
			doc_column(d, DOC_TEXT, "verdict");
			doc_column(d, DOC_TEXT, "target");
			doc_column(d, DOC_NUMBER, "measured");
			doc_column(d, DOC_TEXT, "interval");
			doc_column(d, DOC_TEXT, "evidence");
			begun = true;
		}
		table_row(d, &c->rows[i], c);
	}
}

static void counts(struct doc *d, const struct checklist *c)
{
	verdict(d, c->verdict);
	doc_text(d, ": %zu passed, %zu failed, %zu undecided; %zu measured without a target.",
		 c->by_verdict[CHECKLIST_PASS], c->by_verdict[CHECKLIST_FAIL],
		 c->by_verdict[CHECKLIST_UNDECIDED], c->by_verdict[CHECKLIST_NO_TARGET]);
}

/* "Start-up, exec to ready, keystroke, C: " */
static void row_name(struct doc *d, const struct checklist_row *row)
{
	doc_text(d, "%s, %s, %s, ", checklist_items[row->rule->item].title, row->rule->name,
		 event_type_names[row->extractor]);
	subject(d, row);
	doc_text(d, ": ");
}

static void failed_row(struct doc *d, const struct checklist_row *row)
{
	doc_item(d);
	verdict(d, row->verdict);
	doc_text(d, " ");
	row_name(d, row);
	if (row->rule->is_figure) {
		measured(d, row);
		doc_text(d, " ");
		interval(d, row);
		doc_text(d, ", asked for: ");
		target(d, row);
	} else {
		doc_text(d, "%s", row->why);
	}
}

static void failed_rows(struct doc *d, const struct checklist *c, size_t max)
{
	size_t shown = 0, failed = c->by_verdict[CHECKLIST_FAIL];

	for (size_t i = 0; i < c->n_rows && shown < max; i++)
		if (c->rows[i].verdict == CHECKLIST_FAIL) {
			failed_row(d, &c->rows[i]);
			shown++;
		}
	if (failed > shown) {
		doc_item(d);
		doc_text(d, "… and %zu more that failed.", failed - shown);
	}
}

void render_checklist_summary(const struct checklist *c, struct doc *d)
{
	doc_paragraph(d);
	doc_link(d, "checklist.html", RENDER_CHECKLIST_TITLE);
	doc_text(d, " ");
	counts(d, c);
	failed_rows(d, c, SUMMARY_ROWS_MAX);
}

static void warnings(struct doc *d, const struct checklist *c)
{
	if (c->unfit[0]) {
		doc_warning(d);
		doc_text(d, "No figure passes or fails: %s. ", c->unfit);
	}
	if (c->cut[0]) {
		doc_warning(d);
		doc_text(d, "Nothing passes: %s.", c->cut);
	}
}

static void bad_runs(struct doc *d, const struct checklist *c)
{
	if (!c->n_bad)
		return;
	doc_heading(d, 2, "Void and failed runs");
	doc_paragraph(d);
	doc_text(d,
		 "They have no score. What the others say stands above; that these are there is a "
		 "reason to look.");
	for (size_t i = 0; i < c->n_bad; i++) {
		const struct checklist_bad *b = &c->bad[i];

		doc_item(d);
		doc_text(d, "%s, %s %s: %zu void, %zu failed; the first is ", b->scenario,
			 event_type_names[b->extractor], title_of(b->implementation), b->voids,
			 b->failed);
		doc_code(d, "%s", b->first->id);
		doc_text(d, ": %s", b->first->why);
	}
}

static const char *fact(const struct checklist *c, const char *key)
{
	const char *value = result_fact(c->model->result, key);

	return value ? value : "unavailable: not on record";
}

static void origin(struct doc *d, const struct checklist *c)
{
	const struct result *r = c->model->result;
	char at[CLOCK_ISO_MAX];

	clock_format_iso(at, r->started_wall_us / US_PER_S * US_PER_S);
	doc_paragraph(d);
	doc_text(d, "Session ");
	doc_code(d, "%s", r->id);
	doc_text(d, " of %s, profile %s; commit ", at, r->profile);
	doc_code(d, "%s", fact(c, "build.commit"));
	doc_text(d, ", tree %s; %s, %s, CPUs %s.", fact(c, "git.state"), fact(c, "host.kernel"),
		 fact(c, "host.cpu_model"), fact(c, "host.cpus"));
}

static void method(struct doc *d)
{
	doc_fold(d, "How it is judged");
	doc_paragraph(d);
	doc_text(
		d,
		"PASS: the whole interval is on the right side of the target. FAIL: it is wholly on the "
		"wrong side. UNDECIDED: neither, or there is no interval that is sure enough; the "
		"reason stands beside it. The targets are in ");
	doc_code(d, "checklist.ini");
	doc_text(
		d,
		" beside this file. Values are medians over valid runs with an interval at %g %%; "
		"improvements are how much less one takes than the other, from pairs, at the level "
		"that their looks demand; percentiles are of all valid runs' samples together, whose "
		"interval does not see how runs differ: with fewer than %d runs they are not judged. A "
		"session that was cut off shows no PASS; an unfit host shows no PASS and its figures no "
		"FAIL.",
		100 * MODEL_LEVEL, CHECKLIST_SAMPLED_RUNS_MIN);
	doc_unfold(d);
}

void render_checklist(const struct checklist *c, struct doc *d)
{
	doc_paragraph(d);
	counts(d, c);
	failed_rows(d, c, c->n_rows);
	warnings(d, c);
	origin(d, c);
	for (int i = 0; i < CHECKLIST_ITEMS; i++)
		table(d, c, (enum checklist_item)i);
	bad_runs(d, c);
	method(d);
}
