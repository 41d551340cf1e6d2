/* Answers of databases as rows: exact times, tags told from fields, errors inside status 200. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/buf.h"
#include "harness/influx_rows.h"

static void times_are_exact_to_the_nanosecond(void **state UNUSED)
{
	static const struct {
		const char *text;
		int64_t ns; /* -1: refused */
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-23T19:10:34.278528Z", 1795461034278528000 },
		{ "2026-11-23T19:10:34.278528001Z", 1795461034278528001 },
		{ "2026-11-23T19:10:34.1Z", 1795461034100000000 },
		{ "2026-11-23T19:10:34", -1 },
		{ "2026-11-23T19:10:34+00:00", -1 },
		{ "2026-11-23 19:10:34Z", -1 },
		{ "2026-13-23T19:10:34Z", -1 },
		{ "0001-01-01T00:00:00Z", -1 },
		{ "2026-11-23T19:10:34.1234567890Z", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t ns = -1;
		int rc = influx_parse_time(rows[i].text, &ns);

		assert_int_equal(rc, rows[i].ns < 0 ? -EINVAL : 0);
		assert_true(ns == rows[i].ns);
	}
}

static void a_select_becomes_rows_sorted_by_time(void **state UNUSED)
{
	static const char json[] =
		"{\"results\":[{\"statement_id\":0,\"series\":["
		"{\"name\":\"m\",\"tags\":{\"from_app\":\"a,b\",\"to_app\":\"\"},\"columns\":[\"time\",\"z\",\"a\"],"
		"\"values\":[[\"2026-01-01T00:00:02Z\",1.5,null],[\"2026-01-01T00:00:04Z\",0.1,7]]},"
		"{\"name\":\"m\",\"tags\":{\"from_app\":\"c\",\"to_app\":\"d\"},\"columns\":[\"time\",\"z\",\"b\",\"s\"],"
		"\"values\":[[\"2026-01-01T00:00:01Z\",1,true,\"text\"]]}]}]}";
	struct influx_rows r;
	struct err e = ERR_INIT;

	assert_int_equal(influx_parse_select(&r, json, strlen(json), &e), 0);
	assert_int_equal(r.n, 3);
	assert_string_equal(influx_row_tag(&r.v[0], "to_app"), "d");
	assert_int_equal(r.v[0].n_fields, 3);
	assert_true(influx_row_field(&r.v[0], "b")->value == 1);
	assert_string_equal(influx_row_field(&r.v[0], "s")->text, "text");
	assert_true(isnan(influx_row_field(&r.v[0], "s")->value));
	assert_string_equal(influx_row_tag(&r.v[1], "from_app"), "a,b");
	assert_null(influx_row_tag(&r.v[1], "to_app")); /* empty: the point has no such tag */
	assert_int_equal(r.v[1].n_fields, 1);
	assert_true(influx_row_field(&r.v[1], "z")->value == 1.5);
	assert_null(influx_row_field(&r.v[1], "a"));
	assert_int_equal(r.v[2].n_fields, 2);
	assert_string_equal(r.v[2].fields[0].name, "a");
	assert_true(r.v[2].fields[1].value == 0.1);
	assert_true(r.v[2].time_ns == r.v[1].time_ns + 2000000000);
	influx_rows_release(&r);
}

