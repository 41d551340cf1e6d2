/* The growing buffer and the texts that are put into it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/buf.h"
#include "extractors/base/rng.h"
#include "tests/unit/capture.h"

static void assert_buf(struct buf *b, const char *expected)
{
	assert_int_equal(b->len, strlen(expected));
	assert_string_equal(buf_str(b), expected);
}

static void an_empty_buffer_is_an_empty_text(void **state UNUSED)
{
	struct buf b = { 0 };

	assert_buf(&b, "");
	buf_add(&b, NULL, 0);
	buf_consume(&b, 0);
	assert_buf(&b, "");
	buf_release(&b);
	assert_null(b.data);
	assert_int_equal(b.cap, 0);
	buf_release(&b);
}

/* Against an array that does the same in the plainest way. */
static void bytes_stay_in_order_whatever_is_added_and_consumed(void **state UNUSED)
{
	static char model[200000];
	size_t len = 0;
	struct buf b = { 0 };
	struct rng rng;

	rng_init(&rng, 1, 0);
	for (int i = 0; i < 20000; i++) {
		char piece[300];
		size_t n = (size_t)rng_below(&rng, sizeof(piece));

		if (rng_chance(&rng, 0.55) && len + n < sizeof(model)) {
			for (size_t k = 0; k < n; k++)
				piece[k] = (char)rng_u64(&rng);
			buf_add(&b, piece, n);
			memcpy(model + len, piece, n);
			len += n;
		} else {
			n = n < len ? n : len;
			buf_consume(&b, n);
			memmove(model, model + n, len - n);
			len -= n;
		}
		assert_int_equal(b.len, len);
		if (i % 100 == 0 && len)
			assert_memory_equal(b.data, model, len);
	}
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void consume_too_much(void)
{
	struct buf b = { 0 };

	buf_add_str(&b, "abc");
	buf_consume(&b, 4);
}

static void reserve_more_than_there_is(void)
{
	struct buf b = { 0 };

	buf_add_str(&b, "abc");
	buf_reserve(&b, SIZE_MAX - 1);
}

static void what_cannot_be_ends_the_program_with_70(void **state UNUSED)
{
	struct capture c;

	capture_start(&c);
	assert_int_equal(exit_status_of(consume_too_much), 70);
	assert_int_equal(exit_status_of(reserve_more_than_there_is), 70);
	capture_stop(&c);
	assert_int_equal(count_of(c.text, "internal error at extractors/base/buf.c"), 2);
}

static void printf_takes_as_much_room_as_the_text_needs(void **state UNUSED)
{
	struct buf b = { 0 };
	char many[5000];

	memset(many, 'm', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	buf_printf(&b, "%d ", 7);
	buf_printf(&b, "%s", many);
	buf_printf(&b, "%s", "");
	assert_int_equal(b.len, 2 + sizeof(many) - 1);
	assert_memory_equal(b.data, "7 mmm", 5);
	assert_string_equal(buf_str(&b) + 2, many);
	buf_release(&b);
}

static void whole_numbers_are_written_whole(void **state UNUSED)
{
	static const struct {
		int64_t v;
		const char *expected;
	} rows[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ -7, "-7" },
		{ 10, "10" },
		{ 1792522987000123, "1792522987000123" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = { 0 };

		buf_add_i64(&b, rows[i].v);
		assert_buf(&b, rows[i].expected);
		buf_release(&b);
	}
}

static void doubles_are_short_and_read_back(void **state UNUSED)
{
	static const struct {
		double v;
		const char *expected;
	} rows[] = {
		{ 0, "0" },
		{ -0.0, "-0" },
		{ 5, "5" },
		{ -3, "-3" },
		{ 0.1, "0.1" },
		{ -2.5, "-2.5" },
		{ 1175.421875, "1175.421875" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 9007199254740991, "9007199254740991" },
		{ 9007199254740992, "9007199254740992" },
		{ 1e16, "1e+16" },
		{ 1e22, "1e+22" },
		{ 1e-7, "1e-07" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = { 0 };

		buf_add_double(&b, rows[i].v);
		assert_buf(&b, rows[i].expected);
		assert_true(strtod(buf_str(&b), NULL) == rows[i].v);
		buf_release(&b);
	}
}

static void json_strings_escape_what_json_must(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t len;
		const char *expected;
	} rows[] = {
		{ "", 0, "\"\"" },
		{ "KeyA", 4, "\"KeyA\"" },
		{ "a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "\"\"", 2, "\"\\\"\\\"\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = { 0 };

		buf_add_json_string(&b, rows[i].text, rows[i].len);
		assert_buf(&b, rows[i].expected);
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_text),
		cmocka_unit_test(bytes_stay_in_order_whatever_is_added_and_consumed),
		cmocka_unit_test(what_cannot_be_ends_the_program_with_70),
		cmocka_unit_test(printf_takes_as_much_room_as_the_text_needs),
		cmocka_unit_test(whole_numbers_are_written_whole),
		cmocka_unit_test(doubles_are_short_and_read_back),
		cmocka_unit_test(json_strings_escape_what_json_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
