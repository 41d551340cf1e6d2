/* Staged runs; see staged.h. */
#include "harness/staged.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/probes/reconcile.h"
#include "harness/timeline_files.h"

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

/* ---- the timeline ----------------------------------------------------------------------- */

/* How all subjects are watched: `lines` one each, or NULL. */
struct watch {
	struct live *const *lives;
	size_t n;
	int64_t start_ns; /* the plan's time 0 */
	struct timeline *lines;
};

static double value_or_none(const struct probe_sample *s, enum probe_metric m)
{
	return probe_has(s, m) ? (double)s->value[m] : NAN;
}

/* A subject that is gone is found out by the next step. */
static void glance(const struct watch *w, size_t subject)
{
	const uint64_t want = PROBE_BIT(PROBE_RSS_FAST_BYTES) | PROBE_BIT(PROBE_CPU_NS) |
			      PROBE_BIT(PROBE_RUNQ_WAIT_NS);
	struct timeline *line = &w->lines[subject];
	struct probe_sample s;
	struct timeline_row row;

	if (!timeline_is_due(line, (double)(clock_mono_ns() - w->start_ns) / 1e9) ||
	    live_glance(w->lives[subject], want, &s))
		return;
	row.elapsed_s = (double)(s.at_ns - w->start_ns) / 1e9;
	row.rss_fast_bytes = value_or_none(&s, PROBE_RSS_FAST_BYTES);
	row.cpu_ns = value_or_none(&s, PROBE_CPU_NS);
	row.runq_wait_ns = value_or_none(&s, PROBE_RUNQ_WAIT_NS);
	timeline_add(line, &row);
}

static void begin_timelines(struct watch *w, const struct staged *st)
{
	if (!st->stages[0])
		return;
	w->lines = mem_calloc(w->n, sizeof(*w->lines));
	for (size_t i = 0; i < w->n; i++) {
		timeline_init(&w->lines[i], w->lives[i]->run->id, (double)LOOK_NS / 1e9);
		for (size_t k = 0; k < st->n_marks; k++)
			timeline_add_stage(&w->lines[i], st->stages[k], st->marks_s[k]);
	}
}

/* Written once nothing is measured any more.  One of several processes would be of the first alone. */
static int keep_timeline(const struct watch *w, size_t subject, const struct probe_sample *last,
			 struct err *e)
{
	struct session *s = w->lives[subject]->session;
	int rc;

	if (!w->lines || !w->lines[subject].n || !probe_has(last, PROBE_CPU_NS))
		return 0;
	rc = timeline_files_save(&w->lines[subject], buf_str(&s->out_dir), e);
	if (!rc)
		result_add_timeline(&s->result, &w->lines[subject]);
	return rc;
}

static void end_timelines(struct watch *w)
{
	for (size_t i = 0; w->lines && i < w->n; i++)
		timeline_release(&w->lines[i]);
	free(w->lines);
}

/* ---- the run -------------------------------------------------------------------------------- */

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

static int wait_until(const struct watch *w, int64_t due_ns, struct err *e)
{
	int rc = 0;

	while (!rc && clock_mono_ns() < due_ns && !any_gen_failed(w->lives, w->n)) {
		int64_t left_ns = due_ns - clock_mono_ns();

		for (size_t i = 0; w->lines && i < w->n; i++)
			glance(w, i);
		rc = step(w->lives, w->n, left_ns < LOOK_NS ? left_ns : LOOK_NS, e);
	}
	return rc;
}

/* samples: all marks of the first subject, of the second, … */
static int sample_marks(const struct watch *w, const struct staged *st,
			struct probe_sample *samples, struct err *e)
{
	int rc = 0;

	for (size_t k = 0; !rc && k < st->n_marks; k++) {
		rc = wait_until(w, w->start_ns + (int64_t)(st->marks_s[k] * 1e9), e);
		for (size_t i = 0; !rc && i < w->n; i++)
			rc = live_sample(w->lives[i], PROBE_ALL, &samples[i * st->n_marks + k], e);
		if (!rc && st->at_mark)
			rc = st->at_mark(w->lives, w->n, k, e);
	}
	return rc;
}

/* What came of each, once all of them are closed. */
static int score_all(const struct watch *w, const struct staged *st,
		     const struct probe_sample *samples, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < w->n; i++) {
		const struct probe_sample *its = &samples[i * st->n_marks],
					  *last = &its[st->n_marks - 1];

		st->score(w->lives[i], its, w->lives[i]->run);
		note_residuals(w->lives[i]->run, &its[0], last);
		rc = keep_timeline(w, i, last, e);
	}
	return rc;
}

int staged_measure(struct live *const *lives, size_t n, const struct staged *st, struct err *e)
{
	struct probe_sample *samples = mem_calloc(n * st->n_marks, sizeof(*samples));
	struct watch w = { .lives = lives, .n = n };
	int rc = 0;

	begin_timelines(&w, st);
	w.start_ns = clock_mono_ns() + START_NS;
	for (size_t i = 0; !rc && i < n; i++)
		rc = live_load(lives[i], GEN_OPEN_LOOP, w.start_ns, e);
	rc = rc ? rc : sample_marks(&w, st, samples, e);
	while (!rc && !all_answered(lives, n) && !any_gen_failed(lives, n))
		rc = step(lives, n, LOOK_NS, e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = live_close_books(lives[i], e);
	rc = rc ? rc : score_all(&w, st, samples, e);
	end_timelines(&w);
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
