/*
 * The guard: nothing is left behind, whatever end its owner takes.
 *
 * Each test forks a "bench" that makes directories and starts children under the
 * guard, ends it in one way or another, and then looks for what is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/guard.h"
#include "harness/pgroup.h"
#include "harness/proc.h"

#define LONG_MS 20000

/* What the bench tells before it is ended. */
struct facts {
	pid_t guardian, child, grandchild;
	char dir[TEMPDIR_PATH_MAX];
};

static int born(void *ctx, pid_t pgid, struct err *e)
{
	return guard_add_group(ctx, pgid, e);
}

static void dying(void *ctx, pid_t pgid)
{
	struct err e = ERR_INIT;

	if (guard_forget_group(ctx, pgid, &e))
		fail_msg("%s", e.text);
}

struct bench {
	struct guard *guard;
	struct loop *loop;
	struct proc *child;
	struct proc_hooks hooks;
	struct facts facts;
};

static const char polite[] = "sleep 300 & echo $!; wait";
static const char deaf[] = "trap '' TERM; sleep 300 & echo $!; wait";

/* The child dies with the bench by itself, its grandchild does not. */
static int bench_begin(struct bench *b, const char *script)
{
	struct strv argv = { 0 };
	struct proc_spec spec = { .name = "child", .argv = &argv, .hooks = &b->hooks };
	char path[128];
	int fd;

	memset(b, 0, sizeof(*b));
	if (guard_start(&b->guard, NULL))
		return 1;
	b->hooks = (struct proc_hooks){ b->guard, born, dying };
	b->loop = spec.loop = loop_new(NULL);
	if (guard_mkdtemp(b->guard, "guard", b->facts.dir, NULL))
		return 2;
	spec.cwd = b->facts.dir;
	strv_add(&argv, "sh");
	strv_add(&argv, "-c");
	strv_add(&argv, script);
	if (proc_start(&b->child, &spec, NULL))
		return 3;
	strv_release(&argv);
	while (!proc_stdout(b->child)->n_lines)
		if (proc_await_exit(b->child, clock_mono_ns() + NS_PER_MS, NULL) != -ETIMEDOUT)
			return 4;
	snprintf(path, sizeof(path), "%s/file", b->facts.dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	if (fd < 0)
		return 5;
	close(fd);
	b->facts.guardian = guard_pid(b->guard);
	b->facts.child = proc_info(b->child)->pid;
	b->facts.grandchild = atoi(proc_stdout(b->child)->tail.data);
	return 0;
}

/* What the guardian says about leftovers is for people, not for a test's log. */
static int silence_stderr(void)
{
	int kept = dup(2), fd = open("/dev/null", O_WRONLY);

	dup2(fd, 2);
	close(fd);
	return kept;
}

static void restore_stderr(int kept)
{
	dup2(kept, 2);
	close(kept);
}

/* Start a bench that waits for its end; its facts come through a pipe. */
static pid_t start_bench(struct facts *facts, const char *script)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		struct bench b;

		signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the next test here */
		signal(SIGINT, SIG_DFL);  /* ignored in the background of a shell, and */
		signal(SIGHUP, SIG_DFL);  /* under nohup */
		silence_stderr();
		if (bench_begin(&b, script) || write(ends[1], &b.facts, sizeof(b.facts)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], facts, sizeof(*facts)), sizeof(*facts));
	close(ends[0]);
	return pid;
}

static bool runs(pid_t pid)
{
	return !kill(pid, 0);
}

static bool is_there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static int hold(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	assert_true(fd >= 0);
	return fd;
}

static bool ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	bool yes = poll(&p, 1, LONG_MS) == 1;

	close(pidfd);
	return yes;
}

static void end_by(int signo, const char *script)
{
	struct facts f;
	pid_t bench = start_bench(&f, script);
	int guardian = hold(f.guardian), child = hold(f.child), grandchild = hold(f.grandchild);

	assert_true(runs(f.child) && runs(f.grandchild) && is_there(f.dir));
	assert_int_equal(kill(bench, signo), 0);
	assert_int_equal(waitpid(bench, NULL, 0), bench);
	assert_true(ended(guardian));
	assert_true(ended(child));
	assert_true(ended(grandchild));
	assert_false(is_there(f.dir));
}

static void nothing_is_left_after_kill_9(void **state UNUSED)
{
	end_by(SIGKILL, polite);
	end_by(SIGKILL, deaf);
}

static void nothing_is_left_after_the_other_ends(void **state UNUSED)
{
	static const int signals[] = { SIGTERM, SIGSEGV, SIGINT, SIGHUP };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		end_by(signals[i], polite);
}

static void signals_of_the_terminal_do_not_end_the_guardian(void **state UNUSED)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	struct facts f;
	pid_t bench = start_bench(&f, polite);
	int guardian = hold(f.guardian);

	assert_int_not_equal(getsid(f.guardian), getsid(0));
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		assert_int_equal(kill(f.guardian, signals[i]), 0);
	assert_int_equal(kill(bench, SIGKILL), 0);
	assert_int_equal(waitpid(bench, NULL, 0), bench);
	assert_true(ended(guardian));
	assert_false(is_there(f.dir));
}

