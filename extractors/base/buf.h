/*
 * A growing byte buffer, and the few ways text is put into it.
 *
 * Ownership: the caller holds the struct (zeroed is empty), buf_release() frees
 * the bytes.  Running out of memory ends the program: no caller could go on sensibly.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "extractors/base/compiler.h"

struct buf {
	char *data; /* not NUL-terminated unless buf_str() was called */
	size_t len, cap;
};

void buf_release(struct buf *b);
/* Room for `more` further bytes; returns where they go. */
char *buf_reserve(struct buf *b, size_t more);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_add_i64(struct buf *b, int64_t v);
/* Shortest of 15, 16 or 17 digits that reads back as the same double; whole numbers without a point. */
void buf_add_double(struct buf *b, double v);
/* A JSON string with its quotes; bytes >= 0x80 stay as they are. */
void buf_add_json_string(struct buf *b, const char *s, size_t len);
/* NUL-terminated view, valid until the next change. */
const char *buf_str(struct buf *b);
/* Drop the first n bytes. */
void buf_consume(struct buf *b, size_t n);

static inline void buf_reset(struct buf *b)
{
	b->len = 0;
}

static inline void buf_add(struct buf *b, const void *p, size_t len)
{
	if (len)
		memcpy(buf_reserve(b, len), p, len);
	b->len += len;
}

static inline void buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void buf_add_char(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->len++;
}

#endif
