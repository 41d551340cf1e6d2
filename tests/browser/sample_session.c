/*
 * A session with every kind of section, for the tests in a browser: `sample_session FOLDER`
 * writes the raw values (results.json, the series of soaks) of which `bench report` makes the page.
 *
 * The figures are drawn, the same each time.  What a host, a subject or another program has
 * said is text that would like to be markup; names are as long as they may be.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "harness/file.h"
#include "harness/report_files.h"

#define US	      1000 /* ns */
#define SEED	      20260101
#define STARTED_US    INT64_C(1767225600000000) /* 2026-01-01 */
#define METRICS_MAX   6
#define SAMPLES	      400
#define PAGE_BYTES    4096.0
#define SOAK_ROWS     150
#define SOAK_STEP_S   4.0
#define COMPARED_MOST 8
#define LONG_NAME     "named_as_long_as_it_may"

static const char hostile[] = "\"><script>window.owned=1</script><img src=x "
			      "onerror=window.owned=2>'`|*a*](http://e)";

/* ---- figures ----------------------------------------------------------------------- */

/* What C has; metrics that are not here have 100. */
static const double typical[METRICS] = {
	[METRIC_DRAIN_RATE] = 6e5,    [METRIC_CPU_PER_EVENT] = 240, [METRIC_RSS] = 1.2e7,
	[METRIC_RSS_IDLE] = 2.8e6,    [METRIC_USS_IDLE] = 5e5,	    [METRIC_CPU_IDLE] = 1e-4,
	[METRIC_CPU_HUMAN] = 0.08,    [METRIC_CPU_FLOOD] = 0.9,	    [METRIC_READY] = 1.4,
	[METRIC_FIRST_FEATURE] = 6.4, [METRIC_EXEC_CPU] = 1.3,
};

/* How many times as much (or as little) of everything another implementation takes. */
static double factor_of(const char *implementation)
{
	static const struct {
		const char *name;
		double times;
	} known[] = {
		{ "c", 1 },	 { "null", 0.7 },	 { "relay", 0.7 },
		{ "python", 9 }, { "c+batch=500", 0.8 }, { "c+batch=50", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].name, implementation))
			return known[i].times;
	return 2 + (double)strlen(implementation) / 10;
}

static double figure(struct rng *rng, enum metric_id id, const char *implementation)
{
	double base = typical[id] > 0 ? typical[id] : 100;
	double times = factor_of(implementation);

	if (metrics[id].better == HIGHER_IS_BETTER)
		times = 1 / times;
	return base * times * (1 + 0.02 * rng_normal(rng));
}

/* ---- runs ---------------------------------------------------------------------------- */

/* One phase of a scenario for one extractor: `compared` of the pairs below. */
struct part {
	const char *scenario, *phase;
	enum event_type type;
	size_t compared;
	int pairs;
	enum metric_id metrics[METRICS_MAX];
	size_t n_metrics;
	bool latency;
};

static const char *const compared[COMPARED_MOST][2] = {
	{ "python", "c" }, { "null", "c" }, { "c", "c" },   { "rust", "c" },
	{ "go", "c" },	   { "zig", "c" },  { "ada", "c" }, { LONG_NAME, "c" },
};

static const struct part parts[] = {
	{ "startup",
	  "warm",
	  EVENT_KEYSTROKE,
	  COMPARED_MOST,
	  8,
	  { METRIC_READY, METRIC_FIRST_FEATURE, METRIC_EXEC_CPU },
	  3,
	  false },
	{ "startup", "warm", EVENT_APP, 3, 3, { METRIC_READY, METRIC_EXEC_CPU }, 2, false },
	{ "memory",
	  "memory",
	  EVENT_KEYSTROKE,
	  3,
	  8,
	  { METRIC_RSS, METRIC_RSS_IDLE, METRIC_USS_IDLE, METRIC_GROWTH },
	  4,
	  false },
	{ "cpu",
	  "cpu",
	  EVENT_MOUSE,
	  3,
	  8,
	  { METRIC_CPU_IDLE, METRIC_CPU_HUMAN, METRIC_CPU_FLOOD, METRIC_RUNQ_PER_EVENT,
	    METRIC_FAULTS },
	  5,
	  false },
	{ "latency",
	  "alone-full",
	  EVENT_MOUSE,
	  3,
	  4,
	  { METRIC_RESPONSE_P50, METRIC_SERVICE_P50, METRIC_CPU_PER_TRIGGER },
	  3,
	  true },
	{ "throughput",
	  "drain",
	  EVENT_MOUSE,
	  3,
	  8,
	  { METRIC_DRAIN_RATE, METRIC_CPU_PER_EVENT, METRIC_RSS },
	  3,
	  false },
	{ "aa",
	  "aa-drain",
	  EVENT_MOUSE,
	  3,
	  16,
	  { METRIC_DRAIN_RATE, METRIC_CPU_PER_EVENT },
	  2,
	  false },
};

