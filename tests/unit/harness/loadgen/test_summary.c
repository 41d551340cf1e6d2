/* Summaries of hand-made results: figures, what is unavailable, which ledger line is open. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "harness/loadgen/match.h"
#include "harness/loadgen/summary.h"

#define MS 1000000LL

/* 101 events at 100/s, all sent 10 us late, answered after 200 us. */
struct fixture {
	struct plan *plan;
	struct gen_conf conf;
	struct gen_result result;
	struct tap_counts tap;
	struct summary summary;
};

static void setup(struct fixture *f)
{
	const struct plan_lane lane = {
		.weight = { 1, 0, 0 }, .rate_hz = 100, .count = 101, .arrival = ARRIVAL_CONSTANT
	};
	const struct plan_spec spec = { .seed = 5, .lanes = &lane, .n_lanes = 1 };

	memset(f, 0, sizeof(*f));
	assert_int_equal(plan_build(&f->plan, &spec, NULL), 0);
	f->conf = (struct gen_conf){ .plan = f->plan, .connections = 1 };
	f->result = (struct gen_result){
		.planned = 101,
		.sent = 101,
		.replies = 101,
		.receivers_sum = 303,
		.start_ns = 0,
		.first_sent_ns = 10000,
		.last_sent_ns = 1000 * MS + 10000,
		.end_ns = 1000 * MS + 210000,
		.cpu_ns = 101 * 5000,
		.writes = 101,
		.pacing = hist_new(HIST_HOUR_NS, HIST_DIGITS, NULL),
		.reply = hist_new(HIST_HOUR_NS, HIST_DIGITS, NULL),
		.wake = hist_new(HIST_HOUR_NS, HIST_DIGITS, NULL),
		.response = hist_new(HIST_HOUR_NS, HIST_DIGITS, NULL),
		.no_realtime = "",
		.connections = 1,
		.spin_ns = 101 * 2000,
		.batches = 2,
		.batched = 7,
		.largest_batch = 4,
		.behind_ns = 3 * MS,
		.outstanding_mean = 0.0202,
		.littles_law = 1,
	};
	hist_record_n(f->result.pacing, 10000, 99);
	hist_record_n(f->result.pacing, 5 * MS, 2);
	hist_record_n(f->result.reply, 200000, 101);
	f->tap = (struct tap_counts){ .received = 101, .seen = 101 };
	f->summary = (struct summary){ .plan = f->plan,
				       .conf = &f->conf,
				       .result = &f->result,
				       .tap = &f->tap,
				       .first_missing = MATCH_NONE,
				       .seed = 5 };
}

static void teardown(struct fixture *f)
{
	hist_free(f->result.pacing);
	hist_free(f->result.reply);
	hist_free(f->result.wake);
	hist_free(f->result.response);
	plan_free(f->plan);
}

static cJSON *as_json(const struct fixture *f)
{
	struct buf out = { 0 };
	cJSON *json;

	summary_json(&f->summary, &out);
	assert_int_equal(out.data[out.len - 1], '\n');
	json = cJSON_Parse(buf_str(&out));
	assert_non_null(json);
	buf_release(&out);
	return json;
}

static double number(const cJSON *json, const char *name)
{
	const cJSON *item = cJSON_GetObjectItem(json, name);

	if (!cJSON_IsNumber(item))
		fail_msg("%s is no number", name);
	return item->valuedouble;
}

static void json_has_the_figures(void **state UNUSED)
{
	struct fixture f;
	const cJSON *pacing, *ledger;
	cJSON *json;

	setup(&f);
	json = as_json(&f);
	pacing = cJSON_GetObjectItem(json, "pacing_error_us");
	ledger = cJSON_GetObjectItem(json, "ledger");
	assert_true(fabs(number(json, "planned_hz") - 100) < 1e-9);
	assert_true(fabs(number(json, "sent_hz") - 100) < 1e-9);
	assert_true(fabs(number(json, "rate_error_pct")) < 1e-9);
	assert_true(fabs(number(json, "late_over_1ms_pct") - 200.0 / 101) < 1e-9);
	assert_true(fabs(number(json, "receivers_mean") - 3) < 1e-9);
	assert_true(fabs(number(json, "cpu_us_per_event") - 5) < 1e-9);
	assert_true(fabs(number(json, "work_us_per_event") - 3) < 1e-9);
	assert_true(fabs(number(json, "events_per_batch") - 3.5) < 1e-9);
	assert_true(fabs(number(json, "largest_batch") - 4) < 1e-9);
	assert_true(fabs(number(json, "behind_ms") - 3) < 1e-9);
	assert_true(fabs(number(json, "connections") - 1) < 1e-9);
	assert_true(fabs(number(pacing, "p50") - 10.007) < 1e-9);
	assert_true(fabs(number(pacing, "max") - 5000) < 1e-9);
	assert_int_equal(number(pacing, "n"), 101);
	assert_int_equal(number(ledger, "seen"), 101);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(ledger, "closed")));
	cJSON_Delete(json);
	teardown(&f);
}

