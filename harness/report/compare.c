/*
 * Two sessions side by side; see compare.h.
 *
 * First all rows are found, then it is known how many verdicts there can be and so the
 * level that each of them needs; then they are judged.
 */
#include "harness/report/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/compare_facts.h"
#include "harness/report/compare_outcomes.h"
#include "harness/report/paired.h"
#include "harness/report/runs.h"
#include "harness/stats/shift.h"

/* ---- how one row is judged ---------------------------------------------------------- */

/* Searches and counts are not made in pairs of runs. */
static bool is_paired(enum metric_id id)
{
	return id != METRIC_SUSTAINED_RATE && id != METRIC_INSTRUCTIONS && id != METRIC_SYSCALLS;
}

/*
 * What cannot have a verdict whatever was measured.  Of PSS a page's share is 1 / its users,
 * whoever they are: of the same programs it was 2.2 times the floor's in one session and 2.7 times
 * in the next, each with an A/A of 2 %.
 */
static const char *never_judged(enum metric_id id)
{
	if (metrics[id].better == NEITHER_IS_BETTER)
		return "neither direction is better";
	if (id == METRIC_PSS || id == METRIC_PSS_IDLE)
		return "it depends on what else runs on the host";
	if (id == METRIC_SUSTAINED_RATE)
		return "no A/A of searches";
	return is_paired(id) ? NULL : "no A/A of counts";
}

/* A/A of both sessions: the one that lets less be said. */
static struct estimate larger_noise(const struct estimate *a, const struct estimate *b)
{
	if (a->n < 2 || a->level < VERDICT_NOISE_LEVEL)
		return *a;
	if (b->n < 2 || b->level < VERDICT_NOISE_LEVEL)
		return *b;
	return verdict_noise_bound(a) >= verdict_noise_bound(b) ? *a : *b;
}

static const struct estimate *noise_of(const struct model_row *row)
{
	static const struct estimate none;

	for (size_t i = 0; i < row->n_ratios; i++)
		if (model_is_aa(&row->ratios[i]))
			return &row->ratios[i].est;
	return &none;
}

static bool all_above_zero(const struct sample *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!(s->a[i] > 0))
			return false;
	return true;
}

/*
 * What the floor, which does the same in both sessions, changed by: the host's day.  n = 0:
 * that is not known.
 */
static struct estimate day_of(const struct compare *c, const struct model_section *x,
			      enum metric_id metric)
{
	struct sample samples[COMPARE_SIDES] = { { 0 }, { 0 } };
	struct estimate day = { .n = 0 };
	const char *unused = "";

	for (size_t i = 0; i < x->n_implementations; i++)
		for (int s = 0; s < COMPARE_SIDES; s++)
			if (model_is_floor(x->implementations[i]))
				runs_collect(c->models[s]->result, x, x->implementations[i], metric,
					     &samples[s], &unused);
	if (all_above_zero(&samples[COMPARE_A]) && all_above_zero(&samples[COMPARE_B]))
		day = stats_estimate_unpaired_ratio(samples[COMPARE_A].a, samples[COMPARE_A].n,
						    samples[COMPARE_B].a, samples[COMPARE_B].n,
						    VERDICT_NOISE_LEVEL);
	for (int s = 0; s < COMPARE_SIDES; s++)
		sample_release(&samples[s]);
	return day;
}

static bool is_stated(const struct estimate *e)
{
	return e->n >= 2 && e->level >= MODEL_LEVEL && isfinite(e->low) && isfinite(e->high);
}

/* What is known before the level is. */
static void prepare(struct compare_row *row)
{
	const struct estimate *a = &row->sides[COMPARE_A], *b = &row->sides[COMPARE_B];

	row->stated = is_stated(a) && is_stated(b);
	row->overlap = row->stated && a->low <= b->high && b->low <= a->high;
	if (row->bounds[COMPARE_A] != BOUND_NONE || row->bounds[COMPARE_B] != BOUND_NONE)
		row->why = "a side is only a bound";
	else if (never_judged(row->metric))
		row->why = never_judged(row->metric);
	row->can_be_judged = !row->why && row->stated && row->noise.n >= 2 &&
			     row->noise.level >= VERDICT_NOISE_LEVEL;
}

