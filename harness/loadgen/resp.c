/* A small reader of RESP2; see resp.h. */
#include "harness/loadgen/resp.h"

#include <errno.h>
#include <string.h>

#define LINE_MAX_BYTES 1024 /* Redis cuts its error texts far below */

/* The line that begins at p, without CRLF.  Bytes taken, 0, -EPROTO. */
static ssize_t take_line(const char *p, size_t len, struct span *out)
{
	const char *cr = memchr(p, '\r', len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);

	if (!cr)
		return len < LINE_MAX_BYTES ? 0 : -EPROTO;
	if (cr + 1 == p + len)
		return 0;
	if (cr[1] != '\n')
		return -EPROTO;
	*out = (struct span){ p, (size_t)(cr - p) };
	return cr + 2 - p;
}

static bool parse_integer(struct span s, int64_t *out)
{
	bool negative = s.len && s.p[0] == '-';
	int64_t v = 0;
	size_t i = negative;

	if (s.len - i < 1 || s.len - i > 18)
		return false;
	for (; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = negative ? -v : v;
	return true;
}

static ssize_t take_bulk(const char *p, size_t len, int64_t bulk_len, struct span *out)
{
	size_t want;

	if (bulk_len == -1) {
		*out = (struct span){ NULL, 0 };
		return 0;
	}
	if (bulk_len < 0 || bulk_len > RESP_BULK_MAX)
		return -EPROTO;
	want = (size_t)bulk_len + 2;
	if (len < want)
		return -EAGAIN;
	if (p[want - 2] != '\r' || p[want - 1] != '\n')
		return -EPROTO;
	*out = (struct span){ p, (size_t)bulk_len };
	return (ssize_t)want;
}

static ssize_t take_item(const char *p, size_t len, struct resp_item *item)
{
	struct span line;
	ssize_t n, bulk;

	if (!len)
		return 0;
	n = take_line(p + 1, len - 1, &line);
	if (n <= 0)
		return n;
	*item = (struct resp_item){ .type = p[0], .text = line };
	if (p[0] == '+' || p[0] == '-')
		return n + 1;
	if ((p[0] != ':' && p[0] != '$') || !parse_integer(line, &item->integer))
		return -EPROTO;
	if (p[0] == ':')
		return n + 1;
	bulk = take_bulk(p + 1 + n, len - 1 - (size_t)n, item->integer, &item->text);
	return bulk == -EAGAIN ? 0 : bulk < 0 ? bulk : n + 1 + bulk;
}

ssize_t resp_parse(const char *p, size_t len, struct resp *out)
{
	struct span line;
	int64_t items;
	size_t at;
	ssize_t n;

	if (!len)
		return 0;
	out->type = p[0];
	out->n = 1;
	if (p[0] != '*')
		return take_item(p, len, &out->items[0]);
	n = take_line(p + 1, len - 1, &line);
	if (n <= 0)
		return n;
	if (!parse_integer(line, &items) || items < 1 || items > RESP_ITEMS_MAX)
		return -EPROTO;
	out->n = (size_t)items;
	at = (size_t)n + 1;
	for (size_t i = 0; i < out->n; i++) {
		n = take_item(p + at, len - at, &out->items[i]);
		if (n <= 0)
			return n;
		at += (size_t)n;
	}
	return (ssize_t)at;
}

bool resp_text_is(const struct resp_item *item, const char *text)
{
	return item->text.len == strlen(text) && !memcmp(item->text.p, text, item->text.len);
}

void resp_add_command(struct buf *out, int argc, const char *const *argv)
{
	buf_printf(out, "*%d\r\n", argc);
	for (int i = 0; i < argc; i++)
		buf_printf(out, "$%zu\r\n%s\r\n", strlen(argv[i]), argv[i]);
}
