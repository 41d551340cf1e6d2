/* The file of refused batches: what stands in it, and its bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/buf.h"
#include "extractors/io/rejected.h"

static char dir[64], folder[80], path[100], old_path[110];

static int make_dir(void **state UNUSED)
{
	strcpy(dir, "/tmp/test_rejected.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(folder, sizeof(folder), "%s/rejected", dir);
	snprintf(path, sizeof(path), "%s/prog.lp", folder);
	snprintf(old_path, sizeof(old_path), "%s.old", path);
	return 0;
}

static int remove_dir(void **state UNUSED)
{
	unlink(path);
	unlink(old_path);
	rmdir(folder);
	return rmdir(dir);
}

static char *read_file(const char *name)
{
	FILE *f = fopen(name, "r");
	char *text = calloc(1, 100000);

	assert_non_null(f);
	assert_true(fread(text, 1, 99999, f) > 0);
	fclose(f);
	return text;
}

static void append(const struct rejected_file *r, const char *reason, const char *text)
{
	struct err e = ERR_INIT;

	if (rejected_append(r, reason, 2, text, strlen(text), &e))
		fail_msg("%s", e.text);
}

static void a_batch_stands_under_its_reason(void **state UNUSED)
{
	const struct rejected_file r = { dir, "prog", 100000 };
	struct stat st;
	char *text;

	append(&r, "HTTP 400: bad", "m a=1\nm a=2\n");
	append(&r, "HTTP 404: no database", "m a=3\nm a=4\n");
	text = read_file(path);
	assert_int_equal(strncmp(text, "# 20", 4), 0);
	assert_non_null(strstr(text, " 2 points: HTTP 400: bad\nm a=1\nm a=2\n# 20"));
	assert_non_null(strstr(text, " 2 points: HTTP 404: no database\nm a=3\nm a=4\n"));
	free(text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void both_files_together_stay_below_the_bound(void **state UNUSED)
{
	const struct rejected_file r = { dir, "prog", 4096 };
	struct buf big = { 0 };
	struct stat a, b;
	char *text;

	for (int i = 0; i < 100; i++) {
		append(&r, i == 99 ? "the last" : "reason", "m a=1\nm a=2\n");
		assert_int_equal(stat(path, &a), 0);
		if (stat(old_path, &b))
			b.st_size = 0;
		assert_true(a.st_size + b.st_size <= 4096);
	}
	text = read_file(path);
	assert_non_null(strstr(text, "the last"));
	free(text);

	for (int i = 0; i < 1000; i++) /* one batch above the bound: the lines that fit */
		buf_add_str(&big, "m a=1\n");
	append(&r, "too big", buf_str(&big));
	text = read_file(path);
	assert_true(strlen(text) > 1500 && strlen(text) <= 2048);
	assert_string_equal(text + strlen(text) - 6, "m a=1\n");
	free(text);
	buf_release(&big);
}

static void a_directory_that_is_gone_is_an_error_that_names_it(void **state UNUSED)
{
	const struct rejected_file r = { "/nonexistent", "prog", 4096 };
	struct err e = ERR_INIT;

	assert_true(rejected_append(&r, "reason", 1, "m a=1\n", 6, &e) < 0);
	assert_non_null(strstr(e.text, "/nonexistent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_stands_under_its_reason),
		cmocka_unit_test(both_files_together_stay_below_the_bound),
		cmocka_unit_test(a_directory_that_is_gone_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
