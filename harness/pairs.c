/* Paired runs; see pairs.h.  Read pairs_run_from() first. */
#include "harness/pairs.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/report/paired.h"
#include "harness/schedule.h"

/* ---- one run ---------------------------------------------------------------------------- */

void run_begin(struct session *s, struct run *run, enum event_type type,
	       const struct subject *subject, const char *phase)
{
	memset(run, 0, sizeof(*run));
	run->extractor = type;
	run->comparison = run->pair = -1;
	run->side = 'a';
	run->instrument.little_ratio = run->instrument.pacing_p50_us = NAN;
	run->instrument.pacing_p99_us = run->instrument.pacing_max_us = NAN;
	run->instrument.generator_work_ns_per_event = run->instrument.generator_behind_ms = NAN;
	run->instrument.wake_p50_us = run->instrument.wake_p99_us = NAN;
	run->instrument.generator_cpu_ns_per_event = run->instrument.tap_cpu_ns_per_event = NAN;
	run->instrument.held_back_frac = NAN;
	run->instrument.ebpf_cpu_us_per_10s = run->instrument.ebpf_cpu_and_wait_us_per_10s = NAN;
	run->instrument.ebpf_switches = run->instrument.ebpf_faults = NAN;
	run->instrument.ebpf_cpu_within = run->instrument.ebpf_cpu_and_wait_within = NAN;
	run->instrument.ebpf_unseen_frac = NAN;
	snprintf(run->scenario, sizeof(run->scenario), "%s", s->scenario.name);
	snprintf(run->phase, sizeof(run->phase), "%s", phase);
	snprintf(run->subject, sizeof(run->subject), "%.47s", subject->name);
	snprintf(run->implementation, sizeof(run->implementation), "%.23s",
		 subject->implementation);
}

/* Do the servers still answer?  Then the failure was the subject's. */
static int check_servers(struct session *s, struct err *e)
{
	const struct influx_target *target = session_database(s);
	struct influx_query *q;
	int64_t n;
	int rc = redis_query_numsub(sut_redis(s->sut), EVENTS_CHANNEL, &n, e);

	if (rc || !target)
		return rc;
	rc = influx_query_open(&q, target, 5 * NS_PER_S, e); /* asks /ping */
	if (!rc)
		influx_query_close(q);
	return rc;
}

int run_absorb(struct session *s, int rc, struct run *run, struct err *e)
{
	struct err servers = ERR_INIT;

	if (!rc || rc == -EINTR)
		return rc;
	if (check_servers(s, &servers))
		return err_wrap(e, "a server does not answer any more (%.120s); the last run said",
				servers.text);
	run->status = RUN_FAILED;
	snprintf(run->why, sizeof(run->why), "%.255s", e->text);
	progress_note(&s->progress, "failed: %s", e->text);
	err_reset(e);
	return 0;
}

static void say_void(struct session *s, const struct run *run)
{
	if (run->status == RUN_VOID)
		progress_note(&s->progress, "void: %s: %s", run->id, run->why);
}

/* ---- pairs ---------------------------------------------------------------------------- */

static const struct subject *side_subject(struct session *s, const struct schedule_entry *en,
					  struct err *e)
{
	const struct comparison *c = &s->result.comparisons[en->comparison];

	return subjects_find(&s->subjects, en->side == 'a' ? c->a : c->b, c->extractor, e);
}

static int add_side(struct session *s, enum event_type type, const char *implementation,
		    struct err *e)
{
	const struct subject *subject = subjects_find(&s->subjects, implementation, type, e);

	if (!subject)
		return err_wrap(e, "%s: compare", s->scenario.path);
	return session_add_subject(s, subject, e);
}

/* A/A wants more pairs than a comparison: its interval is at 99 %. */
static int pairs_of(const struct session *s, const struct pairs_phase *phase, const char *a,
		    const char *b)
{
	if (phase->no_aa && !strcmp(a, b))
		return 0;
	if (phase->pairs)
		return (int)phase->pairs;
	return (int)(strcmp(a, b) ? s->size->pairs : s->size->aa_pairs);
}

int pairs_plan(struct session *s, const struct pairs_phase *phase, enum event_type type,
	       const char *a, const char *b)
{
	int i = result_add_comparison(&s->result, s->scenario.name, phase->name, type, a, b);

	s->result.comparisons[i].pairs_planned = pairs_of(s, phase, a, b);
	s->result.comparisons[i].end = COMPARISON_STOPPED; /* until it ends otherwise */
	return i;
}

