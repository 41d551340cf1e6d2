/* Staged runs; see staged.h. */
#include "harness/staged.h"

#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

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
	if (!rc)
		st->score(lv, samples, lv->run);
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
