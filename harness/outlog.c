/* Bounded memory of a child's output; see outlog.h. */
#include "harness/outlog.h"

#include <string.h>

#define STATS_PREFIX	 "stats "
#define STATS_PREFIX_LEN (sizeof(STATS_PREFIX) - 1)

static void line_done(struct outlog *o, int64_t now_ns)
{
	o->n_lines++;
	if (o->line.len > OUTLOG_LINE_MAX) {
		o->n_overlong++;
	} else if (o->line.len >= STATS_PREFIX_LEN &&
		   !memcmp(o->line.data, STATS_PREFIX, STATS_PREFIX_LEN)) {
		buf_reset(&o->stats);
		buf_add(&o->stats, o->line.data + STATS_PREFIX_LEN, o->line.len - STATS_PREFIX_LEN);
		o->stats_ns = now_ns;
		o->n_stats++;
	}
	buf_reset(&o->line);
}

/* Bytes of one line: beyond the longest that counts, only "too long" is remembered. */
static void line_add(struct outlog *o, const char *data, size_t len)
{
	size_t room = OUTLOG_LINE_MAX + 1 - o->line.len;

	buf_add(&o->line, data, len < room ? len : room);
}

static void tail_add(struct outlog *o, const char *data, size_t len)
{
	if (len > OUTLOG_TAIL) {
		data += len - OUTLOG_TAIL;
		len = OUTLOG_TAIL;
	}
	if (o->tail.len + len > OUTLOG_TAIL)
		buf_consume(&o->tail, o->tail.len + len - OUTLOG_TAIL);
	buf_add(&o->tail, data, len);
}

void outlog_feed(struct outlog *o, const char *data, size_t len, int64_t now_ns)
{
	const char *end = data + len;
	size_t keep = o->keep_max - o->kept.len;

	if (keep > len)
		keep = len;
	buf_add(&o->kept, data, keep);
	o->n_unkept_bytes += len - keep;
	o->n_bytes += len;
	tail_add(o, data, len);
	while (data < end) {
		const char *nl = memchr(data, '\n', (size_t)(end - data));

		line_add(o, data, (size_t)((nl ? nl : end) - data));
		if (!nl)
			break;
		line_done(o, now_ns);
		data = nl + 1;
	}
}

void outlog_end(struct outlog *o, int64_t now_ns)
{
	if (o->line.len)
		line_done(o, now_ns);
}

/* Whatever a program wrote ends on a terminal: no control characters; a line end becomes three bytes. */
static size_t put_byte(char *out, unsigned char c)
{
	if (c == '\n') {
		memcpy(out, " | ", 3);
		return 3;
	}
	*out = c < 0x20 || c == 0x7f ? ' ' : (char)c;
	return 1;
}

void outlog_last_words(const struct outlog *o, char *out, size_t size)
{
	size_t len = o->tail.len, from, need = 1, n = 0;

	while (len && o->tail.data[len - 1] == '\n')
		len--;
	for (from = len; from; from--) {
		need += o->tail.data[from - 1] == '\n' ? 3 : 1;
		if (need > size)
			break;
	}
	for (size_t i = from; i < len; i++)
		n += put_byte(out + n, (unsigned char)o->tail.data[i]);
	out[n] = '\0';
}

void outlog_release(struct outlog *o)
{
	buf_release(&o->tail);
	buf_release(&o->line);
	buf_release(&o->stats);
	buf_release(&o->kept);
}
