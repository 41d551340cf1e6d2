/*
 * Times that are known: a service time of 5 ms, and a stop of 1.4 s that must show in
 * the response time, to the amount worked out by hand, and not in the service time.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/latency.h"
#include "harness/latency_plan.h"
#include "harness/pairs.h"
#include "harness/selfcheck/job.h"
#include "harness/selfcheck/respond.h"
#include "harness/stats/quantile.h"

/* Every own event is answered with features, which the oracle checks. */
#define REAL "${bin}/keystroke_extractor"

static int real_subject(struct subject *out, const struct selfcheck *sc, const char *command)
{
	int rc = job_subject(out, sc, EVENT_KEYSTROKE, command);

	strv_set_env(&out->env, "UPDATE_INTERVAL", "0");
	return rc;
}

/* ---- 5 ms ------------------------------------------------------------------------------- */

#define SERVICE_MS 5.0
#define SERVICE_HZ 50.0 /* a quarter of a core at most: whoever shares it is seldom met */

struct timed {
	struct respond respond;
	double waited_ms; /* for its core, for each event; NaN: unknown */
};

static void collect(struct live *lv, const struct probe_sample *looks, void *ctx)
{
	struct timed *t = ctx;
	int64_t waited_ns;

	respond_collect(lv, &t->respond);
	t->waited_ms = NAN;
	if (probe_delta(&looks[0], &looks[1], PROBE_RUNQ_WAIT_NS, &waited_ns))
		t->waited_ms = (double)waited_ns / 1e6 / (double)lv->plan->n;
}

struct service {
	const char *what, *without, *with;
	bool real;
	double over_ms; /* how much later than asked its timer may wake it */
};

/*
 * A thread that sleeps wakes some 60 us late (timer slack of 50 us and the switch);
 * one that burns the time is done to the microsecond.  0.1 ms is left for the host.
 */
static const struct service services[] = {
	{ "service time of 5 ms, burnt", "${bin}/fake_subject --answer",
	  "${bin}/fake_subject --answer --service 5ms --service-by busy", false, 0.1 },
	{ "service time of 5 ms, slept", "${bin}/fake_subject --answer",
	  "${bin}/fake_subject --answer --service 5ms --service-by sleep", false, 0.25 },
	{ "real features, held back 5 ms on their way", "${bin}/subject_proxy -- " REAL,
	  "${bin}/subject_proxy --delay 5ms -- " REAL, true, 0.25 },
};

static int time_of(struct selfcheck *sc, const struct service *sv, const char *command,
		   struct timed *out, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	struct subject subject;
	struct job job = { .subject = &subject,
			   .events = sc->quick ? 100 : 520,
			   .rate_hz = SERVICE_HZ,
			   .tail_s = 0.1,
			   .after = collect,
			   .ctx = out };
	int rc = sv->real ? real_subject(&subject, sc, command)
			  : job_subject(&subject, sc, SUBJECT_ANY, command);

	rc = rc ? rc : job_run(sc, &job, run, e);
	if (!rc && (run->status == RUN_VOID || run->status == RUN_FAILED))
		rc = err_set(e, -EPROTO, "%s: %s", command, run->why);
	subject_release(&subject);
	free(run);
	return rc;
}

/* A subject that had to wait for its core took longer than is known: then the host is what is seen. */
#define WAITED_MS 0.02
/* The level of both medians: of their difference 95 %. */
#define EACH 0.975

static void add_service(struct selfcheck *sc, const struct service *sv, const struct timed *without,
			const struct timed *with)
{
	struct known_range range = { SERVICE_MS - 0.1, SERVICE_MS + sv->over_ms, KNOWN_WRONG, "ms",
				     3 };
	const struct respond *a = &without->respond, *b = &with->respond;
	struct estimate floor = stats_estimate_median(a->response_ms, a->n, EACH, 1);
	struct estimate est = stats_estimate_median(b->response_ms, b->n, EACH, 1), above;
	char goal[64];
	struct known *k;

	if (with->waited_ms > WAITED_MS || without->waited_ms > WAITED_MS)
		range.otherwise = KNOWN_MISSED;
	snprintf(goal, sizeof(goal), "%.2f … %.2f ms above without", range.low, range.high);
	k = known_add(&sc->table, KNOWN_TRUTHS, sv->what, goal);
	snprintf(k->note, sizeof(k->note), "median response without it %.3f ms, with it %.3f ms",
		 floor.value, est.value);
	if (!isnan(with->waited_ms))
		snprintf(k->note + strlen(k->note), sizeof(k->note) - strlen(k->note),
			 "; the subject waited %.3f ms an event for its core", with->waited_ms);
	above = known_difference(&est, &floor);
	known_estimate(k, &above, &range);
}

