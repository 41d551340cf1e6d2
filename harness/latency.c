/*
 * Latency; see latency.h.
 *
 * The thread here opens the gate for the generator (gen_ctl_allow), trigger by
 * trigger; the sending itself is the generator's, at its own precision.  It looks at
 * Redis and the subject only behind an answer, when nothing is on its way.
 * Start at measure().
 */
#include "harness/latency.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/aside.h"
#include "harness/books.h"
#include "harness/latency_match.h"
#include "harness/latency_plan.h"
#include "harness/latency_split.h"
#include "harness/live.h"
#include "harness/oracle/oracle.h"
#include "harness/pairs.h"
#include "harness/stats/quantile.h"

#define LOOK_NS	       (200 * NS_PER_MS) /* between looks at what Redis holds */
#define ANSWER_NS      (2 * NS_PER_S)	 /* after the intended time: given up */
#define ANSWER_LOOK_NS (100 * NS_PER_MS) /* while an answer is overdue */
#define LEAD_NS	       (20 * NS_PER_MS) /* from now to the first trigger, beyond the update interval */
#define QUIET_NS       (200 * NS_PER_MS) /* the fill's messages are out when none has come for so long */
#define QUIET_LOOK_NS  (5 * NS_PER_MS)
#define FILL_NS	       (5 * NS_PER_S) /* for the fill's messages to come */
/* A percentile of a run needs one sample above it. */
#define P99_SAMPLES 100

struct latency {
	struct live live; /* the first member: enter_lines() finds the rest by it */
	const struct latency_shape *shape;
	size_t fill; /* own events, and events of the plan, before the first trigger */
	size_t n_triggers;
	size_t *trigger_index; /* of each in the plan; one more: the plan's end */
	int64_t paced_from_ns; /* when the first trigger was due */
	int64_t looked_ns;
	struct latency_trigger *triggers;
	struct latency_account account;
	bool traced;		   /* divided into its parts, and not scored */
	struct attribution *trace; /* while the triggers are sent */
};

/* ---- the fill ------------------------------------------------------------------------ */

static uint64_t messages_now(struct live *lv)
{
	struct tap_counts counts;

	tap_counts(lv->tap, &counts);
	return counts.features;
}

/* Until the messages that the fill brought out are here: said by the subject, or by a silence. */
static int await_fill_messages(struct live *lv, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + FILL_NS, quiet_ns = clock_mono_ns(), said, at_ns;
	uint64_t seen = messages_now(lv);
	int rc = 0;

	if (live_counter(lv, "features", &said, &at_ns) == LIVE_TOLD) {
		struct err late = ERR_INIT; /* what does not come is the books' business */

		(void)!tap_await(lv->tap, 0, said > 0 ? (uint64_t)said : 0, deadline_ns, &late);
		return 0;
	}
	while (!rc && clock_mono_ns() - quiet_ns < QUIET_NS && clock_mono_ns() < deadline_ns) {
		uint64_t now = messages_now(lv);

		if (now != seen)
			quiet_ns = clock_mono_ns();
		seen = now;
		rc = live_step(lv, QUIET_LOOK_NS, e);
	}
	return rc;
}

static int fill(struct latency *l, struct err *e)
{
	struct live *lv = &l->live;
	int64_t at_ns;
	int rc;

	gen_ctl_allow(&lv->ctl, l->fill);
	while (live_answered(lv) < l->fill && !live_gen_failed(lv)) {
		rc = live_step(lv, NS_PER_MS, e);
		if (rc)
			return rc;
	}
	rc = live_await_counted(lv, l->fill, &at_ns, e);
	return rc ? rc : await_fill_messages(lv, e);
}

/* ---- trigger and answer ---------------------------------------------------------------- */

static int look(struct latency *l, struct err *e)
{
	int64_t now_ns = clock_mono_ns();

	if (now_ns - l->looked_ns < LOOK_NS)
		return 0;
	l->looked_ns = now_ns;
	return live_step(&l->live, 0, e);
}

static int64_t intended_ns(const struct latency *l, size_t k)
{
	const struct plan_entry *entries = l->live.plan->entries;

	return l->paced_from_ns + entries[l->trigger_index[k]].due_ns -
	       entries[l->trigger_index[0]].due_ns;
}

