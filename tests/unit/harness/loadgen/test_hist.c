/* The histogram against sorted samples, its edges, and its text form. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "harness/loadgen/hist.h"

static struct hist *new_hist(int64_t max_ns)
{
	struct hist *h = hist_new(max_ns, HIST_DIGITS, NULL);

	assert_non_null(h);
	return h;
}

static void a_range_or_precision_that_makes_no_sense_is_refused(void **state UNUSED)
{
	static const struct {
		int64_t max_ns;
		int digits;
	} rows[] = { { 0, 3 }, { -5, 3 }, { INT64_MAX, 3 }, { 1000, 0 }, { 1000, 6 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;

		assert_null(hist_new(rows[i].max_ns, rows[i].digits, &e));
		assert_int_not_equal(e.code, 0);
	}
}

static void nothing_has_no_quantile(void **state UNUSED)
{
	struct hist *h = new_hist(HIST_HOUR_NS);
	struct hist_bucket b;
	size_t it = 0;

	assert_int_equal(hist_count(h), 0);
	assert_int_equal(hist_quantile(h, 0.5), HIST_NONE);
	assert_int_equal(hist_min(h), HIST_NONE);
	assert_int_equal(hist_max(h), HIST_NONE);
	assert_true(isnan(hist_mean(h)));
	assert_false(hist_next(h, &it, &b));
	hist_free(h);
}

static void every_value_lies_in_a_bucket_no_wider_than_a_thousandth_of_it(void **state UNUSED)
{
	struct hist *h = new_hist(HIST_HOUR_NS);
	struct rng rng;

	rng_init(&rng, 1, 0);
	for (int i = 0; i < 4000; i++) {
		/* Around every power of two, where an error by one would show; and anywhere. */
		int64_t near =
			((int64_t)1 << rng_below(&rng, 42)) + (int64_t)rng_below(&rng, 5) - 2;
		int64_t v = i % 2 ? near : (int64_t)rng_below(&rng, HIST_HOUR_NS + 1);
		struct hist_bucket b;
		size_t it = 0;

		if (v < 0 || v > HIST_HOUR_NS)
			continue;
		hist_reset(h);
		hist_record(h, v);
		assert_true(hist_next(h, &it, &b));
		assert_true(b.lowest_ns <= v && v <= b.highest_ns);
		assert_true(b.highest_ns - b.lowest_ns <= v / 1000);
		assert_int_equal(b.count, 1);
		assert_false(hist_next(h, &it, &b));
	}
	hist_free(h);
}

static void values_below_two_microseconds_are_exact(void **state UNUSED)
{
	struct hist *h = new_hist(HIST_HOUR_NS);

	for (int64_t v = 0; v < 2048; v++)
		hist_record(h, v);
	for (int64_t v = 0; v < 2048; v++)
		assert_int_equal(hist_quantile(h, (double)(v + 1) / 2048), v);
	hist_free(h);
}