int check_service(struct selfcheck *sc, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(services); i++) {
		struct timed without = { 0 }, with = { 0 };

		rc = time_of(sc, &services[i], services[i].without, &without, e);
		rc = rc ? rc : time_of(sc, &services[i], services[i].with, &with, e);
		if (!rc)
			add_service(sc, &services[i], &without, &with);
		respond_release(&without.respond);
		respond_release(&with.respond);
	}
	return rc;
}

/* ---- 1.4 s -------------------------------------------------------------------------------- */

#define STOP_NS	   (1400 * NS_PER_MS)
#define STOP_HZ	   200.0
#define STOP_AT_NS NS_PER_S /* from the plan's time 0 */
#define PCT	   0.99

struct stop {
	int64_t stopped_ns, went_on_ns;
	struct respond respond;
};

static int stop_and_go(struct live *lv, int64_t start_ns, void *ctx, struct err *e)
{
	struct stop *st = ctx;
	int64_t now_ns = clock_mono_ns();

	if (!st->stopped_ns && now_ns >= start_ns + STOP_AT_NS) {
		st->stopped_ns = now_ns;
		return proc_signal(lv->proc, SIGSTOP, e);
	}
	if (st->stopped_ns && !st->went_on_ns && now_ns >= st->stopped_ns + STOP_NS) {
		st->went_on_ns = now_ns;
		return proc_signal(lv->proc, SIGCONT, e);
	}
	return 0;
}

static void collect_stop(struct live *lv, const struct probe_sample *looks UNUSED, void *ctx)
{
	struct stop *st = ctx;

	respond_collect(lv, &st->respond);
}

/*
 * By hand: events come every g; the k-th newest of those that were due in a stop of
 * D waits D - k*g.  Outside the stop nothing waits, so the value above which 1 % of
 * n responses lie is D - 0.01*n*g.
 * With D = 1,400 ms, n = 1,000 and g = 5 ms: 1,350 ms.
 */
static double by_hand_ms(const struct stop *st)
{
	return (double)(st->went_on_ns - st->stopped_ns) / 1e6 -
	       (1 - PCT) * (double)st->respond.n * 1e3 / STOP_HZ;
}

static double p99(const double *v, size_t n)
{
	double *copy = mem_calloc(n + 1, sizeof(*copy)), q;

	memcpy(copy, v, n * sizeof(*copy));
	stats_sort(copy, n);
	q = n ? stats_quantile_sorted(copy, n, PCT) : NAN;
	free(copy);
	return q;
}

static void add_stop(struct selfcheck *sc, const struct stop *st)
{
	double hand = by_hand_ms(st);
	struct known_range response = { 0.95 * hand, 1.05 * hand, KNOWN_WRONG, "ms", 1 };
	struct known_range service = { 0, 0.05 * hand, KNOWN_WRONG, "ms", 3 };
	const struct respond *r = &st->respond;
	size_t long_ones = 0;
	char goal[64];
	struct known *k;

	for (size_t i = 0; i < r->n; i++)
		long_ones += r->service_ms[i] > (double)STOP_NS / 2e6;
	snprintf(goal, sizeof(goal), "by hand %.1f ms ± 5 %%", hand);
	k = known_add(&sc->table, KNOWN_JUDGEMENT,
		      "stop of 1.4 s at 200 Hz: p99 of the response time", goal);
	snprintf(k->note, sizeof(k->note), "the subject stood still for %.1f ms; %zu strays",
		 (double)(st->went_on_ns - st->stopped_ns) / 1e6, r->unmatched);
	known_value(k, p99(r->response_ms, r->n), r->n, &response);
	snprintf(goal, sizeof(goal), "below 5 %% of that");
	k = known_add(&sc->table, KNOWN_JUDGEMENT,
		      "stop of 1.4 s at 200 Hz: p99 of the service time", goal);
	known_value(k, p99(r->service_ms, r->n), r->n, &service);
	snprintf(k->note, sizeof(k->note),
		 "of the self-check: from the later of the sending and the answer before; %zu of "
		 "%zu above 700 ms",
		 long_ones, r->n);
}

static int stop_under_load(struct selfcheck *sc, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	struct stop st = { 0 };
	struct subject subject;
	struct job job = { .subject = &subject,
			   .events = (size_t)(STOP_HZ * (sc->quick ? 5 : 20)),
			   .rate_hz = STOP_HZ,
			   .tail_s = 0.1,
			   .during = stop_and_go,
			   .after = collect_stop,
			   .ctx = &st };
	int rc = real_subject(&subject, sc, REAL);

	rc = rc ? rc : job_run(sc, &job, run, e);
	if (!rc && (run->status == RUN_VOID || run->status == RUN_FAILED))
		rc = err_set(e, -EPROTO, "stopped subject: %s", run->why);
	if (!rc)
		add_stop(sc, &st);
	respond_release(&st.respond);
	subject_release(&subject);
	free(run);
	return rc;
}

/* ---- 1.4 s, by the scenario latency ------------------------------------------------------- */

