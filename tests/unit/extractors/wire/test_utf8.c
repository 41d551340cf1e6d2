/* Valid UTF-8 by RFC 3629, against a decoder that works by code points instead of byte ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "extractors/wire/utf8.h"

/* A copy of exact size: a read behind its end is seen by the sanitizer. */
static bool valid(const char *s, size_t len)
{
	char *copy = malloc(len ? len : 1);
	bool ok;

	memcpy(copy, s, len);
	ok = utf8_valid(copy, len);
	free(copy);
	return ok;
}

static void sequences_are_told_apart_by_the_rfcs_table(void **state UNUSED)
{
	static const struct {
		const char *s;
		bool ok;
	} rows[] = {
		{ "", true },
		{ "plain ASCII, longer than a word", true },
		{ "\x7f", true },
		{ "\xc2\x80", true },
		{ "\xdf\xbf", true },
		{ "\xe0\xa0\x80", true },
		{ "\xed\x9f\xbf", true },
		{ "\xee\x80\x80", true },
		{ "\xef\xbf\xbf", true },
		{ "\xf0\x90\x80\x80", true },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\x80", false },
		{ "\xbf", false },
		{ "\xc0\x80", false }, /* overlong NUL */
		{ "\xc1\xbf", false },
		{ "\xe0\x9f\xbf", false }, /* overlong */
		{ "\xed\xa0\x80", false }, /* surrogates */
		{ "\xed\xbf\xbf", false },
		{ "\xf0\x8f\xbf\xbf", false }, /* overlong */
		{ "\xf4\x90\x80\x80", false }, /* above U+10FFFF */
		{ "\xf5\x80\x80\x80", false },
		{ "\xfe", false },
		{ "\xff", false },
		{ "\xc3", false }, /* cut off */
		{ "\xe2\x82", false },
		{ "\xf0\x9f\x98", false },
		{ "\xc3(", false },
		{ "\xe2\x28\xa1", false },
		{ "\xe2\x82\x28", false },
		{ "\xf0\x9f\x98(", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (valid(rows[i].s, strlen(rows[i].s)) != rows[i].ok)
			fail_msg("row %zu", i);
	assert_true(valid("a\0b", 3));
}

/* The fast steps take 32 and 8 bytes: a bad byte must be found at every place of every length. */
static void a_bad_byte_is_found_wherever_it_stands(void **state UNUSED)
{
	char text[100];

	memset(text, 'a', sizeof(text));
	for (size_t len = 0; len <= sizeof(text); len++) {
		assert_true(valid(text, len));
		for (size_t i = 0; i < len; i++) {
			text[i] = (char)0xff;
			assert_false(valid(text, len));
			text[i] = 'a';
		}
		for (size_t i = 0; i + 1 < len; i++) {
			memcpy(text + i, "\xc3\xa9", 2);
			assert_true(valid(text, len));
			memcpy(text + i, "aa", 2);
		}
	}
}

/* Length of the sequence at p, by decoding it and looking at the number that comes out. */
static size_t decode(const unsigned char *p, size_t left)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int cp;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >> 5 == 6)
		n = 2;
	else if (p[0] >> 4 == 14)
		n = 3;
	else if (p[0] >> 3 == 30)
		n = 4;
	else
		return 0;
	if (left < n)
		return 0;
	cp = p[0] & (0x7FU >> n);
	for (size_t i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		cp = cp << 6 | (p[i] & 0x3FU);
	}
	return cp < least[n] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF) ? 0 : n;
}

static bool reference(const unsigned char *p, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = decode(p + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

static void every_pair_of_bytes_is_judged_like_by_the_reference(void **state UNUSED)
{
	for (unsigned int i = 0; i < 65536; i++) {
		unsigned char s[2] = { (unsigned char)(i >> 8), (unsigned char)i };

		assert_true(utf8_valid((const char *)s, 2) == reference(s, 2));
	}
}

static void random_texts_of_edge_bytes_are_judged_like_by_the_reference(void **state UNUSED)
{
	/* The ends of every range in the RFC's table, and ASCII. */
	static const unsigned char edges[] = { 0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
					       0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
					       0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF };
	struct rng rng;
	int ok = 0;

	rng_init(&rng, 8, 0);
	for (int i = 0; i < 2000000; i++) {
		unsigned char s[5];
		size_t len = 1 + (size_t)rng_below(&rng, sizeof(s));

		for (size_t k = 0; k < len; k++)
			s[k] = edges[rng_below(&rng, sizeof(edges))];
		assert_true(utf8_valid((const char *)s, len) == reference(s, len));
		ok += reference(s, len);
	}
	assert_in_range(ok, 10000, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_are_told_apart_by_the_rfcs_table),
		cmocka_unit_test(a_bad_byte_is_found_wherever_it_stands),
		cmocka_unit_test(every_pair_of_bytes_is_judged_like_by_the_reference),
		cmocka_unit_test(random_texts_of_edge_bytes_are_judged_like_by_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