static void judge(struct compare_row *row, double level)
{
	static const enum verdict_wants wants[] = {
		[HIGHER_IS_BETTER] = WANTS_HIGHER,
		[LOWER_IS_BETTER] = WANTS_LOWER,
		[NEITHER_IS_BETTER] = WANTS_NEITHER,
	};

	row->verdict = VERDICT_TOO_FEW;
	if (row->why)
		return;
	if (!row->stated || row->change.level < level)
		row->why = row->against ? "too few pairs" : "too few runs";
	else
		row->verdict = verdict_of(&row->change, level, &row->noise,
					  wants[metrics[row->metric].better], &row->why);
}

/* ---- B / A ------------------------------------------------------------------------------ */

static const struct comparison *comparison_of(const struct result *r, const struct compare_row *row)
{
	for (size_t i = 0; i < r->n_comparisons; i++) {
		const struct comparison *c = &r->comparisons[i];

		if (c->extractor == row->section->type &&
		    !strcmp(c->scenario, row->section->scenario) &&
		    !strcmp(c->phase, row->section->phase) && !strcmp(c->a, row->against) &&
		    !strcmp(c->b, row->of))
			return c;
	}
	return NULL;
}

/* The values of a row in a session: its pairs' ratios, or its runs'. */
static void collect(const struct result *r, const struct compare_row *row, struct sample *s)
{
	const char *unused = "";

	if (row->against) {
		const struct comparison *c = comparison_of(r, row);

		BUG_ON(!c);
		paired_collect(r, (int)(c - r->comparisons), row->metric, false, s);
		for (size_t i = 0; i < s->n; i++)
			s->a[i] = s->b[i] / s->a[i];
	} else {
		runs_collect(r, row->section, row->of, row->metric, s, &unused);
	}
}

static void measure(struct compare_row *row, const struct compare *c, double level)
{
	struct sample samples[COMPARE_SIDES] = { { 0 }, { 0 } };

	if (row->bounds[COMPARE_A] != BOUND_NONE || row->bounds[COMPARE_B] != BOUND_NONE)
		return;
	if (row->metric == METRIC_SUSTAINED_RATE || (row->against && !is_paired(row->metric))) {
		row->change = stats_quotient(&row->sides[COMPARE_A], &row->sides[COMPARE_B]);
		return;
	}
	for (int s = 0; s < COMPARE_SIDES; s++)
		collect(c->models[s]->result, row, &samples[s]);
	if (all_above_zero(&samples[COMPARE_A]) && all_above_zero(&samples[COMPARE_B]))
		row->change = stats_estimate_unpaired_ratio(
			samples[COMPARE_A].a, samples[COMPARE_A].n, samples[COMPARE_B].a,
			samples[COMPARE_B].n, level);
	else
		row->why = "values of 0 or below have no ratio";
	for (int s = 0; s < COMPARE_SIDES; s++)
		sample_release(&samples[s]);
}

/* ---- rows -------------------------------------------------------------------------------- */

static struct compare_row *new_row(struct compare_list *list, const struct model_section *x,
				   enum metric_id metric)
{
	list->rows = mem_realloc(list->rows, list->n + 1, sizeof(*list->rows));
	list->rows[list->n] = (struct compare_row){ .section = x, .metric = metric };
	return &list->rows[list->n++];
}

static void add_absent(struct compare *c, const struct compare_absent *absent)
{
	c->absent = mem_realloc(c->absent, c->n_absent + 1, sizeof(*c->absent));
	c->absent[c->n_absent++] = *absent;
}

