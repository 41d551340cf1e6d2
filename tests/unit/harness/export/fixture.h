/* A session made by hand, for the tests of this folder: known values, and texts that mean harm. */
#ifndef TESTS_EXPORT_FIXTURE_H
#define TESTS_EXPORT_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/model.h"

#define FIXTURE_COMMIT	  "0123456789abcdef0123456789abcdef01234567"
#define FIXTURE_PAIRS	  8
#define FIXTURE_SAMPLES	  50
#define FIXTURE_WALL_US	  1795519425801986
#define FIXTURE_VOID_MS	  987654321.0
#define FIXTURE_HOSTILE	  "\"'<&>|]]>\n\r\t\x01\x7f\\,;= /%{}# é\xff\xc3"
#define FIXTURE_HOSTILE_B "q\"<&>|,=/%\\\xc3\xa9 \xff" /* of an implementation: 23 bytes at most */

struct fixture {
	struct result r;
	struct model m;
};

/* A run of scenario startup; `ms` until it is ready, and 1.5 ms or more of CPU time. */
static inline struct run *fixture_start(struct result *r, const char *implementation, int pair,
					char side, double ms)
{
	struct run run = { .scenario = "startup",
			   .phase = "warm",
			   .extractor = EVENT_KEYSTROKE,
			   .comparison = 0,
			   .pair = pair,
			   .side = side,
			   .seconds = 1.5 };

	snprintf(run.id, sizeof(run.id), "keystroke-warm-%02d-%c", pair, side);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	run.started_wall_us = r->started_wall_us + 1000000 * (int64_t)r->n_runs;
	run_set(&run, METRIC_READY, ms);
	run_set(&run, METRIC_EXEC_CPU, 1.5 + pair / 8.0);
	run_set(&run, METRIC_RSS_IDLE, 3e6 + 4096 * pair);
	run_set(&run, METRIC_CPU_IDLE, 0.5);
	run_set(&run, METRIC_FAULTS, side == 'a' ? 100 : 0);
	run_unavailable(&run, METRIC_WAKEUPS_IDLE, FIXTURE_HOSTILE);
	return result_add_run(r, &run);
}

static inline void fixture_latency(struct result *r, const char *implementation, char side)
{
	struct run run = { .scenario = "latency",
			   .phase = "alone-full",
			   .extractor = EVENT_MOUSE,
			   .comparison = 1,
			   .side = side,
			   .seconds = 2 };

	snprintf(run.id, sizeof(run.id), "mouse-full-%c", side);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	run.started_wall_us = r->started_wall_us + 30000000;
	run.latency.n = FIXTURE_SAMPLES;
	run.latency.response_ns = mem_calloc(FIXTURE_SAMPLES, sizeof(int64_t));
	run.latency.service_ns = mem_calloc(FIXTURE_SAMPLES, sizeof(int64_t));
	for (int i = 0; i < FIXTURE_SAMPLES; i++)
		run.latency.response_ns[i] = run.latency.service_ns[i] = 1000 * (i + 1);
	result_add_run(r, &run);
}

/* One search that held a rate, and tried none that was too high: a lower bound. */
static inline void fixture_search(struct result *r, const char *implementation, bool too_high)
{
	struct run run = { .scenario = "throughput", .phase = "sustained", .comparison = -1 };
	struct trial trial = {
		.scenario = "throughput", .extractor = EVENT_APP, .rate_per_s = 50000, .held = true
	};

	snprintf(run.id, sizeof(run.id), "app-search-%s", too_high ? "both" : "bound");
	run.extractor = EVENT_APP;
	snprintf(trial.implementation, sizeof(trial.implementation), "%s", implementation);
	trial.run = (int)r->n_runs;
	result_add_run(r, &run);
	result_add_trial(r, &trial);
	if (!too_high)
		return;
	trial.rate_per_s = 60000;
	trial.held = false;
	trial.run = -1;
	result_add_trial(r, &trial);
}

/*
 * Start-up of python and `b` in pairs, 200 + k and 2 + k/4 ms, and one void run more of `b`;
 * latency of 1 ... 50 us; searches that held 50,000/s, python's as a bound.
 */
static inline void fixture_fill(struct result *r, const char *b)
{
	struct item_result item = { .extractor = EVENT_APP, .outcome = ITEM_FAIL };
	struct run *void_run;

	memset(r, 0, sizeof(*r));
	r->seed = 1;
	r->complete = true;
	r->started_wall_us = FIXTURE_WALL_US;
	snprintf(r->id, sizeof(r->id), "20261124-112345-test");
	snprintf(r->profile, sizeof(r->profile), "quick");
	result_add_fact(r, "build.commit", "%.12s", FIXTURE_COMMIT);
	result_add_fact(r, "git.commit", "%s", FIXTURE_COMMIT);
	result_add_fact(r, "git.state", "clean");
	result_add_fact(r, "host.cpu_model", "../%s", FIXTURE_HOSTILE);
	result_add_fact(r, "host.cpus", "2 online, 1 allowed");
	result_add_fact(r, "host.kernel", "Linux 6.1 x86_64");
	result_add_fact(r, "host.governor", "powersave");
	result_add_fact(r, "load before", "load average 1.25 0.5 0, cpu pressure 3.61 %%");
	result_add_comparison(r, "startup", "warm", EVENT_KEYSTROKE, "python", b);
	result_add_comparison(r, "latency", "alone-full", EVENT_MOUSE, "relay", b);
	result_add_comparison(r, "throughput", "drain", EVENT_APP, "python", b);
	for (int k = 0; k < FIXTURE_PAIRS; k++) {
		fixture_start(r, "python", k, 'a', 200 + k);
		fixture_start(r, b, k, 'b', 2 + k / 4.0);
	}
	void_run = fixture_start(r, b, FIXTURE_PAIRS, 'b', FIXTURE_VOID_MS);
	void_run->status = RUN_VOID;
	snprintf(void_run->why, sizeof(void_run->why), "%s", FIXTURE_HOSTILE);
	fixture_latency(r, "relay", 'a');
	fixture_latency(r, b, 'b');
	fixture_search(r, "python", false);
	fixture_search(r, b, true);
	snprintf(item.scenario, sizeof(item.scenario), "integration");
	snprintf(item.implementation, sizeof(item.implementation), "%s", b);
	snprintf(item.item, sizeof(item.item), "channels");
	snprintf(item.value, sizeof(item.value), "%s", FIXTURE_HOSTILE);
	result_add_item(r, &item);
}

static inline void fixture_init(struct fixture *f, const char *b)
{
	fixture_fill(&f->r, b);
	model_build(&f->m, &f->r);
}

static inline void fixture_release(struct fixture *f)
{
	model_release(&f->m);
	result_release(&f->r);
}

#endif