#define GATED_PHASE    "alone-10pct"
#define GATED_TRIGGERS 300
#define GATED_STOP_AT  100 /* triggers after the fill: enough follow to be the highest 1 % */
#define GATED_S	       0.002

/*
 * By hand: the triggers behind the stop D are late by D, less what is made up from
 * one to the next: they were to come every gap and come every interval and service time.
 */
static double gated_by_hand_ms(const struct session *s, const struct run *run)
{
	const struct latency_shape *shape = latency_shape_find(GATED_PHASE);
	double gap_ms = 1e3 * latency_gap_s(&s->scenario, run->extractor, shape),
	       interval_ms = 1e3 * latency_interval_s(&s->scenario, run->extractor, shape),
	       made_up_ms = gap_ms - interval_ms - run->metrics[METRIC_SERVICE_P50].value / 1e3;

	return (double)STOP_NS / 1e6 - (1 - PCT) * (double)run->latency.n * made_up_ms;
}

static double gated_p99_ms(const struct run *run, enum metric_id id)
{
	return run->metrics[id].there ? run->metrics[id].value / 1e3 : NAN;
}

static void add_gated(struct selfcheck *sc, const struct run *run)
{
	double hand = gated_by_hand_ms(sc->session, run), most_ms = 0;
	struct known_range response = { 0.95 * hand, 1.05 * hand, KNOWN_WRONG, "ms", 1 };
	struct known_range service = { 0, 0.05 * hand, KNOWN_WRONG, "ms", 3 };
	char goal[64];
	struct known *k;

	for (size_t i = 0; i < run->latency.n; i++)
		most_ms = fmax(most_ms, (double)run->latency.service_ns[i] / 1e6);
	snprintf(goal, sizeof(goal), "by hand %.1f ms ± 5 %%", hand);
	k = known_add(&sc->table, KNOWN_JUDGEMENT,
		      "stop of 1.4 s in the scenario latency: p99 of the response time", goal);
	known_value(k, gated_p99_ms(run, METRIC_RESPONSE_P99), run->latency.n, &response);
	k = known_add(&sc->table, KNOWN_JUDGEMENT,
		      "stop of 1.4 s in the scenario latency: p99 of the service time",
		      "below 5 % of that, the stopped one's above 95 % of the stop");
	known_value(k, gated_p99_ms(run, METRIC_SERVICE_P99), run->latency.n, &service);
	snprintf(k->note, sizeof(k->note),
		 "the scenario's own: from the sending, which waits for the answer before; the "
		 "longest was %.1f ms",
		 most_ms);
	if (k->verdict == KNOWN_OK && most_ms < 0.95 * (double)STOP_NS / 1e6)
		k->verdict = KNOWN_WRONG;
}

static int run_gated(struct selfcheck *sc, struct err *e)
{
	struct session *s = sc->session;
	const struct latency_shape *shape = latency_shape_find(GATED_PHASE);
	struct run *run = mem_calloc(1, sizeof(*run));
	struct plan *plan = NULL;
	struct subject subject;
	char command[160];
	int rc;

	snprintf(command, sizeof(command),
		 "${bin}/subject_proxy --pause-at %zu --pause 1.4s -- " REAL,
		 latency_fill_events(s->size, EVENT_KEYSTROKE, shape) + GATED_STOP_AT);
	rc = job_subject(&subject, sc, EVENT_KEYSTROKE, command);
	rc = rc ? rc
		: latency_plan_build(&plan, &s->scenario, s->size, EVENT_KEYSTROKE, shape,
				     rng_u64(&s->rng), e);
	run_begin(s, run, EVENT_KEYSTROKE, &subject, GATED_PHASE);
	snprintf(run->id, sizeof(run->id), "selfcheck-%03zu", s->result.n_runs);
	rc = rc ? rc : latency_once(s, &subject, plan, run, e);
	if (rc)
		run_release(run);
	else
		result_add_run(&s->result, run); /* which owns its samples from here on */
	if (!rc && run->status != RUN_OK)
		rc = err_set(e, -EPROTO, "stop in the scenario latency: %s", run->why);
	if (!rc)
		add_gated(sc, run);
	plan_free(plan);
	subject_release(&subject);
	free(run);
	return rc;
}

/* The scenario's own way and account, with a size of its own. */
static int stop_gated(struct selfcheck *sc, struct err *e)
{
	struct session *s = sc->session;
	const struct scenario_size *size = s->size;
	struct scenario_size gated = *size;
	double interval_s = s->scenario.update_interval_s;
	int rc;

	gated.triggers = GATED_TRIGGERS;
	s->size = &gated;
	s->scenario.update_interval_s = GATED_S;
	rc = run_gated(sc, e);
	s->scenario.update_interval_s = interval_s;
	s->size = size;
	return rc;
}

int check_stop(struct selfcheck *sc, struct err *e)
{
	int rc = stop_under_load(sc, e);

	return rc ? rc : stop_gated(sc, e);
}
