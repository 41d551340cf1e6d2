/* Leaks planted in series: told from none, not seen where they are not, and honest about short runs. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/rng.h"
#include "harness/report/model.h"
#include "harness/report/render_soak.h"

#define HOUR_S	3600.0
#define SAMPLES 400.0 /* as soak_times.h takes them */
#define PAGE	4096.0

/* One stretch of a subject: memory in whole pages, with noise that has a memory, and a slope. */
struct shape {
	double from_s, to_s, level_bytes, leak_bytes_per_h, noise_bytes;
	double growth_until_s; /* the growth ends there; 0: never */
	enum run_status status;
};

static void add_stretch(struct result *r, const char *implementation, int number,
			const struct shape *shape)
{
	struct series s = { .page_bytes = PAGE, .settle_s = 60 };
	struct run run = { .scenario = "soak",
			   .phase = "soak",
			   .extractor = EVENT_MOUSE,
			   .comparison = -1,
			   .books_until_s = NAN,
			   .status = shape->status };
	double noise = 0;
	struct rng rng;

	rng_init(&rng, (uint64_t)number + 7, 0);
	snprintf(run.id, sizeof(run.id), "mouse-soak-%d-%s", number, implementation);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	snprintf(run.why, sizeof(run.why), "%s", "because");
	snprintf(s.run, sizeof(s.run), "%s", run.id);
	for (double t = shape->from_s; t < shape->to_s;
	     t += (shape->to_s - shape->from_s) / SAMPLES) {
		double grown = t - shape->from_s;
		struct series_row row = { .elapsed_s = t,
					  .events = t * 75,
					  .response_p50_us = 500 + 100 * rng_unit(&rng) +
							     (t - shape->from_s) / HOUR_S * 50 };

		if (shape->growth_until_s > 0)
			grown = fmin(grown, shape->growth_until_s);
		noise = 0.8 * noise + shape->noise_bytes * rng_normal(&rng);
		row.uss_bytes = PAGE * floor((shape->level_bytes + noise +
					      shape->leak_bytes_per_h * grown / HOUR_S) /
					     PAGE);
		row.cpu_ns = row.events * 1000;
		series_add(&s, &row);
	}
	result_add_run(r, &run);
	result_add_series(r, &s);
}

static const struct model_soak *build(struct model *m, const struct result *r)
{
	model_build(m, r);
	assert_int_equal(m->n_soaks, 1);
	return &m->soaks[0];
}

static void write_soak(const struct model *m, struct buf *md)
{
	struct doc *d = doc_new(&doc_markdown, "t", md);

	render_soak(m, d);
	doc_end(d);
}

static void check_leak(const struct shape *shapes, int n, enum model_leak expected, const char *why)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	const struct model_soak *x;

	for (int i = 0; i < n; i++)
		add_stretch(&r, "c", i + 1, &shapes[i]);
	x = build(m, &r);
	assert_string_equal(model_leak_names[x->slopes.leak], model_leak_names[expected]);
	if (why)
		assert_non_null(strstr(x->slopes.leak_why, why));
	model_release(m);
	result_release(&r);
	free(m);
}

static void a_megabyte_an_hour_is_told_from_none_in_two_hours(void **state UNUSED)
{
	static const struct shape leaks = { .to_s = 2 * HOUR_S,
					    .level_bytes = 30e6,
					    .leak_bytes_per_h = 1.1e6,
					    .noise_bytes = 20000 };
	static const struct shape holds = { .to_s = 2 * HOUR_S,
					    .level_bytes = 30e6,
					    .noise_bytes = 20000 };

	check_leak(&leaks, 1, MODEL_LEAK_YES, NULL);
	check_leak(&holds, 1, MODEL_LEAK_NO, NULL);
}

static void a_scaled_leak_is_seen_in_ten_minutes(void **state UNUSED)
{
	static const struct shape leaks = {
		.to_s = 600, .level_bytes = 30e6, .leak_bytes_per_h = 12e6, .noise_bytes = 2000
	};

	check_leak(&leaks, 1, MODEL_LEAK_YES, NULL);
}

static void a_short_soak_decides_nothing(void **state UNUSED)
{
	static const struct shape leaks = { .to_s = 300,
					    .level_bytes = 30e6,
					    .leak_bytes_per_h = 100e6 };

	check_leak(&leaks, 1, MODEL_LEAK_UNDECIDED, "too short");
}

