/*
 * Putting a planned message together; see plan.h.
 *
 * The same bytes as event_encode() writes (test_plan.c compares them): the shape's
 * text before the time, 16 digits, the coordinates if they vary, the text behind.
 */
#include <string.h>

#include "harness/loadgen/plan.h"

static const char pairs[201] = "00010203040506070809101112131415161718192021222324"
			       "25262728293031323334353637383940414243444546474849"
			       "50515253545556575859606162636465666768697071727374"
			       "75767778798081828384858687888990919293949596979899";

static void put_eight(char *to, uint32_t v)
{
	uint32_t high = v / 10000, low = v % 10000;

	memcpy(to, pairs + high / 100 * 2, 2);
	memcpy(to + 2, pairs + high % 100 * 2, 2);
	memcpy(to + 4, pairs + low / 100 * 2, 2);
	memcpy(to + 6, pairs + low % 100 * 2, 2);
}

static void put_time(char *to, int64_t ts_us)
{
	put_eight(to, (uint32_t)(ts_us / 100000000));
	put_eight(to + 8, (uint32_t)(ts_us % 100000000));
}

static char *put_number(char *to, size_t v)
{
	char digits[20], *p = digits + sizeof(digits);
	size_t n;

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	n = (size_t)(digits + sizeof(digits) - p);
	memcpy(to, p, n);
	return to + n;
}

static char *put_signed(char *to, int v)
{
	if (v < 0)
		*to++ = '-';
	return put_number(to, v < 0 ? -(size_t)v : (size_t)v);
}

#define X ",\"x\":"
#define Y ",\"y\":"

static char *put_at(char *to, int x, int y)
{
	memcpy(to, X, sizeof(X) - 1);
	to = put_signed(to + sizeof(X) - 1, x);
	memcpy(to, Y, sizeof(Y) - 1);
	return put_signed(to + sizeof(Y) - 1, y);
}

#define SEQ ",\"seq\":"

/* In place of the message's last brace; subjects ignore members they do not know. */
static char *put_seq(char *to, size_t i)
{
	memcpy(to, SEQ, sizeof(SEQ) - 1);
	to = put_number(to + sizeof(SEQ) - 1, i);
	*to = '}';
	return to + 1;
}

/*
 * Nearly all texts are shorter than PLAN_PAD, and a copy of fixed size is a few
 * instructions where one of any size is a call; what it copies too much is written over next.
 */
static void copy_short(char *to, const char *from, size_t len)
{
	memcpy(to, from, PLAN_PAD);
	if (len > PLAN_PAD)
		memcpy(to + PLAN_PAD, from + PLAN_PAD, len - PLAN_PAD);
}

size_t plan_render(const struct plan *p, size_t i, char to[PLAN_BULK_MAX])
{
	const struct plan_entry *en = &p->entries[i];
	const struct plan_shape *s = &p->shapes[en->shape];
	const char *text = p->texts.data + s->text;
	char at[32], seq[32], *out = to;
	size_t at_len = s->has_at ? (size_t)(put_at(at, en->at.x, en->at.y) - at) : 0;
	size_t seq_len = p->with_seq ? (size_t)(put_seq(seq, i) - seq) : 0;
	size_t behind = s->behind - (size_t)(seq_len > 0);

	*out++ = '$';
	out = put_number(out, s->before + PLAN_TS_DIGITS + at_len + behind + seq_len);
	memcpy(out, "\r\n", 2);
	out += 2;
	copy_short(out, text, s->before);
	out += s->before;
	put_time(out, plan_ts_us(p, i));
	out += PLAN_TS_DIGITS;
	memcpy(out, at, sizeof(at));
	out += at_len;
	copy_short(out, text + s->before, behind);
	out += behind;
	memcpy(out, seq, seq_len);
	out += seq_len;
	memcpy(out, "\r\n", 2);
	return (size_t)(out + 2 - to);
}

struct span plan_message_in(const char *bulk, size_t len)
{
	const char *message = (const char *)memchr(bulk, '\n', len) + 1;

	return (struct span){ message, len - 2 - (size_t)(message - bulk) };
}

struct span plan_message(const struct plan *p, size_t i, char scratch[PLAN_BULK_MAX])
{
	return plan_message_in(scratch, plan_render(p, i, scratch));
}
