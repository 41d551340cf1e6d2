/* A response divided into its parts, by hand-worked cases; times in ns as small numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/probes/attribution.h"

#define WAKE(b, e, t)                            \
	{                                        \
		b, e, 0, ATTRIBUTION_WAKE, t, -1 \
	}
#define RECV(b, e, t)                                  \
	{                                              \
		b, e, 90, ATTRIBUTION_RECV, t, AF_UNIX \
	}
#define SEND(b, e, n, t)                              \
	{                                             \
		b, e, n, ATTRIBUTION_SEND, t, AF_UNIX \
	}
#define INET(b, e, n, t)                              \
	{                                             \
		b, e, n, ATTRIBUTION_SEND, t, AF_INET \
	}

struct expected {
	enum attribution_outcome outcome;
	int64_t redis, runq, compute, delivery;
};

/* The message is published at 1000, received at 2000, 500 bytes long. */
static void check(const struct attribution_event *events, size_t n, struct expected want)
{
	struct attribution_query q = { 1000, 2000, 500, AF_UNIX };
	struct attribution_split got;

	attribution_split(events, n, &q, &got);
	assert_int_equal(got.outcome, want.outcome);
	assert_int_equal(got.redis_ns, want.redis);
	assert_int_equal(got.runq_ns, want.runq);
	assert_int_equal(got.compute_ns, want.compute);
	assert_int_equal(got.delivery_ns, want.delivery);
	if (got.outcome != ATTRIBUTION_NO_SEND)
		assert_int_equal(got.redis_ns + got.runq_ns + got.compute_ns + got.delivery_ns,
				 1000);
}
#define CHECK(events, ...) check(events, ARRAY_SIZE(events), (struct expected){ __VA_ARGS__ })

