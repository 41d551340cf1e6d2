/* The checklist's verdicts; see checklist.h.  Where values come from: values.c. */
#include "harness/judge/checklist.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/judge/values.h"

const char *const checklist_verdict_names[CHECKLIST_VERDICTS] = { "PASS", "FAIL", "UNDECIDED",
								  "no target" };

/* ---- verdicts -------------------------------------------------------------------------- */

enum checklist_verdict checklist_compare(enum checklist_op op, double target, double low,
					 double high)
{
	const struct {
		bool right, wrong; /* all of low ... high is on that side */
	} sides[CHECKLIST_OPS] = {
		[CHECKLIST_NO_OP] = { false, false },
		[CHECKLIST_AT_MOST] = { high <= target, low > target },
		[CHECKLIST_LESS] = { high < target, low >= target },
		[CHECKLIST_AT_LEAST] = { low >= target, high < target },
		[CHECKLIST_MORE] = { low > target, high <= target },
	};

	if (isnan(low) || isnan(high))
		return CHECKLIST_UNDECIDED;
	return sides[op].right	 ? CHECKLIST_PASS
	       : sides[op].wrong ? CHECKLIST_FAIL
				 : CHECKLIST_UNDECIDED;
}

static void undecided(struct checklist_row *row, const char *fmt, ...) PRINTF(2, 3);
static void undecided(struct checklist_row *row, const char *fmt, ...)
{
	va_list ap;

	row->verdict = CHECKLIST_UNDECIDED;
	va_start(ap, fmt);
	vsnprintf(row->why, sizeof(row->why), fmt, ap);
	va_end(ap);
}

static void judge_figure(struct checklist_row *row)
{
	const struct checklist_clause *c = row->clause;
	const struct checklist_value *v = &row->value;

	if (c->op == CHECKLIST_NO_OP) {
		row->verdict = CHECKLIST_NO_TARGET;
		snprintf(row->why, sizeof(row->why), "%s", v->there ? "" : v->why);
	} else if (!v->there || !v->sure) {
		undecided(row, "%s", v->why);
	} else {
		row->verdict = checklist_compare(c->op, c->target, v->low, v->high);
		if (row->verdict == CHECKLIST_UNDECIDED)
			undecided(row, "the target lies within the interval");
	}
}

static const struct item_result *item_of(const struct result *r, const struct checklist_row *row)
{
	for (size_t i = 0; i < r->n_items; i++) {
		const struct item_result *it = &r->items[i];

		if (it->extractor == row->extractor && !strcmp(it->item, row->rule->asked) &&
		    !strcmp(it->scenario, row->rule->scenario) &&
		    !strcmp(it->implementation, row->clause->a))
			return it;
	}
	return NULL;
}

static void judge_item(struct checklist_row *row, const struct result *r)
{
	const struct item_result *it = item_of(r, row);

	row->seen = it && it->outcome == ITEM_PASS ? it->value : "";
	if (!it) {
		undecided(row, "not measured: the session has no %s \"%s\" of %s %s",
			  row->rule->scenario, row->rule->asked, row->clause->a,
			  event_type_names[row->extractor]);
		return;
	}
	if (it->outcome == ITEM_UNAVAILABLE)
		undecided(row, "unavailable: %s", it->value);
	else
		row->verdict = it->outcome == ITEM_PASS ? CHECKLIST_PASS : CHECKLIST_FAIL;
	if (it->outcome == ITEM_FAIL)
		snprintf(row->why, sizeof(row->why), "%s", it->value);
	if (it->run[0])
		row->evidence = (struct checklist_evidence){ 1, it->run, it->run, NULL };
}

/* What the session as a whole does not bear out; see the head of checklist.h. */
static void doubt(struct checklist_row *row, const struct checklist *c)
{
	if (c->unfit[0] && (row->verdict == CHECKLIST_PASS ||
			    (row->verdict == CHECKLIST_FAIL && row->rule->is_figure)))
		undecided(row, "%s, were it not for this: %s",
			  checklist_verdict_names[row->verdict], c->unfit);
	else if (c->cut[0] && row->verdict == CHECKLIST_PASS)
		undecided(row, "PASS, were it not for this: %s", c->cut);
}

/* ---- what is wrong with the session or its runs ----------------------------------------- */

static void look_at_session(struct checklist *c, const struct result *r)
{
	const char *unfit = result_fact(r, RESULT_FACT_UNFIT);
	const char *variant = result_fact(r, "build.variant");

	if (unfit)
		snprintf(c->unfit, sizeof(c->unfit), "the host was unfit to measure: %.300s",
			 unfit);
	else if (variant && strcmp(variant, "release"))
		snprintf(c->unfit, sizeof(c->unfit), "measured with the %.40s build, not release",
			 variant);
	if (!r->complete)
		snprintf(c->cut, sizeof(c->cut), "the session is not complete: %s",
			 r->stopped_by[0] ? r->stopped_by : "it was ended before its time");
}

