/* Curves by percentile, worked out by hand; where they end; what their script has. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/mem.h"
#include "harness/report/percentiles.h"
#include "harness/report/render_percentiles.h"

#define US 1000

static struct hist *hist_of(const int64_t *us, size_t n)
{
	struct err e = ERR_INIT;
	struct hist *h = hist_new(HIST_HOUR_NS, HIST_DIGITS, &e);

	for (size_t i = 0; i < n; i++)
		hist_record(h, us[i] * US);
	return h;
}

static void a_curve_steps_up_where_its_samples_are(void **state UNUSED)
{
	/* one in 4 / 3 took longer than 1 us, one in two longer than the first two, ... */
	static const int64_t us[] = { 1, 1, 2, 2, 2, 2, 2, 2 };
	static const struct percentile_point expected[] = { { 1, 1 },
							    { 8 / 6.0, 1 },
							    { 2.70697, 2 } };
	struct hist *h = hist_of(us, ARRAY_SIZE(us));
	struct percentile_curve c;

	percentile_curve_build(&c, h, 0.95);
	assert_int_equal(c.n, ARRAY_SIZE(expected));
	for (size_t i = 0; i < c.n; i++) {
		/* the last: 0.025^(1/8) = 0.63058 is the highest that eight samples state */
		assert_true(fabs(c.v[i].one_in - expected[i].one_in) < 1e-3);
		assert_true(fabs(c.v[i].us - expected[i].us) < 2e-3);
	}
	percentile_curve_release(&c);
	hist_free(h);
}

static void it_ends_where_its_samples_state_no_percentile(void **state UNUSED)
{
	struct percentile_curve c;
	struct hist *h = hist_of(NULL, 0);

	percentile_curve_build(&c, h, 0.95);
	assert_int_equal(c.n, 0);
	percentile_curve_release(&c);
	for (int i = 1; i <= 368; i++) /* as many as p99 needs */
		hist_record(h, i * 100 * US);
	percentile_curve_build(&c, h, 0.95);
	assert_true(c.v[c.n - 1].one_in >= 100 && c.v[c.n - 1].one_in < 100.4);
	assert_true(c.v[c.n - 1].us < 36700); /* not the largest */
	for (size_t i = 1; i < c.n; i++)
		assert_true(c.v[i].one_in > c.v[i - 1].one_in && c.v[i].us >= c.v[i - 1].us);
	percentile_curve_release(&c);
	hist_free(h);
}

static void add(struct result *r, int comparison, char side, const char *phase,
		const char *implementation, size_t n)
{
	struct run run = { .scenario = "latency",
			   .extractor = EVENT_MOUSE,
			   .comparison = comparison,
			   .side = side };

	snprintf(run.phase, sizeof(run.phase), "%s", phase);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	run.latency.n = n;
	run.latency.response_ns = mem_calloc(n + 1, sizeof(int64_t));
	run.latency.service_ns = mem_calloc(n + 1, sizeof(int64_t));
	for (size_t i = 0; i < n; i++) {
		run.latency.response_ns[i] = 2 * US;
		run.latency.service_ns[i] = US;
	}
	result_add_run(r, &run);
}

static void both_times_of_everybody_are_drawn_and_what_is_stated_is_marked(void **state UNUSED)
{
	struct result r = { .seed = 1 };
	struct buf out = { 0 };
	struct model m;
	const char *gp;
	int c = result_add_comparison(&r, "latency", "alone-full", EVENT_MOUSE, "relay", "c");

	add(&r, c, 'a', "alone-full", "relay", 5);
	add(&r, c, 'b', "alone-full", "c", 40);
	model_build(&m, &r);
	assert_false(render_percentiles_busy(&m, NULL, "svg", "latency-busy.svg", &out));
	assert_true(render_percentiles_alone(&m, NULL, "svg", "latency.svg", &out));
	gp = buf_str(&out);
	/* five samples end at 1 / (1 - 0.025^(1/5)) and state nothing; forty state p50 and p90 */
	assert_non_null(strstr(gp, "$response_0_0 << EOD\n1 2\n1.91636 2\nEOD\n"));
	assert_non_null(strstr(gp, "$response_stated_0_0 << EOD\nEOD\n"));
	assert_non_null(strstr(gp, "$service_stated_0_1 << EOD\n2 1 1 1\n10 1 1 1\nEOD\n"));
	assert_non_null(strstr(gp, "$response_0_1 using 1:2 with fsteps lw 1.5 dt 1 lc rgb "
				   "\"#0072b2\""));
	assert_non_null(strstr(gp, "$service_0_0 using 1:2 with fsteps lw 1.5 dt 2 lc rgb "
				   "\"#767676\""));
	assert_non_null(strstr(gp, "$response_stated_0_1 with yerrorbars pt 7"));
	assert_null(strstr(gp, "$response_stated_0_0 with"));
	buf_release(&out);
	model_release(&m);
	result_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_curve_steps_up_where_its_samples_are),
		cmocka_unit_test(it_ends_where_its_samples_state_no_percentile),
		cmocka_unit_test(both_times_of_everybody_are_drawn_and_what_is_stated_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
