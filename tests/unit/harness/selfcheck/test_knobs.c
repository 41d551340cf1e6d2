/* Known amounts of work, as far as they can be told without a clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/selfcheck/knobs.h"

static long minor_faults(void)
{
	struct rusage ru;

	assert_int_equal(getrusage(RUSAGE_SELF, &ru), 0);
	return ru.ru_minflt;
}

static void every_nth_event_is_skipped(void **state UNUSED)
{
	struct knobs k = { .skip_every = 3 };
	struct knobs_state s;

	assert_int_equal(knobs_start(&s, &k), 0);
	for (int i = 1; i <= 9; i++)
		assert_int_equal(knobs_event(&s, &k), i % 3 != 0);
	assert_int_equal(s.events, 9);
	close(s.null_fd);
}

static void pages_are_touched_once_at_their_event(void **state UNUSED)
{
	struct knobs k = { .pages_at = 2, .pages = 500 };
	struct knobs_state s;
	long before, first, second;

	assert_int_equal(knobs_start(&s, &k), 0);
	before = minor_faults();
	assert_true(knobs_event(&s, &k));
	first = minor_faults();
	assert_true(knobs_event(&s, &k));
	second = minor_faults();
	/* A few for the calls themselves, and a sanitizer touches its own beside them. */
	assert_in_range(first - before, 0, 20);
	assert_in_range(second - first, 500, 600);
	close(s.null_fd);
}

static void a_leak_makes_good_what_a_late_tick_left(void **state UNUSED)
{
	struct knobs k = { .leak_bytes = 4096 * 100 };
	struct knobs_state s;

	assert_int_equal(knobs_start(&s, &k), 0);
	s.started_ns = clock_mono_ns() - 2 * NS_PER_S; /* as if no tick had come for 2 s */
	knobs_tick(&s, &k);
	assert_true(s.leaked_bytes >= 2 * k.leak_bytes);
	close(s.null_fd);
}

static void who_leaks_or_burns_wakes_up_for_it(void **state UNUSED)
{
	assert_true(knobs_tick_hz(&(struct knobs){ 0 }) == 0);
	assert_true(knobs_tick_hz(&(struct knobs){ .tick_hz = 7 }) == 7);
	assert_true(knobs_tick_hz(&(struct knobs){ .leak_bytes = 1 }) > 0);
	assert_true(knobs_tick_hz(&(struct knobs){ .busy_frac = 0.1 }) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_nth_event_is_skipped),
		cmocka_unit_test(pages_are_touched_once_at_their_event),
		cmocka_unit_test(a_leak_makes_good_what_a_late_tick_left),
		cmocka_unit_test(who_leaks_or_burns_wakes_up_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