/* *answered: whether the tap has so many messages before the trigger's time is over. */
static int await_answer(struct latency *l, size_t k, uint64_t messages, bool *answered,
			struct err *e)
{
	int64_t give_up_ns = intended_ns(l, k) + ANSWER_NS, now_ns = clock_mono_ns();
	int rc;

	if (give_up_ns < now_ns + ANSWER_NS) /* it is late already, so others answered late */
		give_up_ns = now_ns + ANSWER_NS;
	for (*answered = false; now_ns < give_up_ns; now_ns = clock_mono_ns()) {
		struct err late = ERR_INIT;
		int64_t until_ns = now_ns + ANSWER_LOOK_NS;

		rc = tap_await(l->live.tap, 0, messages, until_ns, &late);
		*answered = !rc;
		if (!rc || rc != -ETIMEDOUT || live_gen_failed(&l->live))
			return rc && rc != -ETIMEDOUT ? err_set(e, rc, "%s", late.text) : 0;
		rc = live_step(&l->live, 0, e);
		if (rc)
			return rc;
	}
	return 0;
}

/* An attempt is due again one update interval after the last: no sooner may the next trigger go. */
static void await_interval(const struct latency *l, uint64_t messages)
{
	struct tap_feature f = { .recv_ns = clock_mono_ns() };

	(void)!tap_feature(l->live.tap, (size_t)messages - 1, &f);
	clock_sleep_until_ns(f.recv_ns +
			     (int64_t)(l->live.session->scenario.update_interval_s * 1e9));
}

/* The first unanswered trigger ends the gating: the run is void, and is brought to its end. */
static int run_triggers(struct latency *l, struct err *e)
{
	struct live *lv = &l->live;
	uint64_t before = messages_now(lv);
	bool answered = true;
	int rc = 0;

	for (size_t k = 0; !rc && answered && k < l->n_triggers && !live_gen_failed(lv); k++) {
		gen_ctl_allow(&lv->ctl, l->trigger_index[k + 1]);
		rc = await_answer(l, k, before + k + 1, &answered, e);
		if (l->trace)
			attribution_read(l->trace);
		rc = rc ? rc : look(l, e);
		if (!rc && answered)
			await_interval(l, before + k + 1);
	}
	gen_ctl_allow(&lv->ctl, UINT64_MAX);
	while (!rc && live_answered(lv) < lv->plan->n && !live_gen_failed(lv))
		rc = live_step(lv, ANSWER_LOOK_NS, e);
	return rc;
}

/* ---- what came of it ------------------------------------------------------------------- */

static bool is_event(const struct live *lv, size_t own, struct span payload)
{
	char scratch[PLAN_BULK_MAX];
	struct span want = plan_message(lv->plan, lv->own_index[own], scratch);

	return want.len == payload.len && !memcmp(want.p, payload.p, want.len);
}

/* A relay's messages are the own events in their order; `*next` is the one expected. */
static uint64_t relayed_number(const struct live *lv, struct span payload, size_t *next)
{
	for (size_t i = *next; i < lv->n_own; i++)
		if (is_event(lv, i, payload)) {
			*next = i + 1;
			return i + 1;
		}
	return LATENCY_WRONG;
}

static uint64_t own_number(const struct live *lv, const struct tap_feature *f, size_t *next)
{
	struct feature_trace trace;

	if (lv->is_floor)
		return relayed_number(lv, f->payload, next);
	if (!lv->subject->has_trace)
		return LATENCY_UNTOLD;
	if (!oracle_read_trace(f->payload.p, f->payload.len, &trace) || !trace.events)
		return LATENCY_WRONG;
	return trace.events;
}

static struct latency_answer *collect_answers(struct live *lv, size_t *n)
{
	struct latency_answer *a = mem_calloc(messages_now(lv) + 1, sizeof(*a));
	int wanted = lv->is_floor ? FEATURE_OF_RELAY : (int)lv->run->extractor;
	struct tap_feature f;
	size_t next = 0;

	*n = 0;
	for (size_t i = 0; tap_feature(lv->tap, i, &f); i++)
		if ((int)f.type == wanted) /* the others have a line of their own */
			a[(*n)++] = (struct latency_answer){ f.recv_ns, own_number(lv, &f, &next) };
	return a;
}

static void collect_triggers(struct latency *l)
{
	const struct gen_result *g = gen_result(l->live.gen);

	l->triggers = mem_calloc(l->n_triggers, sizeof(*l->triggers));
	for (size_t k = 0; k < l->n_triggers; k++) {
		l->triggers[k].intended_ns = intended_ns(l, k);
		l->triggers[k].sent_ns = g->sent_ns[l->trigger_index[k]];
	}
}

