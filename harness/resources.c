/*
 * Memory and CPU; see resources.h.  Each is a plan in stages, the times to sample
 * at, and what the samples mean.
 */
#include "harness/resources.h"

#include "extractors/base/clock.h"
#include "harness/attribution_phase.h"
#include "harness/duet.h"
#include "harness/instructions_phase.h"
#include "harness/pairs.h"
#include "harness/staged.h"

#define FILL_HZ		  50000.0 /* any subject keeps up: filling is not what is measured */
#define GROWTH_EVENTS_MIN 1000	  /* of fewer, what a first write costs would be the growth */
#define TAIL_S		  0.2	  /* after the last event, before the last sample */

static struct plan_lane human_lane(const struct session *s, double start_s, double duration_s)
{
	struct plan_lane lane = {
		.recording = s->recording,
		.start_ns = (int64_t)(start_s * 1e9),
		.duration_ns = (int64_t)(duration_s * 1e9),
		.arrival = ARRIVAL_HUMAN,
	};

	memcpy(lane.weight, scenario_human_hz, sizeof(lane.weight));
	return lane;
}

/* ---- memory ------------------------------------------------------------------------ */

static double fill_s(enum event_type type)
{
	return (double)scenario_buffer_events[type] / FILL_HZ;
}

static int memory_plan(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
		       struct err *e)
{
	double filled_s = s->size->idle_s + fill_s(type) + s->size->settle_s;
	struct plan_lane lanes[2] = {
		{ .count = scenario_buffer_events[type],
		  .rate_hz = FILL_HZ,
		  .arrival = ARRIVAL_CONSTANT,
		  .start_ns = (int64_t)(s->size->idle_s * 1e9) },
		human_lane(s, filled_s, s->size->human_s),
	};
	struct plan_spec spec = { .seed = seed, .lanes = lanes, .n_lanes = 2 };

	lanes[0].weight[type] = 1;
	return plan_build(out, &spec, e);
}

static void memory_score(const struct live *lv, const struct probe_sample *s, struct run *run)
{
	const struct scenario_size *size = lv->session->size;
	double filled_s = size->idle_s + fill_s(run->extractor) + size->settle_s;
	double events = staged_events(lv, filled_s, filled_s + size->human_s);

	staged_gauge(run, METRIC_RSS_IDLE, &s[0], PROBE_RSS_BYTES);
	staged_gauge(run, METRIC_PSS_IDLE, &s[0], PROBE_PSS_BYTES);
	staged_gauge(run, METRIC_USS_IDLE, &s[0], PROBE_USS_BYTES);
	staged_gauge(run, METRIC_RSS, &s[1], PROBE_RSS_BYTES);
	staged_gauge(run, METRIC_PSS, &s[1], PROBE_PSS_BYTES);
	staged_gauge(run, METRIC_USS, &s[1], PROBE_USS_BYTES);
	staged_gauge(run, METRIC_RSS_AFTER, &s[2], PROBE_RSS_BYTES);
	staged_gauge(run, METRIC_PEAK_RSS, &s[2], PROBE_PEAK_RSS_BYTES);
	if (events < GROWTH_EVENTS_MIN)
		run_unavailable(run, METRIC_GROWTH,
				"fewer than 1,000 events at a person's rates in this profile");
	else if (probe_has(&s[1], PROBE_USS_BYTES) && probe_has(&s[2], PROBE_USS_BYTES))
		run_set(run, METRIC_GROWTH,
			(double)(s[2].value[PROBE_USS_BYTES] - s[1].value[PROBE_USS_BYTES]) * 1e3 /
				events);
	else
		run_unavailable(
			run, METRIC_GROWTH,
			s[probe_has(&s[1], PROBE_USS_BYTES) ? 2 : 1].reason[PROBE_USS_BYTES]);
}

static int memory_once(struct session *s, const struct subject *subject, struct plan *plan,
		       struct run *run, struct err *e)
{
	double idle_s = s->size->idle_s,
	       full_s = idle_s + fill_s(run->extractor) + s->size->settle_s;
	struct staged st = {
		.marks_s = { idle_s, full_s, full_s + s->size->human_s + TAIL_S },
		.n_marks = 3,
		.stages = { "idle", "fill", "human" },
		.score = memory_score,
	};

	return staged_run(s, subject, plan, run, &st, e);
}

/* ---- cpu ------------------------------------------------------------------------------ */

/* What a program still does after READY=1 is not idling: the stage begins settle_s later. */
static double human_from_s(const struct scenario_size *size)
{
	return size->settle_s + size->idle_s;
}

