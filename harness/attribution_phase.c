/* System calls per event of a scenario's subjects; see attribution_phase.h. */
#include "harness/attribution_phase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/aside.h"
#include "harness/live.h"
#include "harness/pgroup.h"
#include "harness/probes/attribution.h"

#define RATE_HZ	 1000.0
#define LOOK_NS	 (100 * NS_PER_MS)
#define START_NS (20 * NS_PER_MS)
#define TAIL_NS	 (200 * NS_PER_MS) /* for the calls that the last event brings about */
/* A call less often than this per event is not named. */
#define NAMED_MIN 0.0005
#define NAMED_MAX 12

static int build_plan(struct session *s, enum event_type type UNUSED, uint64_t seed,
		      struct plan **out, struct err *e)
{
	struct plan_lane lane = {
		.count = (size_t)s->size->attribution_events,
		.rate_hz = RATE_HZ,
		.arrival = ARRIVAL_CONSTANT,
	};
	const struct plan_spec spec = { .seed = seed, .lanes = &lane, .n_lanes = 1 };

	memcpy(lane.weight, scenario_human_hz, sizeof(lane.weight));
	return plan_build(out, &spec, e);
}

/* ---- what was counted ------------------------------------------------------------------- */

static void subtract(struct attribution_syscalls *from, const struct attribution_syscalls *less)
{
	for (int nr = 0; nr < ATTRIBUTION_SYSCALLS; nr++) {
		from->count[nr] -= less->count[nr];
		from->ns[nr] -= less->ns[nr];
	}
}

static int most_called(const struct attribution_syscalls *calls)
{
	int most = 0;

	for (int nr = 1; nr < ATTRIBUTION_SYSCALLS; nr++)
		if (calls->count[nr] > calls->count[most])
			most = nr;
	return most;
}

/* "read 1.002 (0.9 us), …": calls per event and the mean time in one; takes `calls` apart. */
static void name_calls(struct attribution_syscalls *calls, double events, struct buf *out)
{
	for (int k = 0; k < NAMED_MAX; k++) {
		int nr = most_called(calls);
		const char *name = attribution_syscall_name(nr);
		int64_t count = calls->count[nr];

		if ((double)count < NAMED_MIN * events || !count)
			return;
		buf_add_str(out, k ? ", " : "");
		if (name)
			buf_add_str(out, name);
		else
			buf_printf(out, "number %d", nr);
		buf_printf(out, " %.4g (%.3g µs)", (double)count / events,
			   (double)calls->ns[nr] / (double)count / 1e3);
		calls->count[nr] = 0;
	}
}

static void take(struct session *s, struct run *run, struct attribution_syscalls *calls)
{
	double events = (double)run->plan_events;
	struct buf names = { 0 };
	int64_t sum = 0;
	char key[96];

	for (int nr = 0; nr < ATTRIBUTION_SYSCALLS; nr++)
		sum += calls->count[nr];
	run_set(run, METRIC_SYSCALLS, (double)sum / events);
	name_calls(calls, events, &names);
	snprintf(key, sizeof(key), "system calls per event, %.48s", run->subject);
	result_add_fact(&s->result, key, "%s (in brackets the mean time in one, waiting included)",
			buf_str(&names));
	buf_release(&names);
}

/* ---- one run ------------------------------------------------------------------------------ */

static int wait_until(struct live *lv, struct attribution *a, int64_t due_ns, struct err *e)
{
	int rc = 0;

	while (!rc && clock_mono_ns() < due_ns && !live_gen_failed(lv)) {
		int64_t left_ns = due_ns - clock_mono_ns();

		rc = live_step(lv, left_ns < LOOK_NS ? left_ns : LOOK_NS, e);
		attribution_read(
			a); /* of no use here, but the ring would be full and count as lost */
	}
	return rc;
}

static int load_and_count(struct live *lv, struct attribution *a,
			  struct attribution_syscalls *before, struct attribution_syscalls *after,
			  struct err *e)
{
	int64_t start_ns = clock_mono_ns() + START_NS;
	int rc;

	attribution_syscalls(a, before);
	rc = live_load(lv, GEN_OPEN_LOOP, start_ns, e);
	while (!rc && live_answered(lv) < lv->plan->n && !live_gen_failed(lv))
		rc = wait_until(lv, a, clock_mono_ns() + LOOK_NS, e);
	rc = rc ? rc : wait_until(lv, a, clock_mono_ns() + TAIL_NS, e);
	attribution_syscalls(a, after);
	subtract(after, before);
	return rc;
}

static int trace(struct session *s, const struct subject *subject, struct plan *plan,
		 struct run *run, struct err *e)
{
	struct attribution_syscalls *sums = mem_calloc(2, sizeof(*sums));
	struct attribution *a = NULL;
	bool several;
	struct live lv;
	size_t n = 0;
	int rc = live_open(&lv, s, subject, plan, run, e);

	rc = rc ? rc : attribution_open(&a, proc_info(lv.proc)->pid, e);
	rc = rc ? rc : load_and_count(&lv, a, &sums[0], &sums[1], e);
	attribution_close(a);
	several = !rc && !pgroup_count(proc_info(lv.proc)->pid, &n) && n > 1;
	rc = rc ? rc : live_close_books(&lv, e);
	memset(run->metrics, 0, sizeof(run->metrics)); /* whatever else it took is not as usual */
	if (several)
		run_unavailable(run, METRIC_SYSCALLS,
				"the subject is several processes, only the first was traced");
	else if (!rc && (run->status == RUN_OK || run->status == RUN_DISTURBED))
		take(s, run, &sums[1]);
	live_close(&lv);
	free(sums);
	return rc;
}

int attribution_phase_run(struct session *s, struct err *e)
{
	const struct aside aside = {
		.phase = ATTRIBUTION_PHASE,
		.what = "the system calls of",
		.available = aside_can_trace,
		.fact = "system calls per event",
		.seed = s->conf.seed,
		.repeats = 1,
		.compared = true,
		.plan = build_plan,
		.run = trace,
	};

	return s->size->attribution_events ? aside_run(s, &aside, e) : 0;
}
