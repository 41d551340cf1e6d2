/* Temporary directories: private, and removed without ever going astray. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/tempdir.h"

static void touch(const char *dir, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void make_dir(const char *dir, const char *name, mode_t mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, mode), 0);
}

static bool exists(const char *dir, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !lstat(path, &st);
}

static void a_tree_is_removed_whole(void **state UNUSED)
{
	struct tempdir t;
	struct stat st;

	assert_int_equal(tempdir_make(&t, "bench", NULL), 0);
	assert_int_equal(lstat(t.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	touch(t.path, "a");
	make_dir(t.path, "d", 0755);
	make_dir(t.path, "d/e", 0755);
	touch(t.path, "d/e/f");
	touch(t.path, "d/.hidden");
	assert_int_equal(tempdir_remove(&t, NULL), 0);
	assert_false(exists(t.path, "."));
	assert_int_equal(tempdir_remove(&t, NULL), 0); /* gone already is as wanted */
}

static void a_read_only_directory_does_not_stay(void **state UNUSED)
{
	struct tempdir t;
	char path[256];

	assert_int_equal(tempdir_make(&t, "bench", NULL), 0);
	make_dir(t.path, "d", 0700);
	touch(t.path, "d/f");
	snprintf(path, sizeof(path), "%s/d", t.path);
	assert_int_equal(chmod(path, 0500), 0);
	assert_int_equal(tempdir_remove(&t, NULL), 0);
	assert_false(exists(t.path, "."));
}

static void links_are_removed_and_not_followed(void **state UNUSED)
{
	struct tempdir t, outside;
	char path[256];

	assert_int_equal(tempdir_make(&t, "bench", NULL), 0);
	assert_int_equal(tempdir_make(&outside, "outside", NULL), 0);
	touch(outside.path, "precious");
	snprintf(path, sizeof(path), "%s/link", t.path);
	assert_int_equal(symlink(outside.path, path), 0);
	make_dir(t.path, "d", 0700);
	snprintf(path, sizeof(path), "%s/d/up", t.path);
	assert_int_equal(symlink("../../", path), 0);
	assert_int_equal(tempdir_remove(&t, NULL), 0);
	assert_false(exists(t.path, "."));
	assert_true(exists(outside.path, "precious"));
	assert_int_equal(tempdir_remove(&outside, NULL), 0);
}

static void what_was_put_in_its_place_is_left_alone(void **state UNUSED)
{
	struct tempdir t, other;
	struct err e = ERR_INIT;
	char moved[256];

	assert_int_equal(tempdir_make(&t, "bench", NULL), 0);
	assert_int_equal(tempdir_make(&other, "other", NULL), 0);
	touch(other.path, "precious");
	snprintf(moved, sizeof(moved), "%s-moved", t.path);
	assert_int_equal(rename(t.path, moved), 0);

	/* Another directory, and a link to one. */
	assert_int_equal(rename(other.path, t.path), 0);
	assert_int_equal(tempdir_remove(&t, &e), -ESTALE);
	assert_true(exists(t.path, "precious"));
	assert_int_equal(rename(t.path, other.path), 0);
	assert_int_equal(symlink(other.path, t.path), 0);
	assert_true(tempdir_remove(&t, NULL) < 0);
	assert_true(exists(other.path, "precious"));

	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(rmdir(moved), 0);
	assert_int_equal(tempdir_remove(&other, NULL), 0);
}

static void tmpdir_is_respected_and_bounded(void **state UNUSED)
{
	const char *old = getenv("TMPDIR");
	char *kept = old ? strdup(old) : NULL, longer[200];
	struct tempdir base, t;
	struct err e = ERR_INIT;

	assert_int_equal(tempdir_make(&base, "b", NULL), 0);
	setenv("TMPDIR", base.path, 1);
	assert_int_equal(tempdir_make(&t, "x", NULL), 0);
	assert_memory_equal(t.path, base.path, strlen(base.path));
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	setenv("TMPDIR", longer, 1);
	assert_int_equal(tempdir_make(&t, "x", &e), -ENAMETOOLONG);
	assert_non_null(strstr(e.text, "TMPDIR=aaa"));
	if (kept)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
	assert_int_equal(tempdir_remove(&base, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_removed_whole),
		cmocka_unit_test(a_read_only_directory_does_not_stay),
		cmocka_unit_test(links_are_removed_and_not_followed),
		cmocka_unit_test(what_was_put_in_its_place_is_left_alone),
		cmocka_unit_test(tmpdir_is_respected_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
