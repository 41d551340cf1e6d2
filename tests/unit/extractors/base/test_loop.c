/* The event loop: who is called, when, and what callbacks may do to it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/loop.h"
#include "tests/unit/capture.h"

#define ROOM 64

/* One test's world: a loop, and what happened in it as letters. */
struct world {
	struct loop *loop;
	char log[ROOM];
	size_t n;
	struct loop_timer timers[4];
	int fds[4];
	int events, rounds;
};

static void note(struct world *w, char c)
{
	BUG_ON(w->n + 1 == ROOM);
	w->log[w->n++] = c;
}

static void begin(struct world *w)
{
	struct err e = ERR_INIT;

	memset(w, 0, sizeof(*w));
	for (int i = 0; i < 4; i++)
		w->fds[i] = -1;
	w->loop = loop_new(&e);
	assert_non_null(w->loop);
}

static void end(struct world *w)
{
	loop_free(w->loop);
	for (int i = 0; i < 4; i++)
		if (w->fds[i] >= 0)
			close(w->fds[i]);
}

static void stop(void *ctx)
{
	struct world *w = ctx;

	note(w, '.');
	loop_stop(w->loop);
}

static int64_t in_ms(int64_t ms)
{
	return clock_mono_ns() + ms * NS_PER_MS;
}

static void make_pipe(struct world *w)
{
	assert_int_equal(pipe2(w->fds, O_CLOEXEC | O_NONBLOCK), 0);
}

/* ---- descriptors ------------------------------------------------------------------ */

static void read_one(void *ctx, int fd, int events)
{
	struct world *w = ctx;
	char c = '?';

	w->events = events;
	if (read(fd, &c, 1) == 1)
		note(w, c);
	if (c == 'z')
		loop_stop(w->loop);
}

static void what_is_readable_is_called_until_it_is_read(void **state UNUSED)
{
	struct world w;

	begin(&w);
	make_pipe(&w);
	assert_int_equal(write(w.fds[1], "abz", 3), 3);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, read_one, &w), 0);
	loop_run(w.loop);
	assert_string_equal(w.log, "abz");
	assert_int_equal(w.events, LOOP_READ);
	end(&w);
}

static void stop_at_event(void *ctx, int fd UNUSED, int events)
{
	struct world *w = ctx;

	w->events = events;
	loop_stop(w->loop);
}

static void what_is_writable_is_called_only_while_that_is_asked_for(void **state UNUSED)
{
	struct world w;

	begin(&w);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w.fds), 0);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ | LOOP_WRITE, stop_at_event, &w),
			 0);
	loop_run(w.loop);
	assert_int_equal(w.events, LOOP_WRITE);
	w.events = 0;
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, stop_at_event, &w), 0);
	loop_timer_set(w.loop, &w.timers[0], in_ms(5), stop, &w);
	loop_run(w.loop);
	assert_int_equal(w.events, 0);
	assert_string_equal(w.log, ".");
	end(&w);
}

static void a_hang_up_shows_as_both(void **state UNUSED)
{
	struct world w;

	begin(&w);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w.fds), 0);
	close(w.fds[1]);
	w.fds[1] = -1;
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, stop_at_event, &w), 0);
	loop_run(w.loop);
	assert_int_equal(w.events, LOOP_READ | LOOP_WRITE);
	end(&w);
}

static void unwatched_descriptors_are_left_alone(void **state UNUSED)
{
	struct world w;

	begin(&w);
	make_pipe(&w);
	assert_int_equal(write(w.fds[1], "a", 1), 1);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, read_one, &w), 0);
	assert_int_equal(loop_watch(w.loop, w.fds[0], 0, read_one, &w), 0);
	loop_unwatch(w.loop, w.fds[0]);
	loop_unwatch(w.loop, 4711);
	loop_unwatch(w.loop, -1);
	loop_timer_set(w.loop, &w.timers[0], in_ms(5), stop, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, ".");
	end(&w);
}

static void a_descriptor_that_cannot_be_watched_is_an_error(void **state UNUSED)
{
	struct world w;

	begin(&w);
	make_pipe(&w);
	close(w.fds[1]);
	assert_int_equal(loop_watch(w.loop, w.fds[1], LOOP_READ, read_one, &w), -EBADF);
	w.fds[1] = -1;
	end(&w);
}

static void watch_a_negative_descriptor(void)
{
	struct world w;

	begin(&w);
	(void)!loop_watch(w.loop, -1, LOOP_READ, read_one, &w);
}

