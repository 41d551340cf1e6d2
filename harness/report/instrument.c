/* The instrument's cost; see instrument.h. */
#include "harness/report/instrument.h"

#include <math.h>

#include "harness/report/sample.h"
#include "harness/stats/binomial.h"

/* NaN for a run without the value. */
typedef double (*instrument_fn)(const struct run *run);

#define GETTER(name, expression)                  \
	static double name(const struct run *run) \
	{                                         \
		return (double)(run->expression); \
	}

GETTER(generator_cpu_of, instrument.generator_cpu_ns_per_event)
GETTER(tap_cpu_of, instrument.tap_cpu_ns_per_event)
GETTER(little_of, instrument.little_ratio)
GETTER(pacing_of, instrument.pacing_p99_us)
GETTER(held_back_of, instrument.held_back_frac)
GETTER(stats_asked_of, instrument.stats_asked)
GETTER(prober_samples_of, instrument.prober_samples)
GETTER(generator_work_of, instrument.generator_work_ns_per_event)
GETTER(wake_of, instrument.wake_p99_us)
GETTER(behind_of, instrument.generator_behind_ms)
GETTER(connections_of, instrument.generator_connections)
GETTER(ebpf_cpu_of, instrument.ebpf_cpu_us_per_10s)
GETTER(ebpf_both_of, instrument.ebpf_cpu_and_wait_us_per_10s)
GETTER(ebpf_switches_of, instrument.ebpf_switches)
GETTER(ebpf_faults_of, instrument.ebpf_faults)
GETTER(ebpf_cpu_within_of, instrument.ebpf_cpu_within)
GETTER(ebpf_both_within_of, instrument.ebpf_cpu_and_wait_within)
GETTER(ebpf_unseen_of, instrument.ebpf_unseen_frac)
GETTER(steal_of, noise.steal_frac)
GETTER(foreign_of, noise.foreign_frac)

static double prober_cpu_of(const struct run *run)
{
	int64_t n = run->instrument.prober_samples;

	return n > 0 ? run->instrument.prober_cpu_us / (double)n : NAN;
}

/* Events of a write: the generator's batching. */
static double batch_of(const struct run *run)
{
	int64_t n = run->instrument.generator_writes;

	return n > 0 ? (double)run->plan_events / (double)n : NAN;
}

static void collect_instrument(const struct result *r, instrument_fn get, struct sample *s)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (run_counts(&r->runs[i], true) && !isnan(get(&r->runs[i])))
			sample_add(s, get(&r->runs[i]), 0);
}

static struct estimate finish(const struct result *r, struct sample *s)
{
	struct estimate est = stats_estimate_median(s->a, s->n, MODEL_LEVEL, r->seed);

	sample_release(s);
	return est;
}

static struct estimate over_runs(const struct result *r, instrument_fn get)
{
	struct sample s = { 0 };

	collect_instrument(r, get, &s);
	return finish(r, &s);
}

/* A trial that was stopped has its pacing only here: its run never closed its books. */
static struct estimate pacing_over_runs_and_trials(const struct result *r)
{
	struct sample s = { 0 };

	collect_instrument(r, pacing_of, &s);
	for (size_t i = 0; i < r->n_trials; i++) {
		const struct run *run = model_trial_run(r, &r->trials[i]);
		bool taken = run && run_counts(run, true) && !isnan(pacing_of(run));

		if (!taken && !isnan(r->trials[i].pacing_p99_us))
			sample_add(&s, r->trials[i].pacing_p99_us, 0);
	}
	return finish(r, &s);
}

/* Runs in which the goal was met, of those in which both instruments had a value. */
static struct model_share share_of(const struct result *r, instrument_fn get)
{
	struct model_share share = { 0 };

	for (size_t i = 0; i < r->n_runs; i++) {
		double within = run_counts(&r->runs[i], true) ? get(&r->runs[i]) : NAN;

		share.n += isnan(within) ? 0 : 1;
		share.k += within > 0 ? 1 : 0;
	}
	stats_binomial_interval(share.k, share.n, MODEL_LEVEL, &share.low, &share.high);
	return share;
}

static const char *first_ebpf_why(const struct result *r)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].instrument.ebpf_why[0])
			return r->runs[i].instrument.ebpf_why;
	return NULL;
}

void instrument_build(struct model *m, const struct result *r)
{
	m->generator_cpu_ns = over_runs(r, generator_cpu_of);
	m->tap_cpu_ns = over_runs(r, tap_cpu_of);
	m->little_ratio = over_runs(r, little_of);
	m->pacing_p99_us = pacing_over_runs_and_trials(r);
	m->generator_work_ns = over_runs(r, generator_work_of);
	m->wake_p99_us = over_runs(r, wake_of);
	m->behind_ms = over_runs(r, behind_of);
	m->connections = over_runs(r, connections_of);
	m->events_per_write = over_runs(r, batch_of);
	m->held_back_frac = over_runs(r, held_back_of);
	m->stats_asked = over_runs(r, stats_asked_of);
	m->prober_samples = over_runs(r, prober_samples_of);
	m->prober_cpu_us_per_sample = over_runs(r, prober_cpu_of);
	m->ebpf_cpu_us = over_runs(r, ebpf_cpu_of);
	m->ebpf_cpu_and_wait_us = over_runs(r, ebpf_both_of);
	m->ebpf_switches = over_runs(r, ebpf_switches_of);
	m->ebpf_faults = over_runs(r, ebpf_faults_of);
	m->ebpf_unseen_frac = over_runs(r, ebpf_unseen_of);
	m->ebpf_cpu_within = share_of(r, ebpf_cpu_within_of);
	m->ebpf_cpu_and_wait_within = share_of(r, ebpf_both_within_of);
	m->ebpf_why = first_ebpf_why(r);
	m->steal_frac = over_runs(r, steal_of);
	m->foreign_frac = over_runs(r, foreign_of);
}