static void growth_that_ends_is_not_called_a_leak(void **state UNUSED)
{
	static const struct shape settles = { .to_s = HOUR_S,
					      .level_bytes = 30e6,
					      .leak_bytes_per_h = 60e6,
					      .growth_until_s = HOUR_S / 3,
					      .noise_bytes = 2000 };

	check_leak(&settles, 1, MODEL_LEAK_UNDECIDED, "later half");
}

/* Restarted subjects begin at another level: that is no slope. */
static void stretches_share_a_slope_and_not_a_level(void **state UNUSED)
{
	static const struct shape holds[] = {
		{ .to_s = HOUR_S, .level_bytes = 30e6, .noise_bytes = 5000 },
		{ .from_s = HOUR_S, .to_s = 2 * HOUR_S, .level_bytes = 38e6, .noise_bytes = 5000 },
	};
	static const struct shape leaks[] = {
		{ .to_s = HOUR_S, .level_bytes = 38e6, .leak_bytes_per_h = 3e6 },
		{ .from_s = HOUR_S,
		  .to_s = 2 * HOUR_S,
		  .level_bytes = 30e6,
		  .leak_bytes_per_h = 3e6 },
	};

	check_leak(holds, 2, MODEL_LEAK_NO, NULL);
	check_leak(leaks, 2, MODEL_LEAK_YES, NULL);
}

static void the_slope_is_the_planted_one(void **state UNUSED)
{
	static const struct shape leaks = { .to_s = 4 * HOUR_S,
					    .level_bytes = 30e6,
					    .leak_bytes_per_h = 2e6,
					    .noise_bytes = 5000 };
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	const struct model_soak *x;

	add_stretch(&r, "c", 1, &leaks);
	x = build(m, &r);
	assert_true(fabs(x->slopes.leak_bytes_per_h.value - 2e6) < 0.05e6);
	assert_true(x->slopes.leak_bytes_per_h.low < 2e6 && x->slopes.leak_bytes_per_h.high > 2e6);
	/* a page over four hours less the first minute, give or take a sample */
	assert_true(fabs(x->slopes.resolution_bytes_per_h - PAGE / 4) < 0.01 * PAGE);
	assert_true(x->slopes.response_drift_us_per_h.low < 50 &&
		    x->slopes.response_drift_us_per_h.high > 50);
	assert_true(fabs(x->slopes.cpu_ns_per_event.value - 1000) < 1e-6);
	assert_true(x->slopes.response_us.low < x->slopes.response_us.value &&
		    x->slopes.response_us.value < x->slopes.response_us.high);
	assert_true(x->slopes.response_us.n > SAMPLES / 2);
	model_release(m);
	result_release(&r);
	free(m);
}

/* No score without a closed ledger: a void stretch adds nothing, and says why. */
static void a_void_stretch_does_not_count(void **state UNUSED)
{
	static const struct shape holds = { .to_s = HOUR_S, .level_bytes = 30e6 };
	static const struct shape bad = { .from_s = HOUR_S,
					  .to_s = 2 * HOUR_S,
					  .level_bytes = 30e6,
					  .leak_bytes_per_h = 50e6,
					  .status = RUN_VOID };
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	const struct model_soak *x;
	struct buf text = { 0 };

	add_stretch(&r, "c", 1, &holds);
	add_stretch(&r, "c", 2, &bad);
	x = build(m, &r);
	assert_int_equal(x->stretches, 2);
	assert_int_equal(x->counted, 1);
	assert_int_equal(x->slopes.leak, MODEL_LEAK_NO);
	write_soak(m, &text);
	assert_non_null(strstr(buf_str(&text), "1 of 2 stretches count; **because**"));
	buf_release(&text);
	model_release(m);
	result_release(&r);
	free(m);
}

