/*
 * Duets; see duet.h.  Read run_both() first.
 *
 * The Redises live as long as a pair, so that both sides meet one without a past.
 */
#include "harness/duet.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/duet_plan.h"
#include "harness/resources.h"
#include "harness/staged.h"
#include "harness/throughput.h"

/*
 * Of throughput: bursts so long that a subject's reads are full, as in a drain, and short
 * enough that nothing piles up: 200 events of some 130 bytes at 20,000 a second.
 */
#define BURSTS_PER_S 100.0
/*
 * Points may wait for INFLUX_FLUSH_MS, 1 s by the contract; the first ones make a subject load what it
 * writes them with, which belongs to the warm-up.
 */
#define WRITTEN_S 1.2
#define START_S	  0.3 /* of two servers and two subjects, about: for the progress line */

/* ---- the loads ------------------------------------------------------------------------- */

static struct plan_lane throughput_load(const struct session *s, enum event_type type)
{
	struct plan_lane lane = throughput_lane(s, type);

	lane.rate_hz = s->size->duet_rate_hz;
	lane.arrival = ARRIVAL_BURSTS;
	lane.burst = (int64_t)ceil(lane.rate_hz / BURSTS_PER_S);
	return lane;
}

/* As the flood of the interleaved runs. */
static struct plan_lane cpu_load(const struct session *s, enum event_type type UNUSED)
{
	struct plan_lane lane = { .recording = s->recording,
				  .rate_hz = RESOURCES_FLOOD_HZ,
				  .arrival = ARRIVAL_CONSTANT };

	memcpy(lane.weight, scenario_human_hz, sizeof(lane.weight));
	return lane;
}

static struct plan_lane (*const lanes[SCENARIO_KINDS])(const struct session *s,
						       enum event_type type) = {
	[SCENARIO_CPU] = cpu_load,
	[SCENARIO_THROUGHPUT] = throughput_load,
};

static struct duet_load load_of(const struct session *s, enum event_type type)
{
	return (struct duet_load){
		.lane = lanes[s->scenario.kind](s, type),
		.seconds = s->size->duet_s,
		.update_interval_s = s->scenario.update_interval_s,
		.settle_s = session_database(s) ? fmax(s->size->settle_s, WRITTEN_S)
						: s->size->settle_s,
	};
}

static int build_plan(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
		      struct err *e)
{
	struct duet_load load = load_of(s, type);

	return duet_plan_build(&load, type, seed, out, e);
}

/* ---- a pair ---------------------------------------------------------------------------- */

enum { MARK_FROM, MARK_MIDDLE, MARK_END, MARKS };

/* Halfway the sides change places. */
static int swap_cores(struct live *const *lives, size_t n, size_t mark, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && mark == MARK_MIDDLE && i < n; i++)
		rc = cpus_move(proc_info(lives[i]->proc)->pid, &lives[n - 1 - i]->cpus->subject, e);
	return rc;
}

static void score(const struct live *lv, const struct probe_sample *samples, struct run *run)
{
	struct duet_load load = load_of(lv->session, run->extractor);
	struct duet_times t = duet_times(&load);
	const struct probe_sample *from = &samples[0], *end = &samples[MARKS - 1];
	double events = staged_events(lv, t.from_s, t.end_s);

	staged_growth(run, METRIC_CPU_PER_EVENT, from, end, PROBE_CPU_NS, 1 / events);
	staged_growth(run, METRIC_RUNQ_PER_EVENT, from, end,
		      staged_source(lv->session, PROBE_EBPF_RUNQ_WAIT_NS, PROBE_RUNQ_WAIT_NS),
		      1 / events);
	staged_growth(run, METRIC_SWITCHES_PER_1000, from, end, PROBE_VOL_SWITCHES, 1e3 / events);
}

static int open_redises(struct session *s, const struct cpus *cpus, struct sut *redis[2],
			struct err *e)
{
	int rc = session_start_redis(s, "duet0", &cpus->servers, &redis[0], e);

	return rc ? rc : session_start_redis(s, "duet1", &cpus->servers, &redis[1], e);
}

