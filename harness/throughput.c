/*
 * Throughput; see throughput.h.  Read run_schedule() first.
 *
 * A subject that fails is a failed run, not the end of the session; only a
 * signal, or servers that do not answer any more, are.
 */
#include "harness/throughput.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/drain.h"
#include "harness/schedule.h"
#include "harness/stats/quantile.h"
#include "harness/sustain.h"

/* ts spacing of a drain: as if at this rate, so that the whole plan lies within the window. */
#define DRAIN_PLAN_HZ 200000.0
/* Open loop at hundreds of thousands a second: what is due within 1 ms goes out at once. */
#define BURSTS_PER_S 1000.0

/* People's rates (spec/measurement.md: 15 key and 60 mouse events/s; 141 app changes an hour). */
static const double human_weight[EVENT_TYPES] = { 15, 60, 141.0 / 3600 };

/* ---- plans ---------------------------------------------------------------------------- */

static struct plan_lane own_lane(const struct session *s, enum event_type type)
{
	struct plan_lane lane = { .recording = s->recording };

	if (s->scenario.mix[type] == MIX_HUMAN)
		memcpy(lane.weight, human_weight, sizeof(lane.weight));
	else
		lane.weight[type] = 1;
	return lane;
}

static struct plan_lane single_events(enum event_type type, size_t count, double rate_hz,
				      double start_s)
{
	struct plan_lane lane = { .count = count,
				  .rate_hz = rate_hz,
				  .arrival = ARRIVAL_CONSTANT,
				  .start_ns = (int64_t)(start_s * 1e9) };

	lane.weight[type] = 1;
	return lane;
}

/*
 * Warm-up, bulk, sentinel (drain.h).  A drain does not wait for due times; they are
 * what the events' `ts` are made of, so the parts follow each other in time.  The
 * bulk's human times are stretched to a mean rate: its end lies somewhere near.
 */
static int build_drain_plan(struct session *s, enum event_type type, uint64_t seed,
			    struct plan **out, struct err *e)
{
	size_t bulk = (size_t)s->size->drain_events;
	double bulk_s = (double)bulk / DRAIN_PLAN_HZ;
	struct plan_lane lanes[3] = {
		single_events(type, DRAIN_WARM_EVENTS, 1000, 0),
		own_lane(s, type),
		single_events(type, 1, 1, 2 * bulk_s + 2),
	};
	struct plan_spec spec = { .seed = seed, .lanes = lanes, .n_lanes = ARRAY_SIZE(lanes) };

	lanes[1].count = bulk;
	lanes[1].rate_hz = DRAIN_PLAN_HZ;
	lanes[1].arrival = ARRIVAL_HUMAN;
	lanes[1].start_ns = NS_PER_S;
	return plan_build(out, &spec, e);
}

static int build_paced_plan(struct session *s, enum event_type type, double rate_hz, uint64_t seed,
			    struct plan **out, struct err *e)
{
	struct plan_lane lane = own_lane(s, type);
	struct plan_spec spec = { .seed = seed, .lanes = &lane, .n_lanes = 1 };

	lane.count = (size_t)(rate_hz * s->size->hold_s);
	lane.rate_hz = rate_hz;
	lane.arrival = ARRIVAL_BURSTS;
	lane.burst = (int64_t)ceil(rate_hz / BURSTS_PER_S);
	return plan_build(out, &spec, e);
}

/* ---- one run ---------------------------------------------------------------------------- */

static void begin_run(struct session *s, struct run *run, enum event_type type,
		      const struct subject *subject, const char *phase)
{
	memset(run, 0, sizeof(*run));
	run->extractor = type;
	run->comparison = run->pair = -1;
	run->side = 'a';
	run->instrument.little_ratio = run->instrument.pacing_p50_us = NAN;
	run->instrument.pacing_p99_us = run->instrument.pacing_max_us = NAN;
	run->instrument.generator_cpu_ns_per_event = run->instrument.tap_cpu_ns_per_event = NAN;
	run->instrument.held_back_frac = NAN;
	snprintf(run->scenario, sizeof(run->scenario), "%s", scenario_kind_names[s->scenario.kind]);
	snprintf(run->phase, sizeof(run->phase), "%s", phase);
	snprintf(run->subject, sizeof(run->subject), "%.47s", subject->name);
	snprintf(run->implementation, sizeof(run->implementation), "%.23s",
		 subject->implementation);
}

