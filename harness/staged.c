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

enum probe_metric staged_source(const struct session *s, enum probe_metric ebpf,
				enum probe_metric procfs)
{
	return s->holds_ebpf ? ebpf : procfs;
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

/* A moment, and then a look at everybody. */
static int step(struct live *const *lives, size_t n, int64_t wait_ns, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = live_step(lives[i], i ? 0 : wait_ns, e);
	return rc;
}

static bool any_gen_failed(struct live *const *lives, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= live_gen_failed(lives[i]);
	return any;
}

static bool all_answered(struct live *const *lives, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (live_answered(lives[i]) < lives[i]->plan->n)
			return false;
	return true;
}

static int wait_until(struct live *const *lives, size_t n, int64_t due_ns, struct err *e)
{
	int rc = 0;

	while (!rc && clock_mono_ns() < due_ns && !any_gen_failed(lives, n)) {
		int64_t left_ns = due_ns - clock_mono_ns();

		rc = step(lives, n, left_ns < LOOK_NS ? left_ns : LOOK_NS, e);
	}
	return rc;
}

/* samples: all marks of the first subject, of the second, … */
static int sample_marks(struct live *const *lives, size_t n, const struct staged *st,
			int64_t start_ns, struct probe_sample *samples, struct err *e)
{
	int rc = 0;

	for (size_t k = 0; !rc && k < st->n_marks; k++) {
		rc = wait_until(lives, n, start_ns + (int64_t)(st->marks_s[k] * 1e9), e);
		for (size_t i = 0; !rc && i < n; i++)
			rc = live_sample(lives[i], PROBE_ALL, &samples[i * st->n_marks + k], e);
		if (!rc && st->at_mark)
			rc = st->at_mark(lives, n, k, e);
	}
	return rc;
}

int staged_measure(struct live *const *lives, size_t n, const struct staged *st, struct err *e)
{
	struct probe_sample *samples = mem_calloc(n * st->n_marks, sizeof(*samples));
	int64_t start_ns = clock_mono_ns() + START_NS;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = live_load(lives[i], GEN_OPEN_LOOP, start_ns, e);
	rc = rc ? rc : sample_marks(lives, n, st, start_ns, samples, e);
	while (!rc && !all_answered(lives, n) && !any_gen_failed(lives, n))
		rc = step(lives, n, LOOK_NS, e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = live_close_books(lives[i], e);
	for (size_t i = 0; !rc && i < n; i++) {
		const struct probe_sample *its = &samples[i * st->n_marks];

		st->score(lives[i], its, lives[i]->run);
		note_residuals(lives[i]->run, &its[0], &its[st->n_marks - 1]);
	}
	free(samples);
	return rc;
}

int staged_run(struct session *s, const struct subject *subject, struct plan *plan, struct run *run,
	       const struct staged *st, struct err *e)
{
	struct live lv, *const one = &lv;
	int rc = live_open(&lv, s, subject, plan, run, e);

	rc = rc ? rc : staged_measure(&one, 1, st, e);
	live_close(&lv);
	return rc;
}