static int add_comparisons(struct session *s, const struct pairs_phase *phase, struct err *e)
{
	char a[24], b[24];
	int rc = 0;

	for (int t = 0; t < EVENT_TYPES; t++) {
		enum event_type type = (enum event_type)t;

		if (!scenario_has(&s->scenario, type))
			continue;
		for (size_t i = 0; !rc && scenario_comparison(&s->scenario, i, a, b); i++) {
			rc = add_side(s, type, a, e);
			rc = rc ? rc : add_side(s, type, b, e);
			if (!rc)
				pairs_plan(s, phase, type, a, b);
		}
	}
	return rc;
}

/* A run of a pair, its own place in the schedule; NULL: there is no such subject. */
static struct run *begin_entry(struct session *s, const struct pairs_phase *phase,
			       const struct schedule_entry *en, uint64_t seed,
			       const struct subject **subject, struct err *e)
{
	enum event_type type = s->result.comparisons[en->comparison].extractor;
	struct run *run;

	*subject = side_subject(s, en, e);
	if (!*subject)
		return NULL;
	run = mem_calloc(1, sizeof(*run));
	run_begin(s, run, type, *subject, phase->name);
	run->comparison = en->comparison;
	run->pair = en->pair;
	run->side = en->side;
	run->plan_seed = seed;
	snprintf(run->id, sizeof(run->id), "%s-%s-%02d-%d%c-%.12s", event_type_names[type],
		 phase->name, en->comparison, en->pair, en->side, run->implementation);
	return run;
}

/* Into the result, if the session goes on (rc 0).  Frees the run. */
static int end_entry(struct session *s, const struct pairs_phase *phase, struct run *run, int rc,
		     struct err *e)
{
	progress_add(&s->progress, phase->cost_s);
	if (!rc) {
		say_void(s, run);
		result_add_run(&s->result, run);
		rc = session_save(s, e);
	} else {
		run_release(run);
	}
	free(run);
	return rc ? rc : s->stopped ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static int run_entry(struct session *s, const struct pairs_phase *phase,
		     const struct schedule_entry *en, struct plan *plan, uint64_t seed,
		     struct err *e)
{
	const struct subject *subject;
	struct run *run = begin_entry(s, phase, en, seed, &subject, e);

	if (!run)
		return e->code;
	progress_step(&s->progress, "run %zu: %s %s %zu %s events", s->result.n_runs + 1,
		      run->subject, phase->does, plan->n, event_type_names[run->extractor]);
	return end_entry(s, phase, run, run_absorb(s, phase->run(s, subject, plan, run, e), run, e),
			 e);
}

/* The end of one side is the end of both: what the other did alone would be another measurement. */
static int absorb_both(struct session *s, int rc, struct run *const runs[2], struct err *e)
{
	bool ended = rc != 0;

	rc = run_absorb(s, rc, runs[0], e);
	if (!rc && ended) {
		runs[1]->status = RUN_FAILED;
		memcpy(runs[1]->why, runs[0]->why, sizeof(runs[1]->why));
	}
	return rc;
}

static int run_at_once(struct session *s, const struct pairs_phase *phase,
		       const struct schedule_entry en[2], struct plan *plan, uint64_t seed,
		       struct err *e)
{
	const struct subject *subjects[2];
	struct run *runs[2] = { begin_entry(s, phase, &en[0], seed, &subjects[0], e), NULL };
	int rc;

