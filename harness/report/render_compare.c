/*
 * Two sessions as a document; see render_compare.h.
 *
 * First what came out, then what is not the same in both, then the figures: those that differ open,
 * the others folded.  Nothing is computed here but the scaling to the printed unit.
 */
#include "harness/report/render_compare.h"

#include <math.h>

#include "extractors/base/clock.h"
#include "harness/report/render_words.h"
#include "harness/report/titles.h"

#define FIRST_MAX 10 /* figures that the top names one by one */

static const char side_names[COMPARE_SIDES] = { 'A', 'B' };

static const char *const bound_marks[] = {
	[BOUND_NONE] = "",
	[BOUND_BELOW] = "≥ ",
	[BOUND_ABOVE] = "≤ ",
};

/* "C / Python" or "C" */
static void add_subject(struct doc *d, const char *of, const char *against)
{
	doc_text(d, "%s", title_of(of));
	if (against)
		doc_text(d, " / %s", title_of(against));
}

/* "drained, k events/s": of ratios without the unit */
static void add_metric(struct doc *d, enum metric_id id, bool with_unit)
{
	doc_text(d, "%s", metrics[id].title);
	if (with_unit && metrics[id].unit[0])
		doc_text(d, ", %s", metrics[id].unit);
}

/* ---- the top ------------------------------------------------------------------------ */

void render_compare_title(const struct compare *c, struct buf *out)
{
	buf_printf(out, "Sessions compared: %s and %s", c->models[COMPARE_A]->result->id,
		   c->models[COMPARE_B]->result->id);
}

static void add_session(struct doc *d, const struct compare *c, enum compare_side side)
{
	const struct result *r = c->models[side]->result;
	char iso[CLOCK_ISO_MAX];
	size_t n = clock_format_iso(iso, r->started_wall_us / US_PER_S * US_PER_S);

	doc_strong(d, "%c", side_names[side]);
	doc_text(d, " is session ");
	doc_code(d, "%s", r->id);
	doc_text(d, ", profile %s, started %.*s", r->profile, (int)n, iso);
}

static void warnings(struct doc *d, const struct compare *c)
{
	for (int s = 0; s < COMPARE_SIDES; s++) {
		const struct result *r = c->models[s]->result;
		const char *unfit = result_fact(r, RESULT_FACT_UNFIT),
			   *variant = result_fact(r, "build.variant");

		if (unfit) {
			doc_warning(d);
			doc_text(d,
				 "The host of %c was unfit to measure: %s. Its figures are not "
				 "for decisions.",
				 side_names[s], unfit);
		}
		if (variant && strcmp(variant, "release")) {
			doc_warning(d);
			doc_text(d, "%c was measured with the %s build, not release.",
				 side_names[s], variant);
		}
		if (!r->complete) {
			doc_warning(d);
			doc_text(d, "%c is not complete: %s.", side_names[s], r->stopped_by);
		}
	}
}

static const char *const list_names[COMPARE_KINDS] = { "Ratios", "Values" };

/* "Ratios, 189 in both sessions: 2 better, …" */
static void counts_item(struct doc *d, const struct compare *c, enum compare_kind kind)
{
	const struct compare_list *list = &c->lists[kind];

	doc_item(d);
	doc_text(d, "%s, %zu in both sessions: ", list_names[kind], list->n);
	for (int v = 0; v < VERDICT_VOID; v++)
		doc_text(d, "%s%zu %s", v ? ", " : "", list->by_verdict[v], verdict_names[v]);
	if (kind == COMPARE_VALUES && c->no_values)
		doc_text(d, " (values carry no verdict: %s)", c->no_values);
	doc_text(d, ".");
}

/* "throughput, drain: mouse: CPU per event, C / floor: " */
static void add_place(struct doc *d, const struct compare_row *row)
{
	doc_text(d, "%s, %s: %s: ", row->section->scenario, row->section->phase,
		 event_type_names[row->section->type]);
	add_metric(d, row->metric, !row->against);
	doc_text(d, ", ");
	add_subject(d, row->of, row->against);
	doc_text(d, ": ");
}