static void ranks_are_not_thrown_off_by_the_last_bit_of_a_product(void **state UNUSED)
{
	struct hist *h = new_hist(HIST_HOUR_NS);

	for (int64_t v = 1; v <= 100; v++)
		hist_record(h, v);
	for (int64_t v = 1; v <= 100; v++)
		assert_int_equal(hist_quantile(h, (double)v / 100), v);
	hist_free(h);
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void quantiles_are_those_of_the_sorted_sample_within_a_thousandth(void **state UNUSED)
{
	static const double qs[] = { 0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1 };
	static int64_t v[50000];
	const size_t n = ARRAY_SIZE(v);
	struct hist *h = new_hist(HIST_HOUR_NS);
	double sum = 0, squares = 0;
	struct rng rng;

	rng_init(&rng, 2, 0);
	for (size_t i = 0; i < n; i++) {
		v[i] = (int64_t)rng_lognormal(&rng, 11, 2); /* median 60 us, some seconds */
		hist_record(h, v[i]);
		sum += (double)v[i];
	}
	for (size_t i = 0; i < n; i++)
		squares += pow((double)v[i] - sum / (double)n, 2);
	qsort(v, n, sizeof(v[0]), by_value);
	for (size_t i = 0; i < ARRAY_SIZE(qs); i++) {
		size_t rank = (size_t)fmax(1, ceil(qs[i] * (double)n));
		int64_t got = hist_quantile(h, qs[i]);

		assert_true(got >= v[rank - 1]);
		assert_true((double)(got - v[rank - 1]) <= (double)v[rank - 1] * 0.001);
	}
	assert_int_equal(hist_min(h), v[0]);
	assert_int_equal(hist_max(h), v[n - 1]);
	assert_true(fabs(hist_mean(h) * (double)n / sum - 1) < 1e-12);
	assert_true(fabs(hist_stddev(h) / sqrt(squares / (double)n) - 1) < 1e-9);
	hist_free(h);
}

static void too_large_values_are_counted_and_never_clamped(void **state UNUSED)
{
	struct hist *h = new_hist(1000000);
	struct hist_bucket b, last = { 0 };

	hist_record_n(h, 10, 98);
	hist_record_n(h, 5000000, 2);
	assert_int_equal(hist_count(h), 100);
	assert_int_equal(hist_overflow(h), 2);
	assert_int_equal(hist_quantile(h, 0.98), 10);
	assert_true(hist_quantile(h, 0.99) == HIST_ABOVE);
	assert_int_equal(hist_max(h), 5000000);
	assert_int_equal(hist_count_above(h, 1000), 2);
	for (size_t it = 0; hist_next(h, &it, &b);)
		last = b;
	assert_int_equal(last.lowest_ns, 1000001);
	assert_int_equal(last.count, 2);
	hist_free(h);
}

static void negative_values_are_counted_apart(void **state UNUSED)
{
	struct hist *h = new_hist(1000000);

	hist_record(h, -1);
	hist_record(h, INT64_MIN);
	hist_record(h, 7);
	assert_int_equal(hist_negative(h), 2);
	assert_int_equal(hist_count(h), 1);
	assert_int_equal(hist_min(h), 7);
	hist_free(h);
}

static void merging_equals_recording_into_one(void **state UNUSED)
{
	struct hist *a = new_hist(1000000), *b = new_hist(1000000), *all = new_hist(1000000);
	struct hist_bucket x, y;
	struct rng rng;

	rng_init(&rng, 3, 0);
	for (int i = 0; i < 20000; i++) {
		int64_t v = (int64_t)rng_lognormal(&rng, 10, 3) - 5;

		hist_record(i % 3 ? a : b, v);
		hist_record(all, v);
	}
	assert_int_equal(hist_merge(a, b), 0);
	for (size_t i = 0, k = 0;;) {
		bool more = hist_next(a, &i, &x);

		assert_int_equal(more, hist_next(all, &k, &y));
		if (!more)
			break;
		assert_int_equal(x.lowest_ns, y.lowest_ns);
		assert_int_equal(x.count, y.count);
	}
	assert_true(hist_overflow(all) > 0 && hist_negative(all) > 0);
	assert_int_equal(hist_overflow(a), hist_overflow(all));
	assert_int_equal(hist_negative(a), hist_negative(all));
	assert_int_equal(hist_min(a), hist_min(all));
	assert_int_equal(hist_max(a), hist_max(all));
	assert_true(fabs(hist_mean(a) / hist_mean(all) - 1) < 1e-12);
	hist_free(a);
	hist_free(b);
	hist_free(all);
}

static void histograms_of_another_shape_do_not_merge(void **state UNUSED)
{
	struct hist *a = new_hist(1000000), *b = new_hist(1000001), *c = hist_new(1000000, 2, NULL);

	assert_int_not_equal(hist_merge(a, b), 0);
	assert_int_not_equal(hist_merge(a, c), 0);
	hist_free(a);
	hist_free(b);
	hist_free(c);
}

/* 1 ... 10 us once each: worked out by hand along HdrHistogram's percentile iterator. */
static void the_percentile_text_is_hdrhistograms(void **state UNUSED)
{
	static const char expected[] = "       Value   Percentile   TotalCount 1/(1-Percentile)\n"
				       "\n"
				       "       1.000     0.000000            1         1.00\n"
				       "       1.000     0.100000            1         1.11\n"
				       "       2.000     0.200000            2         1.25\n"
				       "       3.001     0.300000            3         1.43\n"
				       "       4.001     0.400000            4         1.67\n"
				       "       5.003     0.500000            5         2.00\n"
				       "       6.003     0.550000            6         2.22\n"
				       "       6.003     0.600000            6         2.50\n"
				       "       7.003     0.650000            7         2.86\n"
				       "       7.003     0.700000            7         3.33\n"
				       "       8.003     0.750000            8         4.00\n"
				       "       8.003     0.775000            8         4.44\n"
				       "       8.003     0.800000            8         5.00\n"
				       "       9.007     0.825000            9         5.71\n"
				       "       9.007     0.850000            9         6.67\n"
				       "       9.007     0.875000            9         8.00\n"
				       "       9.007     0.887500            9         8.89\n"
				       "       9.007     0.900000            9        10.00\n"
				       "      10.007     0.912500           10        11.43\n"
				       "      10.007     1.000000           10          inf\n"
				       "#[Mean    =        5.500, StdDeviation   =        2.872]\n"
				       "#[Max     =       10.000, Total count    =           10]\n"
				       "#[Buckets =           32, SubBuckets     =         2048]\n";
	struct hist *h = new_hist(HIST_HOUR_NS);
	struct buf out = { 0 };

	for (int64_t v = 1; v <= 10; v++)
		hist_record(h, v * 1000);
	hist_write_hgrm(h, 1000, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
	hist_free(h);
}

static void the_percentile_text_says_when_values_were_above_the_range(void **state UNUSED)
{
	struct hist *h = new_hist(1000000);
	struct buf out = { 0 };

	hist_record(h, 5);
	hist_record(h, 2000000);
	hist_write_hgrm(h, 1000, &out);
	assert_non_null(
		strstr(buf_str(&out), "\n         inf     1.000000            2          inf\n"));
	assert_non_null(strstr(buf_str(&out),
			       "#[Max     =     2000.000, Total count    =            2]\n"));
	buf_release(&out);
	hist_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_or_precision_that_makes_no_sense_is_refused),
		cmocka_unit_test(nothing_has_no_quantile),
		cmocka_unit_test(every_value_lies_in_a_bucket_no_wider_than_a_thousandth_of_it),
		cmocka_unit_test(values_below_two_microseconds_are_exact),
		cmocka_unit_test(ranks_are_not_thrown_off_by_the_last_bit_of_a_product),
		cmocka_unit_test(quantiles_are_those_of_the_sorted_sample_within_a_thousandth),
		cmocka_unit_test(too_large_values_are_counted_and_never_clamped),
		cmocka_unit_test(negative_values_are_counted_apart),
		cmocka_unit_test(merging_equals_recording_into_one),
		cmocka_unit_test(histograms_of_another_shape_do_not_merge),
		cmocka_unit_test(the_percentile_text_is_hdrhistograms),
		cmocka_unit_test(the_percentile_text_says_when_values_were_above_the_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
