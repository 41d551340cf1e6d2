/* Interval logs against histograms of other HdrHistogram libraries, and there and back. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/rng.h"
#include "harness/loadgen/hist_log.h"

static struct hist *new_hist(int64_t max_ns)
{
	struct hist *h = hist_new(max_ns, HIST_DIGITS, NULL);

	assert_non_null(h);
	return h;
}

static void assert_equal(const struct hist *a, const struct hist *b)
{
	struct hist_bucket x, y;
	size_t i = 0, k = 0;

	assert_int_equal(hist_count(a), hist_count(b));
	assert_int_equal(hist_overflow(a), hist_overflow(b));
	assert_int_equal(hist_negative(a), hist_negative(b));
	assert_int_equal(hist_min(a), hist_min(b));
	assert_int_equal(hist_max(a), hist_max(b));
	if (hist_count(a)) {
		assert_true(hist_mean(a) == hist_mean(b)); /* NOLINT: to the bit */
		assert_true(hist_stddev(a) == hist_stddev(b));
	}
	while (hist_next(a, &i, &x)) {
		assert_true(hist_next(b, &k, &y));
		assert_memory_equal(&x, &y, sizeof(x));
	}
	assert_false(hist_next(b, &k, &y));
}

/* What other libraries wrote for these values, from their own tests. */
static const struct {
	const char *base64;
	size_t n;
	int64_t values[6];
} foreign[] = {
	{ "HISTFAAAACV4nJNpmSzMwMDAwQABzFCaEUrp2H+AsI4zMh1lZEpkAgBdIQSk", 3, { 100, 200, 250 } },
	{ "HISTFAAAAC14nJNpmSzMwMDAywABzFCaEURcm7yEwf4DRGCpMlMskyvTZWam+4xMAKW6B74=",
	  5,
	  { 2470, 2567, 2638, 3108, 3335 } },
};

static void histograms_of_other_libraries_are_read(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		struct hist_bucket b;
		struct hist *h = NULL;
		size_t it = 0;

		assert_int_equal(
			hist_decode(&h, foreign[i].base64, strlen(foreign[i].base64), NULL), 0);
		assert_int_equal(hist_count(h), foreign[i].n);
		for (size_t k = 0; k < foreign[i].n; k++) {
			assert_true(hist_next(h, &it, &b));
			assert_int_equal(b.count, 1);
			assert_true(b.lowest_ns <= foreign[i].values[k] &&
				    foreign[i].values[k] <= b.highest_ns);
		}
		assert_false(hist_next(h, &it, &b));
		hist_free(h);
	}
}

/* hdr-histogram-js writes a range of 2 and resizes beyond it. */
static void values_above_the_stated_range_count_as_above_it(void **state UNUSED)
{
	static const char text[] = "HISTFAAAAB542pNpmSzMwMDAxAABzFCaEUoz2X+AMIKZAEARAtM=";
	struct hist *h = NULL;

	assert_int_equal(hist_decode(&h, text, strlen(text), NULL), 0);
	assert_int_equal(hist_count(h), 1);
	assert_int_equal(hist_overflow(h), 1);
	assert_int_equal(hist_max(h), 42);
	hist_free(h);
}

/* HdrHistogram_c compresses as we do, so even the bytes are the same. */
static void the_same_values_give_the_same_text_as_hdrhistogram_c(void **state UNUSED)
{
	struct hist *like = NULL, *h;
	struct buf out = { 0 };

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
			hist_decode(&like, foreign[i].base64, strlen(foreign[i].base64), NULL), 0);
		h = like;
		hist_reset(h); /* of its range and digits */
		for (size_t k = 0; k < foreign[i].n; k++)
			hist_record(h, foreign[i].values[k]);
		buf_reset(&out);
		assert_int_equal(hist_encode(h, &out, NULL), 0);
		assert_string_equal(buf_str(&out), foreign[i].base64);
		hist_free(h);
	}
	buf_release(&out);
}

