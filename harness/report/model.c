/*
 * From raw values to the numbers of a report; see model.h.
 *
 * Only runs that are RUN_OK count.  A pair counts when both of its sides do.
 */
#include "harness/report/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/aa.h"
#include "harness/report/counted.h"
#include "harness/report/instrument.h"
#include "harness/report/items.h"
#include "harness/report/latency.h"
#include "harness/report/paired.h"
#include "harness/report/runs.h"
#include "harness/report/sample.h"
#include "harness/report/searches.h"
#include "harness/report/soak.h"
#include "harness/report/tuning.h"
#include "harness/stats/power.h"

/* ---- cells: one implementation, one metric ------------------------------------- */

static void fill_measured(struct model_cell *cell, const struct result *r,
			  const struct model_section *x, enum metric_id id)
{
	struct sample s = { 0 };
	const char *why = NULL;

	runs_collect(r, x, cell->implementation, id, &s, &why);
	if (!s.n)
		snprintf(cell->why, sizeof(cell->why), "%s",
			 why && why[0] ? why : "no valid run: see the runs that do not count");
	cell->est = stats_estimate_median(s.a, s.n, MODEL_LEVEL, r->seed);
	sample_release(&s);
}

static void fill_cell(struct model_cell *cell, const struct result *r,
		      const struct model_section *x, const char *implementation, enum metric_id id)
{
	*cell = (struct model_cell){ .implementation = implementation };
	if (id == METRIC_SUSTAINED_RATE)
		searches_fill_cell(cell, r, x);
	else
		fill_measured(cell, r, x, id);
}

/* ---- ratios: one comparison, one metric ------------------------------------------ */

static bool compares_in(const struct comparison *c, const struct model_section *x)
{
	return c->extractor == x->type && !strcmp(c->phase, x->phase) &&
	       !strcmp(c->scenario, x->scenario);
}

/*
 * Why the comparison has no pair although it has runs with a closed ledger; NULL: it has
 * none.  What one side cannot give is the reason, whatever disturbed the other.
 */
static const char *no_pair_why(const struct result *r, int comparison, enum metric_id id,
			       size_t n_disturbed)
{
	if (paired_without_ratio(r, comparison, id, true))
		return "values of 0 or below have no ratio";
	for (size_t i = 0; !n_disturbed && i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (run->comparison == comparison && run_counts(run, true) &&
		    !run->metrics[id].there && run->metrics[id].why[0])
			return run->metrics[id].why;
	}
	return n_disturbed ? "the host disturbed every pair" : NULL;
}

enum verdict model_judge(struct model_ratio *ratio, double level, enum metric_better better)
{
	static const enum verdict_wants wants[] = {
		[HIGHER_IS_BETTER] = WANTS_HIGHER,
		[LOWER_IS_BETTER] = WANTS_LOWER,
		[NEITHER_IS_BETTER] = WANTS_NEITHER,
	};

	if (ratio->est.n == 0 && ratio->why)
		return VERDICT_TOO_FEW;
	return verdict_of(&ratio->est, level, &ratio->noise, wants[better], &ratio->why);
}

/* By the spread of this session's A/A (stats/power.h). */
static double smallest_ratio(const struct model_ratio *ratio, double level)
{
	struct power_setup setup = { .spread = power_spread(&ratio->noise),
				     .level = level,
				     .noise = verdict_noise_bound(&ratio->noise) };

	if (ratio->noise.level < VERDICT_NOISE_LEVEL || !(setup.spread > 0) || !(level < 1))
		return NAN;
	return power_smallest_ratio(&setup, ratio->est.n, MODEL_POWER);
}

static void fill_measured_ratio(struct model_ratio *ratio, struct paired *p, int comparison,
				enum metric_id id)
{
	ratio->est = paired_ratio(p, comparison, id, false);
	ratio->with_disturbed = paired_ratio(p, comparison, id, true);
	ratio->noise = paired_noise(p, comparison, id);
	ratio->smallest = smallest_ratio(ratio, paired_level(p, comparison, ratio->est.n));
	if (!ratio->est.n)
		ratio->why = no_pair_why(p->r, comparison, id, ratio->with_disturbed.n);
	ratio->verdict =
		model_judge(ratio, paired_level(p, comparison, ratio->est.n), metrics[id].better);
}

