/* What looking costs: six processes, ten times a second. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/probes/procfs.h"
#include "harness/schedule.h"
#include "harness/selfcheck/job.h"

#define PROCESSES 6
#define LOOK_NS	  (100 * NS_PER_MS)
#define READY_NS  (10 * NS_PER_S)

struct watched {
	struct proc *procs[PROCESSES];
	struct probe *probes[PROCESSES];
};

/* Each wakes up 50 times a second, so that there is something to see. */
static int start_one(struct selfcheck *sc, struct watched *w, size_t i,
		     const struct subject *subject, struct err *e)
{
	struct session *s = sc->session;
	struct strv env = { 0 };
	struct proc_spec spec = { .name = "fake_subject",
				  .argv = &subject->argv,
				  .env = &env,
				  .cwd = s->dir,
				  .cpus = &s->cpus.subject,
				  .notify_dir = s->dir,
				  .hooks = &s->hooks,
				  .loop = s->loop };
	int rc;

	strv_set_env(&env, "REDIS_SOCKET", sut_redis_addr(s->sut)->socket);
	rc = proc_start(&w->procs[i], &spec, e);
	strv_release(&env);
	rc = rc ? rc : proc_await_ready(w->procs[i], clock_mono_ns() + READY_NS, e);
	return rc ? rc : procfs_probe.open(&w->probes[i], proc_info(w->procs[i])->pid, e);
}

static int look_at_all(struct watched *w, struct probe_sample *sample, struct err *e)
{
	for (size_t i = 0; i < PROCESSES; i++) {
		int rc;

		probe_sample_reset(sample);
		rc = procfs_probe.sample(w->probes[i], PROCFS_CHEAP, sample);
		if (rc)
			return err_set(e, rc, "a watched process is gone");
	}
	return 0;
}

/* This thread's CPU time for `seconds` of looking, in per cent of a core. */
static int watch(struct watched *w, double seconds, double *core_pct, size_t *looks, struct err *e)
{
	struct probe_sample *sample = mem_calloc(1, sizeof(*sample));
	int64_t start_ns = clock_mono_ns(), cpu_ns = clock_thread_cpu_ns();
	int64_t end_ns = start_ns + (int64_t)(seconds * 1e9);
	int rc = 0;

	for (*looks = 0; !rc && clock_mono_ns() < end_ns; ++*looks) {
		rc = look_at_all(w, sample, e);
		clock_sleep_until_ns(start_ns + (int64_t)(*looks + 1) * LOOK_NS);
	}
	*core_pct = 100 * (double)(clock_thread_cpu_ns() - cpu_ns) /
		    (double)(clock_mono_ns() - start_ns);
	free(sample);
	return rc;
}

static double own_rss_mb(struct err *e)
{
	struct probe_sample *sample = mem_calloc(1, sizeof(*sample));
	struct probe *self;
	double mb = NAN;

	if (!procfs_probe.open(&self, getpid(), e)) {
		probe_sample_reset(sample);
		if (!procfs_probe.sample(self, PROBE_BIT(PROBE_RSS_BYTES), sample) &&
		    probe_has(sample, PROBE_RSS_BYTES))
			mb = (double)sample->value[PROBE_RSS_BYTES] / 1e6;
		procfs_probe.close(self);
	}
	free(sample);
	return mb;
}

/* The probes live in bench, which is much more than a prober: what they add is told beside it. */
static void add_costs(struct selfcheck *sc, double core_pct, size_t looks, double before_mb,
		      double rss_mb)
{
	static const struct known_range cpu = { 0, 0.2, KNOWN_MISSED, "% of a core", 3 };
	static const struct known_range rss = { 0, 8, KNOWN_MISSED, "MB", 1 };
	struct known *k = known_add(&sc->table, KNOWN_PROBER, "CPU, 10 Hz × 6 processes (procfs)",
				    "≤ 0.2 % of a core");

	known_value(k, core_pct, looks * PROCESSES, &cpu);
	k = known_add(&sc->table, KNOWN_PROBER, "memory of the whole of bench meanwhile",
		      "RSS ≤ 8 MB");
	snprintf(k->note, sizeof(k->note),
		 "the probes and the six children's records are %.1f MB of it", rss_mb - before_mb);
	known_value(k, rss_mb, 1, &rss);
}