static void fill(struct hist *h, uint64_t seed)
{
	struct rng rng;

	rng_init(&rng, seed, 0);
	for (int i = 0; i < 3000; i++) /* 1 ns ... beyond an hour, evenly over the decades */
		hist_record_n(h, (int64_t)exp(rng_unit(&rng) * 30), 1 + (i % 7 == 0) * 5000000000);
	hist_record(h, -5);
}

static int keep(const struct hist_log_entry *entry, void *ctx)
{
	struct hist **into = ctx;
	int i = entry->tag[0] == 'b';

	assert_true(fabs(entry->start_s - (i ? 1.5 : 0)) < 1e-9);
	assert_true(fabs(entry->length_s - 1.5) < 1e-9);
	assert_string_equal(entry->tag, i ? "b" : "");
	return hist_merge(into[i], entry->hist);
}

static void what_is_written_is_read_back_to_the_bit(void **state UNUSED)
{
	struct hist *h[2] = { new_hist(HIST_HOUR_NS), new_hist(HIST_HOUR_NS) };
	struct hist *back[2] = { new_hist(HIST_HOUR_NS), new_hist(HIST_HOUR_NS) };
	struct hist_log log = { 0 };
	struct buf text = { 0 };
	struct err e = ERR_INIT;

	fill(h[0], 1);
	assert_true(hist_overflow(h[0]) > 0);
	hist_log_begin(&log, 1441812279474000);
	assert_int_equal(hist_log_add(&log, NULL, 0, 1.5, h[0], &e), 0);
	assert_int_equal(hist_log_add(&log, "b", 1.5, 1.5, h[1], &e), 0); /* an empty one */
	hist_log_end(&log, &text);
	assert_non_null(
		strstr(buf_str(&text), "#[StartTime: 1441812279.474 (seconds since epoch)"));
	assert_int_equal(hist_log_read(text.data, text.len, keep, back, &e), 0);
	assert_equal(h[0], back[0]);
	assert_equal(h[1], back[1]);
	for (int i = 0; i < 2; i++) {
		hist_free(h[i]);
		hist_free(back[i]);
	}
	buf_release(&text);
}

/* HdrHistogram_c reads lines of 127 bytes until the column names, and intervals alone after them. */
static void comments_stand_in_the_head_and_are_short(void **state UNUSED)
{
	struct hist *h = new_hist(HIST_HOUR_NS);
	struct hist_log log;
	struct buf text = { 0 };
	bool in_head = true;

	hist_record_n(h, 1, UINT32_MAX);
	hist_record_n(h, INT64_MAX, UINT32_MAX);
	hist_log_begin(&log, 1441812279474000);
	assert_int_equal(hist_log_add(&log, NULL, 0, 1, h, NULL), 0);
	assert_int_equal(hist_log_add(&log, "b", 1, 1, h, NULL), 0);
	hist_log_end(&log, &text);
	assert_memory_equal(buf_str(&text), "#[Histogram log format version 1.2]\n", 36);
	assert_non_null(strstr(buf_str(&text), "\nTag=b,1.000,1.000,9223372036854775807.0,HISTF"));
	for (const char *p = buf_str(&text); *p; p += strcspn(p, "\n") + 1) {
		if (*p == '#')
			assert_true(in_head && strcspn(p, "\n") < 127);
		else
			in_head = false;
	}
	hist_free(h);
	buf_release(&text);
}

