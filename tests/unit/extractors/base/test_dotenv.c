/* The .env reader: its syntax row by row, and the file around it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/dotenv.h"

/* Parse from a copy of exact size, so that a read behind it is seen by the sanitizer. */
static int parse(struct dotenv *d, const char *text, size_t len, struct err *e)
{
	char *copy = malloc(len ? len : 1);
	int rc;

	memcpy(copy, text, len);
	memset(d, 0, sizeof(*d));
	rc = dotenv_parse(d, copy, len, ".env", e);
	free(copy);
	return rc;
}

static void values_come_out_as_the_syntax_says(void **state UNUSED)
{
	static const struct {
		const char *text, *value; /* of K; NULL: not there */
	} rows[] = {
		{ "", NULL },
		{ "\n\n", NULL },
		{ "K=v", "v" },
		{ "K=v\n", "v" },
		{ "K=v\r\n", "v" },
		{ "  K = v  ", "v" },
		{ "\tK\t=\tv\t", "v" },
		{ "K=", "" },
		{ "K=  ", "" },
		{ "K=\r\n", "" },
		{ "export K=v", "v" },
		{ "export\tK=v", "v" },
		{ "export   K=v", "v" },
		{ "export=v", NULL },
		{ "export =v", NULL },
		{ "exportK=v", NULL },
		{ "# K=v", NULL },
		{ "   # K=v", NULL },
		{ "K=v # comment", "v" },
		{ "K=v\t# comment", "v" },
		{ "K=v#not a comment", "v#not a comment" },
		{ "K=#v", "#v" },
		{ "K= #comment", "" },
		{ "K=a #b #c", "a" },
		{ "K=a # b", "a" },
		{ "K=a b  c", "a b  c" },
		{ "K=a=b=c", "a=b=c" },
		{ "K=\"a b\"", "a b" },
		{ "K='a b'", "a b" },
		{ "K=\"\"", "" },
		{ "K=''  # empty", "" },
		{ "K=\"a # b\" # c", "a # b" },
		{ "K=\"a\"#c", "a" },
		{ "K=\" a \"", " a " },
		{ "K=\"it's\"", "it's" },
		{ "K='say \"hi\"'", "say \"hi\"" },
		{ "K=\"a\\n\\\"", "a\\n\\" },
		{ "K=it's", "it's" },
		{ "K=a\"b\"", "a\"b\"" },
		{ "K=first\nK=second", "second" },
		{ "K=first\nK=", "" },
		{ "K=v\nk=w", "v" },
		{ "_=x\nK=v", "v" },
		{ "K=\xc3\xa9", "\xc3\xa9" },
		{ "K=a\rb", "a\rb" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		struct dotenv d;
		const char *v;

		if (parse(&d, rows[i].text, strlen(rows[i].text), &e))
			fail_msg("%s: %s", rows[i].text, e.text);
		v = dotenv_get(&d, "K");
		if (!v != !rows[i].value || (v && strcmp(v, rows[i].value)))
			fail_msg("%s gave %s", rows[i].text, v ? v : "nothing");
		dotenv_release(&d);
	}
}

static void a_malformed_line_is_an_error_with_its_number(void **state UNUSED)
{
#define LINE " must be KEY=value, # comment or blank"
	static const struct {
		const char *text;
		size_t len;
		const char *error;
	} rows[] = {
		{ "K", 1, ".env:1:" LINE },
		{ "K=v\nnonsense\n", 13, ".env:2:" LINE },
		{ "\n\n# c\n=v", 8, ".env:4:" LINE },
		{ "1K=v", 4, ".env:1:" LINE },
		{ "K-L=v", 5, ".env:1:" LINE },
		{ "K L=v", 5, ".env:1:" LINE },
		{ "export", 6, ".env:1:" LINE },
		{ "export ", 7, ".env:1:" LINE },
		{ "export K", 8, ".env:1:" LINE },
		{ "\xef\xbb\xbfK=v", 6, ".env:1:" LINE },
		{ "K: v", 4, ".env:1:" LINE },
		{ "K\0=v", 4, ".env:1:" LINE },
		{ "K=\"a", 4, ".env:1: the quote is not closed" },
		{ "K=\"", 3, ".env:1: the quote is not closed" },
		{ "K='a\"", 5, ".env:1: the quote is not closed" },
		{ "K=\"a\nb\"", 7, ".env:1: the quote is not closed" },
		{ "K=\"a\"b", 6, ".env:1: text behind the closing quote" },
		{ "K=\"a\" b", 7, ".env:1: text behind the closing quote" },
		{ "K=a\0b", 5, ".env:1: NUL byte in the value" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		struct dotenv d;

		assert_int_equal(parse(&d, rows[i].text, rows[i].len, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].error);
		dotenv_release(&d);
	}
}

static void an_error_never_shows_the_line(void **state UNUSED)
{
	static const char *const texts[] = { "REDIS_PASSWORD hunter2", "REDIS_PASSWORD=\"hunter2",
					     "REDIS_PASSWORD=\"x\"hunter2",
					     "REDIS-PASSWORD=hunter2" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct err e = ERR_INIT;
		struct dotenv d;

		assert_int_equal(parse(&d, texts[i], strlen(texts[i]), &e), -EINVAL);
		assert_null(strstr(e.text, "hunter2"));
		dotenv_release(&d);
	}
}

static char dir[] = "/tmp/dotenv-XXXXXX", path[64];

static void write_file(const char *text, size_t len)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static void an_absent_file_is_empty(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct dotenv d = { 0 };

	assert_int_equal(dotenv_load(&d, "/nonexistent/.env", &e), 0);
	assert_int_equal(d.n, 0);
	assert_null(dotenv_get(&d, "K"));
	dotenv_release(&d);
}

static void a_file_is_read_whole(void **state UNUSED)
{
	static char text[DOTENV_MAX_BYTES + 1];
	struct err e = ERR_INIT;
	struct dotenv d = { 0 };

	memset(text, '#', sizeof(text));
	memcpy(text, "A=1\n", 4);
	memcpy(text + DOTENV_MAX_BYTES - 5, "\nB=22", 5);
	write_file(text, DOTENV_MAX_BYTES);
	assert_int_equal(dotenv_load(&d, path, &e), 0);
	assert_string_equal(dotenv_get(&d, "A"), "1");
	assert_string_equal(dotenv_get(&d, "B"), "22");
	dotenv_release(&d);
	write_file(text, DOTENV_MAX_BYTES + 1);
	assert_int_equal(dotenv_load(&d, path, &e), -EINVAL);
	assert_non_null(strstr(e.text, ": larger than 65536 bytes"));
	dotenv_release(&d);
	write_file("", 0);
	err_reset(&e);
	assert_int_equal(dotenv_load(&d, path, &e), 0);
	dotenv_release(&d);
}

static void what_cannot_be_read_is_an_error_with_its_name(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct dotenv d = { 0 };

	assert_int_equal(dotenv_load(&d, dir, &e), -EISDIR);
	assert_memory_equal(e.text, dir, strlen(dir));
	dotenv_release(&d);
}

static int make_dir(void **state UNUSED)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/.env", dir);
	return 0;
}

static int remove_dir(void **state UNUSED)
{
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_out_as_the_syntax_says),
		cmocka_unit_test(a_malformed_line_is_an_error_with_its_number),
		cmocka_unit_test(an_error_never_shows_the_line),
		cmocka_unit_test(an_absent_file_is_empty),
		cmocka_unit_test(a_file_is_read_whole),
		cmocka_unit_test(what_cannot_be_read_is_an_error_with_its_name),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