/* One item each, worse ones before better ones, ratios before values. */
static void differing_items(struct doc *d, const struct compare *c)
{
	static const enum verdict order[] = { VERDICT_WORSE, VERDICT_BETTER };
	size_t shown = 0, all = compare_count(c, VERDICT_WORSE) + compare_count(c, VERDICT_BETTER);

	for (size_t o = 0; o < ARRAY_SIZE(order); o++)
		for (int k = 0; k < COMPARE_KINDS; k++)
			for (size_t i = 0; i < c->lists[k].n && shown < FIRST_MAX; i++) {
				const struct compare_row *row = &c->lists[k].rows[i];

				if (row->verdict != order[o])
					continue;
				doc_item(d);
				doc_badge(d, render_mark(row->verdict), "%s",
					  verdict_names[row->verdict]);
				doc_text(d, " ");
				add_place(d, row);
				doc_text(d, "B / A ");
				render_estimate(d, &row->change, 1,
						render_ratio_decimals(row->change.value));
				shown++;
			}
	if (all > shown) {
		doc_item(d);
		doc_text(d, "and %zu more, in the tables below.", all - shown);
	}
}

static void outcomes_item(struct doc *d, const struct compare *c)
{
	if (!c->compared_outcomes)
		return;
	doc_item(d);
	doc_text(d, "Items of the contract and leaks, %zu in both sessions: %zu not the same.",
		 c->compared_outcomes, c->n_outcomes);
}

static void agreement_item(struct doc *d, const struct compare *c)
{
	const struct compare_list *values = &c->lists[COMPARE_VALUES],
				  *ratios = &c->lists[COMPARE_RATIOS];

	doc_item(d);
	if (isnan(compare_agreement(c)))
		doc_text(d, "No figure has an interval in both.");
	else
		doc_text(d,
			 "The sessions' own intervals overlap in %zu of %zu values and %zu of %zu "
			 "ratios (%.1f %%); of sessions that measured the same it should be more "
			 "than 95 %%.",
			 values->overlap, values->stated, ratios->overlap, ratios->stated,
			 100 * compare_agreement(c));
}

static void top(struct doc *d, const struct compare *c)
{
	doc_paragraph(d);
	add_session(d, c, COMPARE_A);
	doc_text(d, "; ");
	add_session(d, c, COMPARE_B);
	doc_text(d, ". B / A is B's figure divided by A's.");
	warnings(d, c);
	for (int k = 0; k < COMPARE_KINDS; k++)
		counts_item(d, c, (enum compare_kind)k);
	differing_items(d, c);
	outcomes_item(d, c);
	agreement_item(d, c);
}

/* ---- what is not the same ------------------------------------------------------------- */

static void differences(struct doc *d, const struct compare *c)
{
	doc_heading(d, 2, "What is not the same");
	if (!c->n_differences) {
		doc_paragraph(d);
		doc_text(d, "Host, versions, settings and plans are the same in both.");
		return;
	}
	doc_table(d);
	doc_column(d, DOC_TEXT, "what");
	for (int s = 0; s < COMPARE_SIDES; s++)
		doc_column(d, DOC_TEXT, "%c", side_names[s]);
	for (size_t i = 0; i < c->n_differences; i++) {
		const struct compare_difference *x = &c->differences[i];

		doc_row(d);
		doc_cell(d);
		doc_text(d, "%s", x->what);
		if (x->n > COMPARE_NAMED_MAX)
			doc_text(d, " and %zu more", x->n - COMPARE_NAMED_MAX);
		for (int s = 0; s < COMPARE_SIDES; s++) {
			doc_cell(d);
			doc_text(d, "%s", x->sides[s]);
		}
	}
}

/* ---- figures ----------------------------------------------------------------------------- */

static void columns(struct doc *d, enum compare_kind kind)
{
	doc_table(d);
	doc_column(d, DOC_TEXT, "scenario, phase");
	doc_column(d, DOC_TEXT, "extractor");
	doc_column(d, DOC_TEXT, "%s", kind == COMPARE_RATIOS ? "ratio" : "of");
	doc_column(d, DOC_TEXT, "metric");
	for (int s = 0; s < COMPARE_SIDES; s++)
		doc_column(d, DOC_NUMBER, "%c (n)", side_names[s]);
	doc_column(d, DOC_NUMBER, "B / A");
	doc_column(d, DOC_TEXT, "verdict");
}

