/* Hardware counters, where there are some; and what is said where there are none. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/probes/perf.h"
#include "tests/unit/harness/probes/worker.h"

static void a_host_with_counters_counts_and_one_without_says_so(void **state UNUSED)
{
	struct err why = ERR_INIT, e = ERR_INIT;
	struct probe_sample a, b;
	struct worker w = { 0 };
	struct probe *p = NULL;
	int64_t n;

	assert_int_equal(worker_start(&w), 0);
	if (!perf_probe.available(&why)) {
		assert_memory_equal(why.text, "perf: ", 6);
		assert_int_not_equal(perf_probe.open(&p, w.pid, &e), 0);
		assert_string_equal(e.text, why.text);
		assert_null(p);
	} else {
		assert_int_equal(perf_probe.open(&p, w.pid, &e), 0);
		probe_sample_reset(&a);
		assert_int_equal(perf_probe.sample(p, PROBE_ALL, &a), 0);
		assert_true(worker_ask(&w, 't')); /* in a thread that the counters inherit */
		probe_sample_reset(&b);
		assert_int_equal(perf_probe.sample(p, PROBE_ALL, &b), 0);
		for (enum probe_metric m = 0; m < PROBE_METRICS; m++)
			assert_int_equal(PROBE_OF_PERF >> m & 1,
					 probe_has(&b, m) || strcmp(b.reason[m], PROBE_NOT_ASKED));
		if (probe_delta(&a, &b, PROBE_INSTRUCTIONS, &n))
			assert_true(n > 1000000); /* of 100 ms */
		perf_probe.close(p);
	}
	worker_stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_with_counters_counts_and_one_without_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
