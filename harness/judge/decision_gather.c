/* What a session says of one extractor, found in its model; see decision.h. */
#include <math.h>
#include <string.h>

#include "harness/judge/decision.h"
#include "harness/report/sample.h"

/* What is paid: of a rate, the time for one. */
static struct estimate cost_of(const struct estimate *ratio, enum metric_better better)
{
	struct estimate cost = *ratio;

	if (better == HIGHER_IS_BETTER) {
		cost.value = 1 / ratio->value;
		cost.low = 1 / ratio->high;
		cost.high = 1 / ratio->low;
	}
	return cost;
}

/* New / old of two intervals: from the smallest to the largest quotient. */
static struct decision_range quotient(const struct decision_range *from,
				      const struct decision_range *to, enum metric_better better)
{
	struct decision_range q = { to->low / from->high, to->value / from->value,
				    to->high / from->low };

	if (better == HIGHER_IS_BETTER)
		q = (struct decision_range){ 1 / q.high, 1 / q.value, 1 / q.low };
	return q;
}

bool decision_range_of_cell(const struct model_cell *cell, struct decision_range *out)
{
	/* Below six runs a median has no interval as sure as that: 1 - 2^(1 - n). */
	if (!cell || cell->n_bounds || cell->est.n < 2 || cell->est.level < MODEL_LEVEL)
		return false;
	*out = (struct decision_range){ cell->est.low, cell->est.value, cell->est.high };
	return true;
}

/*
 * Both sides' own intervals, without pairs.  Of latency, too, those over runs: samples of
 * one run are alike, so an interval over all samples is as narrow with one run as with ten.
 */
static void set_apart(struct decision_figure *f)
{
	struct decision_range from, to;

	if (!decision_range_of_cell(f->from, &from) || !decision_range_of_cell(f->to, &to) ||
	    !(from.low > 0) || !(to.low > 0))
		return;
	f->apart = quotient(&from, &to, metrics[f->metric].better);
	f->apart_runs = f->from->est.n < f->to->est.n ? f->from->est.n : f->to->est.n;
}

static void gather_figure(struct decision_figure *f, const struct decision_metric *rule,
			  const struct decision_rules *rules, const struct model *m,
			  enum event_type type)
{
	const struct model_section *section = model_section(m, rule->scenario, rule->phase, type);
	const struct model_row *row;

	*f = (struct decision_figure){ .rule = rule,
				       .metric = decision_metric_id(rule),
				       .verdict = VERDICT_TOO_FEW,
				       .why = "not measured in this session",
				       .cost = { .value = NAN, .low = NAN, .high = NAN, .se = NAN },
				       .apart = { NAN, NAN, NAN } };
	row = model_row(section, f->metric);
	f->ratio = model_ratio(row, rules->from, rules->to);
	if (!f->ratio)
		return;
	f->from = model_cell(row, rules->from);
	f->to = model_cell(row, rules->to);
	f->verdict = f->ratio->verdict;
	f->why = f->ratio->why ? f->ratio->why : "no pair with both sides valid";
	if (f->ratio->est.n)
		f->cost = cost_of(&f->ratio->est, metrics[f->metric].better);
	if (f->ratio->with_disturbed.n)
		f->cost_with_disturbed =
			cost_of(&f->ratio->with_disturbed, metrics[f->metric].better);
	set_apart(f);
}

/* ---- the record ------------------------------------------------------------------------ */

/* Searches look for a rate that is too high: what is lost there is what they are for. */
static bool is_trial(const struct result *r, size_t run)
{
	for (size_t i = 0; i < r->n_trials; i++)
		if (r->trials[i].run == (int)run)
			return true;
	return false;
}

static bool has_books(const struct run *run)
{
	for (size_t i = 0; i < run->ledger.n; i++)
		if (run->ledger.lines[i].state == LEDGER_CLOSED)
			return true;
	return false;
}

static void add_messages(struct decision_record *rec, const struct run *run)
{
	rec->checked += run->oracle.checked;
	rec->wrong += run->oracle.wrong;
	if (run->oracle.wrong && !rec->first_wrong)
		rec->first_wrong = run;
}

/* A trial that lost nothing has no excuse for what it made of it: fast and wrong is wrong. */
static void add_trial(struct decision_record *rec, const struct run *run)
{
	if (has_books(run) && !ledger_first_open(&run->ledger))
		add_messages(rec, run);
}

