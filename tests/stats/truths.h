/*
 * Sessions whose truth is known: what C really costs of what Python does, under noise as
 * hosts have it, with the faults that a decision must not overlook.
 *
 * Of test_truths.c and decision_check.c.  The values are about those of a real session
 * (keystroke); a run's noise is normal, of Laplace, or that of a busy neighbour, on a host that
 * drifts (AR(1) over the order of the runs), pairs in an order drawn by lot.
 * What is right follows from the defaults of the rules: a saving below 10 % counts as
 * none, 25 % in all make a switch, 10 % of a loss forbid it.
 */
#ifndef TEST_TRUTHS_H
#define TEST_TRUTHS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/judge/decision.h"
#include "tests/stats/noise.h"

enum fault {
	FAULT_NONE,
	FAULT_WRONG,		 /* the oracle found one message of one run wrong */
	FAULT_LOSSY,		 /* the ledger of one run did not close */
	FAULT_FAILED,		 /* one run did not come to its end */
	FAULT_ITEM,		 /* an item of the integration checklist */
	FAULT_UNTOLD,		 /* no integration in the session */
	FAULT_UNFIT,		 /* host */
	FAULT_STOPPED,		 /* session */
	FAULT_UNCHECKED,	 /* messages */
	FAULT_TWO_RUNS,		 /* pairs of latency only, whose runs differ by 20 % */
	FAULT_UNEVEN,		 /* numbers of pairs, from six to as many as planned */
	FAULT_ONE_SAVES_NOTHING, /* of three extractors the mouse */
	FAULT_ONE_OF_MANY,	 /* likewise, on 10,000 machines */
};

struct truth {
	const char *name;
	double cost, memory, latency; /* new / old; cost: of all others */
	double noise;		      /* of the log of one run */
	double disturbed;	      /* share of runs that the host disturbed */
	int pairs;
	enum fault fault;
	enum decision_verdict right;
	const char *because;
};

static const struct truth truths[] = {
	{ "equal", 1, 1, 1, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP, "nothing is saved" },
	{ "3 % cheaper", 0.97, 0.97, 0.97, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP,
	  "3 % < gain_frac 10 %" },
	{ "5 % cheaper", 0.95, 0.95, 0.95, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP,
	  "5 % < gain_frac 10 %" },
	{ "20 % cheaper", 0.80, 0.80, 0.80, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP,
	  "20 % < threshold_frac 25 %" },
	{ "2x apart", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_NONE, DECISION_SWITCH,
	  "50 % > threshold_frac 25 %" },
	{ "20x apart", 0.05, 0.05, 0.05, 0.03, 0, 8, FAULT_NONE, DECISION_SWITCH,
	  "95 % > threshold_frac 25 %" },
	{ "2x dearer", 2, 2, 2, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP, "100 % > loss_frac" },
	{ "2x, one message wrong", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_WRONG, DECISION_KEEP,
	  "wrong_messages_max 0" },
	{ "2x, one event lost", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_LOSSY, DECISION_KEEP,
	  "open_lines_max 0" },
	{ "2x, one run failed", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_FAILED, DECISION_KEEP,
	  "failed_runs_max 0" },
	{ "2x, one item failed", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_ITEM, DECISION_KEEP,
	  "failed_items_max 0" },
	{ "memory 10x, latency +30 %", 0.5, 0.1, 1.3, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP,
	  "30 % > loss_frac 10 %" },
	{ "2x, three pairs", 0.5, 0.5, 0.5, 0.03, 0, 3, FAULT_NONE, DECISION_UNDECIDED,
	  "no verdict" },
	{ "2x, no integration", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_UNTOLD, DECISION_UNDECIDED,
	  "integration required" },
	{ "2x, host unfit", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_UNFIT, DECISION_UNDECIDED,
	  "accept_unfit_host no" },
	{ "2x, session stopped", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_STOPPED, DECISION_UNDECIDED,
	  "accept_incomplete no" },
	{ "2x, one message unchecked", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_UNCHECKED,
	  DECISION_UNDECIDED, "unchecked_messages_max 0" },
	{ "2x, latency +30 %, two runs", 0.5, 0.5, 1.3, 0.03, 0, 8, FAULT_TWO_RUNS,
	  DECISION_UNDECIDED, "two runs tell nothing" },
	{ "2x, uneven pairs", 0.5, 0.5, 0.5, 0.03, 0, 12, FAULT_UNEVEN, DECISION_SWITCH,
	  "50 % > threshold_frac 25 %" },
	{ "2x, of mouse nothing", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_ONE_SAVES_NOTHING, DECISION_KEEP,
	  "108 a month < two languages, 200" },
	{ "2x, of mouse nothing, 10,000", 0.5, 0.5, 0.5, 0.03, 0, 8, FAULT_ONE_OF_MANY,
	  DECISION_HYBRID, "1,080 a month pay 6,600 and 200" },
	{ "equal, noisy host", 1, 1, 1, 0.25, 0.1, 10, FAULT_NONE, DECISION_KEEP,
	  "nothing is saved" },
	{ "5 % cheaper, noisy host", 0.95, 0.95, 0.95, 0.25, 0.1, 10, FAULT_NONE, DECISION_KEEP,
	  "5 % < gain_frac 10 %" },
	{ "2x apart, noisy host", 0.5, 0.5, 0.5, 0.25, 0.1, 10, FAULT_NONE, DECISION_SWITCH,
	  "50 % > threshold_frac 25 %" },
	{ "24 % cheaper", 0.76, 0.76, 0.76, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP,
	  "24 % < threshold_frac 25 %" },
	{ "2x, latency +12 %", 0.5, 0.5, 1.12, 0.03, 0, 8, FAULT_NONE, DECISION_KEEP,
	  "12 % > loss_frac 10 %" },
};

