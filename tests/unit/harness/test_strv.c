/* Words of a command line, and environments. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/strv.h"

static void words_are_split_as_a_shell_would(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *words[6];
	} rows[] = {
		{ "a", { "a" } },
		{ "  a\tb  c ", { "a", "b", "c" } },
		{ "'a b' \"c d\"", { "a b", "c d" } },
		{ "a' 'b\" \"c", { "a b c" } },
		{ "'' \"\"", { "", "" } },
		{ "\"a\\\"b\\\\c\\d\"", { "a\"b\\c\\d" } },
		{ "'a\\b'", { "a\\b" } },
		{ "a\\ b \\'", { "a b", "'" } },
		{ "'|' \"&;\" \\>", { "|", "&;", ">" } },
		{ "--x=$HOME *", { "--x=$HOME", "*" } },
		{ "", { NULL } },
		{ " \n", { NULL } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strv s = { 0 };
		struct err e = ERR_INIT;
		size_t n = 0;

		assert_int_equal(strv_split(&s, rows[i].text, &e), 0);
		for (; rows[i].words[n]; n++) {
			assert_true(n < s.n);
			assert_string_equal(s.v[n], rows[i].words[n]);
		}
		assert_int_equal(s.n, n);
		assert_true(!s.v || !s.v[s.n]);
		strv_release(&s);
	}
}

static void what_only_a_shell_understands_is_refused(void **state UNUSED)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "a | b", "`|` means something to a shell only, and there is none: quote it" },
		{ "a>b", "`>` means something to a shell only, and there is none: quote it" },
		{ "a $(b)", "`(` means something to a shell only, and there is none: quote it" },
		{ "a &", "`&` means something to a shell only, and there is none: quote it" },
		{ "'a", "a quote is still open at the end of the command" },
		{ "a \"b c", "a quote is still open at the end of the command" },
		{ "a \\", "a backslash stands alone at the end of the command" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strv s = { 0 };
		struct err e = ERR_INIT;

		assert_int_equal(strv_split(&s, rows[i].text, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].expected);
		strv_release(&s);
	}
}

static void an_environment_holds_each_name_once(void **state UNUSED)
{
	struct strv s = { 0 };

	strv_set_env(&s, "A", "1");
	strv_set_env(&s, "AB", "2");
	strv_set_env(&s, "A", "3=4");
	assert_int_equal(s.n, 2);
	assert_string_equal(s.v[0], "A=3=4");
	assert_string_equal(strv_get_env(&s, "A"), "3=4");
	assert_string_equal(strv_get_env(&s, "AB"), "2");
	assert_null(strv_get_env(&s, "B"));
	assert_null(s.v[2]);
	strv_release(&s);
	assert_null(strv_get_env(&s, "A"));
}

static void formatted_words_are_words_of_their_own(void **state UNUSED)
{
	struct strv a = { 0 };

	strv_add(&a, "x");
	strv_addf(&a, "--port=%d %s", 7, "y");
	assert_int_equal(a.n, 2);
	assert_string_equal(a.v[1], "--port=7 y");
	assert_null(a.v[2]);
	strv_release(&a);
}

static void an_environment_overrides_another_whole_and_whatever_the_lengths(void **state UNUSED)
{
	struct strv s = { 0 }, with = { 0 };
	char name[201];

	memset(name, 'N', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	strv_set_env(&s, "A", "ours");
	strv_set_env(&s, "KEPT", "ours");
	for (int i = 0; i < 100; i++)
		strv_addf(&with, "V%d=%d", i, i);
	strv_addf(&with, "%s=long", name);
	strv_add(&with, "A=theirs=too");
	strv_override(&s, &with);
	assert_int_equal(s.n, 103);
	assert_string_equal(strv_get_env(&s, "A"), "theirs=too");
	assert_string_equal(strv_get_env(&s, "KEPT"), "ours");
	assert_string_equal(strv_get_env(&s, "V99"), "99");
	assert_string_equal(strv_get_env(&s, name), "long");
	strv_release(&with);
	strv_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_as_a_shell_would),
		cmocka_unit_test(what_only_a_shell_understands_is_refused),
		cmocka_unit_test(an_environment_holds_each_name_once),
		cmocka_unit_test(an_environment_overrides_another_whole_and_whatever_the_lengths),
		cmocka_unit_test(formatted_words_are_words_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
