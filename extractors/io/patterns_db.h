/*
 * The usage patterns of app_tracker in a SQLite database.
 *
 * Source: spec/contract.md, `SQLITE_DB_PATH`: table config(key TEXT PRIMARY KEY,
 * value TEXT, updated_at TIMESTAMP), key `app_patterns`.  Other rows and tables are other
 * programs' and stay as they are.  updated_at is `2026-11-23 19:10:34`, UTC, as
 * SQLite's CURRENT_TIMESTAMP writes it and Python's sqlite3 reads it.
 *
 * libsqlite3 is loaded at first use: only one of three extractors, and only when
 * configured, needs it.  Opened and closed at each call (once a minute), so that nobody else
 * is locked out.  A busy database is waited for: 20 ms by a save, which holds up the live
 * loop, 1 s by a load, which is before it.  A save does not sync to disk: see patterns_db.c.
 * Errors: nothing here ends the process, a damaged database included.
 */
#ifndef IO_PATTERNS_DB_H
#define IO_PATTERNS_DB_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

#define PATTERNS_JSON_MAX (16U << 20) /* bytes; a longer value is not loaded */

/* Insert or replace; database (0600) and table are created when absent. */
int patterns_db_save(const char *path, const char *json, size_t len, int64_t wall_us,
		     struct err *e) MUST_CHECK;

/*
 * Append the stored text to *json.  -ENOENT when there is no database, table or row;
 * -EBUSY, -EIO (damaged, not a database), -EFBIG otherwise.
 */
int patterns_db_load(const char *path, struct buf *json, struct err *e) MUST_CHECK;

#endif