static void percentiles_without_a_tail_are_unavailable(void **state UNUSED)
{
	struct fixture f;
	struct buf out = { 0 };
	cJSON *json;
	const cJSON *p99;

	setup(&f);
	json = as_json(&f);
	p99 = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "pacing_error_us"), "p99");
	assert_string_equal(cJSON_GetStringValue(p99),
			    "unavailable: fewer than 10 samples beyond it");
	summary_text(&f.summary, &out);
	assert_null(strstr(buf_str(&out), "p99"));
	assert_non_null(strstr(buf_str(&out), "p90 10.0"));
	cJSON_Delete(json);
	buf_release(&out);
	teardown(&f);
}

static void a_drain_has_no_pacing_error_and_says_so(void **state UNUSED)
{
	struct fixture f;
	struct buf out = { 0 };
	cJSON *json;

	setup(&f);
	f.conf.mode = GEN_DRAIN;
	hist_reset(f.result.pacing);
	json = as_json(&f);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "late_over_1ms_pct")),
			    "unavailable: not in this run");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "mode")), "drain");
	summary_text(&f.summary, &out);
	assert_non_null(strstr(buf_str(&out), "unavailable: not in this run"));
	assert_null(strstr(buf_str(&out), "nan"));
	cJSON_Delete(json);
	buf_release(&out);
	teardown(&f);
}

static void the_first_open_line_of_the_ledger_is_named(void **state UNUSED)
{
	static const struct {
		uint64_t sent, replies, seen, unknown, duplicates;
		bool stopped, verified;
		const char *expected;
	} rows[] = {
		{ 101, 101, 101, 0, 0, false, true, NULL },
		{ 100, 100, 100, 0, 0, false, true, "not everything planned was sent" },
		{ 100, 100, 100, 0, 0, true, true, NULL },
		{ 101, 100, 101, 0, 0, false, true, "not everything sent was answered by Redis" },
		{ 101, 101, 100, 0, 0, false, true,
		  "not everything sent was delivered to the tap" },
		{ 101, 101, 0, 0, 0, false, false, NULL },
		{ 101, 101, 101, 1, 0, false, true,
		  "the tap received messages that are not the plan's" },
		{ 101, 101, 101, 0, 1, false, true, "the tap received events twice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out = { 0 };
		struct fixture f;
		const char *got;

		setup(&f);
		f.result.sent = rows[i].sent;
		f.result.replies = rows[i].replies;
		f.result.stopped = rows[i].stopped;
		f.tap.seen = rows[i].seen;
		f.tap.unknown = rows[i].unknown;
		f.tap.duplicates = rows[i].duplicates;
		f.summary.tap = rows[i].verified ? &f.tap : NULL;
		got = summary_open_line(&f.summary);
		if (rows[i].expected)
			assert_string_equal(got, rows[i].expected);
		else
			assert_null(got);
		summary_text(&f.summary, &out);
		assert_non_null(
			strstr(buf_str(&out), rows[i].expected ? rows[i].expected : ": closed\n"));
		buf_release(&out);
		teardown(&f);
	}
}

static void a_run_that_sent_nothing_is_told_without_figures(void **state UNUSED)
{
	struct fixture f;
	struct buf out = { 0 };

	setup(&f);
	hist_reset(f.result.pacing);
	hist_reset(f.result.reply);
	f.result = (struct gen_result){ .planned = 101,
					.stopped = true,
					.pacing = f.result.pacing,
					.reply = f.result.reply,
					.wake = f.result.wake,
					.response = f.result.response,
					.no_realtime = "",
					.littles_law = (double)NAN,
					.outstanding_mean = (double)NAN };
	f.summary.tap = NULL;
	cJSON_Delete(as_json(&f));
	summary_text(&f.summary, &out);
	assert_null(strstr(buf_str(&out), "nan"));
	assert_null(strstr(buf_str(&out), "inf"));
	buf_release(&out);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_the_figures),
		cmocka_unit_test(percentiles_without_a_tail_are_unavailable),
		cmocka_unit_test(a_drain_has_no_pacing_error_and_says_so),
		cmocka_unit_test(the_first_open_line_of_the_ledger_is_named),
		cmocka_unit_test(a_run_that_sent_nothing_is_told_without_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
