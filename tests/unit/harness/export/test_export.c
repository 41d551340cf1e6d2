/*
 * Every format on a session whose values are known, and on one whose texts mean harm.
 *
 * That other tools read the files is tests/integration/test_export.py's to show; here is
 * what they say.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "extractors/wire/utf8.h"
#include "harness/export/export.h"
#include "harness/loadgen/hist_log.h"
#include "tests/unit/harness/export/fixture.h"

static void write_format(const char *name, const struct model *m, struct export *x)
{
	struct err e = ERR_INIT;

	if (export_write(export_find(name), &m, 1, x, &e))
		fail_msg("%s", e.text);
	assert_true(x->n > 0 && x->exported > 0);
}

static struct buf *only_text(struct export *x)
{
	assert_int_equal(x->n, 1);
	return &x->files[0]->text;
}

static struct buf *text_named(struct export *x, const char *part)
{
	for (size_t i = 0; i < x->n; i++)
		if (strstr(buf_str(&x->files[i]->path), part))
			return &x->files[i]->text;
	fail_msg("no file %s", part);
	return NULL;
}

static cJSON *parse(const struct buf *text)
{
	cJSON *root = cJSON_ParseWithLength(text->data, text->len);

	if (!root)
		fail_msg("not JSON: %.*s", (int)text->len, text->data);
	return root;
}

static const cJSON *at(const cJSON *object, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!v)
		fail_msg("no member %s", name);
	return v;
}

static double number(const cJSON *object, const char *name)
{
	const cJSON *v = at(object, name);

	assert_true(cJSON_IsNumber(v));
	return v->valuedouble;
}

/* The entry of a list whose member has that text. */
static const cJSON *entry(const cJSON *list, const char *member, const char *text)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, list)
	{
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(v, member);

		if (cJSON_IsString(name) && !strcmp(name->valuestring, text))
			return v;
	}
	fail_msg("no entry \"%s\"", text);
	return NULL;
}

static void contains(struct buf *b, const char *want)
{
	if (!strstr(buf_str(b), want))
		fail_msg("not found: %s\nin: %s", want, buf_str(b));
}

