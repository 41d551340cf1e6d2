/* The JSON scanner: what is a value, what number it is, what text it is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/buf.h"
#include "extractors/base/rng.h"
#include "extractors/wire/json.h"

/* The whole text is one value; scanned in a copy of exact size, so that ASan sees a read behind it. */
static bool scan(const char *text, size_t len, char **copy, struct json_value *v)
{
	struct json_scan s;
	bool ok;

	*copy = malloc(len ? len : 1);
	memcpy(*copy, text, len);
	s = (struct json_scan){ *copy, *copy + len };
	ok = json_scan_value(&s, 0, v);
	json_next(&s);
	return ok && s.p == s.end;
}

static bool is_json(const char *text, size_t len)
{
	struct json_value v;
	char *copy;
	bool ok = scan(text, len, &copy, &v);

	free(copy);
	return ok;
}

static void values_have_their_types(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum json_type type;
	} rows[] = {
		{ "null", JSON_NULL },
		{ "true", JSON_BOOL },
		{ "false", JSON_BOOL },
		{ "0", JSON_NUMBER },
		{ "-0", JSON_NUMBER },
		{ "-12.5e+3", JSON_NUMBER },
		{ "1E400", JSON_NUMBER },
		{ "\"\"", JSON_STRING },
		{ "\"text \\u00e9 \\\\ \\\" \\/ \\b\\f\\n\\r\\t\"", JSON_STRING },
		{ "\"\\ud800\"", JSON_STRING }, /* grammar allows what text does not */
		{ "\"\x7f\xc3\xa9\"", JSON_STRING },
		{ "[]", JSON_ARRAY },
		{ "{}", JSON_OBJECT },
		{ " \t\r\n[ 1 , \"a\" , { \"b\" : [ ] , \"c\" : { } } ] \n", JSON_ARRAY },
		{ "{\"\":1,\"\":{\"a\":[[[]]]}}", JSON_OBJECT },
		{ "[[],[[]],{}]", JSON_ARRAY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_value v;
		char *copy;

		if (!scan(rows[i].text, strlen(rows[i].text), &copy, &v))
			fail_msg("%s", rows[i].text);
		assert_int_equal(v.type, rows[i].type);
		free(copy);
	}
}