static void add_ratio(struct compare *c, const struct model_section *x, enum metric_id metric,
		      const struct model_ratio *a, const struct model_ratio *b, const char *why)
{
	struct compare_row *row = new_row(&c->lists[COMPARE_RATIOS], x, metric);

	row->of = a->b;
	row->against = a->a;
	row->sides[COMPARE_A] = a->est;
	row->sides[COMPARE_B] = b->est;
	row->bounds[COMPARE_A] = a->bound;
	row->bounds[COMPARE_B] = b->bound;
	row->noise = larger_noise(&a->noise, &b->noise);
	row->why = why;
	prepare(row);
}

/* Why the host's day cannot be told from a change of the value; NULL: it can. */
static const char *value_why(const struct compare_row *row, const struct estimate *day)
{
	if (model_is_floor(row->of))
		return "it shows what the host's day changed";
	return day->n < 2 || day->level < VERDICT_NOISE_LEVEL
		       ? "too few runs of a floor to tell the host's day from it"
		       : NULL;
}

static void add_value(struct compare *c, const struct model_section *x,
		      const struct model_row *mine, const struct model_row *other,
		      const struct model_cell *a, const struct model_cell *b,
		      const struct estimate *day, const char *why)
{
	struct compare_row *row = new_row(&c->lists[COMPARE_VALUES], x, mine->metric);

	row->of = a->implementation;
	row->sides[COMPARE_A] = a->est;
	row->sides[COMPARE_B] = b->est;
	row->bounds[COMPARE_A] = a->n_bounds ? BOUND_BELOW : BOUND_NONE;
	row->bounds[COMPARE_B] = b->n_bounds ? BOUND_BELOW : BOUND_NONE;
	row->noise = larger_noise(noise_of(mine), noise_of(other));
	row->why = why ? why : value_why(row, day);
	if (!row->why)
		row->noise = larger_noise(&row->noise, day);
	prepare(row);
}

static void compare_metric(struct compare *c, const struct model_section *x,
			   const struct model_row *mine, const struct model_row *other,
			   const char *const why[COMPARE_KINDS])
{
	struct estimate day = day_of(c, x, mine->metric);

	for (size_t i = 0; i < mine->n_ratios; i++) {
		const struct model_ratio *a = &mine->ratios[i], *b = model_ratio(other, a->a, a->b);

		if (!model_is_aa(a) && b && a->est.n && b->est.n &&
		    metrics[mine->metric].better != NEITHER_IS_BETTER)
			add_ratio(c, x, mine->metric, a, b, why[COMPARE_RATIOS]);
	}
	for (size_t i = 0; i < mine->n_cells; i++) {
		const struct model_cell *a = &mine->cells[i],
					*b = model_cell(other, a->implementation);

		if (b && a->est.n && b->est.n)
			add_value(c, x, mine, other, a, b, &day, why[COMPARE_VALUES]);
	}
}

static bool same_profile(const struct compare *c)
{
	return !strcmp(c->models[COMPARE_A]->result->profile,
		       c->models[COMPARE_B]->result->profile);
}

/* What keeps figures of a section from a verdict, however many runs there are. */
static void find_whys(const struct compare *c, const struct model_section *x,
		      const struct model_section *y, const char *why[COMPARE_KINDS])
{
	const char *other_work = compare_facts_other_work(c, x, y);

	why[COMPARE_RATIOS] = other_work || !same_profile(c) ? "not the same work" : NULL;
	why[COMPARE_VALUES] = c->no_values ? c->no_values : other_work;
}

static void find_rows(struct compare *c)
{
	const struct model *a = c->models[COMPARE_A], *b = c->models[COMPARE_B];

	for (size_t i = 0; i < a->n_sections; i++) {
		const struct model_section *x = &a->sections[i], *y = model_same_section(b, x);
		const char *why[COMPARE_KINDS];

		if (!y)
			continue;
		find_whys(c, x, y, why);
		for (size_t k = 0; k < x->n_rows; k++) {
			const struct model_row *other = model_row(y, x->rows[k].metric);

			if (other)
				compare_metric(c, x, &x->rows[k], other, why);
		}
	}
}

