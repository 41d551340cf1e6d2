/*
 * From raw values to the numbers of a report; see model.h.
 *
 * Only runs that are RUN_OK count.  A pair counts when both of its sides do.
 */
#include "harness/report/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

const char *const verdict_names[VERDICTS] = { "better", "worse", "no difference seen", "undecided",
					      "void" };

/* Values collected for an estimate. */
struct sample {
	double *a, *b;
	size_t n;
};

static void sample_add(struct sample *s, double a, double b)
{
	s->a = mem_realloc(s->a, s->n + 1, sizeof(*s->a));
	s->b = mem_realloc(s->b, s->n + 1, sizeof(*s->b));
	s->a[s->n] = a;
	s->b[s->n++] = b;
}

static void sample_release(struct sample *s)
{
	free(s->a);
	free(s->b);
}

/* Is the run one of the section's? */
static bool belongs(const struct run *run, const struct model_section *x)
{
	return run->extractor == x->type && !strcmp(run->phase, x->phase) &&
	       !strcmp(run->scenario, x->scenario);
}

static bool counts(const struct run *run, bool with_disturbed)
{
	return run->status == RUN_OK || (with_disturbed && run->status == RUN_DISTURBED);
}

/* ---- cells: one implementation, one metric ------------------------------------- */

static int n_searches(const struct result *r)
{
	int n = 0;

	for (size_t i = 0; i < r->n_trials; i++)
		if (r->trials[i].search >= n)
			n = r->trials[i].search + 1;
	return n;
}

/* The highest rate that was held in a search; 0 when none was. */
static double best_rate(const struct result *r, enum event_type type, const char *implementation,
			int search)
{
	double best = 0;

	for (size_t i = 0; i < r->n_trials; i++) {
		const struct trial *t = &r->trials[i];

		if (t->search == search && t->extractor == type && t->held &&
		    !strcmp(t->implementation, implementation))
			best = fmax(best, t->rate_per_s);
	}
	return best;
}

static void collect_searches(const struct result *r, enum event_type type,
			     const char *implementation, struct sample *s)
{
	for (int k = 0; k < n_searches(r); k++) {
		double rate = best_rate(r, type, implementation, k);

		if (rate > 0)
			sample_add(s, rate, 0);
	}
}

static void collect_runs(const struct result *r, const struct model_section *x,
			 const char *implementation, enum metric_id id, struct sample *s,
			 const char **why)
{
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (!belongs(run, x) || strcmp(run->implementation, implementation))
			continue;
		if (counts(run, false) && run->metrics[id].there)
			sample_add(s, run->metrics[id].value, 0);
		else if (!*why && counts(run, false))
			*why = run->metrics[id].why;
	}
}

static struct model_cell make_cell(const struct result *r, const struct model_section *x,
				   const char *implementation, enum metric_id id)
{
	struct model_cell cell = { .implementation = implementation };
	struct sample s = { 0 };

	if (id == METRIC_SUSTAINED_RATE)
		collect_searches(r, x->type, implementation, &s);
	else
		collect_runs(r, x, implementation, id, &s, &cell.why);
	if (!s.n && (!cell.why || !cell.why[0]))
		cell.why = id == METRIC_SUSTAINED_RATE ? "no rate was held"
						       : "no valid run, see Ledger";
	cell.est = stats_estimate_median(s.a, s.n, MODEL_LEVEL, r->seed);
	sample_release(&s);
	return cell;
}

/* ---- ratios: one comparison, one metric ------------------------------------------ */

static const struct run *run_of(const struct result *r, int comparison, int pair, char side)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].comparison == comparison && r->runs[i].pair == pair &&
		    r->runs[i].side == side)
			return &r->runs[i];
	return NULL;
}

static int n_pairs(const struct result *r, int comparison)
{
	int n = 0;

	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].comparison == comparison && r->runs[i].pair >= n)
			n = r->runs[i].pair + 1;
	return n;
}

static void collect_pairs(const struct result *r, int comparison, enum metric_id id,
			  bool with_disturbed, struct sample *s)
{
	for (int k = 0; k < n_pairs(r, comparison); k++) {
		const struct run *a = run_of(r, comparison, k, 'a');
		const struct run *b = run_of(r, comparison, k, 'b');

		if (!a || !b || !counts(a, with_disturbed) || !counts(b, with_disturbed) ||
		    !a->metrics[id].there || !b->metrics[id].there || !(a->metrics[id].value > 0) ||
		    !(b->metrics[id].value > 0))
			continue;
		sample_add(s, a->metrics[id].value, b->metrics[id].value);
	}
}