	if (!runs[0])
		return e->code;
	runs[1] = begin_entry(s, phase, &en[1], seed, &subjects[1], e);
	if (!runs[1])
		return end_entry(s, phase, runs[0], e->code, e);
	progress_step(&s->progress, "run %zu: %s and %s %s: %zu %s events", s->result.n_runs + 1,
		      runs[0]->subject, runs[1]->subject, phase->does, plan->n,
		      event_type_names[runs[0]->extractor]);
	rc = absorb_both(s, phase->run_both(s, subjects, plan, runs, e), runs, e);
	rc = end_entry(s, phase, runs[0], rc, e);
	return end_entry(s, phase, runs[1], rc, e);
}

/* ---- enough of them? -------------------------------------------------------------------- */

/* A phase while its pairs are made. */
struct making {
	struct session *s;
	const struct pairs_phase *phase;
	struct paired paired;
	int first; /* the phase's comparisons begin there */
	int n;	   /* so many */
	int *from; /* of each: pairs that were made before the schedule that is run */
	int64_t deadline_ns;
};

static bool is_decided(struct making *m, int comparison, bool last)
{
	enum sequential_state state = paired_state(&m->paired, comparison, m->phase->primary,
						   m->s->scenario.margin_frac, last);

	return state == SEQUENTIAL_HIGHER || state == SEQUENTIAL_LOWER ||
	       state == SEQUENTIAL_EQUIVALENT;
}

/* A/A is there for the others' sake: it ends when it is sure and they have ended. */
static bool is_aa_done(struct making *m, int aa)
{
	const struct result *r = &m->s->result;
	struct estimate noise = paired_ratio(&m->paired, aa, m->phase->primary, false);
	bool serves = false; /* where there is nothing else, A/A is what is measured */

	for (size_t i = (size_t)m->first; i < r->n_comparisons; i++) {
		const struct comparison *c = &r->comparisons[i];

		if (c->extractor != r->comparisons[aa].extractor || paired_is_aa(c))
			continue;
		serves = true;
		if (c->end != COMPARISON_DECIDED)
			return false;
	}
	return serves && paired_is_sure(&m->paired, aa, &noise);
}

/* Sides that run at once begin in places that are swapped from pair to pair: blocks are made whole. */
static bool is_within_block(const struct making *m, int pairs_made)
{
	return m->phase->run_both && pairs_made % 2;
}

/* No more pairs of it: what the planned ones would have taken is done with. */
static void end_early(struct making *m, int comparison, enum comparison_end end)
{
	struct comparison *c = &m->s->result.comparisons[comparison];
	int left = c->pairs_planned - (int)paired_made(&m->s->result, comparison);

	c->end = end;
	progress_add(&m->s->progress, left > 0 ? 2 * left * m->phase->cost_s : 0);
}

/* After a pair: does the comparison need another one? */
static void note_decision(struct making *m, const struct schedule_entry *en)
{
	int comparison = en->comparison;

	if (is_within_block(m, en->pair + 1))
		return;
	if (paired_is_aa(&m->s->result.comparisons[comparison]) ? is_aa_done(m, comparison)
								: is_decided(m, comparison, false))
		end_early(m, comparison, COMPARISON_DECIDED);
}

/* The pairs are made: what was neither decided nor cut short is as open as it was. */
static void note_ends(struct making *m)
{
	for (size_t i = (size_t)m->first; i < m->s->result.n_comparisons; i++) {
		struct comparison *c = &m->s->result.comparisons[i];

		if (c->end == COMPARISON_DECIDED)
			continue;
		if (!paired_is_aa(c) && is_decided(m, (int)i, true))
			c->end = COMPARISON_DECIDED;
		else if (c->end == COMPARISON_STOPPED)
			c->end = COMPARISON_UNDECIDED;
	}
}

/* Is the pair left out?  The first of each comparison never is. */
static bool is_left_out(struct making *m, const struct schedule_entry *en)
{
	struct comparison *c = &m->s->result.comparisons[en->comparison];

	if (en->pair > 0 && !is_within_block(m, en->pair) && c->end == COMPARISON_STOPPED &&
	    clock_mono_ns() >= m->deadline_ns)
		end_early(m, en->comparison, COMPARISON_OUT_OF_BUDGET);
	return c->end != COMPARISON_STOPPED;
}

static int run_pair(struct making *m, const struct schedule_entry en[2], struct err *e)
{
	struct session *s = m->s;
	uint64_t seed = rng_u64(&s->rng);
	struct plan *plan = NULL;
	int rc;

	rc = m->phase->plan(s, s->result.comparisons[en[0].comparison].extractor, seed, &plan, e);
	if (!rc && m->phase->run_both) {
		rc = run_at_once(s, m->phase, en, plan, seed, e);
	} else {
		rc = rc ? rc : run_entry(s, m->phase, &en[0], plan, seed, e);
		rc = rc ? rc : run_entry(s, m->phase, &en[1], plan, seed, e);
	}
	plan_free(plan);
	if (!rc)
		note_decision(m, &en[0]);
	return rc;
}

/* The schedule counts comparisons and pairs from 0. */
static struct schedule_entry entry_of(const struct making *m, struct schedule_entry en)
{
	en.pair += m->from[en.comparison];
	en.comparison += m->first;
	return en;
}

static int run_schedule(struct making *m, const int *pairs, struct err *e)
{
	struct schedule sched = { 0 };
	int rc = 0;

	schedule_build(&sched, m->n, pairs, &m->s->rng);
	for (size_t i = 0; !rc && i + 1 < sched.n; i += 2) {
		struct schedule_entry en[2] = { entry_of(m, sched.entries[i]),
						entry_of(m, sched.entries[i + 1]) };

		if (!is_left_out(m, &en[0]))
			rc = run_pair(m, en, e);
	}
	schedule_release(&sched);
	return rc;
}

/*
 * How many pairs are still to be made, those in place of discarded ones among them?  Of
 * these no more than were planned: on a host that disturbs half of them, more are no way
 * to a result.
 */
static int n_to_make(const struct making *m, int comparison)
{
	const struct result *r = &m->s->result;
	const struct comparison *c = &r->comparisons[comparison];
	int made = (int)paired_made(r, comparison), n,
	    discarded = (int)paired_discarded(r, comparison);

	if (c->end != COMPARISON_STOPPED)
		return 0;
	n = c->pairs_planned + (discarded < c->pairs_planned ? discarded : c->pairs_planned) - made;
	return n > 0 ? n : 0;
}

/*
 * A block of each comparison (schedule.h) and again, until none needs any: a pair that was
 * discarded is made again soon, not when the time is over.
 */
static int run_rounds(struct making *m, struct err *e)
{
	int *pairs = mem_calloc((size_t)m->n, sizeof(*pairs)), sum, rc;

	do {
		sum = 0;
		for (int i = 0; i < m->n; i++) {
			int n = n_to_make(m, m->first + i),
			    planned = m->s->result.comparisons[m->first + i].pairs_planned, extra;

			m->from[i] = (int)paired_made(&m->s->result, m->first + i);
			if (n && m->phase->run_both && m->from[i] >= planned)
				n = 2; /* blocks are made whole */
			pairs[i] = n < 2 ? n : 2;
			sum += pairs[i];
			extra = m->from[i] + pairs[i] - planned;
			extra = extra < pairs[i] ? extra : pairs[i];
			m->s->progress.total += extra > 0 ? 2 * extra * m->phase->cost_s : 0;
		}
		rc = sum ? run_schedule(m, pairs, e) : 0;
	} while (!rc && sum);
	free(pairs);
	return rc;
}

int pairs_run_from(struct session *s, const struct pairs_phase *phase, int first,
		   int64_t deadline_ns, struct err *e)
{
	struct making m = { .s = s,
			    .phase = phase,
			    .first = first,
			    .n = (int)s->result.n_comparisons - first,
			    .deadline_ns = deadline_ns };
	int rc;

	m.from = mem_calloc((size_t)m.n, sizeof(*m.from));
	paired_init(&m.paired, &s->result);
	rc = run_rounds(&m, e);
	if (!rc)
		note_ends(&m);
	paired_release(&m.paired);
	free(m.from);
	return rc;
}

int pairs_run(struct session *s, const struct pairs_phase *phase, int64_t deadline_ns,
	      struct err *e)
{
	int first = (int)s->result.n_comparisons, rc = add_comparisons(s, phase, e);

