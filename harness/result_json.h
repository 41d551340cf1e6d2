/*
 * results.json: a struct result as text, and back.
 *
 * Field tables in result_json.c name each member once, for writing and reading
 * alike.  Doubles are written so that they read back as the same double; NaN is null.  Pure:
 * the files are the caller's.
 */
#ifndef HARNESS_RESULT_JSON_H
#define HARNESS_RESULT_JSON_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/result.h"

void result_write_json(const struct result *r, struct buf *out);
/* -EINVAL with what is wrong with the text.  *r is filled from empty; release it in either case. */
int result_read_json(struct result *r, const char *text, size_t len, struct err *e) MUST_CHECK;

#endif