/* Searches have no pairs of runs: the k-th search of A goes with the k-th of B. */
static void collect_search_pairs(const struct result *r, const struct comparison *c,
				 struct sample *s)
{
	if (!strcmp(c->a, c->b))
		return;
	for (int k = 0; k < n_searches(r); k++) {
		double a = best_rate(r, c->extractor, c->a, k),
		       b = best_rate(r, c->extractor, c->b, k);

		if (a > 0 && b > 0)
			sample_add(s, a, b);
	}
}

static struct estimate estimate_ratio(const struct result *r, int comparison, enum metric_id id,
				      double level, bool with_disturbed)
{
	struct sample s = { 0 };
	struct estimate est;

	if (id == METRIC_SUSTAINED_RATE)
		collect_search_pairs(r, &r->comparisons[comparison], &s);
	else
		collect_pairs(r, comparison, id, with_disturbed, &s);
	est = stats_estimate_ratio(s.a, s.b, s.n, level, r->seed);
	sample_release(&s);
	return est;
}

static bool compares_in(const struct comparison *c, const struct model_section *x)
{
	return c->extractor == x->type && !strcmp(c->phase, x->phase) &&
	       !strcmp(c->scenario, x->scenario);
}

static struct estimate noise_of(const struct result *r, const struct model_section *x,
				enum metric_id id)
{
	for (size_t i = 0; i < r->n_comparisons; i++)
		if (compares_in(&r->comparisons[i], x) &&
		    !strcmp(r->comparisons[i].a, r->comparisons[i].b))
			return estimate_ratio(r, (int)i, id, MODEL_AA_LEVEL, false);
	return (struct estimate){ .value = NAN, .low = NAN, .high = NAN };
}

/* The largest |log ratio| that A/A alone explains; 0 when no A/A was measured. */
static double noise_bound(const struct estimate *noise)
{
	if (noise->n < 2)
		return 0;
	return fmax(fabs(log(noise->low)), fabs(log(noise->high)));
}

static enum verdict judge(const struct model_ratio *ratio, enum metric_better better)
{
	const struct estimate *e = &ratio->est;
	bool above;

	if (e->n == 0)
		return VERDICT_VOID;
	if (e->n < 2 || e->level < MODEL_LEVEL)
		return VERDICT_TOO_FEW;
	if (better == NEITHER_IS_BETTER || (e->low <= 1 && e->high >= 1) ||
	    fabs(log(e->value)) <= noise_bound(&ratio->noise))
		return VERDICT_NO_DIFFERENCE;
	above = e->value > 1;
	return above == (better == HIGHER_IS_BETTER) ? VERDICT_BETTER : VERDICT_WORSE;
}

static struct model_ratio make_ratio(const struct result *r, const struct model_section *x,
				     int comparison, enum metric_id id)
{
	const struct comparison *c = &r->comparisons[comparison];
	struct model_ratio ratio = { .a = c->a, .b = c->b };

	ratio.est = estimate_ratio(r, comparison, id, MODEL_LEVEL, false);
	ratio.with_disturbed = estimate_ratio(r, comparison, id, MODEL_LEVEL, true);
	ratio.noise = noise_of(r, x, id);
	ratio.verdict = judge(&ratio, metrics[id].better);
	return ratio;
}

/* ---- the ledger over all runs of an implementation --------------------------------- */

static struct model_line *line_named(struct model_ledger *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->lines[i].name, name))
			return &l->lines[i];
	if (l->n == LEDGER_LINES_MAX)
		return NULL; /* a run has no more lines than that, and all runs have the same */
	l->lines[l->n] = (struct model_line){ .name = name };
	return &l->lines[l->n++];
}

static void add_line(struct model_ledger *sum, const struct ledger_line *line)
{
	struct model_line *to = line_named(sum, line->name);

	if (!to)
		return;
	to->closed += line->state == LEDGER_CLOSED;
	to->open += line->state == LEDGER_OPEN;
	to->unavailable += line->state == LEDGER_UNAVAILABLE;
	to->expected += line->expected;
	to->got += line->got;
	if (line->state == LEDGER_UNAVAILABLE && !to->why)
		to->why = line->note;
}

static void build_ledger(struct model_ledger *l, const struct result *r,
			 const struct model_section *x, const char *implementation)
{
	*l = (struct model_ledger){ .implementation = implementation };
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (!belongs(run, x) || strcmp(run->implementation, implementation))
			continue;
		l->runs++;
		for (size_t k = 0; k < run->ledger.n; k++)
			add_line(l, &run->ledger.lines[k]);
	}
}

/* ---- the whole ---------------------------------------------------------------------- */