/* Called by the books: every message is there. */
static void enter_lines(struct live *lv)
{
	struct latency *l = (struct latency *)lv;
	struct ledger *ledger = &lv->run->ledger;
	const struct latency_account *a = &l->account;
	struct latency_answer *answers;
	size_t n;

	collect_triggers(l);
	answers = collect_answers(lv, &n);
	latency_match(l->triggers, l->n_triggers, l->fill, answers, n, &l->account);
	free(answers);
	if (a->unanswered == SIZE_MAX)
		ledger_add(ledger, "triggers answered", (int64_t)l->n_triggers,
			   (int64_t)a->answered, "%s", "");
	else
		ledger_add(ledger, "triggers answered", (int64_t)l->n_triggers,
			   (int64_t)a->answered, "the first without an answer is number %zu",
			   a->unanswered + 1);
	ledger_add(ledger, "messages without a trigger", 0, (int64_t)a->stray, "%s", "");
	ledger_add(ledger, "messages before their trigger", 0, (int64_t)a->early, "%s", "");
}

static void keep_samples(struct latency *l)
{
	struct latency_samples *s = &l->live.run->latency;

	s->response_ns = mem_calloc(l->n_triggers, sizeof(*s->response_ns));
	s->service_ns = mem_calloc(l->n_triggers, sizeof(*s->service_ns));
	for (size_t k = LATENCY_WARM; k < l->n_triggers; k++) {
		const struct latency_trigger *t = &l->triggers[k];

		if (!t->answered_ns)
			continue;
		s->response_ns[s->n] = t->answered_ns - t->intended_ns;
		s->service_ns[s->n++] = t->answered_ns - t->sent_ns;
	}
}

static void set_percentiles(struct run *run, const int64_t *ns, size_t n, enum metric_id p50,
			    enum metric_id p99)
{
	double *us = mem_calloc(n + 1, sizeof(*us));
	char why[64];

	for (size_t i = 0; i < n; i++)
		us[i] = (double)ns[i] / 1e3;
	stats_sort(us, n);
	if (n)
		run_set(run, p50, stats_quantile_sorted(us, n, 0.5));
	else
		run_unavailable(run, p50, "no trigger was answered");
	snprintf(why, sizeof(why), "%zu samples a run, p99 needs %d", n, P99_SAMPLES);
	if (n >= P99_SAMPLES)
		run_set(run, p99, stats_quantile_sorted(us, n, 0.99));
	else
		run_unavailable(run, p99, why);
	free(us);
}

/* With nothing else to do, all its CPU time between the samples was for triggers. */
static void set_cpu(struct latency *l, const struct probe_sample *from,
		    const struct probe_sample *to)
{
	struct run *run = l->live.run;
	int64_t ns;

	if (l->shape->busy)
		run_unavailable(run, METRIC_CPU_PER_TRIGGER, "the other events' share is in it");
	else if (probe_delta(from, to, PROBE_CPU_NS, &ns))
		run_set(run, METRIC_CPU_PER_TRIGGER, (double)ns / 1e3 / (double)l->n_triggers);
	else
		run_unavailable(run, METRIC_CPU_PER_TRIGGER,
				to->reason[PROBE_CPU_NS][0] ? to->reason[PROBE_CPU_NS]
							    : from->reason[PROBE_CPU_NS]);
}

static void score(struct latency *l, const struct probe_sample *from, const struct probe_sample *to)
{
	struct run *run = l->live.run;

	set_percentiles(run, run->latency.response_ns, run->latency.n, METRIC_RESPONSE_P50,
			METRIC_RESPONSE_P99);
	set_percentiles(run, run->latency.service_ns, run->latency.n, METRIC_SERVICE_P50,
			METRIC_SERVICE_P99);
	set_cpu(l, from, to);
}

static void keep_split(struct latency *l)
{
	struct live *lv = &l->live;
	int family = sut_redis_addr(lv->sut)->socket[0] ? AF_UNIX : ATTRIBUTION_ANY_FAMILY;

	latency_split_keep(&lv->run->split, l->trace, lv->tap, family, l->triggers + LATENCY_WARM,
			   l->n_triggers - LATENCY_WARM);
}

/* ---- a run ------------------------------------------------------------------------------- */

