/* The drain; see drain.h. */
#include "harness/drain.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/live.h"
#include "harness/staged.h"

#define LOOK_NS (4 * NS_PER_MS) /* between looks at what Redis holds: 4,000 events at most */
#define ASK_NS	(NS_PER_MS / 2) /* between questions near the end: the error of the clock */
#define WRITTEN_NS \
	(100 * NS_PER_MS) /* between questions about the database: each costs the subject */
#define STALL_NS    (20 * NS_PER_S)  /* without progress: given up */
#define FEATURES_NS (4 * NS_PER_S)   /* for the sentinel's features */
#define SENTINEL_NS (50 * NS_PER_MS) /* beyond the update interval */

struct drain {
	struct live live;
	uint64_t bulk_from, bulk_to; /* events of the plan */
	int64_t held_ns, looked_ns;  /* how long the bound held the generator back */
	int64_t drained_ns;
};

/* Bytes that Redis holds for one event: the push, and the object around it. */
static int64_t event_bytes(const struct plan *plan)
{
	return (int64_t)(plan->bulk_bytes / plan->n) + (int64_t)PLAN_PREFIX_LEN + 16;
}

/* Let the generator go as far as the bound on outstanding data allows. */
static void allow_more(struct drain *d, int64_t now_ns)
{
	int64_t limit = d->live.session->scenario.outstanding_bytes;
	int64_t room = (limit - d->live.held_bytes) / event_bytes(d->live.plan);
	uint64_t upto = live_answered(&d->live) + (room > 0 ? (uint64_t)room : 0);

	if (room <= 0 && d->looked_ns)
		d->held_ns += now_ns - d->looked_ns;
	d->looked_ns = now_ns;
	gen_ctl_allow(&d->live.ctl, upto < d->bulk_to ? upto : d->bulk_to);
}

/* Shorter looks towards the end, so that it is not noticed late: 1 us an event is about Redis' pace. */
static int64_t look_ns(uint64_t left)
{
	int64_t ns = (int64_t)(left > 4000 ? 4000 : left) * NS_PER_US;

	return ns > LOOK_NS ? LOOK_NS : ns > ASK_NS ? ns : ASK_NS;
}

static int send_bulk(struct drain *d, struct err *e)
{
	uint64_t last = 0;
	int64_t moved_ns = clock_mono_ns();

	d->looked_ns = moved_ns;
	for (;;) {
		uint64_t answered = live_answered(&d->live);
		int64_t now_ns = clock_mono_ns();
		int rc;

		if (answered >= d->bulk_to || live_gen_failed(&d->live))
			return 0;
		if (answered != last)
			moved_ns = now_ns;
		last = answered;
		if (now_ns - moved_ns > STALL_NS)
			return err_set(
				e, -ETIMEDOUT,
				"%s: reads nothing: Redis has held %lld bytes for it for %lld s",
				d->live.subject->name, (long long)d->live.subject_bytes,
				(long long)(STALL_NS / NS_PER_S));
		allow_more(d, now_ns);
		rc = live_step(&d->live, look_ns(d->bulk_to - answered), e);
		if (rc)
			return rc;
	}
}

static int wait_until(struct drain *d, int64_t due_ns, struct err *e)
{
	int rc = 0;

	while (!rc && clock_mono_ns() < due_ns)
		rc = live_step(&d->live, due_ns - clock_mono_ns(), e);
	return rc;
}

/*
 * Send event upto-1 when an attempt at features is due again, and wait for what it
 * brings out.  Features that do not come are for the books to notice.
 */
static int trigger(struct drain *d, uint64_t upto, struct err *e)
{
	double interval_s = d->live.session->scenario.update_interval_s;
	int64_t due_ns = clock_mono_ns() + (int64_t)(interval_s * 1e9) + SENTINEL_NS, at_ns;
	int rc = 0;

	if (!d->live.is_floor)
		rc = wait_until(d, due_ns, e);
	gen_ctl_allow(&d->live.ctl, upto);
	while (!rc && live_answered(&d->live) < upto && !live_gen_failed(&d->live))
		rc = live_step(&d->live, ASK_NS, e);
	rc = rc ? rc : live_await_counted(&d->live, upto, &at_ns, e);
	while (!rc && !live_has_features_of(&d->live, upto)) {
		if (clock_mono_ns() > due_ns + FEATURES_NS)
			return 0;
		rc = live_step(&d->live, ASK_NS, e);
	}
	return rc;
}

/* Until what the subject has for the database is written, as far as it can be asked. */
static int await_written(struct drain *d, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + FEATURES_NS, pending, at_ns;
	int rc = 0;

	while (!rc && live_counter(&d->live, "points_pending", &pending, &at_ns) == LIVE_TOLD &&
	       pending > 0 && clock_mono_ns() < deadline_ns)
		rc = live_step(&d->live, WRITTEN_NS, e);
	return rc;
}

static int warm_up(struct drain *d, struct err *e)
{
	int64_t at_ns;
	int rc;

	gen_ctl_allow(&d->live.ctl, d->bulk_from - 1);
	rc = live_await_counted(&d->live, d->bulk_from - 1, &at_ns, e);
	rc = rc ? rc : trigger(d, d->bulk_from, e);
	return rc ? rc : await_written(d, e);
}