static void a_negative_descriptor_is_a_bug(void **state UNUSED)
{
	static struct capture c;

	capture_start(&c);
	assert_int_equal(exit_status_of(watch_a_negative_descriptor), 70);
	capture_stop(&c);
}

/* Both ends of two pairs are readable in the same round; the first callback removes the other. */
static void remove_the_other(void *ctx, int fd, int events UNUSED)
{
	struct world *w = ctx;
	int other = fd == w->fds[0] ? w->fds[2] : w->fds[0];

	note(w, 'x');
	loop_unwatch(w->loop, other);
	loop_unwatch(w->loop, fd);
}

static void two_readable_pipes(struct world *w)
{
	assert_int_equal(pipe2(w->fds, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(w->fds + 2, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(write(w->fds[1], "a", 1), 1);
	assert_int_equal(write(w->fds[3], "b", 1), 1);
}

static void a_callback_may_remove_another_of_the_same_round(void **state UNUSED)
{
	struct world w;

	begin(&w);
	two_readable_pipes(&w);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, remove_the_other, &w), 0);
	assert_int_equal(loop_watch(w.loop, w.fds[2], LOOP_READ, remove_the_other, &w), 0);
	loop_timer_set(w.loop, &w.timers[0], in_ms(5), stop, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "x.");
	end(&w);
}

static void called_for_a_stranger(void *ctx, int fd UNUSED, int events UNUSED)
{
	note(ctx, '!');
}

/* The other's number goes to a descriptor that has nothing to read. */
static void replace_the_other(void *ctx, int fd, int events UNUSED)
{
	struct world *w = ctx;
	int *other = fd == w->fds[0] ? &w->fds[2] : &w->fds[0];
	int quiet[2];

	note(w, 'x');
	loop_unwatch(w->loop, fd);
	loop_unwatch(w->loop, *other);
	BUG_ON(pipe2(quiet, O_CLOEXEC));
	BUG_ON(dup2(quiet[0], *other) != *other); /* closes it and takes its number */
	close(quiet[0]);
	w->events = quiet[1];
	BUG_ON(loop_watch(w->loop, *other, LOOP_READ, called_for_a_stranger, w));
}

static void an_event_is_not_for_the_next_owner_of_the_number(void **state UNUSED)
{
	struct world w;

	begin(&w);
	two_readable_pipes(&w);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, replace_the_other, &w), 0);
	assert_int_equal(loop_watch(w.loop, w.fds[2], LOOP_READ, replace_the_other, &w), 0);
	loop_timer_set(w.loop, &w.timers[0], in_ms(5), stop, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "x.");
	close(w.events);
	end(&w);
}

static void add_one_far_away(void *ctx, int fd, int events UNUSED)
{
	struct world *w = ctx;
	int far = fcntl(fd, F_DUPFD_CLOEXEC, 500); /* makes the table move */

	loop_unwatch(w->loop, fd);
	w->fds[2] = far;
	BUG_ON(loop_watch(w->loop, far, LOOP_READ, read_one, w));
}

static void a_callback_may_add_another(void **state UNUSED)
{
	struct world w;

	begin(&w);
	make_pipe(&w);
	assert_int_equal(write(w.fds[1], "az", 2), 2);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, add_one_far_away, &w), 0);
	loop_run(w.loop);
	assert_string_equal(w.log, "az");
	end(&w);
}

static void count_round(void *ctx, int fd UNUSED, int events UNUSED)
{
	struct world *w = ctx;

	if (++w->rounds == 200)
		loop_stop(w->loop);
}

/* More than one epoll_wait() can tell of: everybody has to have a turn. */
static void many_ready_descriptors_all_get_their_turn(void **state UNUSED)
{
	enum { MANY = 50 };
	struct world w;
	int dups[MANY];

	begin(&w);
	make_pipe(&w);
	assert_int_equal(write(w.fds[1], "a", 1), 1);
	for (int i = 0; i < MANY; i++) {
		dups[i] = dup(w.fds[0]);
		assert_int_equal(loop_watch(w.loop, dups[i], LOOP_READ, count_round, &w), 0);
	}
	loop_run(w.loop);
	assert_int_equal(w.rounds, 200);
	for (int i = 0; i < MANY; i++) {
		loop_unwatch(w.loop, dups[i]);
		close(dups[i]);
	}
	end(&w);
}

/* ---- timers ------------------------------------------------------------------------- */

static void note_a(void *ctx)
{
	note(ctx, 'a');
}

static void note_b(void *ctx)
{
	note(ctx, 'b');
}

