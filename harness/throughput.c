/*
 * Throughput; see throughput.h.  The drains are pairs (pairs.h); the searches are
 * made here.
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
#include "harness/duet.h"
#include "harness/pairs.h"
#include "harness/schedule.h"
#include "harness/stats/quantile.h"
#include "harness/sustain.h"

/* ts spacing of a drain: as if at this rate, so that the whole plan lies within the window. */
#define DRAIN_PLAN_HZ 200000.0
/* Open loop at hundreds of thousands a second: what is due within 1 ms goes out at once. */
#define BURSTS_PER_S 1000.0

/* ---- plans ---------------------------------------------------------------------------- */

struct plan_lane throughput_lane(const struct session *s, enum event_type type)
{
	struct plan_lane lane = { .recording = s->recording };

	if (s->scenario.mix[type] == MIX_HUMAN)
		memcpy(lane.weight, scenario_human_hz, sizeof(lane.weight));
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
		throughput_lane(s, type),
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
	struct plan_lane lane = throughput_lane(s, type);
	struct plan_spec spec = { .seed = seed, .lanes = &lane, .n_lanes = 1 };

	lane.count = (size_t)(rate_hz * s->size->hold_s);
	lane.rate_hz = rate_hz;
	lane.arrival = ARRIVAL_BURSTS;
	lane.burst = (int64_t)ceil(rate_hz / BURSTS_PER_S);
	return plan_build(out, &spec, e);
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

	run_begin(s, run, type, subject, "sustain");
	snprintf(trial.scenario, sizeof(trial.scenario), "%s", run->scenario);
	snprintf(trial.subject, sizeof(trial.subject), "%s", run->subject);
	snprintf(trial.implementation, sizeof(trial.implementation), "%s", run->implementation);
	progress_step(&s->progress, "search %d: %s at %.1f k events/s", search + 1, run->subject,
		      rate / 1e3);
	snprintf(run->id, sizeof(run->id), "%s-sustain-%d-%.0f-%.12s", event_type_names[type],
		 search + 1, rate, run->implementation);
	run->plan_seed = seed;
	rc = build_paced_plan(s, type, rate, seed, &plan, e);
	if (!rc) {
		rc = run_absorb(s, sustain_trial(s, subject, plan, run, &trial, e), run, e);
		if (!rc && run->status == RUN_FAILED && !trial.why[0])
			snprintf(trial.why, sizeof(trial.why), "%.159s", run->why);
	}
	progress_add(&s->progress, s->size->hold_s + 1);
	plan_free(plan);
	if (!rc) {
		trial.run = (int)s->result.n_runs;
		result_add_run(&s->result, run);
		result_add_trial(&s->result, &trial);
		*held = trial.held;
		rc = session_save(s, e);
	}
	free(run);
	return rc ? rc : s->stopped ? err_set(e, -EINTR, "stopped by a signal") : 0;
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

/* How many trials the searches will make: the comparisons are not in the result yet. */
static int64_t n_trials(const struct session *s)
{
	char names[SCENARIO_IMPLEMENTATIONS_MAX][24];
	int64_t n = (int64_t)scenario_implementations(&s->scenario, names), extractors = 0;

	for (int t = 0; t < EVENT_TYPES; t++)
		extractors += scenario_has(&s->scenario, (enum event_type)t);
	return n * extractors * s->size->searches * s->size->search_trials;
}

/* ---- the scenario ---------------------------------------------------------------------------- */

const struct pairs_phase throughput_drain_phase = {
	.name = "drain",
	.does = "drains",
	.cost_s = 2,
	.primary = METRIC_DRAIN_RATE,
	.plan = build_drain_plan,
	.run = drain_run,
};

int throughput_run(struct session *s, struct err *e)
{
	double search_s = (double)n_trials(s) * (s->size->hold_s + 1);
	struct pairs_phase phases[2] = { throughput_drain_phase };
	size_t n = duet_phase(s, &phases[1]) ? 2 : 1;
	int rc;

	s->progress.total += search_s;
	rc = pairs_run_all(s, phases, n, s->deadline_ns - (int64_t)(search_s * 1e9), e);
	return rc ? rc : run_searches(s, e);
}
