/* The option table: values, errors, command lines, help. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/opt.h"

struct target {
	bool verbose, traced;
	int64_t rate_hz, size_bytes;
	double share, pause_s;
	char *path;
	int mode;
};

static const char *const modes[] = { "fast", "slow", "auto", NULL };

static const struct opt opts[] = {
	OPT_ROW(struct target, verbose, OPT_FLAG, "verbose", 'v', NULL, NULL, 0, 0, "say more"),
	OPT_ROW(struct target, traced, OPT_BOOL, "traced", 0, NULL, "yes", 0, 0, "add a trace"),
	OPT_ROW(struct target, rate_hz, OPT_INT, "rate", 'r', "HZ", "1000", -10, 1000000, "events"),
	OPT_ROW(struct target, size_bytes, OPT_BYTES, "size", 0, NULL, "64MiB", 4096, 1e12, "room"),
	OPT_ROW(struct target, share, OPT_DOUBLE, "share", 0, NULL, NULL, -1, 1, "of all"),
	OPT_ROW(struct target, pause_s, OPT_SECONDS, "pause", 'p', NULL, "250ms", 0, 60, "between"),
	OPT_ROW(struct target, path, OPT_STRING, "path", 'o', "PATH", NULL, 0, 0, "where to"),
	OPT_CHOICE_ROW(struct target, mode, "mode", 'm', "slow", modes, "how"),
};

#define N ARRAY_SIZE(opts)

static void defaults_fill_every_field(void **state UNUSED)
{
	struct target t;

	memset(&t, 0xA5, sizeof(t));
	t.path = NULL;
	opt_defaults(opts, N, &t);
	assert_false(t.verbose);
	assert_true(t.traced);
	assert_int_equal(t.rate_hz, 1000);
	assert_int_equal(t.size_bytes, 64 << 20);
	assert_true(t.share == 0);
	assert_true(t.pause_s == 0.25);
	assert_null(t.path);
	assert_int_equal(t.mode, 1);
	opt_release(opts, N, &t);
}

static void a_value_is_printed_as_it_is_taken(void **state UNUSED)
{
	static const char *const expected[N] = { "false", "true", "1000", "67108864",
						 "0.3",	  "0.25", "",	  "slow" };
	struct target t = { .path = NULL }, again = { .path = NULL };
	struct err e = ERR_INIT;

	opt_defaults(opts, N, &t);
	opt_defaults(opts, N, &again);
	t.share = 0.3;
	for (size_t i = 0; i < N; i++) {
		struct buf text = { 0 }, second = { 0 };

		opt_value(&opts[i], &t, &text);
		assert_string_equal(buf_str(&text), expected[i]);
		assert_int_equal(opt_set(&opts[i], &again, buf_str(&text), &e), 0);
		opt_value(&opts[i], &again, &second);
		assert_string_equal(buf_str(&second), expected[i]);
		buf_release(&text);
		buf_release(&second);
	}
	opt_release(opts, N, &t);
	opt_release(opts, N, &again);
}

static void values_are_set_or_refused_with_what_is_allowed(void **state UNUSED)
{
	static const struct {
		const char *name, *text, *error; /* NULL: taken */
	} rows[] = {
		{ "rate", "1", NULL },
		{ "rate", "-10", NULL },
		{ "rate", "1000000", NULL },
		{ "rate", "-11", "rate=-11: must be a whole number from -10 to 1000000" },
		{ "rate", "1000001", "rate=1000001: must be a whole number from -10 to 1000000" },
		{ "rate", "1e3", "rate=1e3: must be a whole number from -10 to 1000000" },
		{ "rate", "", "rate=: must be a whole number from -10 to 1000000" },
		{ "size", "4KiB", NULL },
		{ "size", "4095",
		  "size=4095: must be bytes (KiB, MiB, GiB) from 4096 to 1000000000000" },
		{ "share", "-0.5", NULL },
		{ "share", "1.0000001", "share=1.0000001: must be a number from -1 to 1" },
		{ "share", "nan", "share=nan: must be a number from -1 to 1" },
		{ "pause", "1min", NULL },
		{ "pause", "61", "pause=61: must be seconds (ms, s, min, h) from 0 to 60" },
		{ "path", "", NULL },
		{ "path", "/any/text at all", NULL },
		{ "mode", "auto", NULL },
		{ "mode", "Fast", "mode=Fast: must be fast, slow or auto" },
		{ "mode", "fas", "mode=fas: must be fast, slow or auto" },
		{ "traced", "OFF", NULL },
		{ "traced", "2", "traced=2: must be true or false (1, yes, on; 0, no, off)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct target t = { 0 }, before;
		struct err e = ERR_INIT;

		opt_defaults(opts, N, &t);
		before = t;
		if (!rows[i].error) {
			assert_int_equal(
				opt_set(opt_find(opts, N, rows[i].name), &t, rows[i].text, &e), 0);
		} else {
			assert_int_equal(
				opt_set(opt_find(opts, N, rows[i].name), &t, rows[i].text, &e),
				-EINVAL);
			assert_string_equal(e.text, rows[i].error);
			assert_memory_equal(&t, &before, sizeof(t));
		}
		opt_release(opts, N, &t);
	}
}