static void what_is_no_json_is_refused(void **state UNUSED)
{
	static const char *const rows[] = {
		"",
		" ",
		"nul",
		"nulll",
		"True",
		"NaN",
		"Infinity",
		"-Infinity",
		"undefined",
		/* numbers */
		"-",
		"+1",
		"01",
		"-01",
		"00",
		"1.",
		".5",
		"1.e3",
		"1e",
		"1e+",
		"1e-",
		"0x10",
		"1_0",
		"- 1",
		"1 2",
		"1,",
		"--1",
		"1.2.3",
		"1e3.5",
		"0e",
		"-e5",
		"\xd9\xa3",
		/* strings */
		"\"",
		"\"a",
		"\"\\\"",
		"\"\\",
		"\"\\x41\"",
		"\"\\u\"",
		"\"\\u12\"",
		"\"\\u123g\"",
		"\"\\u123",
		"\"\\U0041\"",
		"\"\\u+123\"",
		"\"\\u 123\"",
		"\"\t\"",
		"\"\n\"",
		"\"\x01\"",
		"\"\x1f\"",
		"'a'",
		"\"a\"b",
		"\"\\ \"",
		"\"\\0\"",
		"\"\\'\"",
		/* arrays and objects */
		"[",
		"]",
		"[1",
		"[1,",
		"[1,]",
		"[,1]",
		"[,]",
		"[1 2]",
		"[1}",
		"[]]",
		"[[]",
		"{",
		"}",
		"{]",
		"{}}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\" 1}",
		"{\"a\":1,}",
		"{,}",
		"{,\"a\":1}",
		"{a:1}",
		"{1:1}",
		"{\"a\":1 \"b\":2}",
		"{\"a\":1,,\"b\":2}",
		"{\"a\":1]",
		"{null:1}",
		"[\"a\":1]",
		"{\"a\",1}",
		"{\"a\"::1}",
		"[1;2]",
		/* blanks and comments that JSON does not have */
		"\x0b"
		"1",
		"\x0c"
		"1",
		"\xc2\xa0"
		"1",
		"\xef\xbb\xbf"
		"1",
		"1//",
		"/**/1",
		"[1/**/]",
	};
	/* What holds NUL bytes, by length. */
	static const struct {
		const char *text;
		size_t len;
	} nuls[] = { { "\0", 1 },
		     { "1\0", 2 },
		     { "\0"
		       "1",
		       2 },
		     { "[\0]", 3 },
		     { "\"\0\"", 3 },
		     { "\"\\\0\"", 4 },
		     { "{\"a\"\0:1}", 8 },
		     { "nul\0", 4 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (is_json(rows[i], strlen(rows[i])))
			fail_msg("%s", rows[i]);
	for (size_t i = 0; i < ARRAY_SIZE(nuls); i++)
		if (is_json(nuls[i].text, nuls[i].len))
			fail_msg("NUL row %zu", i);
}

/* A string is scanned eight bytes at a time: what ends it must be seen at every place. */
static void a_special_byte_is_seen_wherever_it_stands(void **state UNUSED)
{
	char text[64];

	for (size_t len = 2; len < sizeof(text); len++)
		for (size_t at = 1; at + 1 < len; at++) {
			for (int c = 0; c < 256; c++) {
				memset(text, 'a', len);
				text[0] = text[len - 1] = '"';
				text[at] = (char)c;
				/* A quote ends it early, a backslash makes an escape of the next byte. */
				assert_true(is_json(text, len) ==
					    (c >= 0x20 && c != '"' && c != '\\'));
			}
			if (at + 2 < len) {
				memcpy(text + at, "\\n", 2);
				assert_true(is_json(text, len));
			}
		}
}

static void nesting_ends_at_512(void **state UNUSED)
{
	static const struct {
		const char *open, *close;
		int each;
	} kinds[] = { { "[", "]", 1 }, { "{\"a\":", "}", 1 }, { "[{\"a\":", "}]", 2 } };

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (int depth = 510; depth <= 514; depth += 2 - (kinds[k].each == 1)) {
			struct buf b = { 0 };

			for (int i = 0; i < depth; i += kinds[k].each)
				buf_add_str(&b, kinds[k].open);
			buf_add_str(&b, "1");
			for (int i = 0; i < depth; i += kinds[k].each)
				buf_add_str(&b, kinds[k].close);
			assert_true(is_json(b.data, b.len) == (depth <= JSON_DEPTH_MAX));
			buf_release(&b);
		}
}

static void the_depth_of_what_holds_a_value_counts(void **state UNUSED)
{
	static const char text[] = "[[1]]";

	for (int depth = 509; depth <= 512; depth++) {
		struct json_scan s = { text, text + sizeof(text) - 1 };
		struct json_value v;

		assert_true(json_scan_value(&s, depth, &v) == (depth + 2 <= JSON_DEPTH_MAX));
	}
}

/* Siblings must not leave marks behind on a level: arrays and objects in turn, side by side. */
static void closed_levels_are_forgotten(void **state UNUSED)
{
	static const char *const good[] = { "[{\"a\":[]},[{}],{\"b\":{}}]",
					    "{\"a\":[],\"b\":{},\"c\":[{}]}" };
	static const char *const bad[] = { "[{},[}]", "[[],{]}", "{\"a\":[},\"b\":1]}" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(is_json(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(is_json(bad[i], strlen(bad[i])));
}

static void whole_numbers_are_taken_when_written_whole(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t expected;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "1", true, 1 },
		{ "-1", true, -1 },
		{ "12345678", true, 12345678 },
		{ "123456789", true, 123456789 },
		{ "1792522987000123", true, 1792522987000123 },
		{ "4102444800000000", true, 4102444800000000 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775807", true, -INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "9999999999999999999", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "18446744073709551617", false, 0 },
		{ "100000000000000000000000000000000000001", false, 0 },
		{ "1.0", false, 0 },
		{ "1e3", false, 0 },
		{ "1E0", false, 0 },
		{ "true", false, 0 },
		{ "null", false, 0 },
		{ "\"1\"", false, 0 },
		{ "[1]", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_value v;
		int64_t n = 0;
		char *copy;

		assert_true(scan(rows[i].text, strlen(rows[i].text), &copy, &v));
		if (json_i64(&v, &n) != rows[i].ok)
			fail_msg("%s", rows[i].text);
		if (rows[i].ok)
			assert_int_equal(n, rows[i].expected);
		free(copy);
	}
}

static double double_of(const char *text)
{
	struct json_value v;
	char object[200], *copy;
	struct json_scan s;
	double d;
	int n = snprintf(object, sizeof(object), "%s}",
			 text); /* as in an object: something follows */

	BUG_ON(n >= (int)sizeof(object));
	copy = malloc((size_t)n);
	memcpy(copy, object, (size_t)n);
	s = (struct json_scan){ copy, copy + n };
	BUG_ON(!json_scan_value(&s, 1, &v) || v.type != JSON_NUMBER || *s.p != '}');
	d = json_double(&v);
	free(copy);
	return d;
}

static void doubles_are_the_nearest(void **state UNUSED)
{
	static const struct {
		const char *text;
		double expected;
	} rows[] = {
		{ "0", 0 },
		{ "1175.421875", 1175.421875 },
		{ "-50.19140625", -50.19140625 },
		{ "0.1", 0.1 },
		{ "1e22", 1e22 },
		{ "1e23", 1e23 },
		{ "9007199254740993", 9007199254740992.0 },
		{ "0.000000000000000000000000000001", 1e-30 },
		{ "0.00000000000000000000", 0 },
		{ "123456789012345678901234567890", 123456789012345678901234567890.0 },
		{ "0.30000000000000004", 0.30000000000000004 },
		{ "2.2250738585072011e-308", 2.2250738585072011e-308 },
		{ "4.9406564584124654e-324", 4.9406564584124654e-324 },
		{ "1e-400", 0 },
		{ "1e400", INFINITY },
		{ "-1e400", -INFINITY },
		{ "1e99999999999999999999", INFINITY },
		{ "1e-99999999999999999999", 0 },
		{ "0e99999999999999999999", 0 },
		{ "17976931348623157e292", 17976931348623157e292 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (double_of(rows[i].text) != rows[i].expected)
			fail_msg("%s", rows[i].text);
	assert_true(signbit(double_of("-0")));
	assert_true(signbit(double_of("-0.0")));
}

static void add_digits(struct rng *r, struct buf *b, size_t n)
{
	for (; n; n--)
		buf_add_char(b, (char)('0' + rng_below(r, 10)));
}

/* A number by the grammar, of 1 ... 24 digits before and behind the point. */
static void random_number(struct rng *r, struct buf *b)
{
	buf_reset(b);
	if (rng_chance(r, 0.3))
		buf_add_char(b, '-');
	if (rng_chance(r, 0.2)) {
		buf_add_char(b, '0');
	} else {
		buf_add_char(b, (char)('1' + rng_below(r, 9)));
		add_digits(r, b, (size_t)rng_below(r, 24));
	}
	if (rng_chance(r, 0.6)) {
		buf_add_char(b, '.');
		for (uint64_t zeros = rng_below(r, 12); zeros; zeros--)
			buf_add_char(b, '0');
		add_digits(r, b, 1 + (size_t)rng_below(r, 24));
	}
	if (rng_chance(r, 0.3)) {
		static const char *const signs[] = { "", "+", "-" };

		buf_printf(b, "%c%s%d", rng_chance(r, 0.5) ? 'e' : 'E', signs[rng_below(r, 3)],
			   (int)rng_below(r, 40));
	}
}

static void random_numbers_are_what_the_c_library_makes_of_them(void **state UNUSED)
{
	struct buf b = { 0 };
	struct rng rng;
	int whole = 0;

	rng_init(&rng, 99, 0);
	for (int i = 0; i < 300000; i++) {
		struct json_value v;
		struct json_scan s;
		char *end;
		int64_t n;
		long long expected;

		random_number(&rng, &b);
		buf_add_char(&b, ',');
		s = (struct json_scan){ b.data, b.data + b.len };
		assert_true(json_scan_value(&s, 1, &v));
		assert_int_equal(s.end - s.p, 1);
		if (json_double(&v) != strtod(buf_str(&b), NULL))
			fail_msg("%s", b.data);
		if (!json_i64(&v, &n))
			continue;
		whole++;
		expected = strtoll(b.data, &end, 10);
		assert_int_equal(*end, ',');
		assert_true(n == expected);
	}
	assert_in_range(whole, 20000, 200000);
	buf_release(&b);
}

static void texts_are_decoded(void **state UNUSED)
{
	static const struct {
		const char *json, *expected;
		size_t len;
	} rows[] = {
		{ "\"\"", "", 0 },
		{ "\"KeyA\"", "KeyA", 4 },
		{ "\"\\u004bey\\u0041\"", "KeyA", 4 },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8 },
		{ "\"\\u0000\"", "\0", 1 },
		{ "\"a\\u0000b\"", "a\0b", 3 },
		{ "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
		  "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11 },
		{ "\"\\uD83D\\ude00\"", "\xf0\x9f\x98\x80", 4 },
		{ "\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8 },
		{ "\"\xc3\xa9\\u00e9\"", "\xc3\xa9\xc3\xa9", 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *copy, room[64];
		struct json_value v;
		struct span t;

		assert_true(scan(rows[i].json, strlen(rows[i].json), &copy, &v));
		assert_true(json_text(&v, room, rows[i].len, &t));
		assert_int_equal(t.len, rows[i].len);
		assert_memory_equal(t.p, rows[i].expected, t.len);
		if (rows[i].len)
			assert_false(json_text(&v, room, rows[i].len - 1, &t));
		free(copy);
	}
}

static void half_a_surrogate_pair_is_no_text(void **state UNUSED)
{
	static const char *const rows[] = {
		"\"\\ud83d\"",	  "\"\\ude00\"",	"\"\\ude00\\ud83d\"",
		"\"\\ud83dx\"",	  "\"\\ud83d\\u0041\"", "\"\\ud83d\\ud83d\\ude00\"",
		"\"\\ud83d\\n\"", "\"\\udbff\\ue000\"", "\"\\ud83d\\\\ude00\"",
		"\"x\\udfff\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *copy, room[64];
		struct json_value v;
		struct span t;

		assert_true(scan(rows[i], strlen(rows[i]), &copy, &v));
		if (json_text(&v, room, sizeof(room), &t))
			fail_msg("%s", rows[i]);
		free(copy);
	}
}

static void a_text_without_escapes_stays_where_it_is(void **state UNUSED)
{
	static const char text[] = "\"firefox\"";
	struct json_scan s = { text, text + sizeof(text) - 1 };
	struct json_value v;
	struct span t;
	char room[4];

	assert_true(json_scan_value(&s, 0, &v));
	assert_true(json_text(&v, room, 7, &t)); /* 7: what the caller allows, not what room has */
	assert_ptr_equal(t.p, text + 1);
	assert_int_equal(t.len, 7);
	assert_false(json_text(&v, room, 6, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_their_types),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(a_special_byte_is_seen_wherever_it_stands),
		cmocka_unit_test(nesting_ends_at_512),
		cmocka_unit_test(the_depth_of_what_holds_a_value_counts),
		cmocka_unit_test(closed_levels_are_forgotten),
		cmocka_unit_test(whole_numbers_are_taken_when_written_whole),
		cmocka_unit_test(doubles_are_the_nearest),
		cmocka_unit_test(random_numbers_are_what_the_c_library_makes_of_them),
		cmocka_unit_test(texts_are_decoded),
		cmocka_unit_test(half_a_surrogate_pair_is_no_text),
		cmocka_unit_test(a_text_without_escapes_stays_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