	return rc ? rc : pairs_run_from(s, phase, first, deadline_ns, e);
}

/* Of all runs that are planned, without a bound. */
static double all_cost(const struct session *s, const struct pairs_phase *phases, size_t n)
{
	double cost_s = 0;
	char a[24], b[24];

	for (int t = 0; t < EVENT_TYPES; t++)
		for (size_t i = 0; scenario_has(&s->scenario, (enum event_type)t) &&
				   scenario_comparison(&s->scenario, i, a, b);
		     i++)
			for (size_t k = 0; k < n; k++)
				cost_s += 2 * pairs_of(s, &phases[k], a, b) * phases[k].cost_s;
	return cost_s;
}

int pairs_run_all(struct session *s, const struct pairs_phase *phases, size_t n,
		  int64_t deadline_ns, struct err *e)
{
	int rc = 0;

	s->progress.total += pairs_cost(s, phases, n);
	for (size_t i = 0; !rc && i < n; i++) {
		int64_t now_ns = clock_mono_ns(), left_ns = deadline_ns - now_ns;
		double share = all_cost(s, &phases[i], 1) / all_cost(s, &phases[i], n - i);
		/* Without a bound the deadline is the end of time: half of it will do. */
		double its_ns = left_ns > 0 ? fmin((double)left_ns * share, 0x1p62) : 0;

		rc = pairs_run(s, &phases[i], now_ns + (int64_t)its_ns, e);
	}
	return rc;
}

double pairs_cost(const struct session *s, const struct pairs_phase *phases, size_t n)
{
	double cost_s = all_cost(s, phases, n), budget_s = s->size->budget_s;

	return budget_s > 0 && cost_s > budget_s ? budget_s : cost_s;
}
