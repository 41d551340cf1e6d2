/* A subject's counters: nested objects flattened, wrong texts refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/buf.h"
#include "harness/counters.h"

static void counters_of_the_contract_are_read(void **state UNUSED)
{
	static const char text[] =
		"{\"received\":9007199254740993,\"accepted\":7, \"rejected\":{\"not_json\":2,"
		"\"bad_key\":1},\"no_features\":{\"too_few\":4},\"note\":\"x\",\"load\":0.5,"
		"\"list\":[1,2],\"gone\":null,\"minus\":-3}";
	struct counters c;
	struct err e = ERR_INIT;
	int64_t v;

	assert_int_equal(counters_parse(&c, text, strlen(text), &e), 0);
	assert_int_equal(c.n, 6);
	assert_true(counters_get(&c, "received", &v));
	assert_int_equal(v, 9007199254740993); /* not rounded to a double */
	assert_true(counters_get(&c, "rejected.bad_key", &v));
	assert_int_equal(v, 1);
	assert_true(counters_get(&c, "minus", &v));
	assert_int_equal(v, -3);
	assert_false(counters_get(&c, "load", &v));
	assert_false(counters_get(&c, "rejected", &v));
	assert_true(counters_sum(&c, "rejected", &v));
	assert_int_equal(v, 3);
	assert_false(counters_sum(&c, "reject", &v));
}

static void a_text_that_is_no_object_is_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"",
		"1",
		"[]",
		"{",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1",
		"{\"a\":1,}",
		"{\"a\":01}",
		"{\"a\":1} x",
		"{a:1}",
		"{\"a\":1}{",
		"{\"a\":{\"b\":1}",
		"{\"\xff\":1}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct counters c;
		struct err e = ERR_INIT;

		assert_int_equal(counters_parse(&c, texts[i], strlen(texts[i]), &e), -EINVAL);
		assert_true(strlen(e.text) > 0);
	}
}

static void too_many_or_too_long_is_an_error_and_not_a_cut(void **state UNUSED)
{
	struct buf text = { 0 };
	struct counters c;
	struct err e = ERR_INIT;

	buf_add_str(&text, "{\"a\":{");
	for (int i = 0; i <= COUNTERS_MAX; i++)
		buf_printf(&text, "%s\"c%d\":1", i ? "," : "", i);
	buf_add_str(&text, "}}");
	assert_int_equal(counters_parse(&c, text.data, text.len, &e), -E2BIG);

	buf_reset(&text);
	buf_printf(&text, "{\"%064d\":1}", 0);
	err_reset(&e);
	assert_int_equal(counters_parse(&c, text.data, text.len, &e), -E2BIG);
	buf_release(&text);
}

static void deeper_objects_are_stepped_over(void **state UNUSED)
{
	static const char text[] = "{\"a\":{\"b\":{\"c\":1},\"d\":2}}";
	struct counters c;
	struct err e = ERR_INIT;
	int64_t v;

	assert_int_equal(counters_parse(&c, text, strlen(text), &e), 0);
	assert_int_equal(c.n, 1);
	assert_true(counters_get(&c, "a.d", &v));
	assert_int_equal(v, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_of_the_contract_are_read),
		cmocka_unit_test(a_text_that_is_no_object_is_refused),
		cmocka_unit_test(too_many_or_too_long_is_an_error_and_not_a_cut),
		cmocka_unit_test(deeper_objects_are_stepped_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
