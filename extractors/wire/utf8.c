/* UTF-8 by the table of RFC 3629 section 4, with a short cut for ASCII; see utf8.h. */
#include "extractors/wire/utf8.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS 0x8080808080808080ULL

/* Length of the run of ASCII at p, 32 bytes at a time: what nearly every message is. */
static size_t ascii_prefix(const unsigned char *p, size_t len)
{
	uint64_t w[4];
	size_t i = 0;

	for (; len - i >= sizeof(w); i += sizeof(w)) {
		memcpy(w, p + i, sizeof(w));
		if ((w[0] | w[1] | w[2] | w[3]) & HIGH_BITS)
			break;
	}
	for (; len - i >= sizeof(w[0]); i += sizeof(w[0])) {
		memcpy(w, p + i, sizeof(w[0]));
		if (w[0] & HIGH_BITS)
			break;
	}
	while (i < len && p[i] < 0x80)
		i++;
	return i;
}

/* Length of the sequence at p (2 ... 4), or 0 when there is none. */
static size_t sequence(const unsigned char *p, size_t left)
{
	/* The second byte's range depends on the first: E0, ED, F0 and F4 are the narrow ones. */
	unsigned char low = 0x80, high = 0xBF;
	size_t n;

	if (p[0] >= 0xC2 && p[0] <= 0xDF)
		n = 2;
	else if (p[0] >= 0xE0 && p[0] <= 0xEF)
		n = 3;
	else if (p[0] >= 0xF0 && p[0] <= 0xF4)
		n = 4;
	else
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	if (p[0] == 0xED)
		high = 0x9F;
	if (p[0] == 0xF0)
		low = 0x90;
	if (p[0] == 0xF4)
		high = 0x8F;
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

bool utf8_valid(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0;

	for (;;) {
		size_t n;

		i += ascii_prefix(p + i, len - i);
		if (i == len)
			return true;
		n = sequence(p + i, len - i);
		if (!n)
			return false;
		i += n;
	}
}
