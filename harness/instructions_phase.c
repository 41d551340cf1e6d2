/* Instructions per event of a scenario's subjects; see instructions_phase.h. */
#include "harness/instructions_phase.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/instructions.h"
#include "harness/live.h"
#include "harness/pairs.h"

#define TIMEOUT_NS (300 * NS_PER_S)
/* Of the plan: one for all sessions, so that nights can be compared. */
#define PLAN_SEED 1

static int build_plan(struct session *s, enum event_type type, struct plan **out, struct err *e)
{
	struct plan_lane lane = {
		.count = 2 * (size_t)s->size->instruction_events,
		.rate_hz = 1000,
		.arrival = ARRIVAL_CONSTANT,
		.app_cycle = true,
	};
	const struct plan_spec spec = { .seed = PLAN_SEED, .lanes = &lane, .n_lanes = 1 };

	lane.weight[type] = 1;
	return plan_build(out, &spec, e);
}

/* Every event was received; every feature message it speaks of was taken. */
static void make_books(struct run *run, const struct instructions *in)
{
	const struct ledger_line *open;

	if (in->received >= 0)
		ledger_add(&run->ledger, "received by the subject", in->sent, in->received,
			   "in the runs of one count");
	else
		ledger_unavailable(&run->ledger, "received by the subject",
				   "the subject has no counters");
	if (in->features >= 0)
		ledger_add(&run->ledger, "feature messages taken", in->features, in->published,
			   "in the runs of one count");
	open = ledger_first_open(&run->ledger);
	if (open) {
		run->status = RUN_VOID;
		ledger_line_words(open, run->why, sizeof(run->why));
	}
}

static int count(struct session *s, const struct subject *subject, const struct plan *plan,
		 struct run *run, struct err *e)
{
	struct strv env = { 0 };
	struct instructions in;
	const struct instructions_conf conf = {
		.name = subject->name,
		.argv = &subject->argv,
		.env = &env,
		.dir = s->dir,
		.cpus = &s->cpus.subject,
		.hooks = &s->hooks,
		.loop = s->loop,
		.plan = plan,
		.events = (size_t)s->size->instruction_events,
		.timeout_ns = TIMEOUT_NS,
	};
	int rc;

	live_env(s, s->sut, subject, run->extractor, &env);
	rc = instructions_count(&conf, &in, e);
	strv_release(&env);
	if (rc)
		return rc;
	run->plan_events = run->plan_own_events = in.sent;
	run_set(run, METRIC_INSTRUCTIONS, in.per_event);
	make_books(run, &in);
	return 0;
}

static int count_once(struct session *s, const struct subject *subject, enum event_type type,
		      const struct plan *plan, int number, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	int64_t from_ns = clock_mono_ns();
	int rc;

	run_begin(s, run, type, subject, INSTRUCTIONS_PHASE);
	run->started_wall_us = clock_wall_us();
	run->plan_seed = PLAN_SEED;
	run->plan_checksum = plan->checksum;
	snprintf(run->id, sizeof(run->id), "%s-%s-%d-%.12s", event_type_names[type],
		 INSTRUCTIONS_PHASE, number, run->implementation);
	progress_step(&s->progress, "run %zu: the instructions of %s", s->result.n_runs + 1,
		      subject->name);
	rc = run_absorb(s, count(s, subject, plan, run, e), run, e);
	run->seconds = (double)(clock_mono_ns() - from_ns) / 1e9;
	if (!rc) {
		result_add_run(&s->result, run);
		rc = session_save(s, e);
	}
	free(run);
	return rc ? rc : s->stopped ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static bool is_counted(const struct session *s, enum event_type type, const char *implementation)
{
	for (size_t i = 0; i < s->result.n_runs; i++) {
		const struct run *run = &s->result.runs[i];

		if (run->extractor == type && !strcmp(run->phase, INSTRUCTIONS_PHASE) &&
		    !strcmp(run->scenario, s->scenario.name) &&
		    !strcmp(run->implementation, implementation))
			return true;
	}
	return false;
}

static int count_side(struct session *s, enum event_type type, const char *implementation,
		      const struct plan *plan, struct err *e)
{
	const struct subject *subject = subjects_find(&s->subjects, implementation, type, e);
	bool slow = false;
	int rc;

	if (!subject)
		return err_wrap(e, "%s: compare", s->scenario.path);
	rc = is_counted(s, type, implementation) ? 0 : session_add_subject(s, subject, e);
	if (rc || is_counted(s, type, implementation))
		return rc;
	for (int k = 0; !rc && !slow && k < INSTRUCTIONS_REPEATS; k++) {
		int64_t from_ns = clock_mono_ns();

		rc = count_once(s, subject, type, plan, k, e);
		slow = clock_mono_ns() - from_ns > INSTRUCTIONS_SLOW_NS;
	}
	return rc;
}

static int count_type(struct session *s, enum event_type type, struct err *e)
{
	struct plan *plan = NULL;
	char a[24], b[24];
	int rc = build_plan(s, type, &plan, e);

	for (size_t i = 0; !rc && scenario_comparison(&s->scenario, i, a, b); i++) {
		rc = count_side(s, type, a, plan, e);
		rc = rc ? rc : count_side(s, type, b, plan, e);
		if (!rc && strcmp(a, b))
			result_add_comparison(&s->result, s->scenario.name, INSTRUCTIONS_PHASE,
					      type, a, b);
	}
	plan_free(plan);
	return rc;
}

int instructions_phase_run(struct session *s, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = 0;

	if (!s->size->instruction_events)
		return 0;
	if (instructions_available(&why)) {
		result_add_fact(&s->result, "instructions per event", "unavailable: %s", why.text);
		return 0;
	}
	for (int t = 0; !rc && t < EVENT_TYPES; t++)
		if (scenario_has(&s->scenario, (enum event_type)t))
			rc = count_type(s, (enum event_type)t, e);
	return rc;
}
