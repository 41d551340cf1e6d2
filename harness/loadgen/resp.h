/*
 * What Redis answers: one reply or push of RESP2 out of a byte stream.
 *
 * Only what a publisher and a subscriber meet: no arrays within arrays, at most
 * RESP_ITEMS_MAX elements, bulk strings up to RESP_BULK_MAX.
 * Source: redis.io, "RESP protocol specification".
 * Pure, no allocation; texts point into the bytes given.
 */
#ifndef LOADGEN_RESP_H
#define LOADGEN_RESP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "extractors/base/compiler.h"
#include "extractors/wire/event.h"

#define RESP_ITEMS_MAX 4 /* pmessage, pattern, channel, payload */
#define RESP_BULK_MAX  (1 << 20)

struct resp_item {
	char type;	  /* '+' text, '-' error, ':' integer, '$' bulk (text.p NULL: nil) */
	struct span text; /* without CRLF */
	int64_t integer;
};

struct resp {
	char type; /* '*', or that of the only item */
	size_t n;
	struct resp_item items[RESP_ITEMS_MAX];
};

/* Bytes taken (> 0), 0: there must be more bytes, -EPROTO: this is not RESP. */
ssize_t resp_parse(const char *p, size_t len, struct resp *out) MUST_CHECK;
/* Is the item a string with this text? */
bool resp_text_is(const struct resp_item *item, const char *text);

/* Append a command of strings, as Redis wants it. */
void resp_add_command(struct buf *out, int argc, const char *const *argv);

#endif
