/* How a soak is cut. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/soak_times.h"

static void a_day_has_segments_of_a_minute_and_a_sample_each_ten_seconds(void **state UNUSED)
{
	struct soak_times t = soak_times_for(86400, 30);

	assert_true(t.segment_s == 60 && t.sample_s == 10 && t.settle_s == 300);
	assert_int_equal(soak_segments(&t, 0), 1440);
}

static void segments_fill_the_duration_from_wherever_it_goes_on(void **state UNUSED)
{
	static const struct {
		double duration_s, elapsed_s;
	} rows[] = { { 12, 0 },	     { 600, 0 },	 { 600, 1.5 },
		     { 600, 599.9 }, { 86400, 12345.6 }, { 1, 0.3 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct soak_times t = soak_times_for(rows[i].duration_s, 30);
		size_t n = soak_segments(&t, rows[i].elapsed_s);
		double sum = 0;

		for (size_t k = 0; k < n; k++) {
			double length_s = soak_segment_length_s(&t, rows[i].elapsed_s, k);

			assert_true(length_s > 0 && length_s < 1.2 * t.segment_s);
			sum += length_s;
		}
		assert_true(fabs(sum - (rows[i].duration_s - rows[i].elapsed_s)) < 1e-6);
	}
}

static void nothing_is_left_of_what_is_done(void **state UNUSED)
{
	struct soak_times t = soak_times_for(600, 30);

	assert_int_equal(soak_segments(&t, 600), 0);
	assert_int_equal(soak_segments(&t, 700), 0);
}

static void what_filled_the_buffers_is_out_of_the_window_before_slopes_begin(void **state UNUSED)
{
	assert_true(soak_times_for(600, 30).settle_s == 45);
	assert_true(soak_times_for(12, 30).settle_s == 6); /* and half is left in any case */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_has_segments_of_a_minute_and_a_sample_each_ten_seconds),
		cmocka_unit_test(segments_fill_the_duration_from_wherever_it_goes_on),
		cmocka_unit_test(nothing_is_left_of_what_is_done),
		cmocka_unit_test(what_filled_the_buffers_is_out_of_the_window_before_slopes_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