static bool is_asked(const struct checklist_rules *rules, const struct run *run)
{
	for (size_t i = 0; i < rules->n; i++)
		for (size_t k = 0; k < rules->v[i].n_clauses; k++) {
			const struct checklist_clause *cl = &rules->v[i].clauses[k];

			if (!strcmp(rules->v[i].scenario, run->scenario) &&
			    (!strcmp(cl->a, run->implementation) ||
			     !strcmp(cl->b, run->implementation)))
				return true;
		}
	return false;
}

/* Runs of a search for the highest rate may well be void: it goes on until one is too high. */
static bool is_trial(const struct result *r, const struct run *run)
{
	for (size_t i = 0; i < r->n_trials; i++)
		if (model_trial_run(r, &r->trials[i]) == run)
			return true;
	return false;
}

static struct checklist_bad *bad_entry(struct checklist *c, const struct run *run)
{
	struct checklist_bad *b;

	for (size_t i = 0; i < c->n_bad; i++) {
		b = &c->bad[i];
		if (b->extractor == run->extractor && !strcmp(b->scenario, run->scenario) &&
		    !strcmp(b->implementation, run->implementation))
			return b;
	}
	c->bad = mem_realloc(c->bad, c->n_bad + 1, sizeof(*c->bad));
	b = &c->bad[c->n_bad++];
	*b = (struct checklist_bad){ .scenario = run->scenario,
				     .implementation = run->implementation,
				     .extractor = run->extractor,
				     .first = run };
	return b;
}

static void look_at_runs(struct checklist *c, const struct checklist_rules *rules,
			 const struct result *r)
{
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];
		struct checklist_bad *b;

		if ((run->status != RUN_VOID && run->status != RUN_FAILED) ||
		    !is_asked(rules, run) || is_trial(r, run))
			continue;
		b = bad_entry(c, run);
		b->voids += run->status == RUN_VOID;
		b->failed += run->status == RUN_FAILED;
	}
}

const struct checklist_bad *checklist_bad_of(const struct checklist *c,
					     const struct checklist_row *row)
{
	const char *of = row->clause->b[0] ? row->clause->b : row->clause->a;

	for (size_t i = 0; i < c->n_bad; i++)
		if (c->bad[i].extractor == row->extractor &&
		    !strcmp(c->bad[i].scenario, row->rule->scenario) &&
		    !strcmp(c->bad[i].implementation, of))
			return &c->bad[i];
	return NULL;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void add_row(struct checklist *c, struct paired *p, const struct checklist_rule *rule,
		    const struct checklist_clause *clause, enum event_type extractor)
{
	struct checklist_row *row;

	c->rows = mem_realloc(c->rows, c->n_rows + 1, sizeof(*c->rows));
	row = &c->rows[c->n_rows++];
	*row = (struct checklist_row){
		.rule = rule, .clause = clause, .extractor = extractor, .seen = ""
	};
	if (rule->is_figure) {
		values_fill(row, c->model, p);
		values_evidence(row, c->model->result);
		judge_figure(row);
	} else {
		judge_item(row, c->model->result);
	}
	doubt(row, c);
	c->by_verdict[row->verdict]++;
}

void checklist_judge(struct checklist *c, const struct checklist_rules *rules,
		     const struct model *m)
{
	struct paired paired;

	*c = (struct checklist){ .model = m };
	look_at_session(c, m->result);
	look_at_runs(c, rules, m->result);
	paired_init(&paired, m->result);
	for (size_t i = 0; i < rules->n; i++)
		for (size_t k = 0; k < rules->v[i].n_clauses; k++)
			for (int t = 0; t < EVENT_TYPES; t++)
				if (checklist_applies(&rules->v[i], &rules->v[i].clauses[k], t))
					add_row(c, &paired, &rules->v[i], &rules->v[i].clauses[k],
						(enum event_type)t);
	paired_release(&paired);
	if (c->by_verdict[CHECKLIST_FAIL])
		c->verdict = CHECKLIST_FAIL;
	else if (c->by_verdict[CHECKLIST_PASS] && !c->by_verdict[CHECKLIST_UNDECIDED])
		c->verdict = CHECKLIST_PASS;
	else
		c->verdict = CHECKLIST_UNDECIDED;
}

void checklist_release(struct checklist *c)
{
	free(c->rows);
	free(c->bad);
	*c = (struct checklist){ 0 };
}