/* Before live_load(): where the triggers stand in the plan. */
static void find_triggers(struct latency *l)
{
	struct live *lv = &l->live;

	l->n_triggers = lv->n_own - l->fill;
	l->trigger_index = mem_calloc(l->n_triggers + 1, sizeof(*l->trigger_index));
	for (size_t k = 0; k < l->n_triggers; k++)
		l->trigger_index[k] = lv->own_index[l->fill + k];
	l->trigger_index[l->n_triggers] = lv->plan->n;
	/* The other events begin later than the first trigger. */
	BUG_ON(l->trigger_index[0] != l->fill);
	lv->paced_from = l->fill;
	lv->enter_lines = enter_lines;
	lv->needs_last = true;
}

static int measure(struct latency *l, struct err *e)
{
	struct live *lv = &l->live;
	struct probe_sample *from = mem_calloc(2, sizeof(*from)), *to = from + 1;
	int64_t interval_ns = (int64_t)(lv->session->scenario.update_interval_s * 1e9);
	int rc;

	find_triggers(l);
	gen_ctl_allow(&lv->ctl, 0);
	rc = live_load(lv, GEN_OPEN_LOOP, clock_mono_ns(), e);
	rc = rc ? rc : fill(l, e);
	/* Not before: filling would fill the log's ring. */
	if (!rc && l->traced)
		rc = attribution_open(&l->trace, proc_info(lv->proc)->pid, e);
	rc = rc ? rc : live_sample(lv, PROBE_BIT(PROBE_CPU_NS), from, e);
	l->looked_ns = clock_mono_ns();
	l->paced_from_ns = l->looked_ns + interval_ns + LEAD_NS;
	gen_ctl_pace(&lv->ctl, l->paced_from_ns);
	rc = rc ? rc : run_triggers(l, e);
	rc = rc ? rc : live_sample(lv, PROBE_BIT(PROBE_CPU_NS), to, e);
	rc = rc ? rc : live_close_books(lv, e);
	if (!rc) {
		keep_samples(l);
		if (l->traced)
			keep_split(l);
		else
			score(l, from, to);
	}
	free(from);
	return rc;
}

static int run_latency(struct latency *l, struct session *s, const struct subject *subject,
		       struct plan *plan, struct run *run, struct err *e)
{
	double base_s = s->scenario.update_interval_s;
	int rc;

	l->fill = latency_fill_events(s->size, run->extractor, l->shape);
	s->scenario.update_interval_s = latency_interval_s(&s->scenario, run->extractor, l->shape);
	rc = live_open(&l->live, s, subject, plan, run, e);
	rc = rc ? rc : measure(l, e);
	attribution_close(l->trace);
	live_close(&l->live);
	free(l->trigger_index);
	free(l->triggers);
	s->scenario.update_interval_s = base_s;
	return rc;
}

int latency_once(struct session *s, const struct subject *subject, struct plan *plan,
		 struct run *run, struct err *e)
{
	struct latency l = { .shape = latency_shape_find(run->phase) };

	return run_latency(&l, s, subject, plan, run, e);
}

/* ---- where the time goes ------------------------------------------------------------------- */

/* Alone, so that nothing else wakes the subject; full, where the time is longest. */
#define SPLIT_SHAPE "alone-full"

static int split_plan(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
		      struct err *e)
{
	struct scenario_size size = *s->size;

	size.triggers = size.attribution_triggers;
	return latency_plan_build(out, &s->scenario, &size, type, latency_shape_find(SPLIT_SHAPE),
				  seed, e);
}

static int split_once(struct session *s, const struct subject *subject, struct plan *plan,
		      struct run *run, struct err *e)
{
	struct latency l = { .shape = latency_shape_find(SPLIT_SHAPE), .traced = true };
	int rc = run_latency(&l, s, subject, plan, run, e);

	memset(run->metrics, 0, sizeof(run->metrics)); /* its start is nobody's figure either */
	return rc;
}

static int split_run(struct session *s, struct err *e)
{
	char key[64];
	const struct aside aside = {
		.phase = SPLIT_PHASE,
		.what = "where the time goes in",
		.available = aside_can_trace,
		.fact = key,
		.seed = s->conf.seed,
		.repeats = 1,
		.plan = split_plan,
		.run = split_once,
	};

	snprintf(key, sizeof(key), "%.20s" SPLIT_FACT, s->scenario.name);
	if (s->size->attribution_triggers)
		return aside_run(s, &aside, e);
	result_add_fact(&s->result, key, "%s", "unavailable: attribution_triggers is 0");
	return 0;
}