static void set_per_event(struct run *run, enum metric_id id, const struct probe_sample *before,
			  const struct probe_sample *after, const enum probe_metric *which,
			  size_t n, double events)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t delta;

		if (!probe_delta(before, after, which[i], &delta)) {
			const char *why = after->reason[which[i]];

			run_unavailable(run, id, why[0] ? why : before->reason[which[i]]);
			return;
		}
		sum += (double)delta;
	}
	run_set(run, id, sum / events);
}

/* From the sentinel's sending to the last feature message: 0 when there is none, as the floor's. */
static int64_t sentinel_answer_ns(const struct drain *d)
{
	int64_t sent_ns = gen_result(d->live.gen)->sent_ns[d->live.plan->n - 1], last_ns = 0;
	struct tap_feature f;

	for (size_t i = 0; tap_feature(d->live.tap, i, &f); i++)
		if (f.type == d->live.run->extractor)
			last_ns = f.recv_ns;
	return last_ns > sent_ns && sent_ns ? last_ns - sent_ns : 0;
}

/*
 * The drain's time: from the bulk's first send until it was counted, and from the
 * sentinel's sending until its features; only the wait for the update interval in
 * between, in which there is nothing to do, is left out.
 */
static void set_rate(struct drain *d)
{
	struct run *run = d->live.run;
	double events = (double)(d->bulk_to - d->bulk_from);
	int64_t first_ns = gen_result(d->live.gen)->sent_ns[d->bulk_from];
	double took_s = (double)(d->drained_ns - first_ns + sentinel_answer_ns(d)) / 1e9;

	if (!d->drained_ns) {
		run_unavailable(
			run, METRIC_DRAIN_RATE,
			d->live.subject->has_counters == SUBJECT_YES
				? "the subject never counted every event"
				: "the subject has no counters to tell when it had read the last event");
		return;
	}
	run_set(run, METRIC_DRAIN_RATE, events / took_s);
	run->instrument.held_back_frac = (double)d->held_ns / 1e9 / took_s;
}

static void set_metrics(struct drain *d, const struct probe_sample *before,
			const struct probe_sample *end)
{
	static const enum probe_metric cpu[] = { PROBE_CPU_NS };
	static const enum probe_metric switches[] = { PROBE_VOL_SWITCHES, PROBE_INVOL_SWITCHES };
	static const enum probe_metric instructions[] = { PROBE_INSTRUCTIONS };
	static const enum probe_metric cycles[] = { PROBE_CYCLES };
	struct run *run = d->live.run;
	double events = (double)(d->live.plan->n - d->bulk_from);

	set_rate(d);
	set_per_event(run, METRIC_CPU_PER_EVENT, before, end, cpu, ARRAY_SIZE(cpu), events);
	set_per_event(run, METRIC_SWITCHES_PER_1000, before, end, switches, ARRAY_SIZE(switches),
		      events / 1e3);
	set_per_event(run, METRIC_HW_INSTRUCTIONS, before, end, instructions,
		      ARRAY_SIZE(instructions), events);
	set_per_event(run, METRIC_HW_CYCLES, before, end, cycles, ARRAY_SIZE(cycles), events);
	staged_gauge(run, METRIC_RSS, end, PROBE_RSS_BYTES);
	staged_gauge(run, METRIC_PSS, end, PROBE_PSS_BYTES);
	staged_gauge(run, METRIC_USS, end, PROBE_USS_BYTES);
	staged_gauge(run, METRIC_PEAK_RSS, end, PROBE_PEAK_RSS_BYTES);
}

static int measure(struct drain *d, struct err *e)
{
	struct probe_sample *before = mem_calloc(2, sizeof(*before)), *end = before + 1;
	int rc;

	gen_ctl_allow(&d->live.ctl, 0);
	rc = live_load(&d->live, GEN_DRAIN, clock_mono_ns(), e);
	rc = rc ? rc : warm_up(d, e);
	rc = rc ? rc : live_sample(&d->live, PROBE_ALL, before, e);
	rc = rc ? rc : send_bulk(d, e);
	rc = rc ? rc : live_await_counted(&d->live, d->bulk_to, &d->drained_ns, e);
	rc = rc ? rc : trigger(d, d->live.plan->n, e);
	rc = rc ? rc : await_written(d, e);
	rc = rc ? rc : live_sample(&d->live, PROBE_ALL, end, e);
	d->live.needs_last = true;
	rc = rc ? rc : live_close_books(&d->live, e);
	if (!rc)
		set_metrics(d, before, end);
	free(before);
	return rc;
}

int drain_run(struct session *s, const struct subject *subject, struct plan *plan, struct run *run,
	      struct err *e)
{
	struct drain d = { .bulk_from = DRAIN_WARM_EVENTS, .bulk_to = plan->n - 1 };
	int rc = live_open(&d.live, s, subject, plan, run, e);

	if (!rc)
		rc = measure(&d, e);
	live_close(&d.live);
	return rc;
}