static void fill_ratio(struct model_ratio *ratio, struct paired *p, const struct model_section *x,
		       int comparison, enum metric_id id)
{
	const struct comparison *c = &p->r->comparisons[comparison];

	*ratio = (struct model_ratio){ .a = c->a, .b = c->b, .comparison = c, .smallest = NAN };
	if (id == METRIC_SUSTAINED_RATE)
		searches_fill_ratio(ratio, p->r, x);
	else if (id == METRIC_INSTRUCTIONS || id == METRIC_SYSCALLS)
		counted_fill_ratio(ratio, p->r, x, id);
	else
		fill_measured_ratio(ratio, p, comparison, id);
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

		if (!runs_belong(run, x) || strcmp(run->implementation, implementation))
			continue;
		l->runs++;
		for (size_t k = 0; k < run->ledger.n; k++)
			add_line(l, &run->ledger.lines[k]);
	}
}

/* ---- the whole ---------------------------------------------------------------------- */

static bool has_implementation(const struct model_section *x, const char *name)
{
	for (size_t i = 0; i < x->n_implementations; i++)
		if (!strcmp(x->implementations[i], name))
			return true;
	return false;
}

static void add_implementation(struct model_section *x, const char *name)
{
	if (has_implementation(x, name))
		return;
	BUG_ON(x->n_implementations == MODEL_IMPLEMENTATIONS_MAX);
	x->implementations[x->n_implementations++] = name;
}

static bool measured(const struct result *r, const struct model_section *x, enum metric_id id)
{
	for (size_t i = 0; i < r->n_trials && id == METRIC_SUSTAINED_RATE; i++)
		if (r->trials[i].extractor == x->type &&
		    !strcmp(r->trials[i].scenario, x->scenario) && !strcmp(x->phase, "drain"))
			return true;
	for (size_t i = 0; i < r->n_runs; i++)
		if (runs_belong(&r->runs[i], x) &&
		    (r->runs[i].metrics[id].there || r->runs[i].metrics[id].why[0]))
			return true;
	return false;
}

static void build_row(struct model_section *x, struct paired *p, enum metric_id id)
{
	const struct result *r = p->r;
	struct model_row *row = &x->rows[x->n_rows++];

	*row = (struct model_row){ .metric = id };
	for (size_t i = 0; i < x->n_implementations; i++)
		fill_cell(&row->cells[row->n_cells++], r, x, x->implementations[i], id);
	for (size_t i = 0; i < r->n_comparisons; i++)
		if (compares_in(&r->comparisons[i], x)) {
			BUG_ON(row->n_ratios == MODEL_COMPARISONS_MAX);
			fill_ratio(&row->ratios[row->n_ratios++], p, x, (int)i, id);
		}
}

bool model_is_floor(const char *implementation)
{
	return !strcmp(implementation, "null") || !strcmp(implementation, "relay");
}

bool model_is_aa(const struct model_ratio *ratio)
{
	return !strcmp(ratio->a, ratio->b);
}

/* Where an implementation stands in every table and picture; others as they are compared. */
static int place_of(const char *implementation)
{
	if (model_is_floor(implementation))
		return 0;
	return !strcmp(implementation, "c") ? 1 : !strcmp(implementation, "python") ? 2 : 3;
}

static void list_implementations(struct model_section *x, const struct result *r)
{
	for (int place = 0; place < 4; place++)
		for (size_t i = 0; i < r->n_comparisons; i++) {
			const struct comparison *c = &r->comparisons[i];

			if (!compares_in(c, x))
				continue;
			if (place_of(c->a) == place)
				add_implementation(x, c->a);
			if (place_of(c->b) == place)
				add_implementation(x, c->b);
		}
}

static int interest_in(const struct model_ratio *r)
{
	if (model_is_aa(r))
		return 0;
	if (model_is_floor(r->a) || model_is_floor(r->b))
		return 1;
	return !strcmp(r->a, "python") && !strcmp(r->b, "c") ? 3 : 2;
}

int model_main_ratio(const struct model_section *x)
{
	const struct model_row *row = x->n_rows ? &x->rows[0] : NULL;
	int best = -1;

	for (size_t i = 0; row && i < row->n_ratios; i++)
		if (best < 0 || interest_in(&row->ratios[i]) > interest_in(&row->ratios[best]))
			best = (int)i;
	return best;
}