static void add_implementation(struct model_section *x, const char *name)
{
	for (size_t i = 0; i < x->n_implementations; i++)
		if (!strcmp(x->implementations[i], name))
			return;
	BUG_ON(x->n_implementations == MODEL_IMPLEMENTATIONS_MAX);
	x->implementations[x->n_implementations++] = name;
}

static bool measured(const struct result *r, const struct model_section *x, enum metric_id id)
{
	for (size_t i = 0; i < r->n_trials && id == METRIC_SUSTAINED_RATE; i++)
		if (r->trials[i].extractor == x->type && !strcmp(x->phase, "drain"))
			return true;
	for (size_t i = 0; i < r->n_runs; i++)
		if (belongs(&r->runs[i], x) &&
		    (r->runs[i].metrics[id].there || r->runs[i].metrics[id].why[0]))
			return true;
	return false;
}

static void build_row(struct model_section *x, const struct result *r, enum metric_id id)
{
	struct model_row *row = &x->rows[x->n_rows++];

	*row = (struct model_row){ .metric = id };
	for (size_t i = 0; i < x->n_implementations; i++)
		row->cells[row->n_cells++] = make_cell(r, x, x->implementations[i], id);
	for (size_t i = 0; i < r->n_comparisons; i++)
		if (compares_in(&r->comparisons[i], x)) {
			BUG_ON(row->n_ratios == MODEL_COMPARISONS_MAX);
			row->ratios[row->n_ratios++] = make_ratio(r, x, (int)i, id);
		}
}

/* The floor stands first; the others in the order in which they are compared. */
static void list_implementations(struct model_section *x, const struct result *r)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < r->n_comparisons; i++) {
			const struct comparison *c = &r->comparisons[i];

			if (!compares_in(c, x))
				continue;
			if (pass || !strcmp(c->a, "null"))
				add_implementation(x, c->a);
			if (pass || !strcmp(c->b, "null"))
				add_implementation(x, c->b);
		}
}

static void build_section(struct model *m, const struct result *r, const struct comparison *c)
{
	struct model_section *x = &m->sections[m->n_sections];

	for (size_t i = 0; i < m->n_sections; i++)
		if (compares_in(c, &m->sections[i]))
			return; /* is there already */
	BUG_ON(m->n_sections == MODEL_SECTIONS_MAX);
	m->n_sections++;
	*x = (struct model_section){ .scenario = c->scenario,
				     .phase = c->phase,
				     .type = c->extractor };
	list_implementations(x, r);
	for (size_t i = 0; i < x->n_implementations; i++)
		build_ledger(&x->ledgers[i], r, x, x->implementations[i]);
	for (int id = 0; id < METRICS; id++)
		if (measured(r, x, (enum metric_id)id))
			build_row(x, r, (enum metric_id)id);
}

static struct estimate over_runs(const struct result *r, size_t offset)
{
	struct sample s = { 0 };
	struct estimate est;

	for (size_t i = 0; i < r->n_runs; i++) {
		double v = *(const double *)((const char *)&r->runs[i] + offset);

		if (counts(&r->runs[i], true) && !isnan(v))
			sample_add(&s, v, 0);
	}
	est = stats_estimate_median(s.a, s.n, MODEL_LEVEL, r->seed);
	sample_release(&s);
	return est;
}

#define OVER_RUNS(r, member) over_runs(r, offsetof(struct run, member))

void model_build(struct model *m, const struct result *r)
{
	memset(m, 0, sizeof(*m));
	m->result = r;
	for (size_t i = 0; i < r->n_comparisons; i++)
		build_section(m, r, &r->comparisons[i]);
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		m->by_status[run->status]++;
		m->events_planned += run->plan_events;
		m->messages_checked += run->oracle.checked;
		m->messages_wrong += run->oracle.wrong;
		m->messages_unchecked += run->oracle.unchecked;
		if (run->instrument.outstanding_max_bytes > m->outstanding_max_bytes)
			m->outstanding_max_bytes = run->instrument.outstanding_max_bytes;
	}
	m->generator_cpu_ns = OVER_RUNS(r, instrument.generator_cpu_ns_per_event);
	m->tap_cpu_ns = OVER_RUNS(r, instrument.tap_cpu_ns_per_event);
	m->little_ratio = OVER_RUNS(r, instrument.little_ratio);
	m->pacing_p99_us = OVER_RUNS(r, instrument.pacing_p99_us);
	m->steal_frac = OVER_RUNS(r, noise.steal_frac);
	m->foreign_frac = OVER_RUNS(r, noise.foreign_frac);
}
