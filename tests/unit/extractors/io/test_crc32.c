/* CRC-32 against published check values and the definition, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/io/crc32.h"

static void check_values_of_the_catalogue(void **state UNUSED)
{
	/* "123456789": the `check` of CRC-32/ISO-HDLC in Cook's catalogue; the others from zlib. */
	static const struct {
		const char *text;
		uint32_t crc;
	} rows[] = {
		{ "", 0 },
		{ "a", 0xe8b7be43 },
		{ "123456789", 0xcbf43926 },
		{ "The quick brown fox jumps over the lazy dog", 0x414fa339 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(crc32_of(rows[i].text, strlen(rows[i].text)), rows[i].crc);
}

static uint32_t bit_by_bit(const unsigned char *p, size_t len)
{
	uint32_t r = ~0U;

	for (size_t i = 0; i < len; i++) {
		r ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			r = r & 1 ? r >> 1 ^ 0xEDB88320U : r >> 1;
	}
	return ~r;
}

static void every_length_and_alignment_is_the_definition(void **state UNUSED)
{
	unsigned char data[96];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 151 + 7);
	for (size_t from = 0; from < 9; from++)
		for (size_t len = 0; from + len <= sizeof(data); len++)
			assert_int_equal(crc32_of(data + from, len), bit_by_bit(data + from, len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_values_of_the_catalogue),
		cmocka_unit_test(every_length_and_alignment_is_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
