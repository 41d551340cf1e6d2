/* One text for one signature: whatever ssh-keygen would overlook is refused here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/armor.h"

#define B "-----BEGIN SSH SIGNATURE-----\n"
#define E "-----END SSH SIGNATURE-----\n"

static void only_what_ssh_keygen_writes_is_taken(void **state UNUSED)
{
	static const struct {
		const char *text;
		int expected;
	} rows[] = {
		{ B "U1NIU0lH\nAAAA\n" E, 0 },
		{ B "U1NIU0lH\nAAAAAAAA\n" E, 0 },
		{ B "U1NIAA==\n" E, 0 },
		{ B "U1NIAAA=\n" E, 0 },
		{ B "U1NIAB==\n" E, -EINVAL }, /* idle bits */
		{ B "U1NIAAB=\n" E, -EINVAL },
		{ B "U1NIA===\n" E, -EINVAL },
		{ B "U1N=AAAA\n" E, -EINVAL },
		{ B "U1NIAAA\n" E, -EINVAL },
		{ B "U1NI\nAAAAAAAA\n" E, -EINVAL },
		{ B "U1NIAAAA\n\n" E, -EINVAL },
		{ B "U1NI\nAA==\nAAAA\n" E, -EINVAL },
		{ B "U1NI AAA\n" E, -EINVAL },
		{ B "U1NI\vAAA\n" E, -EINVAL },
		{ B "U1NIAAAA" E, -EINVAL },
		{ B E, -EINVAL },
		{ B "\n" E, -EINVAL },
		{ B "====\n" E, -EINVAL },
		{ B "U1NIAAAA\n" E "\n", -EINVAL },
		{ B "U1NIAAAA\n-----END SSH SIGNATURE-----", -EINVAL },
		{ B "U1NIAAAA\n-----END SSH SIGNATURE-----\v", -EINVAL },
		{ "\n" B "U1NIAAAA\n" E, -EINVAL },
		{ B, -EINVAL },
		{ "", -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;

		if (armor_check(rows[i].text, strlen(rows[i].text), &e) != rows[i].expected)
			fail_msg("row %zu: %s", i, e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
		only_what_ssh_keygen_writes_is_taken) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