/* The last two: so near to a limit that an interval at 95 % may rightly miss it. */
static inline bool truth_at_limit(const struct truth *t)
{
	return t >= truths + ARRAY_SIZE(truths) - 2;
}

/* A metric as a real session has it of Python, and how noisy it is beside the others. */
struct truth_metric {
	const char *scenario, *phase;
	enum metric_id id;
	double python, noise;
};

static const struct truth_metric truth_metrics[] = {
	{ "startup", "warm", METRIC_FIRST_FEATURE, 110, 1 },
	{ "memory", "memory", METRIC_USS, 36e6, 0.2 },
	{ "cpu", "cpu", METRIC_CPU_PER_EVENT, 30000, 1 },
	{ "cpu", "cpu", METRIC_CPU_HUMAN, 0.85, 1.5 },
	{ "cpu", "cpu", METRIC_CPU_IDLE, 0.02, 1.5 },
	{ "latency", "alone-full", METRIC_RESPONSE_P50, 2900, 1.5 },
	{ "throughput", "drain", METRIC_DRAIN_RATE, 3e5, 1 },
};

/* What goes on while a session is made. */
struct truth_world {
	const struct truth *truth;
	struct rng rng;
	enum noise kind;
	double drift; /* of the host, AR(1) */
	struct result *r;
};

static inline bool truth_of_three(const struct truth *t)
{
	return t->fault == FAULT_ONE_SAVES_NOTHING || t->fault == FAULT_ONE_OF_MANY;
}

static inline double truth_cost(const struct truth *t, const struct truth_metric *m,
				enum event_type type)
{
	double cost = truth_of_three(t) && type == EVENT_MOUSE ? 1
		      : m->id == METRIC_USS		       ? t->memory
		      : m->id == METRIC_RESPONSE_P50	       ? t->latency
							       : t->cost;

	return metrics[m->id].better == HIGHER_IS_BETTER ? 1 / cost : cost;
}

/* 100 samples of a run of latency: 90 to 110 % of that. */
static inline void truth_samples(struct run *run, double us)
{
	enum { N = 100 };

	run->latency.n = N;
	run->latency.response_ns = mem_calloc(N, sizeof(int64_t));
	run->latency.service_ns = mem_calloc(N, sizeof(int64_t));
	for (int i = 0; i < N; i++)
		run->latency.response_ns[i] = run->latency.service_ns[i] =
			(int64_t)(us * (900 + 2 * i));
}

/* Of the log of one run. */
static inline double truth_spread(const struct truth *t, const struct truth_metric *m)
{
	return m->id == METRIC_RESPONSE_P50 && t->fault == FAULT_TWO_RUNS ? 0.2
									  : t->noise * m->noise;
}

