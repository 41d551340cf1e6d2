/* The patterns' row: there and back, absent, beside others' data, locked, damaged. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "extractors/base/clock.h"
#include "extractors/io/patterns_db.h"

static char dir[64], path[80];

static int make_dir(void **state UNUSED)
{
	strcpy(dir, "/tmp/test_patterns.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/app.db", dir);
	return 0;
}

static int remove_file(void **state UNUSED)
{
	unlink(path);
	return 0;
}

static int remove_dir(void **state UNUSED)
{
	return rmdir(dir);
}

static sqlite3 *open_beside(void)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

static void run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static void expect_text(sqlite3 *db, const char *sql, const char *expected)
{
	sqlite3_stmt *st = NULL;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0), expected);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
}

static void save(const char *json)
{
	struct err e = ERR_INIT;

	if (patterns_db_save(path, json, strlen(json), 1795461034278528, &e))
		fail_msg("%s", e.text);
}

static void expect_loaded(const char *expected)
{
	struct buf json = { 0 };
	struct err e = ERR_INIT;

	if (patterns_db_load(path, &json, &e))
		fail_msg("%s", e.text);
	assert_string_equal(buf_str(&json), expected);
	buf_release(&json);
}

static int load_fails_with(void)
{
	struct buf json = { 0 };
	struct err e = ERR_INIT;
	int rc = patterns_db_load(path, &json, &e);

	assert_int_equal(e.code, rc);
	assert_int_equal(json.len, 0);
	if (rc)
		assert_non_null(strstr(e.text, path));
	buf_release(&json);
	return rc;
}

static void patterns_come_back_and_are_replaced(void **state UNUSED)
{
	struct stat st;
	sqlite3 *db;

	save("{\"a\":1}");
	expect_loaded("{\"a\":1}");
	save("{\"a\":\"\xc3\xa4'\"}");
	expect_loaded("{\"a\":\"\xc3\xa4'\"}");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	db = open_beside();
	expect_text(db, "SELECT count(*) FROM config", "1");
	expect_text(db, "SELECT updated_at FROM config WHERE key = 'app_patterns'",
		    "2026-11-23 19:10:34");
	expect_text(db, "SELECT datetime(updated_at) FROM config", "2026-11-23 19:10:34");
	expect_text(db, "SELECT typeof(value) FROM config", "text");
	sqlite3_close(db);
}

static void what_is_absent_is_enoent(void **state UNUSED)
{
	sqlite3 *db;

	assert_int_equal(load_fails_with(), -ENOENT); /* no file, and none is made */
	assert_int_equal(access(path, F_OK), -1);
	db = open_beside();
	run_sql(db, "CREATE TABLE other(x)");
	assert_int_equal(load_fails_with(), -ENOENT);
	run_sql(db, "CREATE TABLE config(key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP)");
	assert_int_equal(load_fails_with(), -ENOENT);
	run_sql(db, "INSERT INTO config VALUES('app_patterns', NULL, NULL)");
	assert_int_equal(load_fails_with(), -ENOENT);
	sqlite3_close(db);
}

static void other_rows_and_tables_are_left_alone(void **state UNUSED)
{
	sqlite3 *db = open_beside();

	run_sql(db, "CREATE TABLE config(key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP);"
		    "INSERT INTO config VALUES('theme', 'dark', '2020-01-01 00:00:00');"
		    "CREATE TABLE models(id INTEGER, blob BLOB);"
		    "INSERT INTO models VALUES(1, x'00ff')");
	save("{}");
	save("{\"b\":2}");
	expect_loaded("{\"b\":2}");
	expect_text(db, "SELECT value || updated_at FROM config WHERE key = 'theme'",
		    "dark2020-01-01 00:00:00");
	expect_text(db, "SELECT hex(blob) FROM models", "00FF");
	sqlite3_close(db);
}

static void a_locked_database_is_not_waited_for_long(void **state UNUSED)
{
	struct err e = ERR_INIT;
	int64_t start_ns;
	sqlite3 *db;

	save("{}");
	db = open_beside();
	run_sql(db, "BEGIN EXCLUSIVE");
	start_ns = clock_mono_ns();
	assert_int_equal(patterns_db_save(path, "{}", 2, 0, &e) ? e.code : 0, -EBUSY);
	assert_true(clock_mono_ns() - start_ns < NS_PER_S / 2);
	start_ns = clock_mono_ns();
	assert_int_equal(load_fails_with(), -EBUSY);
	assert_in_range(clock_mono_ns() - start_ns, NS_PER_S * 8 / 10, 3 * NS_PER_S);
	run_sql(db, "COMMIT");
	sqlite3_close(db);
	expect_loaded("{}");
}

static void damage_is_an_error_and_no_more(void **state UNUSED)
{
	static const struct {
		long from, len; /* what is overwritten, from the start of the file */
	} rows[] = { { 0, 16 },	    { 0, 100 },	    { 16, 84 },
		     { 100, 4000 }, { 0, 1 << 20 }, { 4096, 4096 } };
	struct buf big = { 0 };

	for (int i = 0; i < 3000; i++)
		buf_printf(&big, "%d,", i);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf json = { 0 };
		struct err e = ERR_INIT;
		FILE *f;
		int rc;

		unlink(path);
		save(buf_str(&big));
		f = fopen(path, "r+");
		fseek(f, rows[i].from, SEEK_SET);
		for (long k = 0; k < rows[i].len; k++)
			fputc((int)(k * 37 + 11) & 0xff, f);
		fclose(f);
		rc = patterns_db_load(path, &json, &e);
		assert_true(rc < 0 && e.code == rc);
		err_reset(&e);
		rc = patterns_db_save(path, "{}", 2, 0, &e);
		if (rows[i].from == 0) /* else there is room beside the damage */
			assert_true(rc < 0 && e.code);
		buf_release(&json);
	}
	buf_release(&big);
}

static void an_impossible_path_is_an_error_that_names_it(void **state UNUSED)
{
	struct err e = ERR_INIT;

	assert_int_equal(patterns_db_save("/nonexistent/x.db", "{}", 2, 0, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/x.db"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(patterns_come_back_and_are_replaced, remove_file),
		cmocka_unit_test_teardown(what_is_absent_is_enoent, remove_file),
		cmocka_unit_test_teardown(other_rows_and_tables_are_left_alone, remove_file),
		cmocka_unit_test_teardown(a_locked_database_is_not_waited_for_long, remove_file),
		cmocka_unit_test_teardown(damage_is_an_error_and_no_more, remove_file),
		cmocka_unit_test(an_impossible_path_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