/* "0.0186 [0.0151, 0.0208] (5, 93.8 %)": the level where it is below that of reports */
static void add_side(struct doc *d, const struct compare_row *row, enum compare_side side)
{
	const struct metric_info *mi = &metrics[row->metric];
	const struct estimate *e = &row->sides[side];

	doc_text(d, "%s", bound_marks[row->bounds[side]]);
	if (row->against)
		render_estimate(d, e, 1, render_ratio_decimals(e->value));
	else
		render_estimate(d, e, mi->scale, mi->decimals);
	doc_text(d, " (%zu", e->n);
	if (e->n >= 2 && e->level < MODEL_LEVEL)
		doc_text(d, ", %.3g %%", 100 * e->level);
	doc_text(d, ")");
}

static void side_cell(struct doc *d, const struct compare_row *row, enum compare_side side)
{
	doc_cell(d);
	doc_sort_key(d, row->sides[side].value);
	add_side(d, row, side);
}

static void change_cell(struct doc *d, const struct compare_row *row, double level)
{
	const struct estimate *e = &row->change;

	doc_cell(d);
	doc_sort_key(d, e->n ? e->value : NAN);
	if (!e->n) {
		doc_text(d, "unavailable: %s", row->why);
		return;
	}
	render_estimate(d, e, 1, render_ratio_decimals(e->value));
	if (e->n < 2)
		doc_text(d, " (no interval)");
	else if (e->level < level)
		doc_text(d, " (%.4g %%)", 100 * e->level);
}

static void row_line(struct doc *d, const struct compare_row *row, double level)
{
	doc_row(d);
	doc_cell(d);
	doc_text(d, "%s, %s", row->section->scenario, row->section->phase);
	doc_cell(d);
	doc_text(d, "%s", event_type_names[row->section->type]);
	doc_cell(d);
	add_subject(d, row->of, row->against);
	doc_cell(d);
	add_metric(d, row->metric, !row->against);
	for (int s = 0; s < COMPARE_SIDES; s++)
		side_cell(d, row, (enum compare_side)s);
	change_cell(d, row, level);
	doc_cell(d);
	doc_badge(d, render_mark(row->verdict), "%s", verdict_names[row->verdict]);
	if (row->verdict == VERDICT_TOO_FEW && row->change.n && row->why)
		doc_text(d, ": %s", row->why);
}

static bool differs(const struct compare_row *row)
{
	return row->verdict == VERDICT_BETTER || row->verdict == VERDICT_WORSE;
}

static bool is_open(const struct compare_row *row)
{
	return row->verdict == VERDICT_TOO_FEW;
}

static bool is_same(const struct compare_row *row)
{
	return row->verdict == VERDICT_NO_DIFFERENCE;
}

static size_t count(const struct compare_list *list, bool (*wanted)(const struct compare_row *row))
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += wanted(&list->rows[i]);
	return n;
}

static void rows(struct doc *d, const struct compare_list *list, enum compare_kind kind,
		 bool (*wanted)(const struct compare_row *row))
{
	columns(d, kind);
	for (size_t i = 0; i < list->n; i++)
		if (wanted(&list->rows[i]))
			row_line(d, &list->rows[i], list->level);
}

static void folded(struct doc *d, const struct compare_list *list, enum compare_kind kind,
		   const char *what, bool (*wanted)(const struct compare_row *row))
{
	struct buf summary = { 0 };
	size_t n = count(list, wanted);

	if (!n)
		return;
	buf_printf(&summary, "%s: %s (%zu)", list_names[kind], what, n);
	doc_fold(d, buf_str(&summary));
	rows(d, list, kind, wanted);
	doc_unfold(d);
	buf_release(&summary);
}

/* The rule, with its numbers. */
static void level_words(struct doc *d, const struct compare_list *list, const char *values)
{
	if (!list->judged) {
		doc_text(d, "No figure can have a verdict here; intervals of B / A are at %.5g %%.",
			 100 * list->level);
		return;
	}
	doc_text(
		d,
		"Better and worse need an interval of B / A that does not hold 1, at %.5g %%: then "
		"all verdicts that are possible here (%zu) together err in at most %g %% of "
		"comparisons of equals, as far as a figure does not move from session to session by "
		"itself. And B / A must exceed what A/A shows in either session, of six %s or more.",

		100 * list->level, list->judged, 100 * COMPARE_ALPHA, values);
}

