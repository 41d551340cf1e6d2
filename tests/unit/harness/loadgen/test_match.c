/* Deliveries against the plan: every kind of fault is found and named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/loadgen/match.h"

#define N 40000

static struct plan *plan;

static int make_plan(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 15, 60, 1 }, .rate_hz = 10000, .count = N };
	const struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };

	return plan_build(&plan, &spec, NULL);
}

static int drop_plan(void **state UNUSED)
{
	plan_free(plan);
	return 0;
}

static void add_push(struct buf *b, size_t i)
{
	char text[PLAN_BULK_MAX];
	struct span bulk = { text, plan_render(plan, i, text) };

	buf_add_str(b, PLAN_MESSAGE);
	buf_add(b, bulk.p, bulk.len);
}

static void deliver_one(struct match *m, size_t i)
{
	char text[PLAN_BULK_MAX];

	match_message(m, plan_message(m->plan, i, text));
}

static void deliver(struct match *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		deliver_one(m, i);
}

static void assert_counts(const struct match *m, uint64_t seen, uint64_t duplicates,
			  uint64_t unknown, uint64_t order_breaks)
{
	assert_int_equal(m->seen, seen);
	assert_int_equal(m->duplicates, duplicates);
	assert_int_equal(m->unknown, unknown);
	assert_int_equal(m->order_breaks, order_breaks);
	assert_int_equal(m->received, seen + duplicates + unknown);
}

static void a_clean_delivery_is_taken_at_once_whatever_the_reads(void **state UNUSED)
{
	static const size_t reads[] = { 1, 7, 150, 4096, 1 << 20 };
	struct buf b = { 0 };

	for (size_t i = 0; i < 300; i++)
		add_push(&b, i);
	for (size_t k = 0; k < ARRAY_SIZE(reads); k++) {
		struct match m;
		size_t at = 0, end = 0;

		match_init(&m, plan);
		while (end < b.len) {
			end = b.len - end < reads[k] ? b.len : end + reads[k];
			at += match_expected(&m, b.data + at, end - at);
		}
		assert_int_equal(at, b.len);
		assert_counts(&m, 300, 0, 0, 0);
		assert_int_equal(match_first_missing(&m), 300);
		match_release(&m);
	}
	buf_release(&b);
}

static void the_quick_way_stops_at_the_first_byte_that_differs(void **state UNUSED)
{
	struct buf b = { 0 };
	size_t second;

	add_push(&b, 0);
	second = b.len;
	add_push(&b, 1);
	for (size_t i = second; i < b.len; i++) {
		struct match m;

		match_init(&m, plan);
		b.data[i] ^= 1;
		assert_int_equal(match_expected(&m, b.data, b.len), second);
		assert_counts(&m, 1, 0, 0, 0);
		b.data[i] ^= 1;
		match_release(&m);
	}
	buf_release(&b);
}

static void the_whole_plan_in_order_closes(void **state UNUSED)
{
	struct match m;

	match_init(&m, plan);
	deliver(&m, 0, N);
	assert_counts(&m, N, 0, 0, 0);
	assert_int_equal(match_first_missing(&m), MATCH_NONE);
	assert_int_equal(match_expected(&m, "*3\r\n", 4), 0); /* nothing is expected any more */
	match_release(&m);
}

static void lost_events_are_missing_and_the_first_is_named(void **state UNUSED)
{
	struct match m;

	match_init(&m, plan);
	deliver(&m, 0, 100);
	deliver(&m, 101, 5000);
	deliver(&m, 15000, N);
	assert_counts(&m, N - 1 - 10000, 0, 0, 2);
	assert_int_equal(match_first_missing(&m), 100);
	match_release(&m);
}

static void a_repeated_event_is_a_duplicate(void **state UNUSED)
{
	struct match m;

	match_init(&m, plan);
	deliver(&m, 0, 1000);
	deliver(&m, 700, 701);
	deliver(&m, 1000, N);
	assert_counts(&m, N, 1, 0, 0);
	assert_int_equal(m.first_duplicate, 700);
	match_release(&m);
}

