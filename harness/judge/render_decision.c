/* The decision as a document; see render_decision.h.  Nothing is decided here. */
#include "harness/judge/render_decision.h"

#include <math.h>
#include <string.h>

#include "harness/judge/decision_steps.h"
#include "harness/judge/decision_words.h"
#include "harness/report/render_words.h"
#include "harness/report/titles.h"

static enum doc_mark mark_of(enum decision_verdict v)
{
	static const enum doc_mark marks[DECISION_VERDICTS] = {
		[DECISION_KEEP] = DOC_NEUTRAL,
		[DECISION_SWITCH] = DOC_GOOD,
		[DECISION_HYBRID] = DOC_GOOD,
		[DECISION_UNDECIDED] = DOC_VOID,
	};

	return marks[v];
}

static enum doc_mark state_mark(enum decision_state s)
{
	static const enum doc_mark marks[DECISION_STATES] = {
		[STATE_HOLDS] = DOC_GOOD,
		[STATE_FAILS] = DOC_BAD,
		[STATE_OPEN] = DOC_VOID,
		[STATE_NOT_ASKED] = DOC_NEUTRAL,
	};

	return marks[s];
}

static void verdict_badge(struct doc *doc, const struct decision *d, enum decision_verdict v)
{
	struct buf b = { 0 };

	decision_verdict_words(d->rules, v, &b);
	doc_badge(doc, mark_of(v), "%s", buf_str(&b));
	buf_release(&b);
}

/* Words that a function of decision_words.h makes. */
typedef void (*rule_words)(const struct decision *d, const struct decision_extractor *x,
			   enum decision_rule rule, struct buf *out);

static void add_words(struct doc *doc, rule_words words, const struct decision *d,
		      const struct decision_extractor *x, enum decision_rule rule, bool code)
{
	struct buf b = { 0 };

	words(d, x, rule, &b);
	if (code)
		doc_code(doc, "%s", buf_str(&b));
	else
		doc_text(doc, "%s", buf_str(&b));
	buf_release(&b);
}

static void add_range(struct doc *doc, const struct decision_range *r, double scale, int decimals)
{
	struct buf b = { 0 };

	decision_range_words(r, scale, decimals, &b);
	doc_text(doc, "%s", buf_str(&b));
	buf_release(&b);
}

static void number_cell(struct doc *doc, const struct decision_range *r, double scale, int decimals)
{
	doc_cell(doc);
	doc_sort_key(doc, r->value);
	if (isnan(r->value))
		doc_text(doc, "–");
	else
		add_range(doc, r, scale, decimals);
}

/* Commands in words stand between backticks: in a document they are code. */
static void add_marked(struct doc *doc, const char *text)
{
	bool code = false;

	while (*text) {
		size_t n = strcspn(text, "`");

		if (n && code)
			doc_code(doc, "%.*s", (int)n, text);
		else if (n)
			doc_text(doc, "%.*s", (int)n, text);
		text += n;
		if (*text) {
			code = !code;
			text++;
		}
	}
}

/* ---- the top ------------------------------------------------------------------------------- */

static void extractor_item(struct doc *doc, const struct decision *d, int type)
{
	const struct decision_extractor *x = &d->extractors[type];
	enum decision_rule rule = x->judged.deciding;

	doc_item(doc);
	doc_text(doc, "%s: ", event_type_names[type]);
	verdict_badge(doc, d, x->judged.verdict);
	if (x->measured) {
		doc_text(doc, " by rule ");
		doc_emphasis(doc, "%s", decision_rule_infos[rule].name);
		doc_text(doc, " (");
		add_words(doc, decision_setting_words, d, x, rule, true);
		doc_text(doc, ")");
	}
	doc_text(doc, ": ");
	add_words(doc, decision_figure_words, d, x, rule, false);
	doc_text(doc, ".");
}

/* Of what is to be switched: does it pay as a whole? */
static void whole_words(struct doc *doc, const struct decision *d)
{
	struct buf setting = { 0 }, figures = { 0 };

	if (d->whole.pays == STATE_NOT_ASKED)
		return;
	decision_whole_setting_words(d, &setting);
	decision_whole_figure_words(d, &figures);
	doc_text(doc, "; rule ");
	doc_emphasis(doc, "payback of the whole");
	doc_text(doc, " (");
	doc_code(doc, "%s", buf_str(&setting));
	doc_text(doc, ") ");
	doc_badge(doc, state_mark(d->whole.pays), "%s", decision_state_names[d->whole.pays]);
	doc_text(doc, ": %s.", buf_str(&figures));
	buf_release(&setting);
	buf_release(&figures);
}