/* "Undecided: too few pairs of A/A (93), …" */
static void reasons_line(struct doc *d, const struct compare_list *list)
{
	if (!list->n_reasons)
		return;
	doc_paragraph(d);
	doc_text(d, "Undecided: ");
	for (size_t i = 0; i < list->n_reasons; i++)
		doc_text(d, "%s%s (%zu)", i ? ", " : "", list->reasons[i].why, list->reasons[i].n);
	doc_text(d, ".");
}

static void list_section(struct doc *d, const struct compare *c, enum compare_kind kind)
{
	const struct compare_list *list = &c->lists[kind];

	doc_paragraph(d);
	level_words(d, list, kind == COMPARE_RATIOS ? "pairs" : "runs");
	if (!list->n)
		return;
	if (count(list, differs)) {
		rows(d, list, kind, differs);
	} else if (list->judged) {
		doc_paragraph(d);
		doc_text(d, "By that rule nothing differs.");
	}
	reasons_line(d, list);
	folded(d, list, kind, "no difference seen", is_same);
	folded(d, list, kind, "undecided", is_open);
}

static void ratios_section(struct doc *d, const struct compare *c)
{
	doc_heading(d, 2, "Ratios within each session, and B / A");
	doc_paragraph(d);
	doc_text(d,
		 "A ratio's two sides shared host and minute, so it can be set against that of "
		 "another day. Which of its sides changed it does not say. Verdicts are about the "
		 "one named first.");
	if (c->other_host)
		doc_text(d, " Host or cores are not the same in both, and C / Python depends on "
			    "the CPU, too: better and worse can be the host's.");
	list_section(d, c, COMPARE_RATIOS);
}

static void values_section(struct doc *d, const struct compare *c)
{
	doc_heading(d, 2, "Values, and B / A");
	doc_paragraph(d);
	if (c->no_values)
		doc_text(
			d,
			"Values carry no verdict: the sessions are of %s, and what that changes is "
			"in every one of them.",
			c->no_values);
	else
		doc_text(d,
			 "On one host, too, values move with its day. What the floor's value moved "
			 "by, at %g %%, is taken for that: a verdict needs more.",
			 100 * VERDICT_NOISE_LEVEL);
	list_section(d, c, COMPARE_VALUES);
}

static void outcomes_section(struct doc *d, const struct compare *c)
{
	if (!c->n_outcomes)
		return;
	doc_heading(d, 2, "Items of the contract, and leaks, that are not the same");
	doc_table(d);
	doc_column(d, DOC_TEXT, "what");
	doc_column(d, DOC_TEXT, "extractor");
	doc_column(d, DOC_TEXT, "of");
	for (int s = 0; s < COMPARE_SIDES; s++)
		doc_column(d, DOC_TEXT, "%c", side_names[s]);
	for (size_t i = 0; i < c->n_outcomes; i++) {
		const struct compare_outcome *x = &c->outcomes[i];

		doc_row(d);
		doc_cell(d);
		doc_text(d, "%s", x->what);
		doc_cell(d);
		doc_text(d, "%s", event_type_names[x->type]);
		doc_cell(d);
		doc_text(d, "%s", title_of(x->implementation));
		doc_cell(d);
		doc_text(d, "%s", x->sides[COMPARE_A]);
		doc_cell(d);
		doc_badge(d, x->worse ? DOC_BAD : DOC_NEUTRAL, "%s", x->sides[COMPARE_B]);
	}
}

/* ---- what only one has, and how each went --------------------------------------------- */

static void absent_line(struct doc *d, const struct compare_absent *x)
{
	doc_row(d);
	doc_cell(d);
	doc_text(d, "%c", side_names[x->only_in]);
	doc_cell(d);
	doc_text(d, "%s", x->scenario);
	if (x->section)
		doc_text(d, ", %s: %s", x->section->phase, event_type_names[x->section->type]);
	if (x->metric)
		doc_text(d, ": %s", x->metric->title);
	if (x->of) {
		doc_text(d, ": ");
		add_subject(d, x->of, x->against);
	}
	doc_cell(d);
	doc_text(d, "%s", x->why);
}

