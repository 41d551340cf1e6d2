/*
 * Whole small files in and out: configuration, /proc, /sys.
 *
 * Bounded: a file larger than the caller allows is an error, never cut silently.
 * Ownership: the buffer is the caller's.  Errors name the path.
 */
#ifndef HARNESS_FILE_H
#define HARNESS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

/* Is there a dir/name, whatever it is? */
bool file_is_in(const char *dir, const char *name);
/* Append the file's bytes to *out.  -EFBIG when it has more than max_bytes. */
int file_read(const char *path, size_t max_bytes, struct buf *out, struct err *e) MUST_CHECK;
/* Create or replace a file that only its owner can read. */
int file_write(const char *path, const char *text, size_t len, struct err *e) MUST_CHECK;
/*
 * Create or replace dir/name, readable as umask says.  It is written beside its place and
 * renamed, so that a kill leaves the old or the new one whole.
 */
int file_replace(const char *dir, const char *name, const struct buf *text,
		 struct err *e) MUST_CHECK;
/*
 * The same with one path, as a user names it: missing folders are made, and what is there and
 * no regular file (a pipe, a device) is written to as it is, for renaming would replace it.
 */
int file_put(const char *path, const struct buf *text, struct err *e) MUST_CHECK;

#endif