static void timers_fire_once_in_the_order_of_their_times(void **state UNUSED)
{
	struct world w;
	int64_t now = clock_mono_ns(), due = now + 10 * NS_PER_MS;

	begin(&w);
	loop_timer_set(w.loop, &w.timers[2], due, stop, &w);
	loop_timer_set(w.loop, &w.timers[0], now + 5 * NS_PER_MS, note_b, &w);
	loop_timer_set(w.loop, &w.timers[1], now + 1 * NS_PER_MS, note_a, &w);
	loop_run(w.loop);
	assert_true(clock_mono_ns() >= due);
	assert_string_equal(w.log, "ab.");
	for (int i = 0; i < 3; i++)
		assert_int_equal(w.timers[i].due_ns, 0);
	end(&w);
}

static void times_that_are_past_are_due_at_once(void **state UNUSED)
{
	struct world w;

	begin(&w);
	loop_timer_set(w.loop, &w.timers[0], clock_mono_ns() - NS_PER_S, note_b, &w);
	loop_timer_set(w.loop, &w.timers[1], 0, note_a, &w);
	loop_timer_set(w.loop, &w.timers[2], clock_mono_ns(), stop, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "ab.");
	end(&w);
}

static void set_again_the_last_time_counts(void **state UNUSED)
{
	struct world w;

	begin(&w);
	loop_timer_set(w.loop, &w.timers[0], in_ms(1000000), note_a, &w);
	loop_timer_set(w.loop, &w.timers[0], in_ms(1), note_b, &w);
	loop_timer_set(w.loop, &w.timers[1], in_ms(5), stop, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "b.");
	end(&w);
}

static void a_cleared_timer_does_not_fire(void **state UNUSED)
{
	struct world w;

	begin(&w);
	loop_timer_clear(w.loop, &w.timers[3]); /* never set */
	loop_timer_set(w.loop, &w.timers[0], in_ms(1), note_a, &w);
	loop_timer_set(w.loop, &w.timers[1], in_ms(1), note_b, &w);
	loop_timer_set(w.loop, &w.timers[2], in_ms(5), stop, &w);
	loop_timer_clear(w.loop, &w.timers[0]);
	loop_timer_clear(w.loop, &w.timers[0]);
	loop_run(w.loop);
	assert_string_equal(w.log, "b.");
	end(&w);
}

static void clear_the_others(void *ctx)
{
	struct world *w = ctx;

	note(w, 'c');
	loop_timer_clear(w->loop, &w->timers[0]);
	loop_timer_clear(w->loop, &w->timers[1]);
}

static void a_timer_may_clear_another_that_is_due_too(void **state UNUSED)
{
	struct world w;

	begin(&w);
	loop_timer_set(w.loop, &w.timers[0], 2, note_a, &w);
	loop_timer_set(w.loop, &w.timers[1], 1, clear_the_others, &w);
	loop_timer_set(w.loop, &w.timers[2], in_ms(2), stop, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "c.");
	end(&w);
}

static void again_at_once(void *ctx)
{
	struct world *w = ctx;

	w->rounds++;
	loop_timer_set(w->loop, &w->timers[0], 1, again_at_once, w);
}

/* A timer that is always due must not keep descriptors from their turn. */
static void a_timer_that_arms_itself_in_the_past_starves_nobody(void **state UNUSED)
{
	struct world w;

	begin(&w);
	make_pipe(&w);
	assert_int_equal(write(w.fds[1], "abcz", 4), 4);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, read_one, &w), 0);
	loop_timer_set(w.loop, &w.timers[0], 1, again_at_once, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "abcz");
	assert_int_equal(w.rounds, 3); /* once behind each of a, b, c */
	end(&w);
}

static void count_sleep(void *ctx)
{
	struct world *w = ctx;

	w->rounds++;
}

/* One sleep till the timer, and no more than one more for rounding. */
static void a_loop_that_waits_does_not_wake(void **state UNUSED)
{
	struct world w;
	int64_t cpu = clock_thread_cpu_ns();

	begin(&w);
	make_pipe(&w);
	assert_int_equal(loop_watch(w.loop, w.fds[0], LOOP_READ, read_one, &w), 0);
	loop_before_sleep(w.loop, count_sleep, &w);
	loop_timer_set(w.loop, &w.timers[0], in_ms(60), stop, &w);
	loop_run(w.loop);
	assert_in_range(w.rounds, 1, 2);
	assert_true(clock_thread_cpu_ns() - cpu < 20 * NS_PER_MS);
	end(&w);
}

/* ---- signals, stopping ------------------------------------------------------------------ */