static struct run new_run(const char *scenario, const char *phase, enum event_type type,
			  const char *implementation)
{
	struct run run = { .extractor = type,
			   .comparison = -1,
			   .pair = -1,
			   .started_wall_us = STARTED_US,
			   .seconds = 12.5,
			   .plan_events = 100000,
			   .plan_own_events = 80000,
			   .books_until_s = NAN,
			   .oracle = { .checked = 500 },
			   .instrument = { .little_ratio = NAN,
					   .pacing_p99_us = 40,
					   .ebpf_cpu_us_per_10s = NAN,
					   .ebpf_cpu_and_wait_us_per_10s = NAN,
					   .ebpf_switches = NAN,
					   .ebpf_faults = NAN,
					   .ebpf_cpu_within = NAN,
					   .ebpf_cpu_and_wait_within = NAN,
					   .ebpf_unseen_frac = NAN },
			   .noise = { .steal_frac = 0.001, .foreign_frac = 0.02 } };

	snprintf(run.scenario, sizeof(run.scenario), "%s", scenario);
	snprintf(run.phase, sizeof(run.phase), "%s", phase);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	snprintf(run.subject, sizeof(run.subject), "%s %s", implementation, event_type_names[type]);
	snprintf(run.instrument.ebpf_why, sizeof(run.instrument.ebpf_why), "%s", hostile);
	ledger_add(&run.ledger, "sent", 100000, 100000, "%s", "");
	ledger_add(&run.ledger, "received by the subject", 100000, 100000, "%s", "");
	ledger_unavailable(&run.ledger, "points found in the database", "%s", hostile);
	return run;
}

static void add_samples(struct run *run, struct rng *rng)
{
	struct latency_samples *l = &run->latency;

	l->n = SAMPLES;
	l->response_ns = mem_calloc(l->n, sizeof(*l->response_ns));
	l->service_ns = mem_calloc(l->n, sizeof(*l->service_ns));
	for (size_t i = 0; i < l->n; i++) {
		double us = 200 * factor_of(run->implementation) * exp(0.3 * rng_normal(rng));

		l->service_ns[i] = (int64_t)us * US;
		l->response_ns[i] = l->service_ns[i] + (i % 50 ? 5 : 900) * US;
	}
}

/* Of each comparison one run of each kind that has no score, as far as its pairs go. */
static void spoil(struct run *run)
{
	static const enum run_status ends[] = { RUN_OK, RUN_VOID, RUN_FAILED, RUN_DISTURBED };

	if (run->side != 'a' || run->pair < 1 || run->pair >= (int)ARRAY_SIZE(ends))
		return;
	run->status = ends[run->pair];
	snprintf(run->why, sizeof(run->why), "%s: %s", run_status_names[run->status], hostile);
	if (run->status == RUN_VOID) {
		ledger_add(&run->ledger, "feature messages", 500, 499, "%s", hostile);
		run->oracle.wrong = 1;
		snprintf(run->oracle.note, sizeof(run->oracle.note), "%s", hostile);
	}
	if (run->status == RUN_FAILED)
		run->ledger.n = 0;
}

static void add_run(struct result *r, struct rng *rng, const struct part *part,
		    const struct comparison *c, int pair, char side)
{
	const char *name = side == 'a' ? c->a : c->b;
	struct run run = new_run(part->scenario, part->phase, part->type, name);

	run.comparison = (int)(c - r->comparisons);
	run.pair = pair;
	run.side = side;
	snprintf(run.id, sizeof(run.id), "%s-%s-%d-%d-%c", event_type_names[part->type],
		 part->phase, run.comparison, pair, side);
	for (size_t i = 0; i < part->n_metrics; i++)
		run_set(&run, part->metrics[i], figure(rng, part->metrics[i], name));
	if (!strcmp(name, "null"))
		run_unavailable(&run, part->metrics[1], hostile);
	if (part->latency)
		add_samples(&run, rng);
	spoil(&run);
	result_add_run(r, &run);
}

static void add_pairs(struct result *r, struct rng *rng, const struct part *part, const char *a,
		      const char *b)
{
	int c = result_add_comparison(r, part->scenario, part->phase, part->type, a, b);

	r->comparisons[c].pairs_planned = part->pairs + c % 2;
	r->comparisons[c].end = (enum comparison_end)(c % COMPARISON_ENDS);
	for (int i = 0; i < part->pairs; i++) {
		add_run(r, rng, part, &r->comparisons[c], i, 'a');
		add_run(r, rng, part, &r->comparisons[c], i, 'b');
	}
}