/* ---- what only one has ---------------------------------------------------------------------- */

static bool has_scenario(const struct model *m, const char *scenario)
{
	for (size_t i = 0; i < m->n_sections; i++)
		if (!strcmp(m->sections[i].scenario, scenario))
			return true;
	return false;
}

static bool has_implementation(const struct model_section *x, const char *name)
{
	for (size_t i = 0; i < x->n_implementations; i++)
		if (!strcmp(x->implementations[i], name))
			return true;
	return false;
}

/* Why the other session has the metric of nobody; NULL: of somebody, or this one has not. */
static const char *absent_of_all(const struct model_row *mine, const struct model_row *other)
{
	const char *why = NULL;

	for (size_t i = 0; i < mine->n_cells; i++) {
		const struct model_cell *b = model_cell(other, mine->cells[i].implementation);

		if (b && b->est.n)
			return NULL;
		if (mine->cells[i].est.n && b && !why)
			why = b->why;
	}
	return why;
}

/* A figure that is there in one and has a reason not to be in the other. */
static void absent_figures(struct compare *c, struct compare_absent *at,
			   const struct model_row *mine, const struct model_row *other)
{
	if (absent_of_all(mine, other)) {
		at->why = absent_of_all(mine, other);
		add_absent(c, at);
		return;
	}
	for (size_t i = 0; i < mine->n_cells; i++) {
		const struct model_cell *b = model_cell(other, mine->cells[i].implementation);

		if (!mine->cells[i].est.n || !b || b->est.n)
			continue;
		at->of = b->implementation;
		at->why = b->why;
		add_absent(c, at);
	}
	for (size_t i = 0; i < mine->n_ratios; i++) {
		const struct model_ratio *a = &mine->ratios[i], *b = model_ratio(other, a->a, a->b);

		if (model_is_aa(a) || !a->est.n || !b || b->est.n)
			continue;
		at->of = b->b;
		at->against = b->a;
		at->why = b->why ? b->why : "no pair with both sides valid";
		add_absent(c, at);
		at->against = NULL;
	}
}

static void absent_rows(struct compare *c, const struct compare_absent *at,
			const struct model_section *x, const struct model_section *y)
{
	for (size_t k = 0; k < x->n_rows; k++) {
		const struct model_row *other = model_row(y, x->rows[k].metric);
		struct compare_absent one = *at;

		one.metric = &metrics[x->rows[k].metric];
		one.why = "no run gives it";
		if (other)
			absent_figures(c, &one, &x->rows[k], other);
		else
			add_absent(c, &one);
	}
}

static void absent_in_section(struct compare *c, enum compare_side side,
			      const struct model_section *x, const struct model_section *y)
{
	const struct compare_absent at = { .only_in = side, .scenario = x->scenario, .section = x };
	struct compare_absent one = at;

	one.why = "did not take part";
	for (size_t i = 0; i < x->n_implementations; i++) {
		one.of = x->implementations[i];
		if (!has_implementation(y, one.of))
			add_absent(c, &one);
	}
	one.why = "not compared";
	for (size_t i = 0; x->n_rows && y->n_rows && i < x->rows[0].n_ratios; i++) {
		const struct model_ratio *a = &x->rows[0].ratios[i];

		one.of = a->b;
		one.against = a->a;
		if (!model_ratio(&y->rows[0], a->a, a->b) && has_implementation(y, a->a) &&
		    has_implementation(y, a->b))
			add_absent(c, &one);
	}
	absent_rows(c, &at, x, y);
}

/* Of scenarios without sections. */
static void absent_outcomes(struct compare *c, enum compare_side side)
{
	const struct model *m = c->models[side], *other = c->models[!side];
	struct compare_absent at = { .only_in = side, .why = "not among its scenarios" };

	at.scenario = "items of the contract";
	if (m->items.n_rows && !other->items.n_rows)
		add_absent(c, &at);
	at.scenario = "leaks, by a soak";
	if (m->n_soaks && !other->n_soaks)
		add_absent(c, &at);
}