static void build_section(struct model *m, struct paired *p, const struct comparison *c)
{
	const struct result *r = p->r;
	struct model_section *x;

	for (size_t i = 0; i < m->n_sections; i++)
		if (compares_in(c, &m->sections[i]))
			return; /* is there already */
	m->sections = mem_realloc(m->sections, m->n_sections + 1, sizeof(*m->sections));
	x = &m->sections[m->n_sections++];
	*x = (struct model_section){ .scenario = c->scenario,
				     .phase = c->phase,
				     .type = c->extractor };
	list_implementations(x, r);
	for (size_t i = 0; i < x->n_implementations; i++)
		build_ledger(&x->ledgers[i], r, x, x->implementations[i]);
	for (int id = 0; id < METRICS; id++)
		if (measured(r, x, (enum metric_id)id))
			build_row(x, p, (enum metric_id)id);
}

/* ---- what is asked for by its names ----------------------------------------------------- */

const struct model_section *model_section(const struct model *m, const char *scenario,
					  const char *phase, enum event_type type)
{
	for (size_t i = 0; i < m->n_sections; i++)
		if (m->sections[i].type == type && !strcmp(m->sections[i].scenario, scenario) &&
		    !strcmp(m->sections[i].phase, phase))
			return &m->sections[i];
	return NULL;
}

const struct model_row *model_row(const struct model_section *x, enum metric_id metric)
{
	for (size_t i = 0; x && i < x->n_rows; i++)
		if (x->rows[i].metric == metric)
			return &x->rows[i];
	return NULL;
}

const struct model_cell *model_cell(const struct model_row *row, const char *implementation)
{
	for (size_t i = 0; row && i < row->n_cells; i++)
		if (!strcmp(row->cells[i].implementation, implementation))
			return &row->cells[i];
	return NULL;
}

const struct model_ratio *model_ratio(const struct model_row *row, const char *a, const char *b)
{
	for (size_t i = 0; row && i < row->n_ratios; i++)
		if (!strcmp(row->ratios[i].a, a) && !strcmp(row->ratios[i].b, b))
			return &row->ratios[i];
	return NULL;
}

const struct model_section *model_same_section(const struct model *m, const struct model_section *x)
{
	return model_section(m, x->scenario, x->phase, x->type);
}

/* ---- sums over all runs ---------------------------------------------------------------- */

static void add_ledger(struct model_ledger_sum *sum, const struct ledger *l)
{
	sum->runs_without += l->n == 0;
	for (size_t i = 0; i < l->n; i++) {
		sum->closed += l->lines[i].state == LEDGER_CLOSED;
		sum->open += l->lines[i].state == LEDGER_OPEN;
		sum->unavailable += l->lines[i].state == LEDGER_UNAVAILABLE;
	}
}

static void add_untraced(struct model *m, const struct run *run)
{
	struct model_untraced *u = m->untraced;

	if (!run_counts(run, true) || (!run->oracle.unchecked && !run->oracle.note[0]))
		return;
	while (u < m->untraced + m->n_untraced && strcmp(u->implementation, run->implementation))
		u++;
	if (u == m->untraced + m->n_untraced) {
		m->untraced = mem_realloc(m->untraced, m->n_untraced + 1, sizeof(*m->untraced));
		u = &m->untraced[m->n_untraced++];
		*u = (struct model_untraced){ .implementation = run->implementation,
					      .note = run->oracle.note };
	}
	u->runs++;
	u->unchecked += run->oracle.unchecked;
}

static void add_run(struct model *m, const struct run *run)
{
	m->by_status[run->status]++;
	m->events_planned += run->plan_events;
	m->messages_checked += run->oracle.checked;
	m->messages_wrong += run->oracle.wrong;
	m->messages_unchecked += run->oracle.unchecked;
	if (run->instrument.outstanding_max_bytes > m->outstanding_max_bytes)
		m->outstanding_max_bytes = run->instrument.outstanding_max_bytes;
	if (run->status != RUN_STOPPED) /* which makes no books */
		add_ledger(&m->lines, &run->ledger);
	add_untraced(m, run);
}

static void add_opinion(struct model *m, const struct opinion *o)
{
	struct model_opinion *mo = &m->opinions[m->n_opinions++];
	const struct model_section *x = model_section(m, o->scenario, "warm", o->extractor);
	const struct model_cell *cell = model_cell(model_row(x, METRIC_READY), o->implementation);

	mo->theirs = o;
	mo->ratio = NAN;
	if (cell)
		mo->ours_ms = cell->est;
	if (o->n && mo->ours_ms.n)
		mo->ratio = o->median / mo->ours_ms.value;
}

static void add_trial(struct model_trials *sum, const struct result *r, const struct trial *t)
{
	const struct run *run = model_trial_run(r, t);

	sum->n++;
	sum->held += model_trial_held(r, t);
	if (run)
		sum->by_status[run->status]++;
	else
		sum->without_run++;
}

