/* SHA-256 against the examples of FIPS 180-4 (NIST, "Cryptographic Standards: SHA-256"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/sha256.h"

static void examples_of_the_standard_come_out(void **state UNUSED)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	char hex[SHA256_HEX_LEN + 1], *million = malloc(1000000);
	struct err e = ERR_INIT;

	assert_non_null(million);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(sha256_hex(rows[i].text, strlen(rows[i].text), hex, &e), 0);
		assert_string_equal(hex, rows[i].expected);
	}
	memset(million, 'a', 1000000);
	assert_int_equal(sha256_hex(million, 1000000, hex, &e), 0);
	assert_string_equal(hex,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(examples_of_the_standard_come_out) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