static void an_empty_answer_has_no_rows(void **state UNUSED)
{
	static const char json[] = "{\"results\":[{\"statement_id\":0}]}\n";
	struct influx_rows r;
	int64_t n = -1;

	assert_int_equal(influx_parse_select(&r, json, strlen(json), NULL), 0);
	assert_int_equal(r.n, 0);
	influx_rows_release(&r);
	assert_int_equal(influx_parse_count(&n, json, strlen(json), NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(influx_parse_status(json, strlen(json), NULL), 0);
}

static void a_count_is_read(void **state UNUSED)
{
	static const char json[] =
		"{\"results\":[{\"series\":[{\"name\":\"m\",\"columns\":[\"time\",\"count\"],"
		"\"values\":[[\"1970-01-01T00:00:00Z\",1234567]]}]}]}";
	int64_t n;

	assert_int_equal(influx_parse_count(&n, json, strlen(json), NULL), 0);
	assert_int_equal(n, 1234567);
}

static void errors_inside_a_successful_answer_are_errors(void **state UNUSED)
{
	static const struct {
		const char *json, *expected;
	} rows[] = {
		{ "{\"error\":\"database not found: x\"}",
		  "the database's answer: database not found: x" },
		{ "{\"results\":[{\"error\":\"timeout\"}]}", "the database's answer: timeout" },
		{ "{\"results\":[]}", "the database's answer: no result" },
		{ "nope", "the database's answer: not JSON" },
		{ "", "the database's answer: not JSON" },
		{ "{\"results\":[{\"partial\":true}]}",
		  "the database's answer: only a part of the rows" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(influx_parse_status(rows[i].json, strlen(rows[i].json), &e),
				 -EPROTO);
		assert_string_equal(e.text, rows[i].expected);
	}
}

static void answers_of_another_shape_are_refused(void **state UNUSED)
{
	static const char *const series[] = {
		"{}",
		"{\"columns\":[\"time\"],\"values\":[[1]]}",
		"{\"columns\":[\"time\"],\"values\":[[\"yesterday\"]]}",
		"{\"columns\":[\"time\",\"a\"],\"values\":[[\"1970-01-01T00:00:00Z\"]]}",
		"{\"columns\":[\"time\"],\"values\":[[\"1970-01-01T00:00:00Z\",1]]}",
		"{\"columns\":[1],\"values\":[[1]]}",
		"{\"columns\":[\"time\"],\"values\":[1]}",
		"{\"columns\":\"time\",\"values\":[]}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(series); i++) {
		struct buf json = { 0 };
		struct influx_rows r;

		buf_printf(&json, "{\"results\":[{\"series\":[%s]}]}", series[i]);
		assert_int_equal(influx_parse_select(&r, json.data, json.len, NULL), -EPROTO);
		buf_release(&json);
	}
}

static void an_export_is_put_together_again(void **state UNUSED)
{
	static const char lines[] =
		"{\"metric\":{\"__name__\":\"m_a\",\"db\":\"x\",\"user\":\"u\"},\"values\":[1,2,3],"
		"\"timestamps\":[1000,2000,2000]}\n"
		"{\"metric\":{\"__name__\":\"m_b\",\"user\":\"u\"},\"values\":[10,30],\"timestamps\":[1000,2000]}\n"
		"{\"metric\":{\"__name__\":\"m_a\",\"user\":\"other\"},\"values\":[5],\"timestamps\":[1500]}\n"
		"{\"metric\":{\"__name__\":\"m2_a\",\"user\":\"u\"},\"values\":[9],\"timestamps\":[1000]}\n";
	struct influx_rows r;
	struct err e = ERR_INIT;
	int64_t n;

	assert_int_equal(influx_parse_export(&r, "m", lines, strlen(lines), &e), 0);
	assert_int_equal(r.n, 4);
	assert_true(r.v[0].time_ns == 1000000000);
	assert_int_equal(r.v[0].n_fields, 2);
	assert_true(influx_row_field(&r.v[0], "a")->value == 1);
	assert_true(influx_row_field(&r.v[0], "b")->value == 10);
	assert_null(influx_row_tag(&r.v[0], "db"));
	assert_string_equal(influx_row_tag(&r.v[1], "user"), "other");
	/* Two points of the same ms stay two. */
	assert_true(influx_row_field(&r.v[2], "a")->value == 2);
	assert_true(influx_row_field(&r.v[2], "b")->value == 30);
	assert_true(influx_row_field(&r.v[3], "a")->value == 3);
	assert_int_equal(r.v[3].n_fields, 1);
	influx_rows_release(&r);
	assert_int_equal(influx_count_export(&n, lines, strlen(lines), &e), 0);
	assert_int_equal(n, 7);
}

static void a_broken_export_is_refused(void **state UNUSED)
{
	static const char *const lines[] = {
		"x\n",
		"{\"metric\":{},\"values\":[],\"timestamps\":[]}",
		"{\"metric\":{\"__name__\":\"m_a\"},\"values\":[1],\"timestamps\":[]}",
		"{\"metric\":{\"__name__\":\"m_a\"},\"values\":[1],\"timestamps\":[\"x\"]}",
		"{\"metric\":{\"__name__\":\"m_a\"},\"values\":[1],\"timestamps\":[1e30]}",
	};
	struct influx_rows r;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(influx_parse_export(&r, "m", lines[i], strlen(lines[i]), NULL),
				 -EPROTO);
	assert_int_equal(influx_parse_export(&r, "m", "", 0, NULL), 0);
	assert_int_equal(r.n, 0);
}

static void names_are_read_one_a_line(void **state UNUSED)
{
	static const char names[] =
		"{\"results\":[{\"series\":[{\"name\":\"measurements\",\"columns\":[\"name\"],"
		"\"values\":[[\"a\"],[\"b c\"]]}]}]}";
	static const char none[] = "{\"results\":[{\"statement_id\":0}]}";
	static const char number[] =
		"{\"results\":[{\"series\":[{\"columns\":[\"name\"],\"values\":[[1]]}]}]}";
	struct buf out = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(influx_parse_names(&out, none, strlen(none), &e), 0);
	assert_string_equal(buf_str(&out), "");
	assert_int_equal(influx_parse_names(&out, names, strlen(names), &e), 0);
	assert_string_equal(buf_str(&out), "a\nb c\n");
	assert_true(influx_parse_names(&out, number, strlen(number), &e) < 0);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_one_a_line),
		cmocka_unit_test(times_are_exact_to_the_nanosecond),
		cmocka_unit_test(a_select_becomes_rows_sorted_by_time),
		cmocka_unit_test(an_empty_answer_has_no_rows),
		cmocka_unit_test(a_count_is_read),
		cmocka_unit_test(errors_inside_a_successful_answer_are_errors),
		cmocka_unit_test(answers_of_another_shape_are_refused),
		cmocka_unit_test(an_export_is_put_together_again),
		cmocka_unit_test(a_broken_export_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