static void add_run(struct decision_record *rec, const struct run *run)
{
	rec->runs++;
	rec->bookless += run_counts(run, true) && !has_books(run);
	add_messages(rec, run);
	rec->disturbed += run->status == RUN_DISTURBED;
	/* Of a run that counts a note says why not all was checked (result.h). */
	rec->untraced +=
		run->oracle.note[0] && (run->status == RUN_OK || run->status == RUN_DISTURBED);
	rec->unchecked += run->oracle.unchecked;
	if (run->status == RUN_VOID || run->status == RUN_FAILED) {
		rec->failed++;
		rec->first_failed = rec->first_failed ? rec->first_failed : run;
	}
	for (size_t i = 0; i < run->ledger.n; i++) {
		bool open = run->ledger.lines[i].state == LEDGER_OPEN;

		rec->open_lines += open;
		rec->untold_lines += run->ledger.lines[i].state == LEDGER_UNAVAILABLE;
		if (open && !rec->first_open)
			rec->first_open = run;
	}
}

static void gather_record(struct decision_record *rec, const struct result *r, enum event_type type,
			  const char *implementation)
{
	memset(rec, 0, sizeof(*rec));
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (run->extractor != type || strcmp(run->implementation, implementation) ||
		    run->status == RUN_STOPPED)
			continue;
		if (is_trial(r, i))
			add_trial(rec, run);
		else
			add_run(rec, run);
	}
}

/* ---- integration ------------------------------------------------------------------------ */

static const struct item_result *item_of(const struct result *r, const struct item_result *like,
					 const char *implementation)
{
	for (size_t i = 0; i < r->n_items; i++) {
		const struct item_result *item = &r->items[i];

		if (item->extractor == like->extractor && !strcmp(item->item, like->item) &&
		    !strcmp(item->implementation, implementation))
			return item;
	}
	return NULL;
}

/* What the old one's visit could tell and the new one's could not was not shown. */
static void add_item(struct decision_items *sum, const struct item_result *item,
		     const struct item_result *old)
{
	sum->passed += item->outcome == ITEM_PASS;
	sum->failed += item->outcome == ITEM_FAIL;
	sum->unavailable += item->outcome == ITEM_UNAVAILABLE;
	if (item->outcome == ITEM_FAIL && !sum->first_failed)
		sum->first_failed = item;
	if (item->outcome != ITEM_UNAVAILABLE || (old && old->outcome == ITEM_UNAVAILABLE))
		return;
	sum->one_sided++;
	sum->first_one_sided = sum->first_one_sided ? sum->first_one_sided : item;
}

static void gather_items(struct decision_items *sum, const struct decision_rules *rules,
			 const struct result *r, enum event_type type)
{
	memset(sum, 0, sizeof(*sum));
	for (size_t i = 0; i < r->n_items; i++) {
		const struct item_result *item = &r->items[i];

		if (item->extractor == type && !strcmp(item->implementation, rules->to))
			add_item(sum, item, item_of(r, item, rules->from));
		/* An item that is not there was not shown either. */
		if (item->extractor == type && !strcmp(item->implementation, rules->from) &&
		    !item_of(r, item, rules->to)) {
			sum->one_sided++;
			sum->first_one_sided = sum->first_one_sided ? sum->first_one_sided : item;
		}
	}
}

static const struct model_soak *find_soak(const struct model *m, enum event_type type,
					  const char *implementation)
{
	for (size_t i = 0; i < m->n_soaks; i++)
		if (m->soaks[i].type == type && !strcmp(m->soaks[i].implementation, implementation))
			return &m->soaks[i];
	return NULL;
}

/* Their leak is in files of their own: without those nobody knows what they showed. */
static size_t count_lost_series(const struct result *r, enum event_type type,
				const char *implementation)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		n += run->extractor == type && !strcmp(run->phase, "soak") &&
		     !strcmp(run->implementation, implementation) && run_counts(run, true) &&
		     !result_series(r, run);
	}
	return n;
}

bool decision_gather(struct decision_evidence *x, const struct decision_rules *rules,
		     const struct model *m, enum event_type type)
{
	const struct decision_metric *human = &rules->metrics[DECISION_CPU_HUMAN];
	const struct model_row *idle =
		model_row(model_section(m, human->scenario, human->phase, type), METRIC_CPU_IDLE);
	const struct result *r = m->result;
	const char *variant = result_fact(r, "build.variant");
	bool any = false;

	*x = (struct decision_evidence){ .type = type,
					 .unfit = result_fact(r, RESULT_FACT_UNFIT),
					 .variant = variant && strcmp(variant, "release") ? variant
											  : NULL,
					 .stopped = r->complete ? NULL : r->stopped_by };
	for (int i = 0; i < DECISION_SLOTS; i++) {
		gather_figure(&x->figures[i], &rules->metrics[i], rules, m, type);
		any |= x->figures[i].ratio != NULL;
	}
	gather_record(&x->record[0], r, type, rules->from);
	gather_record(&x->record[1], r, type, rules->to);
	gather_items(&x->items, rules, r, type);
	x->soak = find_soak(m, type, rules->to);
	x->soak_lost = count_lost_series(m->result, type, rules->to);
	x->cpu_idle[0] = model_cell(idle, rules->from);
	x->cpu_idle[1] = model_cell(idle, rules->to);
	return any;
}