void render_decision_summary(const struct decision *d, struct doc *doc)
{
	struct buf next = { 0 };

	doc_item(doc);
	doc_strong(doc, "Migration decision, %s to %s", title_of(d->rules->from),
		   title_of(d->rules->to));
	doc_text(doc, ": ");
	verdict_badge(doc, d, d->whole.verdict);
	whole_words(doc, d);
	for (int i = 0; i < EVENT_TYPES; i++)
		extractor_item(doc, d, i);
	doc_item(doc);
	decision_next(d, &next);
	doc_text(doc, "What to do next: ");
	add_marked(doc, buf_str(&next));
	doc_text(doc, ".");
	buf_release(&next);
}

/* ---- why -------------------------------------------------------------------------------------- */

static void rule_row(struct doc *doc, const struct decision *d, const struct decision_extractor *x,
		     enum decision_rule rule)
{
	enum decision_state state = x->judged.states[rule];

	doc_row(doc);
	doc_cell(doc);
	if (rule == x->judged.deciding)
		doc_strong(doc, "%s (decides)", decision_rule_infos[rule].name);
	else
		doc_text(doc, "%s", decision_rule_infos[rule].name);
	doc_cell(doc);
	doc_badge(doc, state_mark(state), "%s", decision_state_names[state]);
	doc_cell(doc);
	add_words(doc, decision_figure_words, d, x, rule, false);
	doc_cell(doc);
	add_words(doc, decision_setting_words, d, x, rule, true);
	doc_text_cell(doc, "%s", decision_rule_infos[rule].text);
}

/* What is read first stands first: a phone shows two or three columns. */
static void rules_table(struct doc *doc, const struct decision *d,
			const struct decision_extractor *x)
{
	static const char *const titles[] = { "rule", "state", "figures", "the file says",
					      "what must be so" };

	doc_table(doc);
	render_columns(doc, DOC_TEXT, titles, ARRAY_SIZE(titles));
	for (int i = 0; i < DECISION_RULES; i++)
		rule_row(doc, d, x, (enum decision_rule)i);
}

static void metric_columns(struct doc *doc)
{
	static const struct {
		enum doc_column kind;
		const char *title;
	} columns[] = {
		{ DOC_TEXT, "metric" },
		{ DOC_NUMBER, "cost, new / old" },
		{ DOC_NUMBER, "pairs, level" },
		{ DOC_TEXT, "verdict" },
		{ DOC_NUMBER, "counts as, %" },
		{ DOC_NUMBER, "weight" },
		{ DOC_TEXT, "loss within limit" },
		{ DOC_TEXT, "if at its worst, best end" },
	};

	doc_table(doc);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		doc_column(doc, columns[i].kind, "%s", columns[i].title);
}

/* What was left out is shown, too (spec/measurement.md, rule 8). */
static void disturbed_words(struct doc *doc, const struct decision_figure *f)
{
	const struct estimate *e = &f->cost_with_disturbed;
	struct decision_range r = { e->low, e->value, e->high };

	if (e->n == f->cost.n)
		return;
	doc_text(doc, "; with disturbed pairs × ");
	add_range(doc, &r, 1, render_ratio_decimals(r.value));
	doc_text(doc, ", n = %zu", e->n);
}

/* "undecided: too few pairs; both sides apart × 0.2 [0.1, 0.3], 6 runs a side" */
static void verdict_cell(struct doc *doc, const struct decision_figure *f)
{
	doc_cell(doc);
	doc_badge(doc, render_mark(f->verdict), "%s", verdict_names[f->verdict]);
	if (f->verdict == VERDICT_TOO_FEW && f->why)
		doc_text(doc, ": %s", f->why);
	disturbed_words(doc, f);
	if (isnan(f->apart.value) || f->verdict != VERDICT_TOO_FEW)
		return;
	doc_text(doc, "; both sides apart × ");
	add_range(doc, &f->apart, 1, render_ratio_decimals(f->apart.value));
	doc_text(doc, ", %zu runs a side", f->apart_runs);
}

static void ends_cell(struct doc *doc, const struct decision_ends *ends)
{
	doc_cell(doc);
	if (ends->worst < 0)
		doc_text(doc, "–");
	else if (ends->worst == ends->best)
		doc_text(doc, "%s", decision_verdict_names[ends->worst]);
	else
		doc_text(doc, "%s, %s", decision_verdict_names[ends->worst],
			 decision_verdict_names[ends->best]);
}