static void an_altered_event_is_one_unknown_and_one_missing(void **state UNUSED)
{
	char copy[1024], text[PLAN_BULK_MAX];
	struct span s = plan_message(plan, 777, text);
	struct match m;

	match_init(&m, plan);
	deliver(&m, 0, 777);
	memcpy(copy, s.p, s.len);
	copy[s.len / 2] ^= 1;
	match_message(&m, (struct span){ copy, s.len });
	deliver(&m, 778, N);
	assert_counts(&m, N - 1, 0, 1, 1);
	assert_int_equal(m.first_unknown, 777);
	assert_int_equal(match_first_missing(&m), 777);
	match_release(&m);
}

static void messages_of_others_are_unknown(void **state UNUSED)
{
	static const char *const rows[] = { "", "x",
					    "{\"type\":\"keystroke\",\"ts\":", "hello, world",
					    "{\"type\":\"keystroke\",\"ts\":1000000000000000" };
	struct match m;

	match_init(&m, plan);
	deliver(&m, 0, 10);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		match_message(&m, (struct span){ rows[i], strlen(rows[i]) });
	deliver(&m, 10, N);
	assert_counts(&m, N, 0, ARRAY_SIZE(rows), 0);
	match_release(&m);
}

/* As several connections do it: batches in turn, all delivered. */
static void batches_in_another_order_are_all_seen(void **state UNUSED)
{
	struct match m;

	match_init(&m, plan);
	for (size_t from = 0; from < N; from += 4000) {
		deliver(&m, from + 3000, from + 4000);
		deliver(&m, from, from + 1000);
		deliver(&m, from + 2000, from + 3000);
		deliver(&m, from + 1000, from + 2000);
	}
	assert_int_equal(m.seen, N);
	assert_true(m.order_breaks > 0);
	assert_int_equal(m.duplicates + m.unknown, 0);
	assert_int_equal(match_first_missing(&m), MATCH_NONE);
	match_release(&m);
}

static void equal_events_in_a_row_are_told_apart(void **state UNUSED)
{
	static const char text[] =
		"{\"type\":\"mouse\",\"ts\":0,\"event\":\"scroll\",\"scroll_delta\":1}\n"
		"{\"type\":\"mouse\",\"ts\":0,\"event\":\"scroll\",\"scroll_delta\":1}\n"
		"{\"type\":\"mouse\",\"ts\":0,\"event\":\"scroll\",\"scroll_delta\":1}\n"
		"{\"type\":\"mouse\",\"ts\":9,\"event\":\"scroll\",\"scroll_delta\":1}\n";
	struct recording *r = NULL;
	struct plan_lane lane = { .count = 4 };
	const struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };
	struct plan *p = NULL;
	struct match m;

	assert_int_equal(recording_parse(&r, text, strlen(text), NULL), 0);
	lane.recording = r;
	assert_int_equal(plan_build(&p, &spec, NULL), 0);
	match_init(&m, p);
	for (size_t i = 0; i < 4; i++)
		deliver_one(&m, i);
	deliver_one(&m, 1);
	assert_counts(&m, 4, 1, 0, 0);
	match_release(&m);

	match_init(&m, p); /* one of three lost */
	deliver_one(&m, 0);
	deliver_one(&m, 1);
	deliver_one(&m, 3);
	assert_counts(&m, 3, 0, 0, 1);
	assert_int_equal(match_first_missing(&m), 2);
	match_release(&m);
	plan_free(p);
	recording_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_delivery_is_taken_at_once_whatever_the_reads),
		cmocka_unit_test(the_quick_way_stops_at_the_first_byte_that_differs),
		cmocka_unit_test(the_whole_plan_in_order_closes),
		cmocka_unit_test(lost_events_are_missing_and_the_first_is_named),
		cmocka_unit_test(a_repeated_event_is_a_duplicate),
		cmocka_unit_test(an_altered_event_is_one_unknown_and_one_missing),
		cmocka_unit_test(messages_of_others_are_unknown),
		cmocka_unit_test(batches_in_another_order_are_all_seen),
		cmocka_unit_test(equal_events_in_a_row_are_told_apart),
	};

	return cmocka_run_group_tests(tests, make_plan, drop_plan);
}
