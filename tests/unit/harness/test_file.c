/* Whole small files: bounded, owner-only, errors that name the path. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/file.h"
#include "harness/tempdir.h"

static void what_is_written_is_read_and_private(void **state UNUSED)
{
	struct tempdir t;
	struct err e = ERR_INIT;
	struct buf b = { 0 };
	char path[128];
	struct stat st;

	assert_int_equal(tempdir_make(&t, "file", &e), 0);
	snprintf(path, sizeof(path), "%s/a", t.path);
	assert_int_equal(file_write(path, "hello", 5, &e), 0);
	assert_int_equal(file_write(path, "hi\n", 3, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_add_str(&b, "x");
	assert_int_equal(file_read(path, 3, &b, &e), 0);
	assert_string_equal(buf_str(&b), "xhi\n");
	assert_int_equal(file_read(path, 2, &b, &e), -EFBIG);
	assert_non_null(strstr(e.text, "larger than 2 bytes"));
	buf_release(&b);
	assert_int_equal(tempdir_remove(&t, NULL), 0);
}

static void a_replaced_file_is_whole_and_leaves_nothing_beside_it(void **state UNUSED)
{
	static const char *const texts[] = { "first, and longer", "second" };
	struct tempdir t;
	struct err e = ERR_INIT;
	struct buf text = { 0 };
	char path[128];

	assert_int_equal(tempdir_make(&t, "file", &e), 0);
	snprintf(path, sizeof(path), "%s/a", t.path);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		buf_reset(&text);
		buf_add_str(&text, texts[i]);
		assert_int_equal(file_replace(t.path, "a", &text, &e), 0);
		buf_reset(&text);
		assert_int_equal(file_read(path, 100, &text, &e), 0);
		assert_string_equal(buf_str(&text), texts[i]);
	}
	snprintf(path, sizeof(path), "%s/.a.new", t.path);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/none", t.path);
	assert_int_equal(file_replace(path, "a", &text, &e), -ENOENT);
	assert_non_null(strstr(e.text, "none/a: "));
	buf_release(&text);
	assert_int_equal(tempdir_remove(&t, NULL), 0);
}

static void a_link_is_not_written_through(void **state UNUSED)
{
	struct tempdir t;
	struct err e = ERR_INIT;
	char path[128], target[128];

	assert_int_equal(tempdir_make(&t, "file", &e), 0);
	snprintf(path, sizeof(path), "%s/link", t.path);
	snprintf(target, sizeof(target), "%s/target", t.path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(file_write(path, "x", 1, &e), -ELOOP);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(tempdir_remove(&t, NULL), 0);
}

static void a_file_is_put_where_the_path_says(void **state UNUSED)
{
	struct tempdir t;
	struct err e = ERR_INIT;
	struct buf first = { 0 }, second = { 0 }, b = { 0 };
	char path[128], other[128];
	struct stat st;

	buf_add_str(&first, "first");
	buf_add_str(&second, "2nd");
	assert_int_equal(tempdir_make(&t, "file", &e), 0);
	snprintf(path, sizeof(path), "%s/a/b/c.txt", t.path);
	snprintf(other, sizeof(other), "%s/a/other", t.path);
	assert_int_equal(file_put(path, &first, &e), 0);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(file_put(path, &second, &e), 0);
	assert_int_equal(file_read(path, 10, &b, &e), 0);
	assert_string_equal(buf_str(&b), "2nd");
	buf_reset(&b);
	assert_int_equal(file_read(other, 10, &b, &e),
			 0); /* who had it open still has the old one */
	assert_string_equal(buf_str(&b), "first");
	/* a device is written to, not replaced by a file */
	assert_int_equal(file_put("/dev/null", &first, &e), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(file_put(t.path, &first, &e), -EISDIR);
	err_reset(&e);
	snprintf(path, sizeof(path), "%s/a/new/", t.path);
	assert_int_equal(file_put(path, &first, &e), -EISDIR);
	err_reset(&e);
	snprintf(path, sizeof(path), "%s/a/other/d", t.path); /* below a file */
	assert_true(file_put(path, &first, &e) < 0);
	assert_non_null(strstr(e.text, "other"));
	buf_release(&first);
	buf_release(&second);
	buf_release(&b);
	assert_int_equal(tempdir_remove(&t, NULL), 0);
}

static void what_is_in_a_folder_is_there(void **state UNUSED)
{
	assert_true(file_is_in("/dev", "null"));
	assert_false(file_is_in("/dev", "nonexistent"));
	assert_false(file_is_in("/nonexistent", "null"));
}

static void a_missing_file_is_named(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct buf b = { 0 };

	assert_int_equal(file_read("/nonexistent", 10, &b, &e), -ENOENT);
	assert_string_equal(e.text, "/nonexistent: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_and_private),
		cmocka_unit_test(a_replaced_file_is_whole_and_leaves_nothing_beside_it),
		cmocka_unit_test(a_link_is_not_written_through),
		cmocka_unit_test(a_file_is_put_where_the_path_says),
		cmocka_unit_test(what_is_in_a_folder_is_there),
		cmocka_unit_test(a_missing_file_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
