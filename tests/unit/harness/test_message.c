/* Members of a message: what is read, and what is no message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/message.h"

static int parse(struct message *m, const char *text, struct err *e)
{
	return message_parse(m, text, strlen(text), e);
}

static void members_are_read_with_their_types(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct message m;

	assert_int_equal(parse(&m, " {\"a\":1.5 ,\"b\": {\"a\":[1]},\"c\":false,\"d\":\"x\"} ", &e),
			 0);
	assert_int_equal(m.n, 4);
	assert_int_equal(message_get(&m, "a")->value.type, JSON_NUMBER);
	assert_int_equal(message_get(&m, "b")->raw.len, strlen("{\"a\":[1]}"));
	assert_int_equal(message_get(&m, "c")->value.type, JSON_BOOL);
	assert_int_equal(message_get(&m, "d")->value.type, JSON_STRING);
	assert_null(message_get(&m, "e"));
	assert_int_equal(parse(&m, "{}", &e), 0);
	assert_int_equal(m.n, 0);
}

static void what_is_no_object_is_refused_with_the_reason(void **state UNUSED)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "not a JSON object" },
		{ "[1]", "not a JSON object" },
		{ "{\"a\":1", "no comma" },
		{ "{\"a\":1,}", "no member name" },
		{ "{\"a\":1 \"b\":2}", "no comma" },
		{ "{\"a\" 1}", "no member name" },
		{ "{\"a\":01}", "the value of a" },
		{ "{\"a\":NaN}", "the value of a" },
		{ "{\"a\":1,\"a\":1}", "a is there twice" },
		{ "{\"a\":1}}", "1 bytes behind" },
		{ "{\"a\":\"\xff\"}", "not UTF-8" },
	};
	struct message m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;

		if (!parse(&m, rows[i].text, &e))
			fail_msg("%s was taken", rows[i].text);
		if (!strstr(e.text, rows[i].why))
			fail_msg("%s: %s", rows[i].text, e.text);
	}
}

static void more_members_than_there_is_room_for_are_refused(void **state UNUSED)
{
	char text[8 * MESSAGE_MEMBERS_MAX + 32];
	struct err e = ERR_INIT;
	struct message m;
	size_t n = 0;

	for (int i = 0; i <= MESSAGE_MEMBERS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%c\"%d\":1", i ? ',' : '{', i);
	snprintf(text + n, sizeof(text) - n, "}");
	assert_true(parse(&m, text, &e) < 0);
	assert_non_null(strstr(e.text, "more than 96 members"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_read_with_their_types),
		cmocka_unit_test(what_is_no_object_is_refused_with_the_reason),
		cmocka_unit_test(more_members_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