/* ---- the sections that are not of pairs ------------------------------------------------ */

static void add_traced(struct result *r, struct rng *rng)
{
	struct run run = new_run("latency", SPLIT_PHASE, EVENT_MOUSE, "c");
	struct split_samples *s = &run.split;

	snprintf(run.id, sizeof(run.id), "mouse-%s", SPLIT_PHASE);
	add_samples(&run, rng);
	s->n = run.latency.n;
	s->outcome = mem_calloc(s->n, sizeof(*s->outcome));
	for (int p = 0; p < SPLIT_PARTS; p++) {
		s->part_ns[p] = mem_calloc(s->n, sizeof(*s->part_ns[p]));
		for (size_t i = 0; i < s->n; i++)
			s->part_ns[p][i] = run.latency.service_ns[i] / SPLIT_PARTS;
	}
	result_add_run(r, &run);
}

static void add_trials(struct result *r)
{
	static const struct {
		const char *implementation;
		double rate_per_s;
		enum run_status status;
	} rows[] = {
		{ "python", 60000, RUN_OK },   { "python", 90000, RUN_STOPPED },
		{ "c", 400000, RUN_OK },       { "c", 600000, RUN_OK },
		{ LONG_NAME, 1000, RUN_VOID },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run run =
			new_run("throughput", "sustain", EVENT_MOUSE, rows[i].implementation);
		struct trial trial = { .scenario = "throughput",
				       .extractor = EVENT_MOUSE,
				       .rate_per_s = rows[i].rate_per_s,
				       .max_lag_ms = 12,
				       .hold_s = 10,
				       .pacing_p99_us = 40,
				       .run = (int)r->n_runs,
				       .held = rows[i].status == RUN_OK };

		run.status = rows[i].status;
		snprintf(run.id, sizeof(run.id), "trial-%zu", i);
		snprintf(trial.implementation, sizeof(trial.implementation), "%s",
			 rows[i].implementation);
		if (!trial.held) {
			snprintf(run.why, sizeof(run.why), "%s", hostile);
			snprintf(trial.why, sizeof(trial.why), "%s", hostile);
		}
		result_add_run(r, &run);
		result_add_trial(r, &trial);
	}
}

static void add_items(struct result *r)
{
	static const char *const names[] = { "c", "python", LONG_NAME };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (int k = 0; k < 6; k++) {
			struct item_result item = { .scenario = "integration",
						    .extractor = EVENT_KEYSTROKE,
						    .outcome = (enum item_outcome)(
							    i ? k % ITEM_OUTCOMES : ITEM_PASS) };

			snprintf(item.implementation, sizeof(item.implementation), "%s", names[i]);
			snprintf(item.item, sizeof(item.item), "item %d %s", k, k ? "" : "<b>");
			snprintf(item.what, sizeof(item.what), "what is checked: %s", hostile);
			snprintf(item.value, sizeof(item.value), "%s", hostile);
			snprintf(item.run, sizeof(item.run), "keystroke-traced-%s", names[i]);
			result_add_item(r, &item);
		}
}

static void add_settings(struct result *r, struct rng *rng)
{
	static const struct part batch = {
		"tuning", "c batch", EVENT_KEYSTROKE, 0, 8, { METRIC_CPU_PER_EVENT, METRIC_RSS },
		2,	  false
	};
	struct setting st = { .scenario = "tuning",
			      .phase = "c batch",
			      .extractor = EVENT_KEYSTROKE,
			      .base = "c",
			      .parameter = "INFLUX_BATCH_SIZE",
			      .value = "500",
			      .reference = "50",
			      .implementation = "c+batch=500",
			      .against = "c+batch=50",
			      .primary = "cpu_ns_per_event" };
	struct setting unmeasured = { .scenario = "tuning",
				      .phase = "c build",
				      .extractor = EVENT_KEYSTROKE,
				      .base = "c",
				      .parameter = "build",
				      .value = "lto",
				      .reference = "O2",
				      .primary = "cpu_ns_per_event" };

	snprintf(st.note, sizeof(st.note), "%s", hostile);
	snprintf(unmeasured.why, sizeof(unmeasured.why), "%s", hostile);
	add_pairs(r, rng, &batch, st.against, st.implementation);
	add_pairs(r, rng, &batch, st.against, st.against);
	result_add_setting(r, &st);
	result_add_setting(r, &unmeasured);
}

