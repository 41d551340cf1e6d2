/* Timelines: recorded within their room, written and read back, refused when they are something else. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/csv.h"
#include "harness/timeline.h"

static void fill(struct timeline *t)
{
	timeline_init(t, "mouse-cpu-03-1a-c", 0.1);
	timeline_add_stage(t, "idle", 0.25);
	timeline_add_stage(t, "1000/s", 1.5);
	for (int i = 0; i < 3; i++)
		timeline_add(t, &(struct timeline_row){ .elapsed_s = 0.1 + i / 3.0,
							.rss_fast_bytes = 2310144,
							.cpu_ns = i ? 1e9 * i : NAN,
							.runq_wait_ns = 1234567 });
}

static void what_is_written_is_read_back_and_what_is_missing_stays_missing(void **state UNUSED)
{
	struct timeline t, back = { 0 };
	struct buf text = { 0 }, again = { 0 };

	fill(&t);
	timeline_write(&t, &text);
	assert_int_equal(timeline_parse(&back, text.data, text.len, NULL), 0);
	assert_true(back.interval_s == 0.1 && back.n == 3 && back.n_stages == 2);
	assert_string_equal(back.stages[1].name, "1000/s");
	assert_true(back.stages[1].end_s == 1.5);
	assert_true(back.v[2].elapsed_s == 0.1 + 2 / 3.0 && back.v[2].cpu_ns == 2e9);
	assert_true(isnan(back.v[0].cpu_ns) && back.v[0].rss_fast_bytes == 2310144);
	timeline_write(&back, &again);
	assert_string_equal(buf_str(&text), buf_str(&again));
	timeline_release(&t);
	timeline_release(&back);
	buf_release(&text);
	buf_release(&again);
}

/* Ten times as many looks as there is room for: every row is from one of them, evenly spread. */
static void a_run_of_any_length_fits_and_keeps_half_its_rows_at_least(void **state UNUSED)
{
	struct timeline t;
	const struct timeline_row *room;

	timeline_init(&t, "long", 0.1);
	room = t.v;
	for (int look = 0; look < 10 * TIMELINE_ROWS; look++) {
		double elapsed_s = 0.1 * look;

		if (timeline_is_due(&t, elapsed_s))
			timeline_add(&t, &(struct timeline_row){ .elapsed_s = elapsed_s });
	}
	assert_ptr_equal(t.v, room); /* nothing was allocated meanwhile */
	assert_in_range(t.n, TIMELINE_ROWS / 2, TIMELINE_ROWS);
	assert_true(fabs(t.interval_s - 1.6) < 1e-12);
	for (size_t i = 1; i < t.n; i++)
		assert_int_equal(lround((t.v[i].elapsed_s - t.v[i - 1].elapsed_s) * 10), 16);
	timeline_release(&t);
}

static void rows_come_no_sooner_than_the_interval_allows(void **state UNUSED)
{
	static const struct {
		double last_s, now_s;
		bool due;
	} rows[] = {
		{ 1, 1.01, false }, { 1, 1.074, false }, { 1, 1.076, true },
		{ 1, 1.1, true },   { 1, 2, true },	 { 1, 0.5, false },
	};
	struct timeline t;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		timeline_init(&t, "run", 0.1);
		timeline_add(&t, &(struct timeline_row){ .elapsed_s = rows[i].last_s });
		assert_int_equal(timeline_is_due(&t, rows[i].now_s), rows[i].due);
		timeline_release(&t);
	}
	timeline_init(&t, "run", 0.1);
	assert_false(timeline_is_due(&t, -0.001)); /* before the load */
	assert_true(timeline_is_due(&t, 0));
	timeline_release(&t);
}