static void a_long_wrong_value_does_not_hide_what_is_allowed(void **state UNUSED)
{
	struct target t = { 0 };
	struct err e = ERR_INIT;
	char text[2000];

	memset(text, '9', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(opt_set(opt_find(opts, N, "rate"), &t, text, &e), -EINVAL);
	assert_non_null(strstr(e.text, "999...: must be a whole number from -10 to 1000000"));
}

static void a_text_set_twice_is_the_second(void **state UNUSED)
{
	struct target t = { 0 };
	struct err e = ERR_INIT;
	const struct opt *o = opt_find(opts, N, "path");

	assert_int_equal(opt_set(o, &t, "first", &e), 0);
	assert_int_equal(opt_set(o, &t, "second", &e), 0);
	assert_string_equal(t.path, "second");
	opt_release(opts, N, &t);
	assert_null(t.path);
	opt_release(opts, N, &t);
}

#define ARGS_MAX 8

static int run(struct target *t, const char *const *args, char **argv, struct err *e)
{
	int argc = 0;

	memset(t, 0, sizeof(*t));
	opt_defaults(opts, N, t);
	argv[argc++] = (char *)(uintptr_t) "program";
	for (; *args; args++)
		argv[argc++] = (char *)(uintptr_t)*args;
	argv[argc] = NULL;
	return opt_parse_args(opts, N, t, argc, argv, e);
}

static void command_lines_are_taken_apart(void **state UNUSED)
{
	static const struct {
		const char *args[ARGS_MAX];
		int64_t rate_hz;
		bool verbose;
		const char *path, *rest[ARGS_MAX];
	} rows[] = {
		{ { NULL }, 1000, false, NULL, { NULL } },
		{ { "--rate", "5" }, 5, false, NULL, { NULL } },
		{ { "--rate=5" }, 5, false, NULL, { NULL } },
		{ { "-r", "5" }, 5, false, NULL, { NULL } },
		{ { "-r5" }, 5, false, NULL, { NULL } },
		{ { "--rate", "-5" }, -5, false, NULL, { NULL } },
		{ { "--rate=-5" }, -5, false, NULL, { NULL } },
		{ { "-r", "-5" }, -5, false, NULL, { NULL } },
		{ { "-r-5" }, -5, false, NULL, { NULL } },
		{ { "--rate", "5", "--rate", "6" }, 6, false, NULL, { NULL } },
		{ { "--verbose" }, 1000, true, NULL, { NULL } },
		{ { "-v" }, 1000, true, NULL, { NULL } },
		{ { "--verbose=0" }, 1000, false, NULL, { NULL } },
		{ { "--verbose=yes" }, 1000, true, NULL, { NULL } },
		{ { "-v", "--verbose=0" }, 1000, false, NULL, { NULL } },
		{ { "--path=" }, 1000, false, "", { NULL } },
		{ { "--path", "" }, 1000, false, "", { NULL } },
		{ { "--path=a=b" }, 1000, false, "a=b", { NULL } },
		{ { "-o=x" }, 1000, false, "=x", { NULL } },
		{ { "--path", "--rate" }, 1000, false, "--rate", { NULL } },
		{ { "--path", "-" }, 1000, false, "-", { NULL } },
		{ { "a", "-v", "b" }, 1000, true, NULL, { "a", "b" } },
		{ { "-", "-v", "" }, 1000, true, NULL, { "-", "" } },
		{ { "--", "-v", "--rate" }, 1000, false, NULL, { "-v", "--rate" } },
		{ { "a", "--", "--", "b" }, 1000, false, NULL, { "a", "--", "b" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct target t;
		struct err e = ERR_INIT;
		char *argv[ARGS_MAX + 2];
		int n = run(&t, rows[i].args, argv, &e), expected = 0;

		assert_string_equal(e.text, "");
		for (; rows[i].rest[expected]; expected++)
			assert_string_equal(argv[1 + expected], rows[i].rest[expected]);
		assert_int_equal(n, expected);
		assert_int_equal(t.rate_hz, rows[i].rate_hz);
		assert_true(t.verbose == rows[i].verbose);
		if (rows[i].path)
			assert_string_equal(t.path, rows[i].path);
		else
			assert_null(t.path);
		opt_release(opts, N, &t);
	}
}

static void wrong_command_lines_are_named(void **state UNUSED)
{
	static const struct {
		const char *args[ARGS_MAX], *error;
	} rows[] = {
		{ { "--rat", "5" }, "--rat: unknown option (did you mean --rate?)" },
		{ { "--verbos" }, "--verbos: unknown option (did you mean --verbose?)" },
		{ { "--frobnicate" }, "--frobnicate: unknown option (--help lists them)" },
		{ { "--=5" }, "--: unknown option (--help lists them)" },
		{ { "-x" }, "-x: unknown option (--help lists them)" },
		{ { "-x5" }, "-x: unknown option (--help lists them)" },
		{ { "-5" }, "-5: unknown option (--help lists them)" },
		{ { "-=5" }, "-=: unknown option (--help lists them)" },
		{ { "--rate" }, "--rate: needs a value" },
		{ { "a", "-r" }, "--rate: needs a value" },
		{ { "--rate=" },
		  "command line: rate=: must be a whole number from -10 to 1000000" },
		{ { "-r=5" }, "command line: rate==5: must be a whole number from -10 to 1000000" },
		{ { "-vv" },
		  "command line: verbose=v: must be true or false (1, yes, on; 0, no, off)" },
		{ { "--verbose=" },
		  "command line: verbose=: must be true or false (1, yes, on; 0, no, off)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct target t;
		struct err e = ERR_INIT;
		char *argv[ARGS_MAX + 2];

		assert_int_equal(run(&t, rows[i].args, argv, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].error);
		opt_release(opts, N, &t);
	}
}

static void a_name_of_any_length_is_only_unknown(void **state UNUSED)
{
	char name[400];
	const char *const args[] = { name, NULL };
	struct target t;
	struct err e = ERR_INIT;
	char *argv[ARGS_MAX + 2];

	memset(name, 'r', sizeof(name) - 1);
	name[0] = name[1] = '-';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(run(&t, args, argv, &e), -EINVAL);
	assert_non_null(strstr(e.text, "unknown option"));
	opt_release(opts, N, &t);
}

static void similar_names_are_found_and_others_are_not(void **state UNUSED)
{
	static const struct {
		const char *name, *nearest;
	} rows[] = {
		{ "rate", "rate" }, { "rat", "rate" },	   { "rates", "rate" },
		{ "raet", "rate" }, { "verb", "verbose" }, { "pauze", "pause" },
		{ "", NULL },	    { "xyz", NULL },	   { "something-else", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *got = opt_nearest(opts, N, rows[i].name);

		if (!rows[i].nearest) {
			assert_null(got);
			continue;
		}
		assert_non_null(got);
		assert_string_equal(got, rows[i].nearest);
	}
	assert_null(opt_find(opts, N, "rat"));
}

static void help_has_a_line_for_each_option(void **state UNUSED)
{
	static const char *const flags[] = {
		"  -v, --verbose              say more\n",
		"  -r, --rate HZ              events [default 1000; a whole number from -10 to 1000000]\n",
		"  --share WORD               of all [unset by default; a number from -1 to 1]\n",
		"  -o, --path PATH            where to [unset by default; a text]\n",
		"  -m, --mode WORD            how [default slow; fast, slow or auto]\n",
	};
	struct buf b = { 0 };

	opt_help(opts, N, true, &b);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (!strstr(buf_str(&b), flags[i]))
			fail_msg("no \"%s\" in\n%s", flags[i], b.data);
	buf_reset(&b);
	opt_help(opts, N, false, &b);
	assert_non_null(
		strstr(buf_str(&b), "\n  rate                       events [default 1000;"));
	buf_reset(&b);
	opt_markdown(opts, N, &b);
	assert_non_null(strstr(buf_str(&b), "\n| `size` | 64MiB | bytes (KiB, MiB, GiB) from "
					    "4096 to 1000000000000 | room |\n"));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_fill_every_field),
		cmocka_unit_test(a_value_is_printed_as_it_is_taken),
		cmocka_unit_test(values_are_set_or_refused_with_what_is_allowed),
		cmocka_unit_test(a_long_wrong_value_does_not_hide_what_is_allowed),
		cmocka_unit_test(a_text_set_twice_is_the_second),
		cmocka_unit_test(command_lines_are_taken_apart),
		cmocka_unit_test(wrong_command_lines_are_named),
		cmocka_unit_test(a_name_of_any_length_is_only_unknown),
		cmocka_unit_test(similar_names_are_found_and_others_are_not),
		cmocka_unit_test(help_has_a_line_for_each_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
