/* Runs on the side; see aside.h. */
#include "harness/aside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/pairs.h"
#include "harness/probes/attribution.h"

static int run_once(struct session *s, const struct aside *aside, const struct subject *subject,
		    enum event_type type, struct plan *plan, int number, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	int64_t from_ns = clock_mono_ns();
	int rc;

	run_begin(s, run, type, subject, aside->phase);
	run->started_wall_us = clock_wall_us();
	run->plan_seed = aside->seed;
	run->plan_checksum = plan->checksum;
	snprintf(run->id, sizeof(run->id), "%s-%s-%d-%.12s", event_type_names[type], aside->phase,
		 number, run->implementation);
	progress_step(&s->progress, "run %zu: %s %s", s->result.n_runs + 1, aside->what,
		      subject->name);
	rc = run_absorb(s, aside->run(s, subject, plan, run, e), run, e);
	run->seconds = (double)(clock_mono_ns() - from_ns) / 1e9;
	if (!rc) {
		if (run->status == RUN_VOID)
			progress_note(&s->progress, "void: %s: %s", run->id, run->why);
		result_add_run(&s->result, run);
		rc = session_save(s, e);
	} else {
		run_release(run);
	}
	free(run);
	return rc ? rc : s->stopped ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static bool is_done(const struct session *s, const struct aside *aside, enum event_type type,
		    const char *implementation)
{
	for (size_t i = 0; i < s->result.n_runs; i++) {
		const struct run *run = &s->result.runs[i];

		if (run->extractor == type && !strcmp(run->phase, aside->phase) &&
		    !strcmp(run->scenario, s->scenario.name) &&
		    !strcmp(run->implementation, implementation))
			return true;
	}
	return false;
}

static int run_side(struct session *s, const struct aside *aside, enum event_type type,
		    const char *implementation, struct plan *plan, struct err *e)
{
	const struct subject *subject = subjects_find(&s->subjects, implementation, type, e);
	bool slow = false;
	int rc;

	if (!subject)
		return err_wrap(e, "%s: compare", s->scenario.path);
	if (is_done(s, aside, type, implementation))
		return 0;
	rc = session_add_subject(s, subject, e);
	for (int k = 0; !rc && !slow && k < aside->repeats; k++) {
		int64_t from_ns = clock_mono_ns();

		rc = run_once(s, aside, subject, type, plan, k, e);
		slow = aside->slow_ns && clock_mono_ns() - from_ns > aside->slow_ns;
	}
	return rc;
}

static int run_type(struct session *s, const struct aside *aside, enum event_type type,
		    struct err *e)
{
	struct plan *plan = NULL;
	char a[24], b[24];
	int rc = aside->plan(s, type, aside->seed, &plan, e);

	for (size_t i = 0; !rc && scenario_comparison(&s->scenario, i, a, b); i++) {
		rc = run_side(s, aside, type, a, plan, e);
		rc = rc ? rc : run_side(s, aside, type, b, plan, e);
		if (!rc && aside->compared && strcmp(a, b))
			result_add_comparison(&s->result, s->scenario.name, aside->phase, type, a,
					      b);
	}
	plan_free(plan);
	return rc;
}

int aside_run(struct session *s, const struct aside *aside, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = 0;

	if (aside->available(&why)) {
		result_add_fact(&s->result, aside->fact, "unavailable: %s", why.text);
		return 0;
	}
	for (int t = 0; !rc && t < EVENT_TYPES; t++)
		if (scenario_has(&s->scenario, (enum event_type)t))
			rc = run_type(s, aside, (enum event_type)t, e);
	return rc;
}

int aside_can_trace(struct err *e)
{
	struct attribution *a = NULL;
	int rc = attribution_open(&a, getpid(), e);

	if (!rc)
		attribution_close(a);
	return rc;
}