static void on_signal(void *ctx, int signo, int zero)
{
	struct world *w = ctx;

	BUG_ON(zero);
	note(w, signo == SIGUSR1 ? '1' : signo == SIGUSR2 ? '2' : '?');
	if (signo == SIGUSR2)
		loop_stop(w->loop);
}

static void signals_arrive_as_calls(void **state UNUSED)
{
	static const int signos[] = { SIGUSR1, SIGUSR2 };
	struct world w;
	struct err e = ERR_INIT;
	sigset_t old;

	sigprocmask(SIG_BLOCK, NULL, &old);
	begin(&w);
	assert_int_equal(loop_signals(w.loop, signos, 2, on_signal, &w, &e), 0);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	loop_run(w.loop);
	assert_string_equal(w.log, "12");
	end(&w);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void interrupt(int signo UNUSED)
{
}

/* A handled signal ends epoll_wait() with EINTR. */
static void a_signal_that_is_not_the_loops_changes_nothing(void **state UNUSED)
{
	struct sigaction sa = { .sa_handler = interrupt }, old;
	struct world w;
	pid_t child;

	begin(&w);
	sigaction(SIGUSR1, &sa, &old);
	child = fork();
	if (!child) {
		for (int i = 0; i < 20; i++) {
			clock_sleep_until_ns(in_ms(1));
			kill(getppid(), SIGUSR1);
		}
		_exit(0);
	}
	loop_timer_set(w.loop, &w.timers[0], in_ms(40), stop, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, ".");
	assert_int_equal(waitpid(child, NULL, 0), child);
	sigaction(SIGUSR1, &old, NULL);
	end(&w);
}

static void stop_and_note(void *ctx)
{
	note(ctx, 's');
	loop_stop(((struct world *)ctx)->loop);
}

static void nothing_is_called_behind_a_stop(void **state UNUSED)
{
	struct world w;

	begin(&w);
	loop_timer_set(w.loop, &w.timers[0], 1, stop_and_note, &w);
	loop_timer_set(w.loop, &w.timers[1], 2, note_a, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "s");
	loop_timer_set(w.loop, &w.timers[2], 3, stop, &w); /* and it can be run again */
	loop_run(w.loop);
	assert_string_equal(w.log, "sa.");
	end(&w);
}

static void a_stop_before_the_run_is_not_lost(void **state UNUSED)
{
	struct world w;

	begin(&w);
	loop_stop(w.loop);
	loop_timer_set(w.loop, &w.timers[0], in_ms(2000), note_a, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "");
	end(&w);
}

static void a_stop_before_the_sleep_is_not_slept_over(void **state UNUSED)
{
	struct world w;

	begin(&w);
	loop_before_sleep(w.loop, stop_and_note, &w);
	loop_run(w.loop);
	assert_string_equal(w.log, "s");
	end(&w);
}

static void freeing_no_loop_is_allowed(void **state UNUSED)
{
	loop_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_readable_is_called_until_it_is_read),
		cmocka_unit_test(what_is_writable_is_called_only_while_that_is_asked_for),
		cmocka_unit_test(a_hang_up_shows_as_both),
		cmocka_unit_test(unwatched_descriptors_are_left_alone),
		cmocka_unit_test(a_descriptor_that_cannot_be_watched_is_an_error),
		cmocka_unit_test(a_negative_descriptor_is_a_bug),
		cmocka_unit_test(a_callback_may_remove_another_of_the_same_round),
		cmocka_unit_test(an_event_is_not_for_the_next_owner_of_the_number),
		cmocka_unit_test(a_callback_may_add_another),
		cmocka_unit_test(many_ready_descriptors_all_get_their_turn),
		cmocka_unit_test(timers_fire_once_in_the_order_of_their_times),
		cmocka_unit_test(times_that_are_past_are_due_at_once),
		cmocka_unit_test(set_again_the_last_time_counts),
		cmocka_unit_test(a_cleared_timer_does_not_fire),
		cmocka_unit_test(a_timer_may_clear_another_that_is_due_too),
		cmocka_unit_test(a_timer_that_arms_itself_in_the_past_starves_nobody),
		cmocka_unit_test(a_loop_that_waits_does_not_wake),
		cmocka_unit_test(signals_arrive_as_calls),
		cmocka_unit_test(a_signal_that_is_not_the_loops_changes_nothing),
		cmocka_unit_test(nothing_is_called_behind_a_stop),
		cmocka_unit_test(a_stop_before_the_run_is_not_lost),
		cmocka_unit_test(a_stop_before_the_sleep_is_not_slept_over),
		cmocka_unit_test(freeing_no_loop_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
