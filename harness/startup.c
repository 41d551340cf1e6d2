/*
 * Start-up; see startup.h.
 *
 * Cold means that the kernel was told to drop its page cache before the exec.
 * What other running programs have mapped (the C library, say) stays, as it would
 * on a machine that is in use.
 */
#include "harness/startup.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/live.h"
#include "harness/opinions.h"
#include "harness/pairs.h"

#define EVENTS	    1500
#define RATE_HZ	    5000	    /* the fifty events that mouse features need take 10 ms */
#define FEATURES_NS (10 * NS_PER_S) /* for the first features */
#define LOOK_NS	    (NS_PER_MS / 5)
#define DROP_CACHES "/proc/sys/vm/drop_caches"

/*
 * A steady stream from readiness on, longer than any subject needs to bring out
 * features: one that still loads something after READY=1 is seen doing so.
 */
static int build_plan(struct session *s UNUSED, enum event_type type, uint64_t seed,
		      struct plan **out, struct err *e)
{
	struct plan_lane lane = {
		.count = EVENTS,
		.rate_hz = RATE_HZ,
		.arrival = ARRIVAL_CONSTANT,
		.app_cycle = true,
	};
	struct plan_spec spec = { .seed = seed, .lanes = &lane, .n_lanes = 1 };

	lane.weight[type] = 1;
	return plan_build(out, &spec, e);
}

static void set_exec_cpu(struct live *lv, const struct probe_sample *ready)
{
	if (probe_has(ready, PROBE_CPU_NS))
		run_set(lv->run, METRIC_EXEC_CPU,
			(double)(ready->value[PROBE_CPU_NS] -
				 proc_info(lv->proc)->pre_exec_cpu_ns) /
				1e6);
	else
		run_unavailable(lv->run, METRIC_EXEC_CPU, ready->reason[PROBE_CPU_NS]);
}

/* The first message of the subject's own kind, if any has come. */
static bool first_message(struct live *lv, struct tap_feature *f)
{
	for (size_t i = 0; tap_feature(lv->tap, i, f); i++)
		if (f->type == lv->run->extractor)
			return true;
	return false;
}

/*
 * From exec to its receipt.  The tap stands before the exec, the generator connects
 * after readiness: its some 0.3 ms are part of every subject's figure.
 */
static void set_first_feature(struct live *lv)
{
	struct tap_feature f;

	if (lv->is_floor)
		run_unavailable(lv->run, METRIC_FIRST_FEATURE, "the floor makes no features");
	else if (!lv->subject->has_trace && lv->run->extractor != EVENT_APP)
		run_unavailable(lv->run, METRIC_FIRST_FEATURE,
				"without trace nobody can tell whether the first message is right");
	else if (!first_message(lv, &f))
		run_unavailable(lv->run, METRIC_FIRST_FEATURE, "no feature message came");
	else
		run_set(lv->run, METRIC_FIRST_FEATURE,
			(double)(f.recv_ns - proc_info(lv->proc)->started_ns) / 1e6);
}

/* Everything is sent, and the first features are there (the floor makes none). */
static bool is_done(struct live *lv)
{
	struct tap_feature f;

	return live_answered(lv) >= lv->plan->n && (lv->is_floor || first_message(lv, &f));
}

static int measure(struct live *lv, struct err *e)
{
	struct probe_sample *ready = mem_calloc(1, sizeof(*ready));
	int64_t deadline_ns = clock_mono_ns() + FEATURES_NS;
	int rc = live_sample(lv, PROBE_ALL, ready, e);

	rc = rc ? rc : live_load(lv, GEN_OPEN_LOOP, clock_mono_ns(), e);
	while (!rc && !is_done(lv) && clock_mono_ns() < deadline_ns && !live_gen_failed(lv))
		rc = live_step(lv, LOOK_NS, e);
	rc = rc ? rc : live_close_books(lv, e);
	if (!rc) {
		set_exec_cpu(lv, ready);
		set_first_feature(lv);
	}
	free(ready);
	return rc;
}

static int run_warm(struct session *s, const struct subject *subject, struct plan *plan,
		    struct run *run, struct err *e)
{
	struct live lv;
	int rc = live_open(&lv, s, subject, plan, run, e);

	rc = rc ? rc : measure(&lv, e);
	live_close(&lv);
	return rc;
}

static int run_cold(struct session *s, const struct subject *subject, struct plan *plan,
		    struct run *run, struct err *e)
{
	int rc = file_write(DROP_CACHES, "1\n", 2, e);

	return rc ? rc : run_warm(s, subject, plan, run, e);
}

const struct pairs_phase startup_warm_phase = {
	.name = "warm",
	.does = "starts, then",
	.cost_s = 0.5,
	.primary = METRIC_READY,
	.plan = build_plan,
	.run = run_warm,
};
static const struct pairs_phase cold_phase = {
	.name = "cold",
	.does = "starts cold, then",
	.cost_s = 0.8,
	.primary = METRIC_READY,
	.plan = build_plan,
	.run = run_cold,
};

int startup_run(struct session *s, struct err *e)
{
	bool may_drop = !access(DROP_CACHES, W_OK);
	const struct pairs_phase phases[] = { startup_warm_phase, cold_phase };
	int rc;

	if (!may_drop)
		result_add_fact(&s->result, "cold start", "unavailable: %s may not be written",
				DROP_CACHES);
	/* First, so that what it takes comes out of the budget of the pairs. */
	rc = opinions_run(s, e);
	return rc ? rc
		  : pairs_run_all(s, phases, may_drop ? ARRAY_SIZE(phases) : 1, s->deadline_ns, e);
}
