/* The list of feature messages: kept as they were, up to its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/loadgen/feature_list.h"

static void payloads_are_copied_and_never_move(void **state UNUSED)
{
	struct feature_list l = { .max_n = 100000, .max_bytes = 1 << 30 };
	const char *first;

	for (int i = 0; i < 5000; i++) {
		char text[2000];
		struct tap_feature f = { i, EVENT_MOUSE, { text, sizeof(text) } };

		memset(text, 'a' + i % 26, sizeof(text));
		assert_true(feature_list_add(&l, &f));
		if (i == 0)
			first = l.list[0].payload.p;
		memset(text, 0, sizeof(text));
	}
	assert_ptr_equal(l.list[0].payload.p, first);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(l.list[i].recv_ns, i);
		assert_int_equal(l.list[i].payload.len, 2000);
		assert_int_equal(l.list[i].payload.p[0], 'a' + i % 26);
		assert_int_equal(l.list[i].payload.p[1999], 'a' + i % 26);
	}
	feature_list_release(&l);
}

static void bounds_of_number_and_bytes_are_kept(void **state UNUSED)
{
	struct feature_list l = { .max_n = 3, .max_bytes = 10 };
	static const struct {
		const char *text;
		bool kept;
	} rows[] = { { "1234", true }, { "1234567", false }, { "123456", true },
		     { "1", false },   { "", true },	     { "", false } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tap_feature f = { 0, EVENT_APP, { rows[i].text, strlen(rows[i].text) } };

		assert_int_equal(feature_list_add(&l, &f), rows[i].kept);
	}
	assert_int_equal(l.n, 3);
	feature_list_release(&l);
}

static void a_message_larger_than_a_block_is_kept_too(void **state UNUSED)
{
	struct feature_list l = { .max_n = 10, .max_bytes = (size_t)1 << 30 };
	size_t len = 3000000;
	char *text = malloc(len);
	struct tap_feature f = { 1, EVENT_APP, { text, len } };

	memset(text, 'z', len);
	assert_true(feature_list_add(&l, &f));
	assert_memory_equal(l.list[0].payload.p, text, len);
	free(text);
	feature_list_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payloads_are_copied_and_never_move),
		cmocka_unit_test(bounds_of_number_and_bytes_are_kept),
		cmocka_unit_test(a_message_larger_than_a_block_is_kept_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
