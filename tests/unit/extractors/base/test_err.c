/* Error values. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/err.h"

static void the_first_cause_stays(void **state UNUSED)
{
	struct err e = ERR_INIT;

	assert_int_equal(err_set(&e, -EIO, "line %d", 3), -EIO);
	assert_int_equal(err_set(&e, -EINVAL, "later"), -EINVAL);
	assert_int_equal(e.code, -EIO);
	assert_string_equal(e.text, "line 3");
}

static void context_goes_in_front(void **state UNUSED)
{
	struct err e = ERR_INIT;

	err_set(&e, -EINVAL, "unknown key");
	assert_int_equal(err_wrap(&e, "line %d", 12), -EINVAL);
	assert_int_equal(err_wrap(&e, "%s", "a.ini"), -EINVAL);
	assert_string_equal(e.text, "a.ini: line 12: unknown key");
}

static void context_without_a_cause_is_still_a_failure(void **state UNUSED)
{
	struct err e = ERR_INIT;

	assert_int_equal(err_wrap(&e, "x"), -EIO);
	assert_int_equal(err_wrap(NULL, "x"), -EIO);
}

static void nobody_has_to_want_the_text(void **state UNUSED)
{
	assert_int_equal(err_set(NULL, -ENOENT, "x"), -ENOENT);
}

static void a_long_text_is_cut_and_terminated(void **state UNUSED)
{
	struct err e = ERR_INIT;
	char many[2000];

	memset(many, 'y', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	err_set(&e, -EINVAL, "%s", many);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	err_wrap(&e, "front");
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	assert_memory_equal(e.text, "front: yyy", 10);
	err_wrap(&e, "%s", many);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	assert_int_equal(e.code, -EINVAL);
}

static void after_a_reset_there_is_no_error(void **state UNUSED)
{
	struct err e = ERR_INIT;

	err_set(&e, -EIO, "first");
	err_reset(&e);
	assert_int_equal(e.code, 0);
	assert_string_equal(e.text, "");
	err_set(&e, -EINVAL, "second");
	assert_string_equal(e.text, "second");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_cause_stays),
		cmocka_unit_test(context_goes_in_front),
		cmocka_unit_test(context_without_a_cause_is_still_a_failure),
		cmocka_unit_test(nobody_has_to_want_the_text),
		cmocka_unit_test(a_long_text_is_cut_and_terminated),
		cmocka_unit_test(after_a_reset_there_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