int check_prober(struct selfcheck *sc, struct err *e)
{
	struct watched w = { 0 };
	struct subject subject;
	double core_pct = NAN, before_mb = own_rss_mb(e);
	size_t looks = 0;
	int rc = job_subject(&subject, sc, SUBJECT_ANY, "${bin}/fake_subject --tick 50");

	for (size_t i = 0; !rc && i < PROCESSES; i++)
		rc = start_one(sc, &w, i, &subject, e);
	rc = rc ? rc : watch(&w, sc->quick ? 5 : 30, &core_pct, &looks, e);
	if (!rc)
		add_costs(sc, core_pct, looks, before_mb, own_rss_mb(e));
	for (size_t i = 0; i < PROCESSES; i++) {
		if (w.probes[i])
			procfs_probe.close(w.probes[i]);
		proc_free(w.procs[i]);
	}
	subject_release(&subject);
	return rc;
}

/* ---- the ratio of start-up times ----------------------------------------------------------- */

#define PAIRS 150

struct starts {
	double wall_ms[2], cpu_ms[2]; /* side a, side b of the pair at hand */
	double walls[2][PAIRS], cpus[2][PAIRS];
	double run_s; /* from exec to ready, all of them */
};

static int start_side(struct selfcheck *sc, const struct subject *subject, int side,
		      struct starts *st, int pair, struct err *e)
{
	struct plan_lane lane = {
		.count = 1, .rate_hz = 1, .arrival = ARRIVAL_CONSTANT, .weight = { 1 }
	};
	struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };
	struct probe_sample *ready = mem_calloc(1, sizeof(*ready));
	struct live *lv = mem_calloc(1, sizeof(*lv));
	struct run *run = mem_calloc(1, sizeof(*run));
	struct plan *plan = NULL;
	int rc = plan_build(&plan, &spec, e);

	if (!rc) {
		rc = live_open(lv, sc->session, subject, plan, run, e);
		rc = rc ? rc : live_sample(lv, PROBE_BIT(PROBE_CPU_NS), ready, e);
		if (!rc) {
			st->walls[side][pair] = run->metrics[METRIC_READY].value;
			st->cpus[side][pair] = (double)(ready->value[PROBE_CPU_NS] -
							proc_info(lv->proc)->pre_exec_cpu_ns) /
					       1e6;
			st->run_s += st->walls[side][pair] / 1e3;
		}
		live_close(lv);
	}
	plan_free(plan);
	free(lv);
	free(run);
	free(ready);
	return rc;
}

static void add_start(struct selfcheck *sc, const char *what, const char *goal, double most,
		      const double *a, const double *b, double run_s)
{
	struct estimate est = stats_estimate_ratio(a, b, PAIRS, 0.95, 1);
	struct known_range range = { 0, most, KNOWN_MISSED, "% standard error", 2 };
	struct known *k = known_add(&sc->table, KNOWN_JUDGEMENT, what, goal);

	known_value(k, 100 * est.se, est.n, &range);
	snprintf(k->interval, sizeof(k->interval), "ratio %.3f (%.3f … %.3f)", est.value, est.low,
		 est.high);
	snprintf(k->note, sizeof(k->note), "c/keystroke against the floor, ABBA; %.1f s of runs",
		 run_s);
}

static int start_all(struct selfcheck *sc, const struct subject subjects[2], struct starts *st,
		     struct err *e)
{
	struct schedule sched = { 0 };
	int pairs = PAIRS, rc = 0;

	schedule_build(&sched, 1, &pairs, &sc->session->rng);
	for (size_t i = 0; !rc && i < sched.n; i++) {
		int side = sched.entries[i].side == 'b';

		rc = start_side(sc, &subjects[side], side, st, sched.entries[i].pair, e);
		if (!rc && sc->session->stopped)
			rc = err_set(e, -EINTR, "stopped by a signal");
	}
	schedule_release(&sched);
	return rc;
}

int check_starts(struct selfcheck *sc, struct err *e)
{
	struct starts *st = mem_calloc(1, sizeof(*st));
	struct subject subjects[2] = { 0 };
	int rc = job_subject(&subjects[0], sc, SUBJECT_ANY, "${bin}/null_subject");

	rc = rc ? rc : job_subject(&subjects[1], sc, EVENT_KEYSTROKE, "${bin}/keystroke_extractor");
	rc = rc ? rc : start_all(sc, subjects, st, e);
	if (!rc) {
		add_start(sc, "ratio of start-up times, 150 pairs, wall", "≤ 0.85 %, ≤ 3 s of runs",
			  0.85, st->walls[0], st->walls[1], st->run_s);
		add_start(sc, "ratio of start-up times, 150 pairs, CPU", "≤ 0.4 %", 0.4,
			  st->cpus[0], st->cpus[1], st->run_s);
	}
	subject_release(&subjects[0]);
	subject_release(&subjects[1]);
	free(st);
	return rc;
}