/* Do the servers still answer?  Then the failure was the subject's. */
static bool servers_answer(struct session *s)
{
	struct err ignored = ERR_INIT;
	int64_t n;

	return !redis_query_numsub(sut_redis(s->sut), EVENTS_CHANNEL, &n, &ignored);
}

/* What a run's error means for the session: 0 to go on with the run marked as failed. */
static int absorb(struct session *s, int rc, struct run *run, struct err *e)
{
	if (!rc || s->stopped || rc == -EINTR)
		return s->stopped ? -EINTR : rc;
	if (!servers_answer(s))
		return err_wrap(e, "the Redis server does not answer any more; the last run said");
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

/* ---- (a) drains, in pairs ------------------------------------------------------------------ */

static const struct subject *side_subject(struct session *s, const struct schedule_entry *en,
					  struct err *e)
{
	const struct comparison *c = &s->result.comparisons[en->comparison];

	return subjects_find(&s->subjects, en->side == 'a' ? c->a : c->b, c->extractor, e);
}

static int add_comparisons(struct session *s, struct err *e)
{
	char a[24], b[24];

	for (int t = 0; t < EVENT_TYPES; t++) {
		enum event_type type = (enum event_type)t;

		if (!scenario_has(&s->scenario, type))
			continue;
		for (size_t i = 0; scenario_comparison(&s->scenario, i, a, b); i++) {
			if (!subjects_find(&s->subjects, a, type, e) ||
			    !subjects_find(&s->subjects, b, type, e))
				return err_wrap(e, "%s: compare", s->scenario.path);
			result_add_comparison(&s->result, "throughput", "drain", type, a, b);
		}
	}
	return 0;
}

static int drain_entry(struct session *s, const struct schedule_entry *en, struct plan *plan,
		       uint64_t seed, struct err *e)
{
	enum event_type type = s->result.comparisons[en->comparison].extractor;
	const struct subject *subject = side_subject(s, en, e);
	struct run *run;
	int rc;

	if (!subject)
		return e->code;
	run = mem_calloc(1, sizeof(*run));
	begin_run(s, run, type, subject, "drain");
	run->comparison = en->comparison;
	run->pair = en->pair;
	run->side = en->side;
	run->plan_seed = seed;
	snprintf(run->id, sizeof(run->id), "%s-%02d-%d%c-%.12s", event_type_names[type],
		 en->comparison, en->pair, en->side, run->implementation);
	progress_step(&s->progress, "run %zu: %s drains %zu %s events", s->result.n_runs + 1,
		      run->subject, plan->n, event_type_names[type]);
	rc = absorb(s, drain_run(s, subject, plan, run, e), run, e);
	progress_add(&s->progress, 1);
	if (!rc) {
		say_void(s, run);
		result_add_run(&s->result, run);
		rc = session_save(s, e);
	}
	free(run);
	return rc;
}

/* Both sides of a pair get the same plan; each pair has another. */
static int run_schedule(struct session *s, const struct schedule *sched, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i + 1 < sched->n; i += 2) {
		const struct schedule_entry *en = &sched->entries[i];
		uint64_t seed = rng_u64(&s->rng);
		struct plan *plan = NULL;

		rc = build_drain_plan(s, s->result.comparisons[en->comparison].extractor, seed,
				      &plan, e);
		rc = rc ? rc : drain_entry(s, &en[0], plan, seed, e);
		rc = rc ? rc : drain_entry(s, &en[1], plan, seed, e);
		plan_free(plan);
	}
	return rc;
}

/* ---- (b) the highest sustained rate ----------------------------------------------------------- */

/* The first guess: a little less than what the subject drained. */
static double first_guess(const struct result *r, const struct subject *subject,
			  enum event_type type)
{
	double *v = mem_calloc(r->n_runs + 1, sizeof(*v)), guess = 0;
	size_t n = 0;

	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].extractor == type && r->runs[i].metrics[METRIC_DRAIN_RATE].there &&
		    (r->runs[i].status == RUN_OK || r->runs[i].status == RUN_DISTURBED) &&
		    !strcmp(r->runs[i].implementation, subject->implementation))
			v[n++] = r->runs[i].metrics[METRIC_DRAIN_RATE].value;
	if (n)
		guess = 0.9 * stats_median(v, n);
	free(v);
	return guess;
}

