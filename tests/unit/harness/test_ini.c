/* The .ini reader: what it reads, and that every wrong file is told with its line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/ini.h"

struct conf {
	int64_t rate_hz;
	bool fast;
	char *title;
	double wait_s;
};

#define ROW(field, type, def, min, max) \
	OPT_ROW(struct conf, field, type, #field, 0, NULL, def, min, max, "")

static const struct opt load_opts[] = {
	ROW(rate_hz, OPT_INT, "1000", 1, 1e6),
	ROW(fast, OPT_BOOL, "no", 0, 0),
	ROW(title, OPT_STRING, NULL, 0, 0),
	ROW(wait_s, OPT_SECONDS, "1", 0, 60),
};
static const char *const required[] = { "rate_hz", NULL };

struct target {
	struct conf load, extra;
	struct ini_pairs env;
};

static int parse(struct target *t, const char *text, size_t len, struct err *e)
{
	const struct ini_section sections[] = {
		INI_SECTION("load", load_opts, ARRAY_SIZE(load_opts), &t->load, required),
		{ .name = "extra",
		  .flags = INI_OPTIONAL,
		  .opts = load_opts,
		  .n_opts = ARRAY_SIZE(load_opts),
		  .target = &t->extra },
		{ .name = "environment", .flags = INI_OPTIONAL | INI_OPEN, .target = &t->env },
	};

	return ini_parse(text, len, "x.ini", sections, ARRAY_SIZE(sections), e);
}

static void release(struct target *t)
{
	opt_release(load_opts, ARRAY_SIZE(load_opts), &t->load);
	opt_release(load_opts, ARRAY_SIZE(load_opts), &t->extra);
	ini_pairs_release(&t->env);
}

static void keys_comments_and_open_sections_are_read(void **state UNUSED)
{
	static const char text[] = "; a comment\r\n"
				   "\n"
				   "[load]\n"
				   "  # another\n"
				   "rate_hz=25\n"
				   "title =  Mouse, 60 Hz; \"quoted\" = yes#no  \r\n"
				   "\twait_s = 250ms\n"
				   "[ environment ]\n"
				   "PATH = /bin:/usr/bin\n"
				   "EMPTY =\n"
				   "last = no line end";
	struct target t = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(parse(&t, text, sizeof(text) - 1, &e), 0);
	assert_int_equal(t.load.rate_hz, 25);
	assert_string_equal(t.load.title, "Mouse, 60 Hz; \"quoted\" = yes#no");
	assert_true(t.load.wait_s == 0.25);
	assert_false(t.load.fast);
	assert_int_equal(t.extra.rate_hz, 1000);
	assert_int_equal(t.env.n, 3);
	assert_string_equal(t.env.v[0].key, "PATH");
	assert_string_equal(t.env.v[0].value, "/bin:/usr/bin");
	assert_string_equal(t.env.v[1].value, "");
	assert_string_equal(t.env.v[2].value, "no line end");
	assert_int_equal(t.env.v[2].line, 11);
	release(&t);
}

#define S(text) text, sizeof(text) - 1

static void every_wrong_file_is_told_with_its_line(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t len;
		const char *expected;
	} rows[] = {
		{ S("[load]\nrat = 5\n"),
		  "x.ini:2: unknown key \"rat\" (did you mean \"rate_hz\"?)" },
		{ S("[load]\nzzzzzzzzzz = 5\n"), "x.ini:2: unknown key \"zzzzzzzzzz\"" },
		{ S("[lod]\n"), "x.ini:1: unknown section \"lod\" (did you mean \"load\"?)" },
		{ S("[load]\nrate_hz = 1\n\nrate_hz = 2\n"),
		  "x.ini:4: key \"rate_hz\" repeated (first on line 2)" },
		{ S("[load]\nrate_hz=1\n[load]\n"),
		  "x.ini:3: section [load] repeated (first on line 1)" },
		{ S("[load]\nrate_hz=1\n[environment]\nA=1\nA=2\n"),
		  "x.ini:5: key \"A\" repeated (first on line 4)" },
		{ S("[load]\nrate_hz = 0\n"),
		  "x.ini:2: rate_hz=0: must be a whole number from 1 to 1000000" },
		{ S("[load]\nrate_hz = 5 ; five\n"),
		  "x.ini:2: rate_hz: a comment stands on a line of its own" },
		{ S("[load]\nrate_hz = 5\ntitle = a\t# b\n"),
		  "x.ini:3: title: a comment stands on a line of its own" },
		{ S("rate_hz = 5\n"),
		  "x.ini:1: key \"rate_hz\" stands before the first [section]" },
		{ S("[load\n"), "x.ini:1: a section is written [name], alone on its line" },
		{ S("[load] rate_hz = 5\n"),
		  "x.ini:1: a section is written [name], alone on its line" },
		{ S("[load]\nnonsense\n"),
		  "x.ini:2: neither [section] nor key = value: \"nonsense\"" },
		{ S("[load]\n= 5\n"), "x.ini:2: a key has 1 to 128 bytes" },
		{ S("[load]\nrate_hz = 5\0 \n"), "x.ini:2: holds a NUL byte" },
		{ S("\xef\xbb\xbf[load]\n"),
		  "x.ini:1: begins with a byte order mark: save it without one" },
		{ S("[extra]\n"), "x.ini: section [load] is missing" },
		{ S(""), "x.ini: section [load] is missing" },
		{ S("[load]\nfast = yes\n"), "x.ini: [load]: key \"rate_hz\" is missing" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct target t = { 0 };
		struct err e = ERR_INIT;

		assert_int_equal(parse(&t, rows[i].text, rows[i].len, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].expected);
		release(&t);
	}
}

static void a_line_over_the_limit_is_an_error_and_not_a_second_key(void **state UNUSED)
{
	char text[INI_LINE_MAX + 64];
	struct target t = { 0 };
	struct err e = ERR_INIT;
	int head = snprintf(text, sizeof(text), "[load]\nrate_hz = 5\ntitle = ");
	size_t line = strlen("title = ");

	/* Exactly the limit passes, one byte more does not. */
	memset(text + head, 'a', INI_LINE_MAX - line);
	assert_int_equal(parse(&t, text, (size_t)head + INI_LINE_MAX - line, &e), 0);
	assert_int_equal(strlen(t.load.title), INI_LINE_MAX - line);
	text[(size_t)head + INI_LINE_MAX - line] = 'a';
	assert_int_equal(parse(&t, text, (size_t)head + INI_LINE_MAX - line + 1, &e), -EINVAL);
	assert_string_equal(e.text, "x.ini:3: longer than 4096 bytes");
	release(&t);
}

static void an_open_section_is_bounded(void **state UNUSED)
{
	struct buf text = { 0 };
	struct target t = { 0 };
	struct err e = ERR_INIT;

	buf_add_str(&text, "[load]\nrate_hz = 1\n[environment]\n");
	for (int i = 0; i <= INI_PAIRS_MAX; i++)
		buf_printf(&text, "K%d = 1\n", i);
	assert_int_equal(parse(&t, text.data, text.len, &e), -EINVAL);
	assert_string_equal(e.text, "x.ini:260: more than 256 keys in [environment]");
	buf_release(&text);
	release(&t);
}

static void a_file_that_is_not_there_is_named(void **state UNUSED)
{
	struct err e = ERR_INIT;

	assert_int_equal(ini_load("/nonexistent/a.ini", NULL, 0, &e), -ENOENT);
	assert_string_equal(e.text, "/nonexistent/a.ini: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_comments_and_open_sections_are_read),
		cmocka_unit_test(every_wrong_file_is_told_with_its_line),
		cmocka_unit_test(a_line_over_the_limit_is_an_error_and_not_a_second_key),
		cmocka_unit_test(an_open_section_is_bounded),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
