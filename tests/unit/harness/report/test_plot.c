/* What pictures share: looks, axes, scripts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/plot.h"

static void everybody_looks_the_same_in_every_picture_and_unlike_the_others(void **state UNUSED)
{
	static const struct {
		const char *implementation, *rgb;
	} rows[] = {
		{ "null", "#767676" },	      { "relay", "#767676" },  { "c", "#0072b2" },
		{ "c+batch=500", "#0072b2" }, { "python", "#d55e00" }, { "rust", "#009e73" },
		{ "go", "#aa4499" },	      { "go+x", "#aa4499" },   { "cc", "#000000" },
	};
	struct result r = { 0 };

	result_add_comparison(&r, "s", "p", EVENT_MOUSE, "python", "c");
	result_add_comparison(&r, "s", "p", EVENT_MOUSE, "rust", "c");
	result_add_comparison(&r, "s", "p", EVENT_MOUSE, "go+x", "rust");
	result_add_comparison(&r, "t", "p", EVENT_APP, "cc", "go");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plot_style style = plot_style_of(&r, rows[i].implementation);

		assert_string_equal(style.rgb, rows[i].rgb);
		assert_int_equal(style.point, style.hollow_point + 1); /* gnuplot's pairs */
	}
	result_release(&r);
}

static void write_ticks(const struct plot_range *range, size_t max, struct buf *out)
{
	double ticks[PLOT_TICKS_MAX];
	size_t n = plot_ticks(range, max, ticks);

	buf_reset(out);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%.6g", i ? " " : "", ticks[i]);
}

static void ticks_are_round_inside_and_no_more_than_there_is_room_for(void **state UNUSED)
{
	static const struct {
		double low, high;
		size_t max;
		const char *ticks;
	} rows[] = {
		{ 0.985, 1.012, 6, "0.985 0.99 0.995 1 1.005 1.01" },
		{ 0.985, 1.012, 3, "0.99 1 1.01" },
		{ 97, 310, 5, "100 150 200 250 300" }, /* step 50: of 213 / 5 = 42.6 */
		{ 0.027, 1.2, 6, "0.05 0.1 0.2 0.5 1" },
		{ 0.027, 1.2, 3, "0.1 1" },
		{ 1, 100, 4, "1 10 100" },
		{ 0.01, 1e5, 4, "1 1000" },
	};
	struct buf out = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plot_range range = { rows[i].low, rows[i].high };

		write_ticks(&range, rows[i].max, &out);
		assert_string_equal(buf_str(&out), rows[i].ticks);
	}
	buf_release(&out);
}

static void an_axis_has_room_and_never_magnifies_nothing(void **state UNUSED)
{
	struct plot_range range = PLOT_RANGE_NONE;
	double ticks[PLOT_TICKS_MAX];

	assert_true(plot_range_is_empty(&range));
	plot_range_add(&range, NAN);
	plot_range_add(&range, 0);
	plot_range_add(&range, -1);
	plot_range_add(&range, INFINITY);
	plot_range_add(&range, 1e300);
	assert_true(plot_range_is_empty(&range));
	plot_range_add(&range, 5);
	plot_range_pad(&range, 1.02);
	assert_true(fabs(range.high / range.low - 1.02) < 1e-12);
	assert_true(fabs(range.high * range.low - 25) < 1e-9);
	plot_range_add(&range, 50);
	plot_range_pad(&range, 1.02);
	assert_true(range.high > 50 && range.high < 70);
	/* the widest that can be */
	plot_range_add(&range, 1e-99);
	plot_range_add(&range, 1e99);
	plot_range_pad(&range, 1.02);
	assert_in_range(plot_ticks(&range, 4, ticks), 2, 4);
}

static void draw_two_lines(struct plot *p, const void *ctx)
{
	plot_heading(p, "%s", (const char *)ctx);
	plot_note(p, "100 %% µs");
	plot_frame(p, 50, 100);
	buf_add_str(p->out, "plot 1\n");
	plot_drawn(p);
}

static void a_script_is_as_high_as_what_is_in_it_and_always_the_same(void **state UNUSED)
{
	struct buf svg = { 0 }, again = { 0 }, png = { 0 };

	plot_script(&svg, "svg", "x.svg", draw_two_lines, "a_title");
	plot_script(&again, "svg", "x.svg", draw_two_lines, "a_title");
	plot_script(&png, "pngcairo", "x.png", draw_two_lines, "a_title");
	assert_string_equal(buf_str(&svg), buf_str(&again));
	/* 6 and 22 of a heading, 16 of a note, 100 of a frame, 8 below */
	assert_non_null(strstr(buf_str(&svg), "set terminal svg enhanced size 400,152 "));
	assert_non_null(strstr(buf_str(&png), "set terminal pngcairo enhanced size 800,304 "));
	assert_non_null(strstr(buf_str(&png), "set output \"x.png\"\n"));
	assert_non_null(strstr(buf_str(&svg), "set label \"{/:Bold a\\\\_title}\" at screen 0.02"));
	assert_non_null(strstr(buf_str(&svg), "set label \"100 % µs\" at screen 0.02"));
	/* the frame ends 8 px above the bottom */
	assert_non_null(strstr(buf_str(&svg), "set bmargin at screen 0.05263\n"));
	buf_release(&svg);
	buf_release(&again);
	buf_release(&png);
}

static void what_lies_below_an_axis_is_said_to(void **state UNUSED)
{
	struct buf out = { 0 };
	struct plot p = { .out = &out, .font = "sans", .height_px = 100 };
	struct plot_range range = { 0.01, 30 };

	plot_floor_axis(&p, 'y', &range, 4);
	assert_string_equal(buf_str(&out), "set logscale y\nset yrange [0.01:30]\n"
					   "set ytics (\"≤ 0.01\" 0.01, \"0.1\" 0.1, \"1\" 1, "
					   "\"10\" 10)\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_looks_the_same_in_every_picture_and_unlike_the_others),
		cmocka_unit_test(ticks_are_round_inside_and_no_more_than_there_is_room_for),
		cmocka_unit_test(an_axis_has_room_and_never_magnifies_nothing),
		cmocka_unit_test(a_script_is_as_high_as_what_is_in_it_and_always_the_same),
		cmocka_unit_test(what_lies_below_an_axis_is_said_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