/* Every metric of the phase, of one run. */
static inline void truth_values(struct truth_world *w, struct run *run)
{
	bool is_c = !strcmp(run->implementation, "c");

	w->drift = 0.8 * w->drift + 0.6 * rng_normal(&w->rng);
	for (size_t i = 0; i < ARRAY_SIZE(truth_metrics); i++) {
		const struct truth_metric *m = &truth_metrics[i];
		double noise = draw_noise(&w->rng, w->kind) + w->drift / 2;
		double sign = metrics[m->id].better == HIGHER_IS_BETTER ? -1 : 1;

		double value = m->python * (is_c ? truth_cost(w->truth, m, run->extractor) : 1) *
			       exp(sign * truth_spread(w->truth, m) * noise);

		if (strcmp(run->scenario, m->scenario))
			continue;
		run_set(run, m->id, value);
		if (m->id == METRIC_RESPONSE_P50 && w->truth->fault == FAULT_TWO_RUNS)
			truth_samples(run, value);
	}
}

/* The first run of C in scenario cpu has it. */
static inline void truth_fault(const struct truth_world *w, struct run *run)
{
	if (strcmp(run->implementation, "c") || strcmp(run->scenario, "cpu") || run->pair ||
	    !run->comparison)
		return;
	if (w->truth->fault == FAULT_WRONG) {
		run->status = RUN_VOID;
		run->oracle.wrong = 1;
		snprintf(run->oracle.note, sizeof(run->oracle.note), "dwell_mean: 1.5, not 1.0");
	} else if (w->truth->fault == FAULT_LOSSY) {
		run->status = RUN_VOID;
		ledger_add(&run->ledger, "received", 1000, 999, "%s", "");
	} else if (w->truth->fault == FAULT_FAILED) {
		run->status = RUN_FAILED;
	} else if (w->truth->fault == FAULT_UNCHECKED) {
		run->oracle.unchecked = 1;
	}
	if (run->status != RUN_OK)
		snprintf(run->why, sizeof(run->why), "planted");
}

/* Of what measuring costs nothing is known, so no time goes into summing it up. */
static inline void truth_no_instrument(struct run *run)
{
	struct instrument *x = &run->instrument;

	x->generator_cpu_ns_per_event = x->tap_cpu_ns_per_event = x->pacing_p99_us = NAN;
	x->little_ratio = x->held_back_frac = x->generator_work_ns_per_event = NAN;
	x->wake_p99_us = x->generator_behind_ms = NAN;
	x->ebpf_cpu_us_per_10s = x->ebpf_cpu_and_wait_us_per_10s = x->ebpf_switches = NAN;
	x->ebpf_faults = x->ebpf_unseen_frac = NAN;
	x->ebpf_cpu_within = x->ebpf_cpu_and_wait_within = NAN;
	run->noise.steal_frac = run->noise.foreign_frac = NAN;
}

static inline void truth_run(struct truth_world *w, int comparison, int pair, char side)
{
	const struct comparison *c = &w->r->comparisons[comparison];
	struct run run = {
		.extractor = c->extractor, .comparison = comparison, .pair = pair, .side = side
	};

	memcpy(run.scenario, c->scenario, sizeof(run.scenario));
	memcpy(run.phase, c->phase, sizeof(run.phase));
	memcpy(run.implementation, side == 'a' ? c->a : c->b, sizeof(run.implementation));
	snprintf(run.id, sizeof(run.id), "%s-%d-%d%c", c->scenario, comparison, pair, side);
	truth_no_instrument(&run);
	truth_values(w, &run);
	run.oracle.checked = 20;
	ledger_add(&run.ledger, "sent", 1000, 1000, "%s", "");
	if (rng_chance(&w->rng, w->truth->disturbed))
		run.status = RUN_DISTURBED;
	truth_fault(w, &run);
	result_add_run(w->r, &run);
}

static inline void truth_comparison(struct truth_world *w, const struct truth_metric *m,
				    enum event_type type, const char *a, int pairs)
{
	int c = result_add_comparison(w->r, m->scenario, m->phase, type, a, "c");

	w->r->comparisons[c].pairs_planned = pairs;
	for (int i = 0; i < pairs; i++) {
		bool a_first = rng_chance(&w->rng, 0.5);

		truth_run(w, c, i, a_first ? 'a' : 'b');
		truth_run(w, c, i, a_first ? 'b' : 'a');
	}
}

