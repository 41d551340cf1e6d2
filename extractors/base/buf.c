/* The growing byte buffer; see buf.h. */
#include "extractors/base/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/decimal.h"
#include "extractors/base/mem.h"

void buf_release(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

char *buf_reserve(struct buf *b, size_t more)
{
	if (unlikely(b->cap - b->len < more)) {
		size_t cap = b->cap ? b->cap * 2 : 256;

		BUG_ON(more > SIZE_MAX / 4 || cap > SIZE_MAX / 4); /* so that no doubling wraps */
		while (cap - b->len < more)
			cap *= 2;
		b->data = mem_realloc(b->data, cap, 1);
		b->cap = cap;
	}
	return b->data + b->len;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	BUG_ON(n < 0);
	va_start(ap, fmt);
	vsnprintf(buf_reserve(b, (size_t)n + 1), (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_add_i64(struct buf *b, int64_t v)
{
	char tmp[24];
	char *p = tmp + sizeof(tmp);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(tmp + sizeof(tmp) - p));
}

void buf_add_double(struct buf *b, double v)
{
	/* Below 2^53 every whole double is exact as an integer; -0.0 would lose its sign. */
	if (fabs(v) < 9007199254740992.0 && v == (double)(int64_t)v && !(v == 0 && signbit(v))) {
		buf_add_i64(b, (int64_t)v);
		return;
	}
	b->len += decimal_write(buf_reserve(b, DECIMAL_MAX), v);
}

void buf_add_json_string(struct buf *b, const char *s, size_t len)
{
	static const char short_forms[32] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
	};
	size_t from = 0;

	buf_add_char(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s + from, i - from);
		from = i + 1;
		if (c >= 0x20)
			buf_printf(b, "\\%c", c);
		else if (short_forms[c])
			buf_printf(b, "\\%c", short_forms[c]);
		else
			buf_printf(b, "\\u%04x", c);
	}
	buf_add(b, s + from, len - from);
	buf_add_char(b, '"');
}

const char *buf_str(struct buf *b)
{
	*buf_reserve(b, 1) = '\0';
	return b->data;
}

void buf_consume(struct buf *b, size_t n)
{
	BUG_ON(n > b->len);
	if (n)
		memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
}
