/* Libraries at first use: what is there, and what is said when it is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/io/dynlib.h"

struct math_table {
	double (*floor)(double);
	double (*sqrt)(double);
};

static void functions_arrive_in_their_places(void **state UNUSED)
{
	static const struct dynlib_symbol symbols[] = {
		DYNLIB_SYMBOL(math_table, sqrt, "sqrt"),
		DYNLIB_SYMBOL(math_table, floor, "floor"),
	};
	struct math_table t = { NULL, NULL };
	struct err e = ERR_INIT;

	assert_int_equal(dynlib_load("libm.so.6", symbols, ARRAY_SIZE(symbols), &t, &e), 0);
	assert_true(t.sqrt(9.0) == 3.0);
	assert_true(t.floor(2.5) == 2.0);
}

static void what_is_missing_is_named(void **state UNUSED)
{
	static const struct dynlib_symbol nothing[] = { DYNLIB_SYMBOL(math_table, sqrt,
								      "no_such_function") };
	static const struct {
		const char *soname, *named;
	} rows[] = { { "libno-such-library.so.4", "libno-such-library.so.4" },
		     { "libm.so.6", "no_such_function" } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct math_table t = { NULL, NULL };
		struct err e = ERR_INIT;

		assert_int_equal(dynlib_load(rows[i].soname, nothing, 1, &t, &e), -ELIBACC);
		assert_non_null(strstr(e.text, rows[i].named));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_arrive_in_their_places),
		cmocka_unit_test(what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