static void metric_row(struct doc *doc, const struct decision *d,
		       const struct decision_extractor *x, int slot)
{
	const struct decision_figure *f = &x->evidence.figures[slot];
	const struct decision_counted *c = &x->judged.counted[slot];
	struct decision_range cost = { f->cost.low, f->cost.value, f->cost.high };

	doc_row(doc);
	doc_text_cell(doc, "%s (%s, %s)", metrics[f->metric].title, f->rule->scenario,
		      f->rule->phase);
	number_cell(doc, &cost, 1, render_ratio_decimals(cost.value));
	doc_cell(doc);
	doc_sort_key(doc, (double)f->cost.n);
	doc_text(doc, "%zu", f->cost.n);
	if (f->cost.n >= 2)
		doc_text(doc, ", %.4g %%", 100 * f->cost.level);
	verdict_cell(doc, f);
	doc_cell(doc);
	doc_sort_key(doc, c->gain.value);
	add_range(doc, &c->gain, 100, 1);
	doc_cell(doc);
	doc_sort_key(doc, f->rule->weight);
	doc_text(doc, "%g", d->rules->metrics[slot].weight);
	doc_cell(doc);
	doc_badge(doc, state_mark(c->loss), "%s", decision_state_names[c->loss]);
	ends_cell(doc, &x->ends[slot]);
}

static void flips_table(struct doc *doc, const struct decision_flip *flips, size_t n)
{
	doc_table(doc);
	doc_column(doc, DOC_TEXT, "key");
	doc_column(doc, DOC_NUMBER, "now");
	doc_column(doc, DOC_TEXT, "would have to be");
	doc_column(doc, DOC_TEXT, "then");
	for (size_t i = 0; i < n; i++) {
		const struct decision_flip *f = &flips[i];

		doc_row(doc);
		doc_cell(doc);
		doc_code(doc, "[%s] %s", f->key.section, f->key.name);
		doc_cell(doc);
		doc_sort_key(doc, f->now);
		doc_text(doc, "%.6g", f->now);
		doc_text_cell(doc, "%s %.4g", f->from < f->now ? "below" : "above", f->from);
		doc_text_cell(doc, "%s", decision_verdict_names[f->verdict]);
	}
}

static void flips_part(struct doc *doc, const struct decision_extractor *x)
{
	doc_paragraph(doc);
	if (!x->n_flips) {
		doc_text(doc, "No single number of the rules would change this verdict.");
		return;
	}
	doc_text(doc, "What would change it, one number of the rules at a time:");
	flips_table(doc, x->flips, x->n_flips);
}

static void whole_flips_part(struct doc *doc, const struct decision *d)
{
	if (!d->n_flips)
		return;
	doc_paragraph(doc);
	doc_text(doc, "What of the costs that all share would change the decision of the whole:");
	flips_table(doc, d->flips, d->n_flips);
}

static void extractor_part(struct doc *doc, const struct decision *d, int type)
{
	const struct decision_extractor *x = &d->extractors[type];
	struct buf next = { 0 };

	doc_heading(doc, 2, "%s: why", event_type_names[type]);
	if (!x->measured) {
		doc_paragraph(doc);
		doc_text(doc, "Nothing of it was compared in this session.");
		return;
	}
	rules_table(doc, d, x);
	metric_columns(doc);
	for (int i = 0; i < DECISION_SLOTS; i++)
		metric_row(doc, d, x, i);
	flips_part(doc, x);
	doc_paragraph(doc);
	doc_text(doc, "Next: ");
	decision_next_of(d, x, &next);
	add_marked(doc, buf_str(&next));
	doc_text(doc, ".");
	buf_release(&next);
}

/* ---- what it saves ------------------------------------------------------------------------------ */

static void saving_cells(struct doc *doc, const struct decision_saving *s)
{
	number_cell(doc, &s->cpu_s_a_day, 1, 2);
	number_cell(doc, &s->memory_bytes, 1e-6, 2);
	number_cell(doc, &s->money_a_month, 1, 4);
	number_cell(doc, &s->money_a_month, 1000, 2);
}

static void saving_row(struct doc *doc, const char *what, const struct decision_saving *s,
		       const struct decision_range *payback)
{
	doc_row(doc);
	doc_text_cell(doc, "%s", what);
	saving_cells(doc, s);
	number_cell(doc, payback, 1, 1);
}

