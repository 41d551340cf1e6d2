/* Slicing-by-8; see crc32.h. */
#include "extractors/io/crc32.h"

/* table[k][b]: the remainder of byte b followed by k zero bytes. */
static uint32_t table[8][256];

static void build_table(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t r = b;

		for (int bit = 0; bit < 8; bit++)
			r = r & 1 ? r >> 1 ^ 0xEDB88320U : r >> 1;
		table[0][b] = r;
	}
	for (uint32_t b = 0; b < 256; b++)
		for (int k = 1; k < 8; k++)
			table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xff];
}

static uint32_t load_le32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t crc32_of(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint32_t r = ~0U;

	if (!table[0][1])
		build_table();
	for (; len >= 8; len -= 8, p += 8) {
		uint32_t lo = r ^ load_le32(p), hi = load_le32(p + 4);

		r = table[7][lo & 0xff] ^ table[6][lo >> 8 & 0xff] ^ table[5][lo >> 16 & 0xff] ^
		    table[4][lo >> 24] ^ table[3][hi & 0xff] ^ table[2][hi >> 8 & 0xff] ^
		    table[1][hi >> 16 & 0xff] ^ table[0][hi >> 24];
	}
	while (len--)
		r = r >> 8 ^ table[0][(r ^ *p++) & 0xff];
	return ~r;
}
