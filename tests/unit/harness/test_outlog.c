/* What a child writes: the tail, the stats line, the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/outlog.h"

static void feed(struct outlog *o, const char *text, int64_t now_ns)
{
	outlog_feed(o, text, strlen(text), now_ns);
}

static void assert_stats(const struct outlog *o, uint64_t n, const char *text, int64_t at_ns)
{
	assert_int_equal(o->n_stats, n);
	assert_int_equal(o->stats.len, strlen(text));
	assert_memory_equal(o->stats.data, text, strlen(text));
	assert_int_equal(o->stats_ns, at_ns);
}

static void the_last_stats_line_is_kept_with_the_time_it_was_complete(void **state UNUSED)
{
	struct outlog o = { 0 };

	feed(&o, "hello\nstats {\"a\":1}\nsta", 10);
	assert_stats(&o, 1, "{\"a\":1}", 10);
	feed(&o, "ts {\"a\":2}", 20);
	assert_stats(&o, 1, "{\"a\":1}", 10);
	feed(&o, "\nnot stats {\"a\":3}\n", 30);
	assert_stats(&o, 2, "{\"a\":2}", 30);
	feed(&o, "stats {\"a\":4}", 40);
	outlog_end(&o, 50);
	assert_stats(&o, 3, "{\"a\":4}", 50);
	assert_int_equal(o.n_lines, 5);
	outlog_release(&o);
}

static void a_line_without_end_takes_bounded_memory_and_is_counted(void **state UNUSED)
{
	struct outlog o = { 0 };
	char block[4096];

	memset(block, 'x', sizeof(block));
	feed(&o, "stats ", 1);
	for (int i = 0; i < 1000; i++)
		outlog_feed(&o, block, sizeof(block), 1);
	feed(&o, "\n", 1);
	assert_int_equal(o.n_overlong, 1);
	assert_int_equal(o.n_stats, 0);
	assert_true(o.line.cap <= 4 * OUTLOG_LINE_MAX);
	assert_true(o.tail.len <= OUTLOG_TAIL && o.tail.cap <= 4 * OUTLOG_TAIL);
	assert_int_equal(o.n_bytes, 6 + 1000 * sizeof(block) + 1);
	feed(&o, "stats {}\n", 2);
	assert_stats(&o, 1, "{}", 2);
	outlog_release(&o);
}

static void last_words_are_one_line_without_control_characters(void **state UNUSED)
{
	struct outlog o = { 0 };
	char words[32];

	outlog_last_words(&o, words, sizeof(words));
	assert_string_equal(words, "");
	feed(&o, "first\nsecond \x1b[31m\n\n", 1);
	outlog_last_words(&o, words, sizeof(words));
	assert_string_equal(words, "first | second  [31m");
	outlog_last_words(&o, words, 18); /* 17 bytes and the end */
	assert_string_equal(words, "st | second  [31m");
	outlog_last_words(&o, words, 15);
	assert_string_equal(words, "second  [31m");
	outlog_last_words(&o, words, 1);
	assert_string_equal(words, "");
	outlog_release(&o);
}

static void the_first_bytes_are_kept_on_request_and_the_rest_counted(void **state UNUSED)
{
	struct outlog o = { .keep_max = 5 };

	feed(&o, "abc", 1);
	feed(&o, "defg", 1);
	assert_int_equal(o.kept.len, 5);
	assert_memory_equal(o.kept.data, "abcde", 5);
	assert_int_equal(o.n_unkept_bytes, 2);
	outlog_release(&o);
}

/* The same text in pieces of every size gives the same result. */
static void pieces_do_not_matter(void **state UNUSED)
{
	static const char text[] = "a\nstats {\"n\":1}\n\nstats {\"n\":2}\nend";

	for (size_t piece = 1; piece < sizeof(text); piece++) {
		struct outlog o = { 0 };

		for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
			size_t left = sizeof(text) - 1 - at;

			outlog_feed(&o, text + at, left < piece ? left : piece, 7);
		}
		assert_stats(&o, 2, "{\"n\":2}", 7);
		assert_int_equal(o.n_lines, 4);
		outlog_release(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_stats_line_is_kept_with_the_time_it_was_complete),
		cmocka_unit_test(a_line_without_end_takes_bounded_memory_and_is_counted),
		cmocka_unit_test(last_words_are_one_line_without_control_characters),
		cmocka_unit_test(the_first_bytes_are_kept_on_request_and_the_rest_counted),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
