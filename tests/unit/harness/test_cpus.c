/* Cores by role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/cpus.h"

static void the_subject_is_alone_as_soon_as_there_are_two_cores(void **state UNUSED)
{
	static const struct {
		int cores;
		const char *expected;
	} rows[] = {
		{ 1, "subject on 0, servers on 0, generator on 0, tap on 0" },
		{ 2, "subject on 1, servers on 0, generator on 0, tap on 0" },
		{ 3, "subject on 2, servers on 1, generator on 0, tap on 0" },
		{ 4, "subject on 3, servers on 2, generator on 1, tap on 0" },
		{ 8, "subject on 7, servers on 6, generator on 5, tap on 4" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf words = { 0 };
		struct cpus c;
		cpu_set_t allowed;

		CPU_ZERO(&allowed);
		for (size_t k = 0; k < (size_t)rows[i].cores; k++)
			CPU_SET(k, &allowed);
		cpus_assign_from(&c, &allowed);
		cpus_write(&c, &words);
		assert_string_equal(buf_str(&words), rows[i].expected);
		buf_release(&words);
	}
}

static void only_allowed_cores_are_used(void **state UNUSED)
{
	struct cpus c;
	cpu_set_t allowed;

	CPU_ZERO(&allowed);
	CPU_SET(3, &allowed);
	CPU_SET(9, &allowed);
	cpus_assign_from(&c, &allowed);
	assert_true(CPU_ISSET(9, &c.subject) && CPU_COUNT(&c.subject) == 1);
	assert_true(CPU_ISSET(3, &c.servers) && CPU_COUNT(&c.servers) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_subject_is_alone_as_soon_as_there_are_two_cores),
		cmocka_unit_test(only_allowed_cores_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