static void add_soak(struct result *r, struct rng *rng, const char *implementation, double leak)
{
	struct run run = new_run("soak", "soak", EVENT_MOUSE, implementation);
	struct series s = { .page_bytes = PAGE_BYTES, .settle_s = 60 };

	snprintf(run.id, sizeof(run.id), "mouse-soak-01-%s", implementation);
	snprintf(s.run, sizeof(s.run), "%s", run.id);
	for (int i = 0; i < SOAK_ROWS; i++) {
		double t = SOAK_STEP_S * i;
		double uss = 1e6 * factor_of(implementation) + leak * t + 2e4 * rng_normal(rng);
		struct series_row row = { .elapsed_s = t,
					  .wall_us = (double)STARTED_US + 1e6 * t,
					  .events = 75 * t,
					  .features = 2 * t,
					  .rss_bytes = uss + 2e6,
					  .pss_bytes = uss + 1e6,
					  .uss_bytes = PAGE_BYTES * floor(uss / PAGE_BYTES),
					  .cpu_ns = 75 * t * 1000,
					  .responses = 8,
					  .response_p50_us = 500 + 50 * rng_normal(rng),
					  .response_max_us = 1500 };

		series_add(&s, &row);
	}
	result_add_run(r, &run);
	result_add_series(r, &s);
}

static void add_opinions(struct result *r)
{
	struct opinion said = { .scenario = "startup",
				.implementation = "c",
				.tool = "hyperfine 1.15.0",
				.metric = "exit_ms",
				.n = 20,
				.median = 2.1,
				.mean = 2.2,
				.stddev = 0.1,
				.min = 2,
				.max = 2.6 };
	struct opinion none = { .scenario = "startup",
				.implementation = "python",
				.tool = "hyperfine",
				.metric = "exit_ms" };

	snprintf(none.why, sizeof(none.why), "%s", hostile);
	result_add_opinion(r, &said);
	result_add_opinion(r, &none);
}

static void add_facts(struct result *r)
{
	result_add_fact(r, RESULT_FACT_UNFIT, "governor powersave; %s", hostile);
	result_add_fact(r, "kernel", "Linux 6.1.0 %s", hostile);
	result_add_fact(r, hostile, "a key can be anything");
	result_add_fact(r, "compiler flags",
			"-O2-g-fno-omit-frame-pointer-D_FORTIFY_SOURCE=2-fstack-protector-strong-"
			"without-a-place-to-break");
}

/* ---- the folder ------------------------------------------------------------------------ */

static int save_series(const struct series *s, const char *dir, struct err *e)
{
	struct buf path = { 0 }, text = { 0 };
	int rc;

	series_write_head(s, &text);
	for (size_t i = 0; i < s->n; i++)
		series_write_row(&s->v[i], &text);
	buf_printf(&path, "%s/soak/%s.csv", dir, s->run);
	rc = file_write(buf_str(&path), text.data, text.len, e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int save(const struct result *r, const char *dir, struct err *e)
{
	struct buf soak = { 0 };
	int rc = report_save_results(r, dir, e);

	buf_printf(&soak, "%s/soak", dir);
	if (!rc && mkdir(buf_str(&soak), 0777))
		rc = err_set(e, -errno, "%s: %s", buf_str(&soak), strerror(errno));
	for (size_t i = 0; !rc && i < r->n_series; i++)
		rc = save_series(&r->series[i], dir, e);
	buf_release(&soak);
	return rc;
}

static void fill(struct result *r)
{
	struct rng rng;

	rng_init(&rng, SEED, 0);
	snprintf(r->stopped_by, sizeof(r->stopped_by), "%s", hostile);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (size_t k = 0; k < parts[i].compared; k++) {
			const char *a = compared[k][0];

			if (parts[i].latency && !strcmp(a, "null"))
				a = "relay"; /* the floor that answers */
			add_pairs(r, &rng, &parts[i], a, compared[k][1]);
		}
	add_traced(r, &rng);
	add_trials(r);
	add_items(r);
	add_settings(r, &rng);
	add_soak(r, &rng, "c", 0);
	add_soak(r, &rng, "python", 3e3);
	add_opinions(r);
	add_facts(r);
}

int main(int argc, char **argv)
{
	struct result r = { .id = "20260101-000000-suite",
			    .profile = "standard",
			    .started_wall_us = STARTED_US,
			    .finished_wall_us = STARTED_US + 2400 * INT64_C(1000000),
			    .seed = SEED };
	struct err e = ERR_INIT;
	int rc;

	log_init("sample_session", LOG_INFO);
	if (argc != 2) {
		log_error("usage: sample_session FOLDER");
		return EXIT_FAILURE;
	}
	fill(&r);
	rc = save(&r, argv[1], &e);
	if (rc)
		log_error("%s", e.text);
	result_release(&r);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
