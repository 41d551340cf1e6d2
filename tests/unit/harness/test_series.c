/* Series of a soak: written and read back, cut off anywhere, refused when they are something else. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/series.h"

static void write_some(struct buf *out)
{
	struct series head = { .page_bytes = 4096, .settle_s = 45 };
	struct series_row row = { .elapsed_s = 0.1,
				  .wall_us = 1795430000123456,
				  .events = 7,
				  .uss_bytes = 2310144,
				  .rss_bytes = NAN,
				  .response_p50_us = NAN };

	series_write_head(&head, out);
	for (int i = 0; i < 3; i++) {
		row.elapsed_s += 1.0 / 3;
		series_write_row(&row, out);
	}
}

static void what_is_written_is_read_back_and_what_is_missing_stays_missing(void **state UNUSED)
{
	struct series s = { 0 };
	struct buf text = { 0 };

	write_some(&text);
	assert_int_equal(series_parse(&s, text.data, text.len, NULL), 0);
	assert_int_equal(s.n, 3);
	assert_true(s.page_bytes == 4096 && s.settle_s == 45);
	assert_true(s.v[0].elapsed_s == 0.1 + 1.0 / 3);
	assert_true(s.v[2].wall_us == 1795430000123456);
	assert_true(isnan(s.v[1].rss_bytes) && isnan(s.v[1].response_p50_us));
	assert_true(s.v[1].uss_bytes == 2310144);
	series_release(&s);
	buf_release(&text);
}

/* A kill may cut anywhere: every cut behind the head reads as the whole rows before it. */
static void a_series_that_was_cut_off_loses_one_row_at_most(void **state UNUSED)
{
	struct buf text = { 0 };
	size_t head;

	write_some(&text);
	head = (size_t)(strchr(strchr(buf_str(&text), '\n') + 1, '\n') + 1 - buf_str(&text));
	for (size_t len = head; len <= text.len; len++) {
		struct series s = { 0 };
		size_t lines = 0;

		for (size_t i = 0; i < len; i++)
			lines += text.data[i] == '\n';
		assert_int_equal(series_parse(&s, text.data, len, NULL), 0);
		assert_int_equal(s.n, lines - 2);
		series_release(&s);
	}
	buf_release(&text);
}

static void what_is_no_series_is_refused_with_the_line(void **state UNUSED)
{
	static const struct {
		const char *from, *to, *says;
	} rows[] = {
		{ "# seclyzer soak series 1", "# seclyzer soak series 2", "line 1" },
		{ "page_bytes 4096", "page_bytes 0", "line 1" },
		{ "elapsed_s,", "elapsed_h,", "line 2" },
		{ "\n0.43", "\nx0.43", "line 3" },
		{ ",2310144,", ",2310144,1,", "line 3" },
		{ ",2310144,", ",inf,", "line 3" },
		{ "\n0.43", "\n,0.43", "line 3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		struct series s = { 0 };
		struct buf good = { 0 }, bad = { 0 };
		const char *at;

		write_some(&good);
		at = strstr(buf_str(&good), rows[i].from);
		assert_non_null(at);
		buf_add(&bad, good.data, (size_t)(at - good.data));
		buf_add_str(&bad, rows[i].to);
		buf_add_str(&bad, at + strlen(rows[i].from));
		assert_int_equal(series_parse(&s, bad.data, bad.len, &e), -EINVAL);
		assert_non_null(strstr(e.text, rows[i].says));
		series_release(&s);
		buf_release(&good);
		buf_release(&bad);
	}
}

static void an_empty_file_is_no_series(void **state UNUSED)
{
	struct series s = { 0 };

	assert_int_equal(series_parse(&s, "", 0, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_and_what_is_missing_stays_missing),
		cmocka_unit_test(a_series_that_was_cut_off_loses_one_row_at_most),
		cmocka_unit_test(what_is_no_series_is_refused_with_the_line),
		cmocka_unit_test(an_empty_file_is_no_series),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
