/* Allocation that either works or ends the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/mem.h"
#include "tests/unit/capture.h"

static void fresh_memory_is_zeroed_and_never_null(void **state UNUSED)
{
	static const char zeros[1000];
	char *p = mem_calloc(10, 100);
	void *nothing = mem_calloc(0, 8);

	assert_memory_equal(p, zeros, sizeof(zeros));
	assert_non_null(nothing);
	free(p);
	free(nothing);
}

static void growing_keeps_what_was_there(void **state UNUSED)
{
	int *p = mem_realloc(NULL, 2, sizeof(*p));

	p[0] = 1;
	p[1] = 2;
	p = mem_realloc(p, 100000, sizeof(*p));
	assert_int_equal(p[0], 1);
	assert_int_equal(p[1], 2);
	free(p);
}

static void copies_of_texts_end_where_they_should(void **state UNUSED)
{
	char *whole = mem_strdup("KeyA"), *part = mem_strndup("KeyA", 3),
	     *none = mem_strndup("x", 0);

	assert_string_equal(whole, "KeyA");
	assert_string_equal(part, "Key");
	assert_string_equal(none, "");
	free(whole);
	free(part);
	free(none);
}

static void overflow_calloc(void)
{
	free(mem_calloc(SIZE_MAX / 2, 4));
}

static void overflow_realloc(void)
{
	free(mem_realloc(NULL, SIZE_MAX / 2, 4));
}

/* A sanitizer's allocator ends the program by itself, with a status of its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static void a_product_that_overflows_is_out_of_memory_with_70(void **state UNUSED)
{
	static void (*const overflows[])(void) = { overflow_calloc, overflow_realloc };
	static struct capture c;

	for (size_t i = 0; i < ARRAY_SIZE(overflows); i++) {
		int status;

		capture_start(&c);
		status = exit_status_of(overflows[i]);
		capture_stop(&c);
		if (SANITIZED) {
			assert_int_not_equal(status, 0);
			continue;
		}
		assert_int_equal(status, 70);
		assert_non_null(strstr(c.text, "internal error at extractors/base/mem.c"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_memory_is_zeroed_and_never_null),
		cmocka_unit_test(growing_keeps_what_was_there),
		cmocka_unit_test(copies_of_texts_end_where_they_should),
		cmocka_unit_test(a_product_that_overflows_is_out_of_memory_with_70),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
