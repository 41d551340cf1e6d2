/* The RESP reader: what it takes, what it waits for, what it refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/rng.h"
#include "harness/loadgen/resp.h"

static ssize_t parse(const char *text, struct resp *r)
{
	return resp_parse(text, strlen(text), r);
}

static void replies_and_pushes_are_taken_whole(void **state UNUSED)
{
	struct resp r;

	assert_int_equal(parse(":42\r\n:1\r\n", &r), 5);
	assert_int_equal(r.type, ':');
	assert_int_equal(r.items[0].integer, 42);
	assert_int_equal(parse(":-7\r\n", &r), 5);
	assert_int_equal(r.items[0].integer, -7);
	assert_int_equal(parse("+PONG\r\n", &r), 7);
	assert_true(resp_text_is(&r.items[0], "PONG"));
	assert_int_equal(parse("-NOAUTH Authentication required.\r\n", &r), 34);
	assert_int_equal(r.type, '-');
	assert_true(resp_text_is(&r.items[0], "NOAUTH Authentication required."));
	assert_int_equal(parse("$-1\r\n", &r), 5);
	assert_null(r.items[0].text.p);
	assert_int_equal(parse("$0\r\n\r\n", &r), 6);
	assert_int_equal(r.items[0].text.len, 0);
	assert_int_equal(parse("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\na\r\nb\r\nmore", &r), 34);
	assert_int_equal(r.type, '*');
	assert_int_equal(r.n, 3);
	assert_true(resp_text_is(&r.items[0], "message"));
	assert_true(resp_text_is(&r.items[2], "a\r\nb"));
	assert_int_equal(parse("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", &r), 30);
	assert_int_equal(r.items[2].integer, 1);
}

static void a_part_of_a_reply_waits_for_the_rest(void **state UNUSED)
{
	static const char whole[] =
		"*4\r\n$8\r\npmessage\r\n$2\r\np*\r\n$2\r\npq\r\n$5\r\nhello\r\n";

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		char *part = malloc(n ? n : 1); /* exact size: a sanitizer sees a byte too far */
		struct resp r;

		memcpy(part, whole, n);
		assert_int_equal(resp_parse(part, n, &r), 0);
		free(part);
	}
}

static void what_is_not_resp_is_refused(void **state UNUSED)
{
	static const char *const rows[] = {
		"HTTP/1.1 400 Bad Request\r\n",
		":\r\n",
		":1x\r\n",
		":--1\r\n",
		":-\r\n",
		":1234567890123456789\r\n",
		":1\rx",
		"$-2\r\n",
		"$1048577\r\n",
		"$99999999999999999999\r\n",
		"$2\r\nabcd",
		"*0\r\n",
		"*-1\r\n",
		"*5\r\n",
		"*1\r\n*1\r\n:1\r\n",
		"*2\r\n:1\r\n?\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct resp r;

		if (parse(rows[i], &r) != -EPROTO)
			fail_msg("taken: %s", rows[i]);
	}
}

static void a_line_without_end_is_refused_at_a_kilobyte(void **state UNUSED)
{
	char line[2000];
	struct resp r;

	memset(line, 'x', sizeof(line));
	line[0] = '-';
	assert_int_equal(resp_parse(line, 1000, &r), 0);
	assert_int_equal(resp_parse(line, sizeof(line), &r), -EPROTO);
}

static void random_bytes_never_read_past_the_end(void **state UNUSED)
{
	static const char alphabet[] = "*$:+-0123\r\n\r\nab";
	struct rng rng;

	rng_init(&rng, 9, 0);
	for (int i = 0; i < 200000; i++) {
		size_t n = (size_t)rng_below(&rng, 24);
		char *p = malloc(n ? n : 1);
		struct resp r;
		ssize_t used;

		for (size_t k = 0; k < n; k++)
			p[k] = alphabet[rng_below(&rng, sizeof(alphabet) - 1)];
		used = resp_parse(p, n, &r);
		assert_true(used == -EPROTO || (used >= 0 && (size_t)used <= n));
		free(p);
	}
}

static void commands_are_written_as_arrays_of_strings(void **state UNUSED)
{
	const char *const argv[] = { "AUTH", "pass word" };
	struct buf out = { 0 };

	resp_add_command(&out, 2, argv);
	assert_string_equal(buf_str(&out), "*2\r\n$4\r\nAUTH\r\n$9\r\npass word\r\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_and_pushes_are_taken_whole),
		cmocka_unit_test(a_part_of_a_reply_waits_for_the_rest),
		cmocka_unit_test(what_is_not_resp_is_refused),
		cmocka_unit_test(a_line_without_end_is_refused_at_a_kilobyte),
		cmocka_unit_test(random_bytes_never_read_past_the_end),
		cmocka_unit_test(commands_are_written_as_arrays_of_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