static int try_rate(struct session *s, const struct subject *subject, enum event_type type,
		    int search, double rate, bool *held, struct err *e)
{
	struct trial trial = { .extractor = type, .search = search, .rate_per_s = rate };
	struct run *run = mem_calloc(1, sizeof(*run));
	uint64_t seed = rng_u64(&s->rng);
	struct plan *plan = NULL;
	int rc;

	begin_run(s, run, type, subject, "sustain");
	snprintf(trial.subject, sizeof(trial.subject), "%s", run->subject);
	snprintf(trial.implementation, sizeof(trial.implementation), "%s", run->implementation);
	progress_step(&s->progress, "search %d: %s at %.1f k events/s", search + 1, run->subject,
		      rate / 1e3);
	rc = build_paced_plan(s, type, rate, seed, &plan, e);
	if (!rc) {
		rc = absorb(s, sustain_trial(s, subject, plan, run, &trial, e), run, e);
		if (!rc && run->status == RUN_FAILED && !trial.why[0])
			snprintf(trial.why, sizeof(trial.why), "%.159s", run->why);
	}
	progress_add(&s->progress, s->size->hold_s + 1);
	plan_free(plan);
	free(run);
	if (rc)
		return rc;
	*held = trial.held;
	result_add_trial(&s->result, &trial);
	return session_save(s, e);
}

static int search(struct session *s, const struct subject *subject, enum event_type type,
		  int number, struct err *e)
{
	double held = 0, not_held = 0, guess = first_guess(&s->result, subject, type);
	int rc = 0;

	for (int64_t i = 0; !rc && guess > 0 && i < s->size->search_trials; i++) {
		double rate = sustain_next_rate(held, not_held, guess);
		bool ok = false;

		rc = try_rate(s, subject, type, number, rate, &ok, e);
		if (ok)
			held = fmax(held, rate);
		else if (!(not_held > 0) || rate < not_held)
			not_held = rate;
	}
	return rc;
}

/* Every implementation that is compared for the extractor, once. */
static size_t implementations(const struct result *r, enum event_type type, const char **names,
			      size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_comparisons; i++)
		for (int side = 0; side < 2 && r->comparisons[i].extractor == type; side++) {
			const char *name = side ? r->comparisons[i].b : r->comparisons[i].a;
			size_t k = 0;

			while (k < n && strcmp(names[k], name))
				k++;
			if (k == n && n < max)
				names[n++] = name;
		}
	return n;
}

#define IMPLEMENTATIONS_MAX 16

static int run_searches(struct session *s, struct err *e)
{
	int rc = 0;

	for (int number = 0; !rc && number < s->size->searches; number++)
		for (int t = 0; !rc && t < EVENT_TYPES; t++) {
			const char *names[IMPLEMENTATIONS_MAX];
			int order[IMPLEMENTATIONS_MAX];
			size_t n = implementations(&s->result, (enum event_type)t, names,
						   IMPLEMENTATIONS_MAX);

			for (size_t i = 0; i < n; i++)
				order[i] = (int)i;
			schedule_shuffle(order, n, &s->rng);
			for (size_t i = 0; !rc && i < n; i++) {
				const struct subject *subject = subjects_find(
					&s->subjects, names[order[i]], (enum event_type)t, e);

				rc = subject ? search(s, subject, (enum event_type)t, number, e)
					     : e->code;
			}
		}
	return rc;
}

static int64_t n_trials(const struct session *s)
{
	const char *names[IMPLEMENTATIONS_MAX];
	int64_t subjects = 0;

	for (int t = 0; t < EVENT_TYPES; t++)
		subjects += (int64_t)implementations(&s->result, (enum event_type)t, names,
						     IMPLEMENTATIONS_MAX);
	return subjects * s->size->searches * s->size->search_trials;
}

/* ---- the scenario ---------------------------------------------------------------------------- */

int throughput_run(struct session *s, struct err *e)
{
	struct schedule sched = { 0 };
	int rc = add_comparisons(s, e);

	if (rc)
		return rc;
	schedule_build(&sched, (int)s->result.n_comparisons, (int)s->size->pairs, &s->rng);
	/* In units of about a second: a drain takes one or two, a trial its hold and the start. */
	s->progress.total = (double)sched.n + (double)n_trials(s) * (s->size->hold_s + 1);
	rc = run_schedule(s, &sched, e);
	rc = rc ? rc : run_searches(s, e);
	schedule_release(&sched);
	return rc;
}