static void the_plain_case_has_four_parts(void **state UNUSED)
{
	const struct attribution_event events[] = {
		WAKE(700, 720, 7),   RECV(725, 730, 7), /* the event before */
		WAKE(1100, 1130, 7), RECV(1135, 1140, 7), SEND(1600, 1650, 520, 7),
		WAKE(2500, 2510, 7), RECV(2515, 2520, 7), SEND(2600, 2610, 520, 7),
	};

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void a_send_that_returns_after_its_message_was_received_is_found(void **state UNUSED)
{
	const struct attribution_event events[] = {
		WAKE(1100, 1130, 7),
		RECV(1135, 1140, 7),
		SEND(1600, 2100, 520, 7),
		SEND(2150, 2160, 520, 7),
	};

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void sends_that_are_too_short_or_go_elsewhere_are_not_it(void **state UNUSED)
{
	const struct attribution_event events[] = {
		WAKE(1100, 1130, 7),	  RECV(1135, 1140, 7),	    SEND(1150, 1160, 499, 7),
		INET(1200, 1300, 900, 9), SEND(1600, 1650, 500, 7),
	};

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void a_wakeup_in_the_middle_of_the_work_is_not_the_arrival(void **state UNUSED)
{
	const struct attribution_event events[] = {
		WAKE(1100, 1130, 7),
		RECV(1135, 1140, 7),
		WAKE(1300, 1310, 7), /* from a lock */
		SEND(1600, 1650, 520, 7),
	};

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void a_receive_that_slept_in_the_call_itself_counts_its_wakeup(void **state UNUSED)
{
	const struct attribution_event events[] = { WAKE(1100, 1130, 7), RECV(600, 1140, 7),
						    SEND(1600, 1650, 520, 7) };

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void other_threads_wakeups_are_theirs(void **state UNUSED)
{
	const struct attribution_event events[] = {
		WAKE(1100, 1130, 7), RECV(1135, 1140, 7),      WAKE(1136, 1142, 8),
		RECV(1143, 1150, 8), SEND(1600, 1650, 520, 7),
	};

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void a_subject_that_was_awake_has_no_run_queue_part(void **state UNUSED)
{
	const struct attribution_event events[] = {
		WAKE(900, 920, 7),
		RECV(925, 930, 7), /* for the one before; then ours waits */
		RECV(1240, 1250, 7),
		SEND(1600, 1650, 520, 7),
	};

	CHECK(events, ATTRIBUTION_AWAKE, 250, 0, 350, 400);
}

static void woken_before_the_publish_is_awake_even_if_it_ran_after(void **state UNUSED)
{
	const struct attribution_event events[] = { WAKE(990, 1010, 7), RECV(1240, 1250, 7),
						    SEND(1600, 1650, 520, 7) };

	CHECK(events, ATTRIBUTION_AWAKE, 250, 0, 350, 400);
}

static void without_any_receive_the_last_wakeup_counts(void **state UNUSED)
{
	const struct attribution_event events[] = { WAKE(1100, 1130, 7), SEND(1600, 1650, 520, 7) };

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void no_send_is_no_split(void **state UNUSED)
{
	const struct attribution_event events[] = { SEND(900, 950, 520, 7), WAKE(1100, 1130, 7),
						    RECV(1135, 1140, 7), SEND(2001, 2050, 520, 7) };

	CHECK(events, ATTRIBUTION_NO_SEND, 0, 0, 0, 0);
	check(NULL, 0, (struct expected){ ATTRIBUTION_NO_SEND, 0, 0, 0, 0 });
}

static void the_first_of_two_sends_is_the_answer_whichever_returns_first(void **state UNUSED)
{
	const struct attribution_event events[] = {
		WAKE(1100, 1130, 7),
		RECV(1135, 1140, 7),
		SEND(1700, 1710, 520, 8),
		SEND(1600, 1750, 520, 7),
	};

	CHECK(events, ATTRIBUTION_WHOLE, 100, 30, 470, 400);
}

static void any_family_takes_tcp_too(void **state UNUSED)
{
	const struct attribution_event events[] = { WAKE(1100, 1130, 7), INET(1600, 1650, 520, 7) };
	struct attribution_query q = { 1000, 2000, 500, ATTRIBUTION_ANY_FAMILY };
	struct attribution_split got;

	attribution_split(events, ARRAY_SIZE(events), &q, &got);
	assert_int_equal(got.outcome, ATTRIBUTION_WHOLE);
	assert_int_equal(got.compute_ns, 470);
}

static void system_calls_have_names(void **state UNUSED)
{
	assert_null(attribution_syscall_name(-1));
	assert_null(attribution_syscall_name(ATTRIBUTION_SYSCALLS));
	assert_null(attribution_syscall_name(ATTRIBUTION_SYSCALLS - 1));
#ifdef __x86_64__
	assert_string_equal(attribution_syscall_name(0), "read");
	assert_string_equal(attribution_syscall_name(44), "sendto");
	assert_string_equal(attribution_syscall_name(232), "epoll_wait");
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plain_case_has_four_parts),
		cmocka_unit_test(a_send_that_returns_after_its_message_was_received_is_found),
		cmocka_unit_test(sends_that_are_too_short_or_go_elsewhere_are_not_it),
		cmocka_unit_test(a_wakeup_in_the_middle_of_the_work_is_not_the_arrival),
		cmocka_unit_test(a_receive_that_slept_in_the_call_itself_counts_its_wakeup),
		cmocka_unit_test(other_threads_wakeups_are_theirs),
		cmocka_unit_test(a_subject_that_was_awake_has_no_run_queue_part),
		cmocka_unit_test(woken_before_the_publish_is_awake_even_if_it_ran_after),
		cmocka_unit_test(without_any_receive_the_last_wakeup_counts),
		cmocka_unit_test(no_send_is_no_split),
		cmocka_unit_test(the_first_of_two_sends_is_the_answer_whichever_returns_first),
		cmocka_unit_test(any_family_takes_tcp_too),
		cmocka_unit_test(system_calls_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