static int measure(struct session *s, struct live *const lives[2], struct plan *plan, struct err *e)
{
	struct duet_load load = load_of(s, lives[0]->run->extractor);
	struct duet_times t = duet_times(&load);
	struct staged st = {
		.marks_s = { [MARK_FROM] = t.from_s,
			     [MARK_MIDDLE] = t.middle_s,
			     [MARK_END] = t.end_s },
		.n_marks = MARKS,
		.at_mark = swap_cores,
		.score = score,
	};
	int rc = live_stamp(lives, 2, plan, e);

	return rc ? rc : staged_measure(lives, 2, &st, e);
}

static int play(struct session *s, const struct subject *const subjects[2], struct plan *plan,
		struct run *const runs[2], struct err *e)
{
	struct live live[2], *const lives[2] = { &live[0], &live[1] };
	struct sut *redis[2] = { NULL, NULL };
	struct err ignored = ERR_INIT;
	struct cpus cpus[2];
	int n_open = 0, rc;

	BUG_ON(!cpus_duet(&s->cpus, cpus)); /* duet_phase() has asked */
	sched_setaffinity(0, sizeof(cpus[0].tap), &cpus[0].tap);
	rc = open_redises(s, &cpus[0], redis, e);
	while (!rc && n_open < 2) {
		struct live_place at = { .sut = redis[n_open], .cpus = &cpus[n_open] };

		rc = live_open_at(&live[n_open], s, &at, subjects[n_open], plan, runs[n_open], e);
		live[n_open].needs_last = true;
		n_open++;
	}
	rc = rc ? rc : measure(s, lives, plan, e);
	while (n_open--)
		live_close(&live[n_open]);
	for (int i = 0; i < 2; i++)
		(void)!sut_stop(redis[i], &ignored);
	sched_setaffinity(0, sizeof(s->cpus.tap), &s->cpus.tap);
	return rc;
}

/* Both sides' processes have ended when the watch does: nothing of ours counts as foreign. */
static int run_both(struct session *s, const struct subject *const subjects[2], struct plan *plan,
		    struct run *const runs[2], struct err *e)
{
	struct noise_watch watch;
	int rc;

	noise_start(&watch, s->sut);
	rc = play(s, subjects, plan, runs, e);
	for (int i = 0; i < 2; i++) {
		noise_end(&watch, s->sut, &runs[i]->noise);
		live_judge_noise(s, runs[i]);
	}
	return rc;
}

/* ---- the phase ------------------------------------------------------------------------- */

static const char *no_duet_why(const struct session *s, struct cpus cpus[2])
{
	if (!cpus_duet(&s->cpus, cpus))
		return "one core only, on which both sides would take turns";
	return sut_redis_proc(s->sut) ? NULL
				      : "each side needs a Redis of its own: unset REDIS_URL";
}

/* What the reader of the ratio must know. */
static void add_fact(struct session *s, const struct cpus cpus[2], const char *why)
{
	struct duet_load load = load_of(s, EVENT_KEYSTROKE);
	struct buf text[2] = { { 0 }, { 0 } };
	char key[40];

	snprintf(key, sizeof(key), "duet of %s", s->scenario.name);
	if (why) {
		result_add_fact(&s->result, key, "unavailable: %s", why);
		progress_note(&s->progress, "%s: unavailable: %s", key, why);
		return;
	}
	cpus_write(&cpus[0], &text[0]);
	cpus_write(&cpus[1], &text[1]);
	result_add_fact(&s->result, key,
			"%g events/s to both sides at once for %g s; one side: %s; the other: %s; "
			"swapped halfway and from pair to pair%s",
			load.lane.rate_hz, load.seconds, buf_str(&text[0]), buf_str(&text[1]),
			CPU_EQUAL(&cpus[1].subject, &cpus[1].servers)
				? ", as the second one shares its core"
				: "");
	buf_release(&text[0]);
	buf_release(&text[1]);
}

bool duet_phase(struct session *s, struct pairs_phase *phase)
{
	struct duet_load load;
	struct cpus cpus[2];
	const char *why;

	if (!s->conf.duet)
		return false;
	why = no_duet_why(s, cpus);
	add_fact(s, cpus, why);
	load = load_of(s, EVENT_KEYSTROKE);
	*phase = (struct pairs_phase){
		.name = "duet",
		.does = "at once",
		.cost_s = (duet_times(&load).end_s + START_S) / 2,
		.primary = METRIC_CPU_PER_EVENT,
		.plan = build_plan,
		.run_both = run_both,
	};
	return !why;
}