static void one_that_was_cut_off_counts_as_far_as_its_books_went(void **state UNUSED)
{
	static const struct shape cut = { .to_s = HOUR_S,
					  .level_bytes = 30e6,
					  .status = RUN_UNFINISHED };
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	struct series_row *rows;
	const struct model_soak *x;

	add_stretch(&r, "c", 1, &cut);
	x = build(m, &r);
	assert_int_equal(x->unfinished, 1);
	assert_int_equal(x->counted, 0); /* it has no books at all */
	model_release(m);
	ledger_add(&r.runs[0].ledger, "sent", 10, 10, "%s", "");
	r.runs[0].books_until_s = HOUR_S / 2;
	rows = r.series[0].v;
	for (size_t i = run_rows_booked(&r.runs[0], &r.series[0]); i < r.series[0].n; i++)
		rows[i].uss_bytes += 1e9; /* of which nothing may be seen */
	x = build(m, &r);
	assert_int_equal(x->counted, 1);
	assert_int_equal(x->slopes.leak, MODEL_LEAK_NO);
	assert_true(fabs(x->slopes.hours - 0.5) < 1 / SAMPLES && x->slopes.seen_s < HOUR_S / 2);
	assert_true(x->slopes.samples < SAMPLES / 2 && x->slopes.uss_last_bytes < 31e6);
	model_release(m);
	ledger_add(&r.runs[0].ledger, "seen by the tap", 10, 9, "%s", "");
	x = build(m, &r);
	assert_int_equal(x->counted, 0);
	assert_int_equal(x->slopes.leak, MODEL_LEAK_UNDECIDED);
	model_release(m);
	result_release(&r);
	free(m);
}

/* Rule 8: without, and beside it with; alone, it does not decide. */
static void a_disturbed_stretch_is_left_out_and_let_in_beside(void **state UNUSED)
{
	static const struct shape holds = { .to_s = HOUR_S, .level_bytes = 30e6 };
	static const struct shape grows = { .from_s = HOUR_S,
					    .to_s = 3 * HOUR_S,
					    .level_bytes = 30e6,
					    .leak_bytes_per_h = 50e6,
					    .status = RUN_DISTURBED };
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	const struct model_soak *x;
	struct buf text = { 0 };

	add_stretch(&r, "c", 1, &grows);
	x = build(m, &r);
	assert_int_equal(x->slopes.stretches, 0);
	assert_int_equal(x->slopes.leak, MODEL_LEAK_UNDECIDED);
	assert_non_null(strstr(x->slopes.leak_why, "disturbed every stretch"));
	assert_int_equal(x->with_disturbed.leak, MODEL_LEAK_YES);
	write_soak(m, &text);
	assert_non_null(strstr(buf_str(&text), "unavailable: the host disturbed every stretch"));
	model_release(m);
	add_stretch(&r, "c", 2, &holds);
	x = build(m, &r);
	assert_int_equal(x->slopes.stretches, 1);
	assert_int_equal(x->slopes.leak, MODEL_LEAK_NO);
	assert_int_equal(x->with_disturbed.stretches, 2);
	assert_true(x->with_disturbed.leak_bytes_per_h.high > 10e6);
	buf_reset(&text);
	write_soak(m, &text);
	assert_non_null(strstr(buf_str(&text), "| C, **with disturbed stretches** | 2.99 h, 2 |"));
	assert_non_null(strstr(buf_str(&text), "1 of 2 stretches count; 1 left out"));
	buf_release(&text);
	model_release(m);
	result_release(&r);
	free(m);
}

static void more_subjects_than_there_is_room_for_are_refused(void **state UNUSED)
{
	static const struct shape none = { .to_s = 0 };
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	struct err e = ERR_INIT;
	char name[16];

	for (int i = 0; i < MODEL_SOAKS_MAX; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		add_stretch(&r, name, 1, &none);
		add_stretch(&r, name, 2, &none);
	}
	assert_int_equal(model_check(&r, &e), 0);
	model_build(m, &r);
	assert_int_equal(m->n_soaks, MODEL_SOAKS_MAX);
	model_release(m);
	add_stretch(&r, "one more", 1, &none);
	assert_int_equal(model_check(&r, &e), -EINVAL);
	assert_non_null(strstr(e.text, "subjects cannot be reported"));
	result_release(&r);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_megabyte_an_hour_is_told_from_none_in_two_hours),
		cmocka_unit_test(a_scaled_leak_is_seen_in_ten_minutes),
		cmocka_unit_test(a_short_soak_decides_nothing),
		cmocka_unit_test(growth_that_ends_is_not_called_a_leak),
		cmocka_unit_test(stretches_share_a_slope_and_not_a_level),
		cmocka_unit_test(the_slope_is_the_planted_one),
		cmocka_unit_test(a_void_stretch_does_not_count),
		cmocka_unit_test(one_that_was_cut_off_counts_as_far_as_its_books_went),
		cmocka_unit_test(a_disturbed_stretch_is_left_out_and_let_in_beside),
		cmocka_unit_test(more_subjects_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
