#include "extractors/feature/ring.h"
#include "tests/unit/extractors/feature/feature_tests.h"

static const size_t widths[] = { sizeof(double), sizeof(uint32_t) };

static void push(struct ring *r, uint32_t v)
{
	size_t at = ring_push(r);

	((double *)r->col[0])[at] = v;
	((uint32_t *)r->col[1])[at] = v;
}

/* The values from oldest to newest are from ... from + n - 1, in both columns. */
static void assert_holds(const struct ring *r, uint32_t from, size_t n)
{
	struct ring_run runs[2];
	uint32_t want = from;

	ring_runs(r, runs);
	assert_int_equal(runs[0].len + runs[1].len, n);
	for (int k = 0; k < 2; k++)
		for (size_t i = runs[k].from; i < runs[k].from + runs[k].len; i++, want++) {
			assert_int_equal(((uint32_t *)r->col[1])[i], want);
			assert_true(((double *)r->col[0])[i] == want);
		}
}

static void the_last_max_events_are_kept_in_order(void **state UNUSED)
{
	static const size_t maxima[] = { 1, 2, 63, 64, 65, 100, 1000 };

	for (size_t k = 0; k < sizeof(maxima) / sizeof(*maxima); k++) {
		size_t max = maxima[k];
		struct ring r;

		ring_init(&r, max, widths, 2);
		assert_holds(&r, 0, 0);
		for (uint32_t i = 0; i < 3 * max + 1; i++) {
			size_t n = i + 1 < max ? i + 1 : max;

			assert_int_equal(ring_full(&r), i >= max);
			push(&r, i);
			assert_holds(&r, (uint32_t)(i + 1 - n), n);
			assert_int_equal(r.evicted, i + 1 - n);
		}
		ring_release(&r);
	}
}

static void memory_grows_with_the_events_and_not_beyond_max(void **state UNUSED)
{
	struct ring r;

	ring_init(&r, 50000, widths, 2);
	assert_int_equal(r.cap, 0);
	for (uint32_t i = 0; i < 100; i++)
		push(&r, i);
	assert_in_range(r.cap, 100, 200);
	for (uint32_t i = 100; i < 120000; i++)
		push(&r, i);
	assert_int_equal(r.cap, 50000);
	assert_holds(&r, 70000, 50000);
	ring_release(&r);
}

static void the_next_position_holds_the_oldest_when_full(void **state UNUSED)
{
	struct ring r;

	ring_init(&r, 3, widths, 2);
	for (uint32_t i = 0; i < 10; i++) {
		if (ring_full(&r))
			assert_int_equal(((uint32_t *)r.col[1])[r.next], i - 3);
		push(&r, i);
	}
	ring_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_max_events_are_kept_in_order),
		cmocka_unit_test(memory_grows_with_the_events_and_not_beyond_max),
		cmocka_unit_test(the_next_position_holds_the_oldest_when_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