static double flood_from_s(const struct scenario_size *size)
{
	return human_from_s(size) + size->human_s + size->settle_s;
}

static int cpu_plan(struct session *s, enum event_type type UNUSED, uint64_t seed,
		    struct plan **out, struct err *e)
{
	const struct scenario_size *size = s->size;
	struct plan_lane lanes[2] = {
		human_lane(s, human_from_s(size), size->human_s),
		human_lane(s, flood_from_s(size), size->flood_s),
	};
	struct plan_spec spec = { .seed = seed, .lanes = lanes, .n_lanes = 2 };

	lanes[1].rate_hz = RESOURCES_FLOOD_HZ;
	lanes[1].arrival = ARRIVAL_CONSTANT;
	return plan_build(out, &spec, e);
}

/* Per cent of a core between two samples. */
static void set_core_pct(struct run *run, enum metric_id id, const struct probe_sample *from,
			 const struct probe_sample *to)
{
	staged_growth(run, id, from, to, PROBE_CPU_NS, 100 / (staged_seconds(from, to) * 1e9));
}

/* The samples stand at the edges of the stages: idle 0-1, human 1-2, 1,000 a second 3-4. */
static void cpu_score(const struct live *lv, const struct probe_sample *s, struct run *run)
{
	const struct scenario_size *size = lv->session->size;
	double from_s = flood_from_s(size),
	       flood = staged_events(lv, from_s, from_s + size->flood_s);
	enum probe_metric wakeups = staged_source(lv->session, PROBE_WAKEUPS, PROBE_VOL_SWITCHES);

	set_core_pct(run, METRIC_CPU_IDLE, &s[0], &s[1]);
	staged_growth(run, METRIC_WAKEUPS_IDLE, &s[0], &s[1], wakeups,
		      1 / staged_seconds(&s[0], &s[1]));
	staged_growth(run, METRIC_WAKEUPS_HUMAN, &s[1], &s[2], wakeups,
		      1 / staged_seconds(&s[1], &s[2]));
	set_core_pct(run, METRIC_CPU_HUMAN, &s[1], &s[2]);
	set_core_pct(run, METRIC_CPU_FLOOD, &s[3], &s[4]);
	staged_growth(run, METRIC_CPU_PER_EVENT, &s[3], &s[4], PROBE_CPU_NS, 1 / flood);
	staged_growth(run, METRIC_RUNQ_PER_EVENT, &s[3], &s[4],
		      staged_source(lv->session, PROBE_EBPF_RUNQ_WAIT_NS, PROBE_RUNQ_WAIT_NS),
		      1 / flood);
	staged_growth(run, METRIC_SWITCHES_PER_1000, &s[3], &s[4], PROBE_VOL_SWITCHES, 1e3 / flood);
	staged_growth(run, METRIC_FAULTS, &s[1], &s[4],
		      staged_source(lv->session, PROBE_EBPF_FAULTS, PROBE_MINOR_FAULTS), 1);
}

static int cpu_once(struct session *s, const struct subject *subject, struct plan *plan,
		    struct run *run, struct err *e)
{
	double human_s = human_from_s(s->size), from_s = flood_from_s(s->size);
	struct staged st = {
		.marks_s = { s->size->settle_s, human_s, human_s + s->size->human_s, from_s,
			     from_s + s->size->flood_s },
		.n_marks = 5,
		.stages = { "start", "idle", "human", "pause", "1000/s" },
		.score = cpu_score,
	};

	return staged_run(s, subject, plan, run, &st, e);
}

/* ---- both -------------------------------------------------------------------------------- */

static double cost_s(const struct scenario_size *size)
{
	return size->idle_s + size->human_s + size->flood_s + 3 * size->settle_s;
}

int memory_run(struct session *s, struct err *e)
{
	struct pairs_phase phase = {
		.name = "memory",
		.does = "idles, fills and works on",
		.cost_s = cost_s(s->size),
		.primary = METRIC_RSS,
		.plan = memory_plan,
		.run = memory_once,
	};

	return pairs_run_all(s, &phase, 1, s->deadline_ns, e);
}

int cpu_run(struct session *s, struct err *e)
{
	struct pairs_phase phases[2] = { {
		.name = "cpu",
		.does = "idles and works on",
		.cost_s = cost_s(s->size),
		.primary = METRIC_CPU_PER_EVENT,
		.plan = cpu_plan,
		.run = cpu_once,
	} };
	size_t n = duet_phase(s, &phases[1]) ? 2 : 1;
	int rc = pairs_run_all(s, phases, n, s->deadline_ns, e);

	rc = rc ? rc : attribution_phase_run(s, e);
	return rc ? rc : instructions_phase_run(s, e);
}
