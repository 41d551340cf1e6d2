/* Instructions per event of a scenario's subjects; see instructions_phase.h. */
#include "harness/instructions_phase.h"

#include <errno.h>

#include "extractors/base/clock.h"
#include "harness/aside.h"
#include "harness/instructions.h"
#include "harness/live.h"

#define TIMEOUT_NS (300 * NS_PER_S)
/* Of the plan: one for all sessions, so that nights can be compared. */
#define PLAN_SEED 1

static int build_plan(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
		      struct err *e)
{
	struct plan_lane lane = {
		.count = 2 * (size_t)s->size->instruction_events,
		.rate_hz = 1000,
		.arrival = ARRIVAL_CONSTANT,
		.app_cycle = true,
	};
	const struct plan_spec spec = { .seed = seed, .lanes = &lane, .n_lanes = 1 };

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

static int count(struct session *s, const struct subject *subject, struct plan *plan,
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
	if (rc == -ENOTSUP) {
		ledger_unavailable(&run->ledger, "received by the subject", "%s", e->text);
		run_unavailable(run, METRIC_INSTRUCTIONS, e->text);
		err_reset(e);
		return 0;
	}
	if (rc)
		return rc;
	run->plan_events = run->plan_own_events = in.sent;
	run_set(run, METRIC_INSTRUCTIONS, in.per_event);
	make_books(run, &in);
	return 0;
}

int instructions_phase_run(struct session *s, struct err *e)
{
	static const struct aside aside = {
		.phase = INSTRUCTIONS_PHASE,
		.what = "the instructions of",
		.available = instructions_available,
		.fact = "instructions per event",
		.seed = PLAN_SEED,
		.repeats = INSTRUCTIONS_REPEATS,
		.slow_ns = INSTRUCTIONS_SLOW_NS,
		.compared = true,
		.plan = build_plan,
		.run = count,
	};

	return s->size->instruction_events ? aside_run(s, &aside, e) : 0;
}