/* The different implementations of c's section, and its comparisons. */
static void count_section(const struct result *r, const struct comparison *c, size_t *names,
			  size_t *comparisons)
{
	const char *seen[MODEL_IMPLEMENTATIONS_MAX + 1];

	*names = *comparisons = 0;
	for (size_t i = 0; i < r->n_comparisons; i++) {
		const struct comparison *o = &r->comparisons[i];
		const char *both[2] = { o->a, o->b };

		if (o->extractor != c->extractor || strcmp(o->phase, c->phase) ||
		    strcmp(o->scenario, c->scenario))
			continue;
		++*comparisons;
		for (int side = 0; side < 2; side++) {
			size_t k = 0;

			while (k < *names && strcmp(seen[k], both[side]))
				k++;
			if (k == *names && *names < ARRAY_SIZE(seen))
				seen[(*names)++] = both[side];
		}
	}
}

/*
 * Names stand in file names, gnuplot scripts and Markdown: a results.json that somebody
 * made must not write other things there.
 */
static bool is_plain(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789 _+=.-")] == '\0' &&
	       name[0] != '.';
}

static int check_names(const struct result *r, struct err *e)
{
	for (size_t i = 0; i < r->n_comparisons; i++) {
		const struct comparison *c = &r->comparisons[i];

		if (!is_plain(c->scenario) || !is_plain(c->phase) || !is_plain(c->a) ||
		    !is_plain(c->b))
			return err_set(
				e, -EINVAL,
				"comparisons[%zu]: names may have A-Z a-z 0-9 space _ + = . -", i);
	}
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (!is_plain(run->id) || !is_plain(run->scenario) || !is_plain(run->phase) ||
		    !is_plain(run->implementation) || !is_plain(run->subject))
			return err_set(e, -EINVAL,
				       "runs[%zu]: names may have A-Z a-z 0-9 space _ + = . -", i);
	}
	return 0;
}

int model_check(const struct result *r, struct err *e)
{
	int rc = check_names(r, e);

	if (rc)
		return rc;
	if (soak_subjects(r) > MODEL_SOAKS_MAX)
		return err_set(e, -EINVAL, "soak: more than %d subjects cannot be reported",
			       MODEL_SOAKS_MAX);
	for (size_t i = 0; i < r->n_comparisons; i++) {
		const struct comparison *c = &r->comparisons[i];
		size_t names, comparisons;

		count_section(r, c, &names, &comparisons);
		if (names > MODEL_IMPLEMENTATIONS_MAX)
			return err_set(e, -EINVAL,
				       "%s, %s: more than %d implementations cannot be reported",
				       c->scenario, c->phase, MODEL_IMPLEMENTATIONS_MAX);
		if (comparisons > MODEL_COMPARISONS_MAX)
			return err_set(e, -EINVAL,
				       "%s, %s: %zu comparisons, at most %d can be reported",
				       c->scenario, c->phase, comparisons, MODEL_COMPARISONS_MAX);
	}
	return 0;
}

void model_release(struct model *m)
{
	latency_report_free(m->latency);
	m->latency = NULL;
	free(m->sections);
	free(m->untraced);
	free(m->aas);
	m->aas = NULL;
	m->n_aas = 0;
	tuning_release_model(m);
	free(m->opinions);
	m->opinions = NULL;
	m->n_opinions = 0;
	m->sections = NULL;
	m->untraced = NULL;
	m->n_sections = m->n_untraced = 0;
}

void model_build(struct model *m, const struct result *r)
{
	struct paired paired;

	memset(m, 0, sizeof(*m));
	m->result = r;
	paired_init(&paired, r);
	for (size_t i = 0; i < r->n_comparisons; i++)
		build_section(m, &paired, &r->comparisons[i]);
	paired_release(&paired);
	for (size_t i = 0; i < r->n_runs; i++)
		add_run(m, &r->runs[i]);
	for (size_t i = 0; i < r->n_trials; i++)
		add_trial(&m->trials, r, &r->trials[i]);
	items_build(&m->items, r);
	tuning_build_model(m);
	if (r->n_opinions)
		m->opinions = mem_calloc(r->n_opinions, sizeof(*m->opinions));
	for (size_t i = 0; i < r->n_opinions; i++)
		add_opinion(m, &r->opinions[i]);
	instrument_build(m, r);
	m->latency = latency_report_new(m);
	soak_build(m, r);
	aa_build(m, r);
}
