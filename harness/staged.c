/* Staged runs; see staged.h. */
#include "harness/staged.h"

#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/probes/reconcile.h"

#define LOOK_NS	 (100 * NS_PER_MS) /* at Redis, not at the subject */
#define START_NS (20 * NS_PER_MS)  /* from now to the plan's time 0 */

void staged_gauge(struct run *run, enum metric_id id, const struct probe_sample *s,
		  enum probe_metric m)
{
	if (probe_has(s, m))
		run_set(run, id, (double)s->value[m]);
	else
		run_unavailable(run, id, s->reason[m]);
}

void staged_growth(struct run *run, enum metric_id id, const struct probe_sample *from,
		   const struct probe_sample *to, enum probe_metric m, double factor)
{
	int64_t delta;

	if (probe_delta(from, to, m, &delta))
		run_set(run, id, (double)delta * factor);
	else
		run_unavailable(run, id, to->reason[m][0] ? to->reason[m] : from->reason[m]);
}

void staged_growth_of(struct run *run, enum metric_id id, const struct probe_sample *from,
		      const struct probe_sample *to, enum probe_metric best,
		      enum probe_metric fallback, double factor)
{
	bool has_best = probe_has(from, best) && probe_has(to, best);

	staged_growth(run, id, from, to, has_best ? best : fallback, factor);
}

/* The two instruments against each other, over the whole run (rule 10). */
static void note_residuals(struct run *run, const struct probe_sample *from,
			   const struct probe_sample *to)
{
	struct instrument *in = &run->instrument;
	struct reconcile r;
	int64_t unseen, slices;
	const struct reconcile_row *cpu = &r.rows[RECONCILE_CPU],
				   *both = &r.rows[RECONCILE_CPU_AND_WAIT];

	reconcile(from, to, &r);
	if (!cpu->there || !both->there) {
		snprintf(in->ebpf_why, sizeof(in->ebpf_why), "%s",
			 cpu->there ? both->why : cpu->why);
		return;
	}
	in->ebpf_cpu_us_per_10s = (double)cpu->residual / 1e3 * 10 / r.seconds;
	in->ebpf_cpu_within = cpu->within;
	in->ebpf_cpu_and_wait_us_per_10s = (double)both->residual / 1e3 * 10 / r.seconds;
	in->ebpf_cpu_and_wait_within = both->within;
	if (r.rows[RECONCILE_VOLUNTARY].there && r.rows[RECONCILE_INVOLUNTARY].there)
		in->ebpf_switches = (double)(r.rows[RECONCILE_VOLUNTARY].residual +
					     r.rows[RECONCILE_INVOLUNTARY].residual);
	if (r.rows[RECONCILE_FAULTS].there)
		in->ebpf_faults = (double)r.rows[RECONCILE_FAULTS].residual;
	if (probe_delta(from, to, PROBE_EBPF_UNSEEN, &unseen) &&
	    probe_delta(from, to, PROBE_EBPF_TIMESLICES, &slices) && slices)
		in->ebpf_unseen_frac = (double)unseen / (double)slices;
}

double staged_seconds(const struct probe_sample *from, const struct probe_sample *to)
{
	return (double)(to->at_ns - from->at_ns) / 1e9;
}

double staged_events(const struct live *lv, double from_s, double to_s)
{
	size_t n = 0;

	for (size_t i = 0; i < lv->plan->n; i++) {
		double due_s = (double)lv->plan->entries[i].due_ns / 1e9;

		n += due_s >= from_s && due_s < to_s;
	}
	return (double)n;
}

static int wait_until(struct live *lv, int64_t due_ns, struct err *e)
{
	int rc = 0;

	while (!rc && clock_mono_ns() < due_ns && !live_gen_failed(lv)) {
		int64_t left_ns = due_ns - clock_mono_ns();

		rc = live_step(lv, left_ns < LOOK_NS ? left_ns : LOOK_NS, e);
	}
	return rc;
}

static int measure(struct live *lv, const struct staged *st, struct err *e)
{
	struct probe_sample *samples = mem_calloc(st->n_marks, sizeof(*samples));
	int64_t start_ns = clock_mono_ns() + START_NS;
	int rc = live_load(lv, GEN_OPEN_LOOP, start_ns, e);

	for (size_t i = 0; !rc && i < st->n_marks; i++) {
		rc = wait_until(lv, start_ns + (int64_t)(st->marks_s[i] * 1e9), e);
		rc = rc ? rc : live_sample(lv, PROBE_ALL, &samples[i], e);
	}
	while (!rc && live_answered(lv) < lv->plan->n && !live_gen_failed(lv))
		rc = live_step(lv, LOOK_NS, e);
	rc = rc ? rc : live_close_books(lv, e);
	if (!rc) {
		st->score(lv, samples, lv->run);
		note_residuals(lv->run, &samples[0], &samples[st->n_marks - 1]);
	}
	free(samples);
	return rc;
}

int staged_run(struct session *s, const struct subject *subject, struct plan *plan, struct run *run,
	       const struct staged *st, struct err *e)
{
	struct live lv;
	int rc = live_open(&lv, s, subject, plan, run, e);

	rc = rc ? rc : measure(&lv, st, e);
	live_close(&lv);
	return rc;
}