static void what_is_no_timeline_is_refused_with_the_line(void **state UNUSED)
{
	static const struct {
		const char *from, *to, *says;
	} rows[] = {
		{ "timeline 1", "timeline 2", "line 1" },
		{ "interval_s 0.1", "interval_s 0", "line 1" },
		{ "interval_s 0.1", "interval_s x", "line 1" },
		{ "# stages", "# stage", "line 2" },
		{ "idle 0.25", "idle", "line 2" },
		{ "idle 0.25", "idle -1", "line 2" },
		{ "idle 0.25", "idle 2", "line 2" }, /* the next one would end before it */
		{ "idle 0.25", "\"; 0.25", "line 2" },
		{ "idle 0.25", "a_name_of_16_char 0.25", "line 2" },
		{ "idle 0.25", "a 0.1 b 0.2 c 0.3 d 0.4 e 0.5 f 0.6 g 0.7 h 0.8", "line 2" },
		{ "elapsed_s,", "elapsed_h,", "line 3" },
		{ "\n0.1,", "\nx0.1,", "line 4" },
		{ "\n0.1,", "\n,", "line 4" },
		{ "\n0.1,", "\n-2,", "line 4" },
		{ ",1234567\n", ",inf\n", "line 4" },
		{ ",1234567\n", ",1,2\n", "line 4" },
		{ ",1234567\n0.4", ",1234567\n0.09", "line 5" }, /* back in time */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct timeline t, bad_one = { 0 };
		struct err e = ERR_INIT;
		struct buf good = { 0 }, bad = { 0 };
		const char *at;

		fill(&t);
		timeline_write(&t, &good);
		at = strstr(buf_str(&good), rows[i].from);
		assert_non_null(at);
		buf_add(&bad, good.data, (size_t)(at - good.data));
		buf_add_str(&bad, rows[i].to);
		buf_add_str(&bad, at + strlen(rows[i].from));
		if (timeline_parse(&bad_one, bad.data, bad.len, &e) != -EINVAL ||
		    !strstr(e.text, rows[i].says))
			fail_msg("row %zu: %s", i, e.text);
		timeline_release(&t);
		timeline_release(&bad_one);
		buf_release(&good);
		buf_release(&bad);
	}
}

/* The last line was cut off, in the middle of a row or of the head. */
static void a_file_that_was_cut_off_reads_as_its_whole_rows(void **state UNUSED)
{
	struct buf text = { 0 };
	struct timeline t;

	fill(&t);
	timeline_write(&t, &text);
	for (size_t len = 0; len <= text.len; len++) {
		struct timeline back = { 0 };
		size_t lines = 0;
		int rc = timeline_parse(&back, text.data, len, NULL);

		for (size_t i = 0; i < len; i++)
			lines += text.data[i] == '\n';
		assert_int_equal(rc, lines < 3 ? -EINVAL : 0);
		assert_int_equal(back.n, lines < 3 ? 0 : lines - 3);
		timeline_release(&back);
	}
	timeline_release(&t);
	buf_release(&text);
}

static void more_rows_or_longer_lines_than_there_are_made_are_refused(void **state UNUSED)
{
	struct timeline t, back = { 0 };
	struct err e = ERR_INIT;
	struct buf text = { 0 };

	timeline_init(&t, "run", 0.1);
	timeline_write(&t, &text);
	timeline_release(&t);
	for (int i = 0; i <= TIMELINE_ROWS; i++)
		buf_printf(&text, "%d,,,\n", i);
	assert_int_equal(timeline_parse(&back, text.data, text.len, &e), -EINVAL);
	assert_non_null(strstr(e.text, "line 516: "));
	timeline_release(&back);

	err_reset(&e);
	buf_reset(&text);
	for (int i = 0; i < CSV_LINE_MAX_BYTES; i++)
		buf_add_char(&text, '#');
	buf_add_char(&text, '\n');
	assert_int_equal(timeline_parse(&back, text.data, text.len, &e), -EINVAL);
	assert_non_null(strstr(e.text, "line 1: too much"));
	timeline_release(&back);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_and_what_is_missing_stays_missing),
		cmocka_unit_test(a_run_of_any_length_fits_and_keeps_half_its_rows_at_least),
		cmocka_unit_test(rows_come_no_sooner_than_the_interval_allows),
		cmocka_unit_test(what_is_no_timeline_is_refused_with_the_line),
		cmocka_unit_test(a_file_that_was_cut_off_reads_as_its_whole_rows),
		cmocka_unit_test(more_rows_or_longer_lines_than_there_are_made_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