static inline int truth_pairs(const struct truth *t, size_t metric)
{
	if (t->fault == FAULT_TWO_RUNS && truth_metrics[metric].id == METRIC_RESPONSE_P50)
		return 2;
	if (t->fault == FAULT_UNEVEN && 6 + (int)metric < t->pairs)
		return 6 + (int)metric;
	return t->pairs;
}

static inline void truth_items(struct result *r, enum event_type type, enum fault fault)
{
	static const char *const sides[] = { "python", "c" };

	for (int i = 0; i < 2 && fault != FAULT_UNTOLD; i++) {
		struct item_result item = { .scenario = "integration",
					    .extractor = type,
					    .item = "right JSON",
					    .outcome = i && fault == FAULT_ITEM ? ITEM_FAIL
										: ITEM_PASS };

		snprintf(item.implementation, sizeof(item.implementation), "%s", sides[i]);
		result_add_item(r, &item);
	}
}

static inline void truth_extractor(struct truth_world *w, enum event_type type)
{
	for (size_t i = 0; i < ARRAY_SIZE(truth_metrics); i++) {
		const struct truth_metric *m = &truth_metrics[i];

		if (i && !strcmp(m->scenario, m[-1].scenario))
			continue;
		truth_comparison(w, m, type, "python", truth_pairs(w->truth, i));
		/* A/A has its own plan. */
		truth_comparison(w, m, type, "c", w->truth->pairs);
	}
	truth_items(w->r, type, w->truth->fault);
}

/* A session of that truth; result_release() ends it. */
static inline void truth_session(struct result *r, const struct truth *t, uint64_t seed)
{
	struct truth_world w = { .truth = t, .r = r, .kind = (enum noise)(seed % NOISES) };

	memset(r, 0, sizeof(*r));
	rng_init(&w.rng, seed, 0);
	snprintf(r->id, sizeof(r->id), "truth");
	snprintf(r->profile, sizeof(r->profile), "standard");
	r->seed = seed;
	r->complete = t->fault != FAULT_STOPPED;
	snprintf(r->stopped_by, sizeof(r->stopped_by), "%s", r->complete ? "" : "SIGINT");
	if (t->fault == FAULT_UNFIT)
		result_add_fact(r, RESULT_FACT_UNFIT, "cores: 1 allowed");
	for (int i = 0; i < (truth_of_three(t) ? EVENT_TYPES : EVENT_KEYSTROKE + 1); i++)
		truth_extractor(&w, (enum event_type)i);
}

/* Of the whole; *j is the keystroke extractor's. */
static inline enum decision_verdict truth_verdict_of_all(const struct truth *t,
							 const struct decision_rules *rules,
							 const struct model *m,
							 struct decision_judgement *j)
{
	struct decision *d = mem_calloc(1, sizeof(*d));
	struct decision_rules many = *rules; /* shares its strings */
	struct err e = ERR_INIT;
	enum decision_verdict verdict;

	if (t->fault == FAULT_ONE_OF_MANY)
		many.machines = 1e4;
	BUG_ON(decision_build(d, &many, m, &e));
	verdict = d->whole.verdict;
	*j = d->extractors[EVENT_KEYSTROKE].judged;
	free(d);
	return verdict;
}

/* What the rules make of it; the model is on the heap as it is large. */
static inline enum decision_verdict truth_verdict(const struct truth *t,
						  const struct decision_rules *rules,
						  const struct result *r,
						  struct decision_judgement *j)
{
	struct decision_evidence *x = mem_calloc(1, sizeof(*x));
	struct model *m = mem_calloc(1, sizeof(*m));
	enum decision_verdict verdict;

	model_build(m, r);
	if (truth_of_three(t)) {
		verdict = truth_verdict_of_all(t, rules, m, j);
	} else {
		BUG_ON(!decision_gather(x, rules, m, EVENT_KEYSTROKE));
		decision_judge(j, rules, x);
		verdict = j->verdict;
	}
	model_release(m);
	free(m);
	free(x);
	return verdict;
}

static inline void truth_rules(struct decision_rules *rules)
{
	struct err e = ERR_INIT;

	/* The defaults, which scenarios/decision.ini spells out. */
	BUG_ON(decision_rules_parse(rules, "", 0, "defaults", &e));
}

#endif