static void absent_section(struct doc *d, const struct compare *c)
{
	struct buf summary = { 0 };

	if (!c->n_absent)
		return;
	buf_printf(&summary, "In one session only (%zu)", c->n_absent);
	doc_fold(d, buf_str(&summary));
	doc_table(d);
	doc_column(d, DOC_TEXT, "only in");
	doc_column(d, DOC_TEXT, "what");
	doc_column(d, DOC_TEXT, "why not in the other");
	for (size_t i = 0; i < c->n_absent; i++)
		absent_line(d, &c->absent[i]);
	doc_unfold(d);
	buf_release(&summary);
}

static void count_line(struct doc *d, const char *what, int64_t a, int64_t b)
{
	const int64_t sides[] = { a, b };

	doc_row(d);
	doc_cell(d);
	doc_text(d, "%s", what);
	for (int s = 0; s < COMPARE_SIDES; s++) {
		doc_cell(d);
		doc_sort_key(d, (double)sides[s]);
		doc_text(d, "%lld", (long long)sides[s]);
	}
}

static void runs_section(struct doc *d, const struct compare *c)
{
	const struct model *a = c->models[COMPARE_A], *b = c->models[COMPARE_B];

	doc_heading(d, 2, "Runs");
	doc_table(d);
	doc_column(d, DOC_TEXT, "runs");
	for (int s = 0; s < COMPARE_SIDES; s++)
		doc_column(d, DOC_NUMBER, "%c", side_names[s]);
	for (int i = 0; i < RUN_STATUSES; i++)
		count_line(d, run_status_names[i], (int64_t)a->by_status[i],
			   (int64_t)b->by_status[i]);
	count_line(d, "ledger lines open", (int64_t)a->lines.open, (int64_t)b->lines.open);
	count_line(d, "feature messages that the oracle found wrong", a->messages_wrong,
		   b->messages_wrong);
}

static void apart_section(struct doc *d, const struct compare *c)
{
	bool any = false;

	for (int k = 0; k < COMPARE_KINDS; k++)
		for (size_t i = 0; i < c->lists[k].n; i++) {
			const struct compare_row *row = &c->lists[k].rows[i];

			if (!row->stated || row->overlap)
				continue;
			if (!any)
				doc_fold(d, "Figures whose own intervals do not overlap");
			any = true;
			doc_item(d);
			add_place(d, row);
			add_side(d, row, COMPARE_A);
			doc_text(d, " against ");
			add_side(d, row, COMPARE_B);
		}
	doc_unfold(d);
}

static void method_section(struct doc *d)
{
	doc_fold(d, "How this was made");
	doc_item(d);
	doc_text(d,
		 "A and B each have their session's own estimate and interval, as in its "
		 "report: ratios by pairs (Hodges-Lehmann), values as medians over runs; (n), "
		 "and the level where it is below %g %%.",
		 100 * MODEL_LEVEL);
	doc_item(d);
	doc_text(
		d,
		"Sessions are not paired. B / A is the Hodges-Lehmann shift between the "
		"logarithms of two independent samples (the pairs' ratios; the runs' values), its interval "
		"what the exact rank-sum test (Lehmann 1975) and Welch's t both admit; where so few values cannot "
		"be sure enough for the one, the other and the range of all differences. What has "
		"no pairs of runs (searches, counts) is divided as it stands, with what both intervals admit.");
	doc_item(d);
	doc_text(d, "The level is raised for the number of figures (Bonferroni), for each of the "
		    "two lists by itself.");
	doc_item(d);
	doc_text(d, "An interval holds what varied from run to run within the sessions. What "
		    "differs between two sessions as a whole is in none: a difference that matters "
		    "should be seen in a second pair of sessions.");
	doc_unfold(d);
}

void render_compare(const struct compare *c, struct doc *d)
{
	top(d, c);
	differences(d, c);
	ratios_section(d, c);
	values_section(d, c);
	outcomes_section(d, c);
	runs_section(d, c);
	absent_section(d, c);
	apart_section(d, c);
	method_section(d);
}
