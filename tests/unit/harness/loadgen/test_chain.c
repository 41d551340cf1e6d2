/* Deliveries over the borders of plans: nothing is lost between two of them, and what is, is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/loadgen/chain.h"

#define PLANS 3
#define N     500

static struct plan *plans[PLANS];

static int make_plans(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 15, 60, 1 }, .rate_hz = 1000, .count = N };

	for (int i = 0; i < PLANS; i++) {
		struct plan_spec spec = { .seed = (uint64_t)i + 1,
					  .base_wall_us = PLAN_BASE_MIN_US + i * 1000000,
					  .lanes = &lane,
					  .n_lanes = 1 };

		if (plan_build(&plans[i], &spec, NULL))
			return -1;
	}
	return 0;
}

static int drop_plans(void **state UNUSED)
{
	for (int i = 0; i < PLANS; i++)
		plan_free(plans[i]);
	return 0;
}

static void add_push(struct buf *b, int plan, size_t i)
{
	char bulk[PLAN_BULK_MAX];
	size_t len = plan_render(plans[plan], i, bulk);

	buf_add_str(b, PLAN_MESSAGE);
	buf_add(b, bulk, len);
}

/* Valid until the next one. */
static struct span message(const struct plan *p, size_t i)
{
	static char scratch[PLAN_BULK_MAX];

	return plan_message(p, i, scratch);
}

static void start(struct chain *c)
{
	*c = (struct chain){ 0 };
	chain_add(c, plans[0]);
	chain_add(c, plans[1]);
}

static void one_read_may_hold_the_end_of_a_plan_and_the_beginning_of_the_next(void **state UNUSED)
{
	struct buf b = { 0 };
	struct chain c;

	start(&c);
	for (size_t i = 0; i < N; i++)
		add_push(&b, 0, i);
	add_push(&b, 1, 0);
	add_push(&b, 1, 1);
	assert_int_equal(chain_expected(&c, b.data, b.len), b.len);
	assert_int_equal(c.seen, N + 2);
	assert_int_equal(c.received, N + 2);
	assert_int_equal(c.parts[1].seen, 2);
	buf_release(&b);
	chain_release(&c);
}

static void what_the_first_plan_lost_is_known_when_the_next_goes_on(void **state UNUSED)
{
	struct match ended;
	size_t missing;
	struct chain c;

	start(&c);
	for (size_t i = 0; i + 1 < N; i++)
		chain_message(&c, message(plans[0], i));
	for (size_t i = 0; i < N; i++)
		chain_message(&c, message(plans[1], i));
	assert_int_equal(c.seen, 2 * N - 1);
	assert_int_equal(c.unknown + c.duplicates + c.order_breaks, 0);
	chain_retire(&c, &ended, &missing);
	assert_int_equal(ended.seen, N - 1);
	assert_int_equal(missing, N - 1);
	chain_retire(&c, &ended, &missing);
	assert_int_equal(ended.seen, N);
	assert_int_equal(missing, MATCH_NONE);
	assert_int_equal(c.seen, 2 * N - 1); /* the sums outlive the plans */
	chain_release(&c);
}

static void plans_can_be_added_and_retired_without_an_end(void **state UNUSED)
{
	struct match ended;
	size_t missing;
	struct chain c;

	start(&c);
	for (int round = 0; round < 9; round++) {
		struct buf b = { 0 };

		for (size_t i = 0; i < N; i++)
			add_push(&b, round % PLANS, i);
		assert_int_equal(chain_expected(&c, b.data, b.len), b.len);
		buf_release(&b);
		chain_add(&c, plans[(round + 2) % PLANS]);
		chain_retire(&c, &ended, &missing);
		assert_int_equal(ended.seen, N);
	}
	assert_int_equal(c.seen, 9 * N);
	chain_release(&c);
}

static void strangers_and_repeats_are_counted_over_the_border(void **state UNUSED)
{
	struct chain c;

	start(&c);
	for (size_t i = 0; i < N; i++)
		chain_message(&c, message(plans[0], i));
	chain_message(&c, message(plans[1], 0));
	chain_message(&c, message(plans[0], N - 1)); /* again, from the plan before */
	chain_message(&c, message(plans[2], 0));     /* of no plan under way */
	assert_int_equal(c.duplicates, 1);
	assert_int_equal(c.unknown, 1);
	assert_int_equal(c.seen, N + 1);
	chain_message(&c, message(plans[1], 1)); /* and on it goes */
	assert_int_equal(c.seen, N + 2);
	assert_int_equal(c.order_breaks, 0);
	chain_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_read_may_hold_the_end_of_a_plan_and_the_beginning_of_the_next),
		cmocka_unit_test(what_the_first_plan_lost_is_known_when_the_next_goes_on),
		cmocka_unit_test(plans_can_be_added_and_retired_without_an_end),
		cmocka_unit_test(strangers_and_repeats_are_counted_over_the_border),
	};

	return cmocka_run_group_tests(tests, make_plans, drop_plans);
}