/* ---- the scenario -------------------------------------------------------------------------- */

static bool is_judged(const struct scenario_size *size, const struct latency_shape *shape)
{
	return latency_shape_listed(size->phases, shape);
}

/* A run's size: a survey has few runs with many samples. */
static struct scenario_size size_of(const struct session *s, const struct latency_shape *shape)
{
	struct scenario_size size = *s->size;

	if (!is_judged(s->size, shape))
		size.triggers = size.survey_triggers;
	return size;
}

static int plan_shape(const struct session *s, enum event_type type, uint64_t seed,
		      const struct latency_shape *shape, struct plan **out, struct err *e)
{
	struct scenario_size size = size_of(s, shape);

	return latency_plan_build(out, &s->scenario, &size, type, shape, seed, e);
}

/* A phase's plan() is given no phase: one for each shape. */
#define PLAN(i)                                                                     \
	static int plan_##i(struct session *s, enum event_type type, uint64_t seed, \
			    struct plan **out, struct err *e)                       \
	{                                                                           \
		return plan_shape(s, type, seed, &latency_shapes[i], out, e);       \
	}
PLAN(0)
PLAN(1)
PLAN(2)
PLAN(3)
PLAN(4)
PLAN(5)

static int (*const plans[LATENCY_SHAPES])(struct session *s, enum event_type type, uint64_t seed,
					  struct plan **out, struct err *e) = { plan_0, plan_1,
										plan_2, plan_3,
										plan_4, plan_5 };

/* Of a run, about: start, fill and end, and the triggers of the slowest extractor. */
static double cost_s(const struct session *s, const struct latency_shape *shape)
{
	double triggers = (double)size_of(s, shape).triggers + LATENCY_WARM;

	return 0.7 + shape->fill + triggers * latency_gap_s(&s->scenario, EVENT_KEYSTROKE, shape);
}

/* What cannot be read off the scenario's file at once. */
static void add_facts(struct session *s, const struct latency_shape *shape)
{
	struct scenario_size size = size_of(s, shape);

	for (int t = 0; t < EVENT_TYPES; t++) {
		enum event_type type = (enum event_type)t;
		char key[64];

		if (!scenario_has(&s->scenario, type))
			continue;
		snprintf(key, sizeof(key), "%.20s, %s, %s", s->scenario.name, shape->name,
			 event_type_names[t]);
		result_add_fact(&s->result, key,
				"%zu events before the first trigger%s, WINDOW_SECONDS %g, "
				"UPDATE_INTERVAL %.2f ms, a trigger every %.2f ms%s",
				latency_fill_events(&size, type, shape),
				type == EVENT_APP ? " (app keeps no window)" : "",
				s->scenario.window_s,
				1e3 * latency_interval_s(&s->scenario, type, shape),
				1e3 * latency_gap_s(&s->scenario, type, shape),
				shape->busy ? ", and events of the other two types" : "");
	}
}

static int check_phases(const struct session *s, struct err *e)
{
	const struct scenario_size *size = s->size;
	int rc = latency_shapes_check("phases", size->phases, e);

	rc = rc ? rc : latency_shapes_check("survey_phases", size->survey_phases, e);
	return rc ? err_wrap(e, "%s", s->scenario.path) : 0;
}

int latency_run(struct session *s, struct err *e)
{
	struct pairs_phase phases[LATENCY_SHAPES];
	size_t n = 0;
	int rc;

	if (check_phases(s, e))
		return e->code;
	for (size_t i = 0; i < LATENCY_SHAPES; i++) {
		const struct latency_shape *shape = &latency_shapes[i];
		bool judged = is_judged(s->size, shape);

		if (!judged && !latency_shape_listed(s->size->survey_phases, shape))
			continue;
		add_facts(s, shape);
		phases[n++] = (struct pairs_phase){
			.name = shape->name,
			.does = "fills its buffer, then answers",
			.cost_s = cost_s(s, shape),
			.primary = METRIC_RESPONSE_P50,
			.plan = plans[i],
			.run = latency_once,
			.pairs = judged ? 0 : 1,
			.no_aa = !judged,
		};
	}
	rc = pairs_run_all(s, phases, n, s->deadline_ns, e);
	return rc ? rc : split_run(s, e);
}
