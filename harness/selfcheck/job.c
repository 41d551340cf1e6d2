/* A run of a self-check; see job.h. */
#include "harness/selfcheck/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/pairs.h"

#define START_NS (20 * NS_PER_MS) /* from the first look to the plan's time 0 */
#define STEP_NS	 (10 * NS_PER_MS) /* between looks at Redis: not at the subject */

int job_subject(struct subject *out, const struct selfcheck *sc, int extractor, const char *command)
{
	struct buf line = { 0 };
	const char *p = command, *at;
	int rc;

	*out = (struct subject){
		.path = mem_strdup("selfcheck"),
		.name = mem_strdup("selfcheck"),
		.implementation = mem_strdup("selfcheck"),
		.extractor = extractor,
		.readiness = READY_NOTIFY,
		.has_counters = SUBJECT_YES,
		.has_trace = extractor != SUBJECT_ANY,
		.ready_timeout_s = 10,
	};
	for (; (at = strstr(p, "${bin}")); p = at + 6) {
		buf_add(&line, p, (size_t)(at - p));
		buf_add_str(&line, sc->session->conf.bin);
	}
	buf_add_str(&line, p);
	out->command = mem_strdup(buf_str(&line));
	rc = strv_split(&out->argv, out->command, NULL);
	buf_release(&line);
	return rc;
}

static int build_plan(struct selfcheck *sc, const struct job *job, struct plan **plan,
		      struct err *e)
{
	struct plan_lane lane = {
		.count = job->events,
		.rate_hz = job->rate_hz,
		.arrival = ARRIVAL_CONSTANT,
		.start_ns = (int64_t)(job->start_s * 1e9),
	};
	struct plan_spec spec = { .seed = rng_u64(&sc->session->rng),
				  .lanes = &lane,
				  .n_lanes = 1 };

	lane.weight[job->type] = 1;
	return plan_build(plan, &spec, e);
}

/* Until the plan is through and the tail has passed. */
static int watch(struct live *lv, const struct job *job, int64_t start_ns, struct err *e)
{
	int64_t due_ns =
		start_ns + lv->plan->entries[lv->plan->n - 1].due_ns + (int64_t)(job->tail_s * 1e9);
	int rc = 0;

	if (job->mode == GEN_DRAIN)
		due_ns = 0;
	while (!rc && !live_gen_failed(lv) &&
	       (clock_mono_ns() < due_ns || live_answered(lv) < lv->plan->n)) {
		int64_t left_ns = due_ns - clock_mono_ns();

		rc = live_step(lv, left_ns > 0 && left_ns < STEP_NS ? left_ns : STEP_NS, e);
		if (!rc && job->during)
			rc = job->during(lv, start_ns, job->ctx, e);
	}
	return rc;
}

static int measure(struct live *lv, const struct job *job, struct err *e)
{
	struct probe_sample *looks = mem_calloc(2, sizeof(*looks));
	int64_t start_ns;
	int rc = live_sample(lv, PROBE_ALL, &looks[0], e);

	start_ns = clock_mono_ns() + START_NS;
	rc = rc ? rc : live_load(lv, job->mode, start_ns, e);
	rc = rc ? rc : watch(lv, job, start_ns, e);
	rc = rc ? rc : live_sample(lv, PROBE_ALL, &looks[1], e);
	rc = rc ? rc : live_close_books(lv, e);
	if (!rc && job->after)
		job->after(lv, looks, job->ctx);
	free(looks);
	return rc;
}

int job_run(struct selfcheck *sc, const struct job *job, struct run *run, struct err *e)
{
	struct session *s = sc->session;
	struct plan *plan = NULL;
	struct live *lv;
	int rc = build_plan(sc, job, &plan, e);

	if (rc)
		return rc;
	lv = mem_calloc(1, sizeof(*lv));
	run_begin(s, run, job->type, job->subject, "selfcheck");
	snprintf(run->id, sizeof(run->id), "selfcheck-%03zu", s->result.n_runs);
	rc = live_open(lv, s, job->subject, plan, run, e);
	rc = rc ? rc : measure(lv, job, e);
	live_close(lv);
	free(lv);
	plan_free(plan);
	if (!rc)
		result_add_run(&s->result, run);
	return rc;
}

bool job_closed(const struct run *run)
{
	return run->ledger.n && !ledger_first_open(&run->ledger);
}