static void in_a_normal_end_the_guardian_has_nothing_to_do(void **state UNUSED)
{
	struct bench b;
	struct err e = ERR_INIT;
	int64_t from_ns;
	int guardian;

	assert_int_equal(bench_begin(&b, deaf), 0);
	guardian = hold(b.facts.guardian);
	proc_free(b.child);
	loop_free(b.loop);
	assert_int_equal(guard_rmdir(b.guard, b.facts.dir, &e), 0);
	assert_false(is_there(b.facts.dir));
	from_ns = clock_mono_ns();
	assert_int_equal(guard_stop(b.guard, &e), 0);
	assert_true(clock_mono_ns() - from_ns < NS_PER_S); /* no grace was waited for */
	assert_true(ended(guardian));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
}

static void what_was_not_made_here_is_not_removed(void **state UNUSED)
{
	struct guard *g;
	struct err e = ERR_INIT;

	assert_int_equal(guard_start(&g, &e), 0);
	assert_int_equal(guard_rmdir(g, "/tmp", &e), -ENOENT);
	assert_string_equal(e.text, "guard: /tmp: not a directory made here");
	err_reset(&e);
	assert_int_equal(guard_forget_group(g, 1, &e), -ENOENT);
	err_reset(&e);
	/* Not a leader: ending "its group" would end ours. */
	if (getpgrp() != getpid()) {
		assert_int_equal(guard_add_group(g, getpid(), &e), -EINVAL);
		err_reset(&e);
	}
	assert_int_equal(guard_stop(g, &e), 0);
}

static void the_lists_are_bounded_and_say_so(void **state UNUSED)
{
	char path[TEMPDIR_PATH_MAX];
	struct guard *g;
	struct err e = ERR_INIT;
	int kept = silence_stderr(), rc = guard_start(&g, &e);

	restore_stderr(kept);
	assert_int_equal(rc, 0);
	for (int i = 0; i < GUARD_DIRS_MAX; i++)
		assert_int_equal(guard_mkdtemp(g, "guard", path, &e), 0);
	assert_int_equal(guard_mkdtemp(g, "guard", path, &e), -ENOSPC);
	assert_string_equal(e.text, "guard: more than 64 directories");
	/* Stopped with all of them still there. */
	assert_int_equal(guard_stop(g, NULL), 0);
	assert_false(is_there(path));
}

static void a_lost_guardian_is_noticed(void **state UNUSED)
{
	char path[TEMPDIR_PATH_MAX];
	struct guard *g;
	struct err e = ERR_INIT;
	int guardian;

	assert_int_equal(guard_start(&g, &e), 0);
	guardian = hold(guard_pid(g));
	assert_int_equal(kill(guard_pid(g), SIGKILL), 0);
	assert_true(ended(guardian));
	assert_true(guard_mkdtemp(g, "guard", path, &e) < 0);
	assert_non_null(strstr(e.text, "the guardian is gone"));
	err_reset(&e);
	assert_int_equal(guard_stop(g, &e), -EIO);
	assert_string_equal(e.text, "guard: the guardian was killed; look for leftovers");
}

/* A process in a group of its own that sleeps. */
static pid_t sleeper(void)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void a_group_whose_number_was_given_away_is_left_alone(void **state UNUSED)
{
	pid_t pid = sleeper();
	struct pgroup g, other;
	struct err e = ERR_INIT;

	assert_int_equal(pgroup_identify(&g, pid, &e), 0);
	/* As registered earlier, when the number was another process's. */
	other = g;
	other.start_ticks--;
	assert_int_equal(pgroup_end(&other, 0), 0);
	assert_true(runs(pid));
	other = g;
	other.session++;
	assert_int_equal(pgroup_end(&other, 0), 0);
	assert_true(runs(pid));
	assert_int_equal(pgroup_end(&g, NS_PER_S), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_stopped_group_ends_within_the_grace(void **state UNUSED)
{
	pid_t pid = sleeper();
	struct pgroup g;
	int64_t from_ns;

	assert_int_equal(pgroup_identify(&g, pid, NULL), 0);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	from_ns = clock_mono_ns();
	assert_int_equal(pgroup_end(&g, 10 * NS_PER_S), 1);
	assert_true(clock_mono_ns() - from_ns < 5 * NS_PER_S);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_after_kill_9),
		cmocka_unit_test(nothing_is_left_after_the_other_ends),
		cmocka_unit_test(signals_of_the_terminal_do_not_end_the_guardian),
		cmocka_unit_test(in_a_normal_end_the_guardian_has_nothing_to_do),
		cmocka_unit_test(what_was_not_made_here_is_not_removed),
		cmocka_unit_test(the_lists_are_bounded_and_say_so),
		cmocka_unit_test(a_lost_guardian_is_noticed),
		cmocka_unit_test(a_group_whose_number_was_given_away_is_left_alone),
		cmocka_unit_test(a_stopped_group_ends_within_the_grace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
