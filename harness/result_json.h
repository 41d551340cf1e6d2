/*
 * results.json: a struct result as text, and back; and what the text must look like.
 *
 * result_fields.c names each member once, for writing, reading and the schema alike.
 * Doubles are written so that they read back as the same double; NaN is null.  Pure:
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

/* JSON Schema (draft 2020-12) of what result_write_json() writes: reports/results.schema.json. */
void result_write_schema(struct buf *out);

#endif
