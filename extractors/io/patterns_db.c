/* One row of one table; see patterns_db.h. */
#include "extractors/io/patterns_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include <sqlite3.h>

#include "extractors/base/clock.h"
#include "extractors/io/dynlib.h"

/* A save holds up the live loop; a load comes before it, and may wait for a writer to end. */
#define SAVE_BUSY_MS 20
#define LOAD_BUSY_MS 1000

struct sqlite_table {
	int (*open_v2)(const char *, sqlite3 **, int, const char *);
	int (*close_v2)(sqlite3 *);
	const char *(*errmsg)(sqlite3 *);
	int (*busy_timeout)(sqlite3 *, int);
	int (*exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *,
		    char **);
	int (*prepare_v2)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
	int (*bind_text)(sqlite3_stmt *, int, const char *, int, void (*)(void *));
	int (*step)(sqlite3_stmt *);
	int (*finalize)(sqlite3_stmt *);
	const unsigned char *(*column_text)(sqlite3_stmt *, int);
	int (*column_bytes)(sqlite3_stmt *, int);
};

#define SYMBOL(field) DYNLIB_SYMBOL(sqlite_table, field, "sqlite3_" #field)
static const struct dynlib_symbol symbols[] = {
	SYMBOL(open_v2),  SYMBOL(close_v2),    SYMBOL(errmsg),	     SYMBOL(busy_timeout),
	SYMBOL(exec),	  SYMBOL(prepare_v2),  SYMBOL(bind_text),    SYMBOL(step),
	SYMBOL(finalize), SYMBOL(column_text), SYMBOL(column_bytes),
};

static struct sqlite_table sqlite;

/*
 * NORMAL, not OFF: other programs keep their tables in this file, and without any
 * sync a power failure could damage theirs.  The price is a loop that stands still
 * for as long as the disk takes, once a minute at most.
 */
static const char create_sql[] = "PRAGMA synchronous=NORMAL;"
				 "CREATE TABLE IF NOT EXISTS config("
				 "key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP)";
static const char save_sql[] =
	"INSERT INTO config(key, value, updated_at) VALUES('app_patterns', ?1, ?2) "
	"ON CONFLICT(key) DO UPDATE SET value = ?1, updated_at = ?2";
static const char table_sql[] =
	"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'config'";
static const char load_sql[] = "SELECT value FROM config WHERE key = 'app_patterns'";

static int load_library(struct err *e)
{
	struct sqlite_table t;
	int rc;

	if (sqlite.open_v2)
		return 0;
	rc = dynlib_load("libsqlite3.so.0", symbols, ARRAY_SIZE(symbols), &t, e);
	if (!rc)
		sqlite = t;
	return rc;
}

static int fail(sqlite3 *db, const char *path, int code, struct err *e)
{
	int primary = code & 0xff;

	return err_set(e, primary == SQLITE_BUSY || primary == SQLITE_LOCKED ? -EBUSY : -EIO,
		       "%s: %s", path, db ? sqlite.errmsg(db) : "out of memory");
}

static int open_db(const char *path, int flags, int busy_ms, sqlite3 **db, struct err *e)
{
	int rc = load_library(e);

	if (rc)
		return rc;
	rc = sqlite.open_v2(path, db, flags, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite.busy_timeout(*db, busy_ms);
	return rc == SQLITE_OK ? 0 : fail(*db, path, rc, e);
}

/* sqlite would create it readable for everybody; which programs one uses is private. */
static int create_private(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

static int store(sqlite3 *db, const char *path, const char *json, size_t len, int64_t wall_us,
		 struct err *e)
{
	char when[CLOCK_ISO_MAX];
	sqlite3_stmt *st = NULL;
	int rc;

	clock_format_iso(when, wall_us - wall_us % US_PER_S);
	when[10] = ' '; /* 2026-11-23T19:10:34+00:00 */
	when[19] = '\0';
	rc = sqlite.exec(db, create_sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite.prepare_v2(db, save_sql, -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite.bind_text(st, 1, json, (int)len, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite.bind_text(st, 2, when, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite.step(st);
	if (rc != SQLITE_DONE)
		fail(db, path, rc, e);
	sqlite.finalize(st);
	return rc == SQLITE_DONE ? 0 : -EIO;
}

int patterns_db_save(const char *path, const char *json, size_t len, int64_t wall_us, struct err *e)
{
	sqlite3 *db = NULL;
	int rc;

	if (len > PATTERNS_JSON_MAX)
		return err_set(e, -EFBIG, "%s: patterns of %zu bytes are too long", path, len);
	rc = create_private(path, e);
	if (!rc)
		rc = open_db(path, SQLITE_OPEN_READWRITE, SAVE_BUSY_MS, &db, e);
	if (!rc)
		rc = store(db, path, json, len, wall_us, e);
	if (db)
		sqlite.close_v2(db);
	return rc;
}

/* One row, one column: 1 with the statement on the row, 0 without a row, else negative errno. */
static int first_row(sqlite3 *db, const char *path, const char *sql, sqlite3_stmt **st,
		     struct err *e)
{
	int rc = sqlite.prepare_v2(db, sql, -1, st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite.step(*st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return rc == SQLITE_ROW;
	return fail(db, path, rc, e);
}

static int has_table(sqlite3 *db, const char *path, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = first_row(db, path, table_sql, &st, e);

	sqlite.finalize(st);
	return rc;
}

static int fetch(sqlite3 *db, const char *path, struct buf *json, struct err *e)
{
	sqlite3_stmt *st = NULL;
	const unsigned char *text;
	int rc, len;

	rc = has_table(db, path, e);
	if (rc > 0)
		rc = first_row(db, path, load_sql, &st, e);
	if (rc > 0) {
		rc = 0;
		text = sqlite.column_text(st, 0); /* before the length: it may convert */
		len = sqlite.column_bytes(st, 0);
		if (!text)
			rc = err_set(e, -ENOENT, "%s: the patterns are NULL", path);
		else if (len < 0 || (unsigned int)len > PATTERNS_JSON_MAX)
			rc = err_set(e, -EFBIG, "%s: the patterns are too long", path);
		else
			buf_add(json, text, (size_t)len);
	} else if (!rc) {
		rc = err_set(e, -ENOENT, "%s: holds no patterns", path);
	}
	sqlite.finalize(st);
	return rc;
}

int patterns_db_load(const char *path, struct buf *json, struct err *e)
{
	sqlite3 *db = NULL;
	int rc;

	if (access(path, F_OK))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	rc = open_db(path, SQLITE_OPEN_READONLY, LOAD_BUSY_MS, &db, e);
	if (!rc)
		rc = fetch(db, path, json, e);
	if (db)
		sqlite.close_v2(db);
	return rc;
}