static size_t count(struct buf *b, const char *what)
{
	size_t n = 0;

	for (const char *p = buf_str(b); (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

/* ---- what they say --------------------------------------------------------------------- */

static void bencher_has_values_with_their_intervals(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	cJSON *root;
	const cJSON *v;

	fixture_init(&f, "c");
	write_format("bencher", &f.m, &x);
	root = parse(only_text(&x));
	v = at(at(root, "startup/warm/keystroke/c"), "ready_ms");
	assert_float_equal(number(v, "value"), 2.875, 1e-12);
	assert_true(number(v, "lower_value") >= 2 && number(v, "lower_value") < 2.875);
	assert_true(number(v, "upper_value") > 2.875 && number(v, "upper_value") <= 3.75);
	v = at(root, "startup/warm/keystroke/python:c");
	assert_true(number(at(v, "ready_ms_ratio"), "value") < 0.02);
	/* one search has no interval */
	v = at(at(root, "throughput/drain/app/c"), "sustained_events_per_s");
	assert_float_equal(number(v, "value"), 50000, 0);
	assert_null(cJSON_GetObjectItemCaseSensitive(v, "lower_value"));
	assert_null(cJSON_GetObjectItemCaseSensitive(root, "throughput/drain/app/python"));
	cJSON_Delete(root);
	export_release(&x);
	fixture_release(&f);
}

static void bencher_names_have_room_when_they_are_longest(void **state UNUSED)
{
	static const char wide[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
				   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	struct fixture f = { 0 };
	struct export x;
	cJSON *root;
	const cJSON *v, *measure;

	result_add_comparison(&f.r, wide, wide + sizeof(wide) - sizeof(f.r.runs->phase),
			      EVENT_KEYSTROKE, wide, wide + 1);
	for (int k = 0; k < 2 * FIXTURE_PAIRS; k++) {
		struct run *run = fixture_start(&f.r, wide + k % 2, k / 2, k % 2 ? 'b' : 'a', 1);

		snprintf(run->scenario, sizeof(run->scenario), "%s", wide);
		snprintf(run->phase, sizeof(run->phase), "%.15s", wide);
		run_set(run, METRIC_GROWTH, 1 + k);
	}
	model_build(&f.m, &f.r);
	write_format("bencher", &f.m, &x);
	root = parse(only_text(&x));
	assert_int_equal(cJSON_GetArraySize(root), 3); /* two, and their ratio */
	cJSON_ArrayForEach(v, root)
	{
		assert_true(strlen(v->string) <= 1024);
		cJSON_ArrayForEach(measure, v) assert_true(strlen(measure->string) <= 64);
	}
	cJSON_Delete(root);
	export_release(&x);
	fixture_release(&f);
}

static void github_has_a_file_for_each_direction(void **state UNUSED)
{
	static const char smaller_name[] = "startup/warm/keystroke/c/ready_ms";
	static const char bigger_name[] = "throughput/drain/app/c/sustained_events_per_s";
	struct fixture f;
	struct export smaller, bigger;
	cJSON *root;
	const cJSON *v;

	fixture_init(&f, "c");
	write_format("github-smaller", &f.m, &smaller);
	write_format("github-bigger", &f.m, &bigger);
	root = parse(only_text(&smaller));
	v = entry(root, "name", smaller_name);
	assert_string_equal(at(v, "unit")->valuestring, "ms");
	assert_float_equal(number(v, "value"), 2.875, 1e-12);
	assert_non_null(strstr(at(v, "range")->valuestring, " .. "));
	cJSON_Delete(root);
	root = parse(only_text(&bigger));
	assert_float_equal(number(entry(root, "name", bigger_name), "value"), 50000, 0);
	assert_int_equal(cJSON_GetArraySize(root), 1);
	assert_int_equal(bigger.unfit, smaller.exported);
	cJSON_Delete(root);
	export_release(&smaller);
	export_release(&bigger);
	fixture_release(&f);
}

static void hyperfine_has_every_run_in_seconds_with_its_cpu_time(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	cJSON *root;
	const cJSON *v, *times;

	fixture_init(&f, "c");
	write_format("hyperfine", &f.m, &x);
	root = parse(only_text(&x));
	assert_int_equal(cJSON_GetArraySize(at(root, "results")), 2); /* C and Python are ready */
	v = entry(at(root, "results"), "command", "startup/warm/keystroke/c/ready_ms");
	times = at(v, "times");
	assert_int_equal(cJSON_GetArraySize(times), FIXTURE_PAIRS);
	assert_float_equal(cJSON_GetArrayItem(times, 1)->valuedouble, 0.00225, 1e-15);
	assert_float_equal(number(v, "mean"), 0.002875, 1e-15);
	assert_float_equal(number(v, "min"), 0.002, 1e-15);
	/* of 0 … 7 by n - 1: sqrt(6) */
	assert_float_equal(number(v, "stddev"), sqrt(6) / 4000, 1e-15);
	assert_float_equal(number(v, "user"), 0.0019375, 1e-15); /* both modes */
	assert_float_equal(number(v, "system"), 0, 0);
	assert_int_equal(cJSON_GetArraySize(at(v, "exit_codes")), FIXTURE_PAIRS);
	assert_string_equal(at(at(v, "parameters"), "implementation")->valuestring, "c");
	assert_true(x.unfit > 0);
	cJSON_Delete(root);
	export_release(&x);
	fixture_release(&f);
}

static void hyperfine_has_no_time_without_its_cpu_time(void **state UNUSED)
{
	struct fixture f;
	struct export all, x;
	cJSON *root;

	fixture_init(&f, "c");
	write_format("hyperfine", &f.m, &all);
	fixture_release(&f);
	fixture_fill(&f.r, "c");
	for (size_t i = 0; i < f.r.n_runs; i++)
		if (!strcmp(f.r.runs[i].id, "keystroke-warm-03-b")) /* one of C's */
			run_unavailable(&f.r.runs[i], METRIC_EXEC_CPU, "gone before it was asked");
	model_build(&f.m, &f.r);
	write_format("hyperfine", &f.m, &x);
	root = parse(only_text(&x));
	assert_int_equal(cJSON_GetArraySize(at(root, "results")), 1);
	entry(at(root, "results"), "command", "startup/warm/keystroke/python/ready_ms");
	assert_int_equal(x.exported, 1);
	assert_int_equal(x.unfit, all.unfit + 1);
	cJSON_Delete(root);
	export_release(&all);
	export_release(&x);
	fixture_release(&f);
}

static void pyperf_has_no_value_that_it_would_refuse(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	cJSON *root;
	const cJSON *b, *run;
	size_t faults = 0;

	fixture_init(&f, "c");
	write_format("pyperf", &f.m, &x);
	root = parse(only_text(&x));
	cJSON_ArrayForEach(b, at(root, "benchmarks"))
	{
		const char *name = at(at(b, "metadata"), "name")->valuestring;

		faults += strstr(name, "/page_faults") != NULL;
		cJSON_ArrayForEach(run, at(b, "runs"))
			assert_true(cJSON_GetArrayItem(at(run, "values"), 0)->valuedouble > 0);
		if (!strcmp(name, "startup/warm/keystroke/c/ready_ms")) {
			assert_string_equal(at(at(b, "metadata"), "unit")->valuestring, "second");
			assert_int_equal(cJSON_GetArraySize(at(b, "runs")), FIXTURE_PAIRS);
			run = cJSON_GetArrayItem(at(b, "runs"), 0);
			/* the second run of the session: a second after its start */
			assert_string_equal(at(at(run, "metadata"), "date")->valuestring,
					    "2026-11-24 11:23:46.801986");
		}
	}
	assert_int_equal(faults, 1); /* Python's; C has 0 of them */
	cJSON_Delete(root);
	export_release(&x);
	fixture_release(&f);
}

/* One that is 0 in seconds is refused as 0 is. */
static void pyperf_has_no_time_too_small_for_its_unit(void **state UNUSED)
{
	struct fixture f;
	struct export all, x;

	fixture_init(&f, "c");
	write_format("pyperf", &f.m, &all);
	fixture_release(&f);
	fixture_fill(&f.r, "c");
	run_set(&f.r.runs[1], METRIC_READY, 5e-324);
	model_build(&f.m, &f.r);
	write_format("pyperf", &f.m, &x);
	assert_int_equal(x.exported, all.exported - 1);
	assert_null(strstr(buf_str(only_text(&x)), "\"values\":[0]"));
	export_release(&all);
	export_release(&x);
	fixture_release(&f);
}

static void google_benchmark_has_iterations_and_their_median(void **state UNUSED)
{
	static const char name[] = "startup/warm/keystroke/c/ready_ms";
	struct fixture f;
	struct export x;
	cJSON *root;
	const cJSON *v, *context;
	int iterations = 0;

	fixture_init(&f, "c");
	write_format("google-benchmark", &f.m, &x);
	root = parse(only_text(&x));
	context = at(root, "context");
	assert_float_equal(number(context, "num_cpus"), 2, 0);
	assert_float_equal(number(context, "json_schema_version"), 1, 0);
	assert_true(cJSON_IsTrue(at(context, "cpu_scaling_enabled")));
	assert_int_equal(cJSON_GetArraySize(at(context, "load_avg")), 3);
	assert_float_equal(cJSON_GetArrayItem(at(context, "load_avg"), 0)->valuedouble, 1.25, 0);
	cJSON_ArrayForEach(v, at(root, "benchmarks")) iterations +=
		!strcmp(at(v, "name")->valuestring, name);
	assert_int_equal(iterations, FIXTURE_PAIRS);
	v = entry(at(root, "benchmarks"), "name", "startup/warm/keystroke/c/ready_ms_median");
	assert_string_equal(at(v, "run_type")->valuestring, "aggregate");
	assert_string_equal(at(v, "run_name")->valuestring, name);
	assert_string_equal(at(v, "time_unit")->valuestring, "ms");
	assert_float_equal(number(v, "real_time"), 2.875, 1e-12);
	cJSON_Delete(root);
	export_release(&x);
	fixture_release(&f);
}

static void go_has_a_line_a_run_and_says_which_way_is_better(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	struct buf *text;

	fixture_init(&f, "c");
	write_format("go", &f.m, &x);
	text = only_text(&x);
	contains(text, "\nUnit ready_ms better=lower\n");
	contains(text, "\nUnit sustained_events_per_s better=higher\n");
	contains(text,
		 "\nBenchmarkSeclyzer/scenario=startup/phase=warm/extractor=keystroke/impl=c-1 1 "
		 "2.25 ready_ms\n");
	assert_int_equal(count(text, " ready_ms\n"), 2 * FIXTURE_PAIRS);
	assert_int_equal(count(text, "\nUnit ready_ms "), 1);
	contains(text, "\ncommit: " FIXTURE_COMMIT "\nUnit ");
	export_release(&x);
	fixture_release(&f);
}

static void asv_has_three_files_and_needs_a_commit(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	struct err e = ERR_INIT;
	const struct model *m = &f.m;
	cJSON *results, *benchmarks, *machine;
	const cJSON *row, *columns;

	fixture_init(&f, "c");
	write_format("asv", &f.m, &x);
	assert_int_equal(x.n, 3);
	results = parse(text_named(&x, "/01234567-seclyzer-quick.json"));
	benchmarks = parse(text_named(&x, "asv/benchmarks.json"));
	machine = parse(text_named(&x, "/machine.json"));
	assert_string_equal(at(machine, "machine")->valuestring,
			    at(at(results, "params"), "machine")->valuestring);
	assert_string_equal(at(results, "commit_hash")->valuestring, FIXTURE_COMMIT);
	row = at(at(results, "results"), "startup.warm.keystroke.c.ready_ms");
	assert_float_equal(cJSON_GetArrayItem(cJSON_GetArrayItem(row, 0), 0)->valuedouble, 2.875,
			   1e-12);
	columns = at(results, "result_columns");
	assert_string_equal(cJSON_GetArrayItem(columns, 4)->valuestring, "duration");
	assert_float_equal(cJSON_GetArrayItem(row, 4)->valuedouble, 1.5 * FIXTURE_PAIRS, 1e-12);
	/* the last column is cut: nothing was profiled */
	assert_string_equal(cJSON_GetArrayItem(columns, 12)->valuestring, "profile");
	assert_int_equal(cJSON_GetArraySize(columns), 13);
	assert_int_equal(cJSON_GetArraySize(row), 12);
	row = at(benchmarks, "startup.warm.keystroke.c.ready_ms");
	assert_string_equal(at(row, "unit")->valuestring, "ms");
	assert_null(cJSON_GetObjectItemCaseSensitive(
		benchmarks, "throughput.drain.app.c.sustained_events_per_s"));
	export_release(&x);
	snprintf(f.r.facts[0].value, 12, "unavailable");
	assert_int_equal(export_write(export_find("asv"), &m, 1, &x, &e), -ENODATA);
	assert_non_null(
		strstr(e.text, "asv: its files are named after the commit, and the build's "));
	export_release(&x);
	cJSON_Delete(results);
	cJSON_Delete(benchmarks);
	cJSON_Delete(machine);
	fixture_release(&f);
}

static void openmetrics_is_in_base_units_and_ends(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	struct buf *text;

	fixture_init(&f, "c");
	write_format("openmetrics", &f.m, &x);
	text = only_text(&x);
	contains(text,
		 "# TYPE seclyzer_ready_seconds gauge\n# UNIT seclyzer_ready_seconds seconds\n");
	contains(
		text,
		"seclyzer_ready_seconds{scenario=\"startup\",phase=\"warm\",extractor=\"keystroke\","
		"implementation=\"c\",estimate=\"value\"} 0.002875 1795519425.801986\n");
	contains(text, "seclyzer_cpu_idle_ratio{");
	contains(text, "estimate=\"value\"} 0.005 ");
	contains(text, "seclyzer_runs{status=\"void\"} 1 ");
	assert_int_equal(count(text, "# TYPE seclyzer_ready_seconds "), 1);
	assert_string_equal(buf_str(text) + text->len - 6, "# EOF\n");
	export_release(&x);
	fixture_release(&f);
}

static void junit_fails_what_is_void_or_wrong_and_skips_what_is_unknown(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	struct buf *text;

	fixture_init(&f, "c");
	write_format("junit", &f.m, &x);
	text = only_text(&x);
	contains(
		text,
		"<testcase classname=\"runs.startup\" name=\"keystroke-warm-08-b\" time=\"1.500000\">"
		"<failure type=\"void\" message=\"void: ");
	contains(text, "<failure type=\"fail\" message=\"&quot;'&lt;&amp;&gt;|]]&gt;&#10;");
	contains(text,
		 "name=\"throughput/drain/app/python/sustained_events_per_s\" time=\"0.000000\">"
		 "<skipped message=\"unavailable: only a bound is known\"/>");
	contains(text,
		 "<testcase classname=\"session\" name=\"session\" time=\"0.000000\"></testcase>");
	/* the void run and the item */
	assert_int_equal(count(text, "<failure"), 2);
	contains(text, " failures=\"2\" errors=\"0\"");
	contains(text, "\" hostname=\"unavailable: not recorded\">");
	assert_int_equal(count(text, "<testcase"), x.exported);
	assert_int_equal(count(text, "<testsuite "), 5);
	export_release(&x);
	fixture_release(&f);
}

/* 8 pairs and an A/A: enough for a verdict.  `a` is slower or faster than `b`. */
static size_t failures_of(const char *a, const char *b, double b_ms)
{
	struct fixture f = { 0 };
	struct export x;
	size_t n;
	int aa;

	f.r.seed = 1;
	result_add_comparison(&f.r, "startup", "warm", EVENT_KEYSTROKE, a, b);
	aa = result_add_comparison(&f.r, "startup", "warm", EVENT_KEYSTROKE, b, b);
	for (int k = 0; k < 2 * FIXTURE_PAIRS; k++) {
		fixture_start(&f.r, a, k, 'a', 10 + k % 3 * 0.01);
		fixture_start(&f.r, b, k, 'b', b_ms + k % 5 * 0.01);
		fixture_start(&f.r, b, k, 'a', b_ms + k % 4 * 0.01)->comparison = aa;
		fixture_start(&f.r, b, k, 'b', b_ms + k % 3 * 0.01)->comparison = aa;
	}
	model_build(&f.m, &f.r);
	write_format("junit", &f.m, &x);
	n = count(only_text(&x), "<failure type=\"worse\"");
	export_release(&x);
	fixture_release(&f);
	return n;
}

static void junit_fails_a_verdict_of_worse_but_not_against_the_floor(void **state UNUSED)
{
	assert_int_equal(failures_of("python", "c", 20), 1);
	assert_int_equal(failures_of("python", "c", 5), 0);
	assert_int_equal(failures_of("null", "c", 20), 0);
}

static void histograms_are_read_back_with_every_sample(void **state UNUSED)
{
	static const char tag[] = "latency/alone-full/mouse/c/response";
	struct fixture f;
	struct export log, text;
	struct err e = ERR_INIT;
	struct hist *h = hist_new(HIST_HOUR_NS, HIST_DIGITS, &e);
	size_t n;

	fixture_init(&f, "c");
	write_format("hlog", &f.m, &log);
	assert_int_equal(log.exported, 4); /* C and the relay, response and service */
	assert_int_equal(
		hist_log_merge(h, only_text(&log)->data, only_text(&log)->len, tag, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(hist_count(h), FIXTURE_SAMPLES);
	assert_int_equal(hist_max(h), 50000);
	contains(only_text(&log), "\nTag=latency/alone-full/mouse/c/response,30.000,2.000,");
	write_format("hgrm", &f.m, &text);
	assert_int_equal(text.n, 4);
	contains(text_named(&text, "hgrm/latency-alone-full-mouse-c.response.hgrm"),
		 "#[Max     =       50.000, Total count    =           50]\n");
	hist_free(h);
	export_release(&log);
	export_release(&text);
	fixture_release(&f);
}

static void otava_has_a_row_a_session_and_columns_that_all_of_them_have(void **state UNUSED)
{
	struct fixture later, earlier;
	const struct model *models[] = { &later.m, &earlier.m };
	struct err e = ERR_INIT;
	struct export x;
	struct buf *csv, *yaml;

	fixture_init(&later, "c");
	fixture_fill(&earlier.r, "c");
	earlier.r.started_wall_us -= 3600 * 1000000LL;
	snprintf(earlier.r.id, sizeof(earlier.r.id), "before");
	earlier.r.complete = false;
	snprintf(earlier.r.stopped_by, sizeof(earlier.r.stopped_by), "stopped");
	for (size_t i = 0; i < earlier.r.n_runs; i++)
		run_unavailable(&earlier.r.runs[i], METRIC_RSS_IDLE, "not measured then");
	model_build(&earlier.m, &earlier.r);
	assert_int_equal(export_write(export_find("otava"), models, 2, &x, &e), 0);
	csv = text_named(&x, ".csv");
	yaml = text_named(&x, ".yaml");
	assert_memory_equal(buf_str(csv), "time,session,commit,objections,startup/", 39);
	contains(csv, "\n2026-11-24T10:23:45+00:00,before," FIXTURE_COMMIT ",incomplete: stopped,");
	contains(csv, ",20261124-112345-test," FIXTURE_COMMIT ",,");
	assert_true(strstr(buf_str(csv), "before") < strstr(buf_str(csv), "20261124-112345-test"));
	assert_int_equal(count(csv, "\n"), 3);
	assert_int_equal(count(csv, ","), 3 * (3 + x.exported));
	assert_int_equal(count(csv, "rss_idle_bytes"), 0);
	contains(yaml, "\"startup/warm/keystroke/c/ready_ms\": {scale: 1, direction: -1}\n");
	contains(yaml,
		 "\"throughput/drain/app/c/sustained_events_per_s\": {scale: 1, direction: 1}\n");
	export_release(&x);
	fixture_release(&later);
	fixture_release(&earlier);
}

static void line_protocol_has_a_point_a_figure_and_a_point_a_run(void **state UNUSED)
{
	struct fixture f;
	struct export x;
	struct buf *text;

	fixture_init(&f, "c");
	write_format("line-protocol", &f.m, &x);
	text = only_text(&x);
	assert_int_equal(count(text, "seclyzer_bench,metric="), x.exported);
	/* those of startup: of the others no metric is there */
	assert_int_equal(count(text, "\nseclyzer_bench_run,"), 2 * FIXTURE_PAIRS);
	contains(text,
		 "seclyzer_bench,metric=ready_ms,extractor=keystroke,implementation=c,phase=warm,"
		 "profile=quick,scenario=startup,session=20261124-112345-test n=8i,value=2.875,"
		 "low=");
	contains(text, ",unit=\"ms\",commit=\"" FIXTURE_COMMIT "\" 1795519425801986000\n");
	contains(text, " rss_idle_bytes=3000000,cpu_idle_pct=0.5,page_faults=100,ready_ms=200,"
		       "exec_cpu_ms=1.5 1795519425801986000\n");
	export_release(&x);
	fixture_release(&f);
}

/* ---- what is said of the session ----------------------------------------------------------- */

#define SHORT "0123456789ab"

static void the_commit_is_that_of_the_build_and_says_when_it_was_dirty(void **state UNUSED)
{
	static const struct {
		const char *built, *head, *tree, *want;
	} rows[] = {
		{ SHORT, FIXTURE_COMMIT, "clean", FIXTURE_COMMIT },
		{ SHORT "-dirty", FIXTURE_COMMIT, "clean", FIXTURE_COMMIT "-dirty" },
		{ SHORT, FIXTURE_COMMIT, "dirty: differs from the commit",
		  FIXTURE_COMMIT "-dirty" },
		/* another one is checked out by now */
		{ SHORT, "89abcdef0123456789abcdef", "clean", SHORT },
		{ SHORT "-dirty", "none", "unavailable: no .git", SHORT "-dirty" },
		{ "unavailable: no git", FIXTURE_COMMIT, "clean", "unavailable" },
		{ SHORT "!", FIXTURE_COMMIT, "clean", "unavailable" },
		{ "", FIXTURE_COMMIT, "clean", "unavailable" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f = { 0 };
		const struct model *m = &f.m;
		struct err e = ERR_INIT;
		struct export x;
		struct buf want = { 0 };

		result_add_fact(&f.r, "build.commit", "%s", rows[i].built);
		result_add_fact(&f.r, "git.commit", "%s", rows[i].head);
		result_add_fact(&f.r, "git.state", "%s", rows[i].tree);
		result_add_comparison(&f.r, "startup", "warm", EVENT_KEYSTROKE, "python", "c");
		fixture_start(&f.r, "python", 0, 'a', 1);
		model_build(&f.m, &f.r);
		write_format("go", &f.m, &x);
		buf_printf(&want, "\ncommit: %s\n", rows[i].want);
		contains(only_text(&x), buf_str(&want));
		export_release(&x);
		/* whose files are named after it */
		assert_int_equal(export_write(export_find("asv"), &m, 1, &x, &e),
				 strspn(rows[i].want, "0123456789abcdef") == strlen(rows[i].want)
					 ? 0
					 : -ENODATA);
		export_release(&x);
		buf_release(&want);
		fixture_release(&f);
	}
}

static void an_unfit_or_incomplete_session_is_called_so_where_there_is_room(void **state UNUSED)
{
	static const char *const rows[][3] = {
		{ "go", "\nunfit: cores: 1, 2\n", "\nincomplete: SIGTERM\n" },
		{ "pyperf", ",\"seclyzer_unfit\":\"cores: 1, 2\"",
		  ",\"seclyzer_incomplete\":\"SIGTERM\"}," },
		{ "google-benchmark", ",\"seclyzer_unfit\":\"cores: 1, 2\"",
		  ",\"seclyzer_incomplete\":\"SIGTERM\"}," },
		{ "openmetrics", ",unfit=\"cores: 1, 2\"", ",incomplete=\"SIGTERM\"} 1 " },
		{ "line-protocol", ",unfit=cores:\\ 1\\,\\ 2,incomplete=SIGTERM n=8i,value=2.875,",
		  ",unfit=cores:\\ 1\\,\\ 2,incomplete=SIGTERM rss_idle_bytes=" },
		{ "otava", "," FIXTURE_COMMIT ",\"unfit: cores: 1, 2; incomplete: SIGTERM\",", "" },
		{ "junit", "\n  <testsuite name=\"session\" tests=\"1\" failures=\"1\" ",
		  "<failure type=\"session\" message=\"unfit: cores: 1, 2; incomplete: SIGTERM\"/>" },
	};
	struct fixture f;
	struct buf all = { 0 };

	fixture_init(&f, "c");
	export_objections(&f.r, &all);
	assert_int_equal(all.len, 0);
	result_add_fact(&f.r, RESULT_FACT_UNFIT, "cores: 1, 2");
	f.r.complete = false;
	snprintf(f.r.stopped_by, sizeof(f.r.stopped_by), "SIGTERM");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct export x;

		write_format(rows[i][0], &f.m, &x);
		contains(&x.files[0]->text, rows[i][1]);
		contains(&x.files[0]->text, rows[i][2]);
		export_release(&x);
	}
	export_objections(&f.r, &all);
	assert_string_equal(buf_str(&all), "unfit: cores: 1, 2; incomplete: SIGTERM");
	buf_release(&all);
	fixture_release(&f);
}

/* ---- what holds for all of them ----------------------------------------------------------- */

static void check_file(const char *format, struct export_file *file)
{
	const char *path = buf_str(&file->path);
	const char *ending = strrchr(path, '.');

	if (!utf8_valid(file->text.data, file->text.len))
		fail_msg("%s: %s is not UTF-8", format, path);
	for (size_t i = 0; i < file->text.len; i++)
		if ((unsigned char)file->text.data[i] < ' ' && file->text.data[i] != '\n')
			fail_msg("%s: %s has a control character", format, path);
	assert_int_equal(strspn(path,
				"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				"._+=-/"),
			 strlen(path));
	assert_null(strstr(path, "/."));
	if (!strcmp(ending, ".json"))
		cJSON_Delete(parse(&file->text));
	if (strcmp(format, "junit") && strstr(buf_str(&file->text), "987654"))
		fail_msg("%s: the void run's value is in %s", format, path);
}

static void no_text_breaks_a_format_and_no_void_run_gets_in(void **state UNUSED)
{
	for (size_t i = 0; i < export_formats_n; i++) {
		struct fixture f;
		struct export x, again;

		fixture_fill(&f.r, FIXTURE_HOSTILE_B);
		result_add_fact(&f.r, RESULT_FACT_UNFIT, "%s", FIXTURE_HOSTILE);
		model_build(&f.m, &f.r);
		write_format(export_formats[i].name, &f.m, &x);
		write_format(export_formats[i].name, &f.m, &again);
		assert_int_equal(x.n, again.n);
		assert_int_equal(x.by_status[RUN_VOID], 1);
		for (size_t k = 0; k < x.n; k++) {
			check_file(export_formats[i].name, x.files[k]);
			assert_string_equal(buf_str(&x.files[k]->text),
					    buf_str(&again.files[k]->text));
		}
		assert_int_equal(
			export_formats[i].file != NULL,
			x.n == 1 && export_formats[i].file &&
				!strcmp(export_formats[i].file, buf_str(&x.files[0]->path)));
		export_release(&x);
		export_release(&again);
		fixture_release(&f);
	}
}

/* But in JUnit, which says that the session is not complete. */
static void a_session_without_runs_has_nothing_for_any_format(void **state UNUSED)
{
	for (size_t i = 0; i < export_formats_n; i++) {
		struct fixture f = { 0 };
		const struct model *m = &f.m;
		struct err e = ERR_INIT;
		struct export x;

		model_build(&f.m, &f.r);
		if (!strcmp(export_formats[i].name, "junit")) {
			write_format("junit", &f.m, &x);
			contains(only_text(&x), "\"incomplete: not every planned run was made\"/>");
		} else {
			assert_int_equal(export_write(&export_formats[i], &m, 1, &x, &e), -ENODATA);
			assert_non_null(strstr(e.text, export_formats[i].name));
		}
		export_release(&x);
		fixture_release(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bencher_has_values_with_their_intervals),
		cmocka_unit_test(bencher_names_have_room_when_they_are_longest),
		cmocka_unit_test(github_has_a_file_for_each_direction),
		cmocka_unit_test(hyperfine_has_every_run_in_seconds_with_its_cpu_time),
		cmocka_unit_test(hyperfine_has_no_time_without_its_cpu_time),
		cmocka_unit_test(pyperf_has_no_value_that_it_would_refuse),
		cmocka_unit_test(pyperf_has_no_time_too_small_for_its_unit),
		cmocka_unit_test(google_benchmark_has_iterations_and_their_median),
		cmocka_unit_test(go_has_a_line_a_run_and_says_which_way_is_better),
		cmocka_unit_test(asv_has_three_files_and_needs_a_commit),
		cmocka_unit_test(openmetrics_is_in_base_units_and_ends),
		cmocka_unit_test(junit_fails_what_is_void_or_wrong_and_skips_what_is_unknown),
		cmocka_unit_test(junit_fails_a_verdict_of_worse_but_not_against_the_floor),
		cmocka_unit_test(histograms_are_read_back_with_every_sample),
		cmocka_unit_test(otava_has_a_row_a_session_and_columns_that_all_of_them_have),
		cmocka_unit_test(line_protocol_has_a_point_a_figure_and_a_point_a_run),
		cmocka_unit_test(the_commit_is_that_of_the_build_and_says_when_it_was_dirty),
		cmocka_unit_test(an_unfit_or_incomplete_session_is_called_so_where_there_is_room),
		cmocka_unit_test(no_text_breaks_a_format_and_no_void_run_gets_in),
		cmocka_unit_test(a_session_without_runs_has_nothing_for_any_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