static void savings_part(struct doc *doc, const struct decision *d)
{
	const struct decision_rules *r = d->rules;

	doc_heading(doc, 2, "What it saves");
	doc_table(doc);
	doc_column(doc, DOC_TEXT, "switched");
	doc_column(doc, DOC_NUMBER, "CPU seconds a day, per machine");
	doc_column(doc, DOC_NUMBER, "MB of memory, per machine");
	doc_column(doc, DOC_NUMBER, "%s a month, per machine", r->currency);
	doc_column(doc, DOC_NUMBER, "%s a month, 1,000 machines", r->currency);
	doc_column(doc, DOC_NUMBER, "pays after, months, %.0f machines", r->machines);
	for (int i = 0; i < EVENT_TYPES; i++)
		if (d->extractors[i].measured)
			saving_row(doc, event_type_names[i], &d->extractors[i].judged.saving,
				   &d->extractors[i].judged.payback_months);
	if (d->whole.switched.extractors && d->whole.switched.extractors < d->all.extractors)
		saving_row(doc, "those that are switched", &d->whole.switched.saving,
			   &d->whole.switched.payback_months);
	saving_row(doc, "all of these", &d->all.saving, &d->all.payback_months);
	doc_paragraph(doc);
	doc_text(
		doc,
		"Old minus new of the medians over runs, from the smallest to the largest "
		"difference that their intervals allow; below 0 it costs. CPU: %.0f events a day as ",
		r->events_a_day);
	doc_code(doc, "[cpu_event]");
	doc_text(doc, " measures one, and idling for the %g hours without any; memory as ",
		 24 - r->active_h);
	doc_code(doc, "[memory]");
	doc_text(doc,
		 ". A core-hour costs %g, a GB-month %g %s. The change costs %g days an extractor "
		 "and %g once (in the sums only) at %g %s each",
		 r->core_hour_price, r->gb_month_price, r->currency, r->days_each, r->days_once,
		 r->day_price, r->currency);
	if (d->whole.switched.two_languages_a_year > 0)
		doc_text(doc, "; two languages side by side cost %g %s a year on top",
			 d->whole.switched.two_languages_a_year, r->currency);
	doc_text(doc, ". These are assumptions of the rules file, not measurements.");
	whole_flips_part(doc, d);
}

/* ---- risks, steps --------------------------------------------------------------------------------- */

static void risk_item(void *arg, const char *line)
{
	doc_item(arg);
	doc_text(arg, "%s", line);
}

/* Whom the steps are for: those that are switched; where none is, any. */
static void name_item(struct doc *doc, const struct decision *d, enum decision_way way)
{
	bool any = way == WAY_BACK || !d->whole.by_verdict[DECISION_SWITCH], first = true;

	doc_item(doc);
	doc_text(doc, "One at a time, in a shell in the root of this repository: ");
	for (int type = 0; type < EVENT_TYPES; type++) {
		if (!any && d->extractors[type].judged.verdict != DECISION_SWITCH)
			continue;
		doc_text(doc, first ? "" : " or ");
		doc_code(doc, "NAME=%s", decision_programs[type]);
		first = false;
	}
	doc_text(doc, ".");
}

static void steps_part(struct doc *doc, const struct decision *d, enum decision_way way,
		       const char *title)
{
	const struct decision_step *step;

	doc_heading(doc, 2, "%s", title);
	if (!decision_has_steps(d->rules->from, d->rules->to)) {
		doc_paragraph(doc);
		doc_text(doc, "unavailable: steps are known from Python to C only.");
		return;
	}
	name_item(doc, d, way);
	for (size_t i = 0; (step = decision_step(way, i)); i++) {
		doc_item(doc);
		doc_text(doc, "%s ", step->what);
		doc_code(doc, "%s", step->command);
	}
}

static void method_part(struct doc *doc)
{
	doc_fold(doc, "How it was decided");
	doc_paragraph(doc);
	doc_text(
		doc,
		"The rules are asked in the order of the table. A rule of correctness that fails "
		"is keep; then a host, a session or messages that cannot tell are undecided; then "
		"a rule of value that surely fails is keep; then anything open is undecided; what "
		"is left is switch. What is switched must then pay as a whole, what is paid once and "
		"for two languages included: else all are kept. Costs are ratios new / old by pairs, of a rate its "
		"reciprocal; a gain is 1 - cost. Only a verdict beyond the session's own A/A is "
		"a gain, and it counts by the end of its interval that is least in favour; all "
		"metrics stand at that end at once. The last column of the metrics says what the "
		"decision would be if that metric's truth were one end of its interval. The "
		"tables of what would change it were found by judging again and again with one "
		"number moved.");
	doc_unfold(doc);
}

void render_decision(const struct decision *d, const struct doc_form *form, struct buf *out)
{
	const struct result *r = d->model->result;
	struct doc *doc = doc_new(form, "Migration decision", out);

	doc_paragraph(doc);
	doc_text(doc, "Session ");
	doc_code(doc, "%s", r->id);
	doc_text(doc, ", profile %s; rules: ", r->profile);
	doc_link(doc, "decision.ini", "decision.ini");
	doc_text(doc, "; raw values: ");
	doc_link(doc, "results.json", "results.json");
	doc_text(doc, ".");
	render_decision_summary(d, doc);
	savings_part(doc, d);
	doc_heading(doc, 2, "Risks seen");
	decision_risks(d, risk_item, doc);
	for (int i = 0; i < EVENT_TYPES; i++)
		extractor_part(doc, d, i);
	steps_part(doc, d, WAY_SWITCH, "To switch");
	steps_part(doc, d, WAY_BACK, "To roll back");
	method_part(doc);
	doc_end(doc);
}