static void find_absent(struct compare *c, enum compare_side side)
{
	const struct model *m = c->models[side], *other = c->models[!side];

	for (size_t i = 0; i < m->n_sections; i++) {
		const struct model_section *x = &m->sections[i], *y = model_same_section(other, x);
		struct compare_absent at = { .only_in = side, .scenario = x->scenario };

		if (y) {
			absent_in_section(c, side, x, y);
		} else if (has_scenario(other, x->scenario)) {
			at.section = x;
			at.why = "not in its phases or extractors";
			add_absent(c, &at);
		} else if (!i || strcmp(m->sections[i - 1].scenario, x->scenario)) {
			at.why = "not among its scenarios";
			add_absent(c, &at);
		}
	}
	absent_outcomes(c, side);
}

/* ---- the whole --------------------------------------------------------------------------- */

static void count_reason(struct compare_list *list, const char *why)
{
	size_t i = 0;

	while (i < list->n_reasons && strcmp(list->reasons[i].why, why))
		i++;
	if (i == COMPARE_REASONS_MAX)
		return;
	if (i == list->n_reasons)
		list->reasons[list->n_reasons++] = (struct compare_reason){ .why = why };
	list->reasons[i].n++;
}

static void judge_list(struct compare *c, struct compare_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		list->judged += list->rows[i].can_be_judged;
	list->level = list->judged ? 1 - COMPARE_ALPHA / (double)list->judged : MODEL_LEVEL;
	for (size_t i = 0; i < list->n; i++) {
		struct compare_row *row = &list->rows[i];

		measure(row, c, list->level);
		judge(row, list->level);
		list->by_verdict[row->verdict]++;
		if (row->verdict == VERDICT_TOO_FEW && row->why)
			count_reason(list, row->why);
		list->stated += row->stated;
		list->overlap += row->overlap;
	}
}

static const char *why_no_values(const struct compare *c)
{
	if (c->other_host)
		return "another host";
	return same_profile(c) ? NULL : "another profile";
}

void compare_build(struct compare *c, const struct model *a, const struct model *b)
{
	*c = (struct compare){ .models = { a, b } };
	c->other_host = !compare_facts_same_host(c);
	c->no_values = why_no_values(c);
	compare_facts_build(c);
	find_rows(c);
	for (int k = 0; k < COMPARE_KINDS; k++)
		judge_list(c, &c->lists[k]);
	compare_outcomes_build(c);
	find_absent(c, COMPARE_A);
	find_absent(c, COMPARE_B);
}

void compare_release(struct compare *c)
{
	for (int k = 0; k < COMPARE_KINDS; k++)
		free(c->lists[k].rows);
	free(c->outcomes);
	free(c->absent);
	for (size_t i = 0; i < c->n_differences; i++) {
		free(c->differences[i].what);
		for (int s = 0; s < COMPARE_SIDES; s++)
			free(c->differences[i].sides[s]);
	}
	free(c->differences);
	*c = (struct compare){ .n_absent = 0 };
}

size_t compare_count(const struct compare *c, enum verdict verdict)
{
	return c->lists[COMPARE_RATIOS].by_verdict[verdict] +
	       c->lists[COMPARE_VALUES].by_verdict[verdict];
}

bool compare_any_worse(const struct compare *c)
{
	for (size_t i = 0; i < c->n_outcomes; i++)
		if (c->outcomes[i].worse)
			return true;
	return compare_count(c, VERDICT_WORSE) > 0;
}

double compare_agreement(const struct compare *c)
{
	size_t stated = 0, overlap = 0;

	for (int k = 0; k < COMPARE_KINDS; k++) {
		stated += c->lists[k].stated;
		overlap += c->lists[k].overlap;
	}
	return stated ? (double)overlap / (double)stated : NAN;
}