static void merging_takes_every_interval_of_the_tag_and_no_other(void **state UNUSED)
{
	struct hist *sum = new_hist(HIST_HOUR_NS), *got = new_hist(HIST_HOUR_NS);
	struct hist_log log = { 0 };
	struct buf text = { 0 };
	size_t n;

	hist_log_begin(&log, 0);
	for (uint64_t i = 0; i < 4; i++) {
		struct hist *h = new_hist(HIST_HOUR_NS);

		fill(h, i);
		if (i % 2)
			assert_int_equal(hist_merge(sum, h), 0);
		assert_int_equal(hist_log_add(&log, i % 2 ? "odd" : "even", (double)i, 1, h, NULL),
				 0);
		hist_free(h);
	}
	hist_log_end(&log, &text);
	assert_int_equal(hist_log_merge(got, text.data, text.len, "odd", &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_equal(sum, got);
	assert_int_equal(hist_log_merge(got, text.data, text.len, NULL, &n, NULL), 0);
	assert_int_equal(n, 0);
	hist_free(sum);
	hist_free(got);
	buf_release(&text);
}

static void another_shape_does_not_merge(void **state UNUSED)
{
	struct hist *h = new_hist(1000), *into = new_hist(2000);
	struct hist_log log = { 0 };
	struct buf text = { 0 };
	struct err e = ERR_INIT;
	size_t n;

	assert_int_equal(hist_log_add(&log, NULL, 0, 1, h, NULL), 0);
	hist_log_end(&log, &text);
	assert_int_equal(hist_log_merge(into, text.data, text.len, NULL, &n, &e), -EINVAL);
	assert_string_equal(e.text, "line 4: a histogram of another range or precision");
	hist_free(h);
	hist_free(into);
	buf_release(&text);
}

static int ignore(const struct hist_log_entry *entry UNUSED, void *ctx UNUSED)
{
	return 0;
}

static void a_damaged_log_names_its_line(void **state UNUSED)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "# x\n0,1,2,HISTFAAA!\n", "line 2: histogram: not base64" },
		{ "0,1,2,HISTFAA\n", "line 1: histogram: not base64" },
		{ "0,1,2,\n", "line 1: histogram: not base64" },
		{ "0,1,2,AAAA\n", "line 1: histogram: not in HdrHistogram's compressed V2 form" },
		{ "0,1,2,HISTFAAAAB542pNpmSzMwMDAxAABzFCaEUoz2X+AMIKZAEAR\n",
		  "line 1: histogram: not in HdrHistogram's compressed V2 form" },
		{ "0,1,2,HISTFAAAAB542pNpmSzMwMDAxAABzFCaEUoz2X+AMIKZAEARAAA=\n",
		  "line 1: histogram: the compressed data is damaged" },
		{ "nonsense\n", "line 1: neither a comment nor an interval" },
		{ "0,inf,2,HISTFAAA\n", "line 1: neither a comment nor an interval" },
		{ "#[Exact: min=1 max=\n", "line 1: a damaged comment" },
		{ "#[Outside: above=0 negative=0]\n", "line 1: a damaged comment" }, /* of what? */
		{ "#[Exact: min=-1 max=-1 sum=0 squares=0]\n"
		  "0,1,2,HISTFAAAACV4nJNpmSzMwMDAwQABzFCaEUrp2H+AsI4zMh1lZEpkAgBdIQSk\n",
		  "line 2: its comment does not fit the histogram" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;

		assert_true(hist_log_read(rows[i].text, strlen(rows[i].text), ignore, NULL, &e) <
			    0);
		assert_string_equal(e.text, rows[i].expected);
	}
}

static void a_tag_that_would_break_the_line_is_refused(void **state UNUSED)
{
	static const char *const tags[] = {
		"a,b", "a b", "a\nb",
		"0123456789012345678901234567890123456789012345678901234567890123"
	};
	struct hist *h = new_hist(1000);
	struct hist_log log = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++)
		assert_int_equal(hist_log_add(&log, tags[i], 0, 1, h, NULL), -EINVAL);
	assert_int_equal(log.head.len + log.rows.len, 0);
	hist_log_end(&log, &text);
	hist_free(h);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histograms_of_other_libraries_are_read),
		cmocka_unit_test(values_above_the_stated_range_count_as_above_it),
		cmocka_unit_test(the_same_values_give_the_same_text_as_hdrhistogram_c),
		cmocka_unit_test(what_is_written_is_read_back_to_the_bit),
		cmocka_unit_test(comments_stand_in_the_head_and_are_short),
		cmocka_unit_test(merging_takes_every_interval_of_the_tag_and_no_other),
		cmocka_unit_test(another_shape_does_not_merge),
		cmocka_unit_test(a_damaged_log_names_its_line),
		cmocka_unit_test(a_tag_that_would_break_the_line_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
