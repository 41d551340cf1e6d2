/* What a build without clang says: the stubs themselves, compiled into every build's tests. */
#define BPF_MISSING "clang"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/probes/attribution_stub.c"
#include "harness/probes/ebpf_stub.c"

static void everything_is_unavailable_with_the_reason(void **state UNUSED)
{
	struct err e[4] = { ERR_INIT, ERR_INIT, ERR_INIT, ERR_INIT };
	struct attribution *a = NULL;
	struct probe *p = NULL;

	assert_false(ebpf_probe.available(&e[0]));
	assert_int_equal(ebpf_probe.open(&p, getpid(), &e[1]), -ENOTSUP);
	assert_int_equal(ebpf_hold(&e[2]), -ENOTSUP);
	assert_int_equal(attribution_open(&a, getpid(), &e[3]), -ENOTSUP);
	for (int i = 0; i < 4; i++)
		assert_string_equal(e[i].text, "built without clang");
	assert_null(a);
	assert_null(p);
	ebpf_probe.close(NULL);
	attribution_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_unavailable_with_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
