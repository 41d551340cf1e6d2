/* Children: started clean, heard, asked, stopped, their end in words. */
#include <errno.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/io/notify.h"
#include "harness/proc.h"
#include "harness/tempdir.h"

#define LONG_NS (20 * NS_PER_S) /* only a failing test waits that long */

struct fixture {
	struct loop *loop;
	struct tempdir dir;
	struct proc *p;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	f->loop = loop_new(NULL);
	return !f->loop || tempdir_make(&f->dir, "proc", NULL);
}

static int drop(void **state)
{
	struct fixture *f = *state;
	int rc;

	proc_free(f->p);
	loop_free(f->loop);
	rc = tempdir_remove(&f->dir, NULL);
	free(f);
	return rc;
}

static int start(struct fixture *f, struct proc_spec *spec, const char *script, struct err *e)
{
	struct strv argv = { 0 };
	int rc;

	strv_add(&argv, "sh");
	strv_add(&argv, "-c");
	strv_add(&argv, script);
	spec->name = spec->name ? spec->name : "child";
	spec->argv = &argv;
	spec->loop = f->loop;
	proc_free(f->p);
	f->p = NULL;
	rc = proc_start(&f->p, spec, e);
	strv_release(&argv);
	return rc;
}

static void run(struct fixture *f, struct proc_spec *spec, const char *script)
{
	struct err e = ERR_INIT;

	if (start(f, spec, script, &e) || proc_await_exit(f->p, clock_mono_ns() + LONG_NS, &e))
		fail_msg("%s", e.text);
}

static int64_t soon(void)
{
	return clock_mono_ns() + LONG_NS;
}

static void assert_words(const struct proc *p, const char *expected)
{
	char words[PROC_WORDS_MAX];

	assert_string_equal(proc_exit_words(proc_info(p)->status, words), expected);
}

static void assert_tail(const struct outlog *o, const char *expected)
{
	assert_int_equal(o->tail.len, strlen(expected));
	assert_memory_equal(o->tail.data, expected, strlen(expected));
}

static void output_times_and_costs_of_a_child_are_known(void **state)
{
	struct fixture *f = *state;
	int64_t before_ns = clock_mono_ns();
	const struct proc_info *i;

	run(f, &(struct proc_spec){ 0 }, "echo out; echo err >&2; exit 3");
	i = proc_info(f->p);
	assert_tail(proc_stdout(f->p), "out\n");
	assert_tail(proc_stderr(f->p), "err\n");
	assert_words(f->p, "exit 3");
	assert_true(i->started_ns >= before_ns && i->exited_ns > i->started_ns);
	assert_true(i->user_cpu_ns + i->system_cpu_ns > 0 && i->max_rss_bytes > 100000);
	assert_true(i->pre_exec_cpu_ns > 0 &&
		    i->pre_exec_cpu_ns < i->user_cpu_ns + i->system_cpu_ns);
}

static void ends_are_told_in_words(void **state)
{
	struct fixture *f = *state;

	run(f, &(struct proc_spec){ 0 }, "kill -9 $$");
	assert_words(f->p, "killed by signal 9 (Killed)");
	run(f, &(struct proc_spec){ 0 }, "exit 0");
	assert_words(f->p, "exit 0");
}

static void a_child_inherits_nothing_but_what_is_given(void **state)
{
	struct fixture *f = *state;
	struct strv env = { 0 };
	char expected[256];
	int leaked = dup(1); /* without close-on-exec, as a careless library has it */
	sigset_t set;

	setenv("SECRET_OF_THE_PARENT", "1", 1);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	strv_set_env(&env, "PATH", "/usr/bin:/bin");
	strv_set_env(&env, "GIVEN", "a b");
	run(f, &(struct proc_spec){ .env = &env, .cwd = f->dir.path },
	    "echo \"$SECRET_OF_THE_PARENT|$GIVEN|$(pwd)\"; readlink /proc/self/fd/0;"
	    "ls -x /proc/self/fd;" /* 3 is ls' own, of the directory */
	    "grep -E 'Sig(Blk|Ign)' /proc/self/status | tr -d '\\t\\n'; echo");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGUSR2, SIG_DFL);
	close(leaked);
	unsetenv("SECRET_OF_THE_PARENT");
	strv_release(&env);
	snprintf(expected, sizeof(expected),
		 "|a b|%s\n/dev/null\n0  1  2  3\nSigBlk:0000000000000000SigIgn:0000000000000000\n",
		 f->dir.path);
	assert_tail(proc_stdout(f->p), expected);
}

static void a_child_leads_its_own_group_on_the_given_cpu(void **state)
{
	struct fixture *f = *state;
	cpu_set_t cpus;
	char text[128];
	int pid, pgrp;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	run(f, &(struct proc_spec){ .cpus = &cpus },
	    "cut -d' ' -f1,5 /proc/self/stat; grep Cpus_allowed_list /proc/self/status; echo $$");
	snprintf(text, sizeof(text), "%.*s", (int)proc_stdout(f->p)->tail.len,
		 proc_stdout(f->p)->tail.data);
	assert_int_equal(sscanf(text, "%d %d", &pid, &pgrp), 2);
	assert_int_equal(pgrp, proc_info(f->p)->pid); /* cut's group is the shell's */
	assert_true(pgrp != getpgrp());
	assert_non_null(strstr(text, "Cpus_allowed_list:\t0\n"));
}

static void a_program_that_cannot_run_is_an_error_with_the_reason(void **state)
{
	struct fixture *f = *state;
	struct strv argv = { 0 };
	struct proc_spec spec = { .name = "tool", .argv = &argv, .loop = f->loop };
	struct err e = ERR_INIT;
	char path[128];

	strv_add(&argv, "no-such-program-here");
	assert_int_equal(proc_start(&f->p, &spec, &e), -ENOENT);
	assert_string_equal(e.text, "tool: no-such-program-here: not found in PATH");
	err_reset(&e);
	assert_int_equal(
		proc_find_program("no-such-program-here", "some-package", path, sizeof(path), &e),
		-ENOENT);
	assert_string_equal(e.text, "no-such-program-here: not found in PATH; "
				    "install it: apt install some-package");

	err_reset(&e);
	spec.cwd = "/nonexistent";
	strv_release(&argv);
	strv_add(&argv, "sh");
	assert_int_equal(proc_start(&f->p, &spec, &e), -ENOENT);
	assert_non_null(strstr(e.text, "cannot change the directory to /nonexistent: "
				       "No such file or directory"));
	strv_release(&argv);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody was left to reap */
	assert_int_equal(errno, ECHILD);
}

static void readiness_may_come_from_what_the_child_started(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = { .notify_dir = f->dir.path };
	struct err e = ERR_INIT;
	const char *send = "/usr/bin/python3 -c 'import os, socket\n"
			   "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
			   "s.sendto(b\"READY=1\\nSTATUS=x\", os.environ[\"NOTIFY_SOCKET\"])'"
			   "; echo done; exec sleep 60";
	int64_t before_ns = clock_mono_ns();

	if (access("/usr/bin/python3", X_OK))
		skip();
	assert_int_equal(start(f, &spec, send, &e), 0);
	assert_int_equal(proc_await_ready(f->p, soon(), &e), 0);
	assert_true(proc_info(f->p)->ready_ns > before_ns);
	assert_false(proc_exited(f->p));
}

static void a_foreign_ready_is_counted_and_ignored(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = { .notify_dir = f->dir.path };
	struct err e = ERR_INIT;
	char path[128];

	/* The child prints where its socket is; we, who are not the child, write there. */
	assert_int_equal(start(f, &spec, "echo $NOTIFY_SOCKET; exec sleep 60", &e), 0);
	while (!proc_stdout(f->p)->n_lines)
		assert_int_equal(proc_await_exit(f->p, clock_mono_ns() + NS_PER_MS, NULL),
				 -ETIMEDOUT);
	snprintf(path, sizeof(path), "%.*s", (int)proc_stdout(f->p)->tail.len - 1,
		 proc_stdout(f->p)->tail.data);
	setenv("NOTIFY_SOCKET", path, 1);
	assert_int_equal(notify_send("READY=1"), 0);
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(proc_await_ready(f->p, clock_mono_ns() + 100 * NS_PER_MS, &e), -ETIMEDOUT);
	assert_int_equal(proc_info(f->p)->n_foreign, 1);
	assert_int_equal(proc_info(f->p)->ready_ns, 0);
}

static void an_end_before_readiness_is_told_with_the_last_words(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = { .name = "c/mouse", .notify_dir = f->dir.path };
	struct err e = ERR_INIT;

	assert_int_equal(start(f, &spec, "echo REDIS_PORT=x: no number >&2; exit 2", &e), 0);
	assert_int_equal(proc_await_ready(f->p, soon(), &e), -ECHILD);
	assert_string_equal(e.text, "c/mouse: ended (exit 2) before it said READY=1; "
				    "last words: REDIS_PORT=x: no number");
}

static void waiting_ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = { .name = "slow", .notify_dir = f->dir.path };
	struct err e = ERR_INIT;
	int64_t from_ns;

	assert_int_equal(start(f, &spec, "exec sleep 60", &e), 0);
	from_ns = clock_mono_ns();
	assert_int_equal(proc_await_ready(f->p, from_ns + 50 * NS_PER_MS, &e), -ETIMEDOUT);
	assert_true(clock_mono_ns() - from_ns >= 50 * NS_PER_MS);
	assert_int_equal(strncmp(e.text, "slow: after 0.", 14), 0);
	assert_non_null(strstr(e.text, "s it has not said READY=1; last words: none"));
}

static void counters_are_asked_by_signal(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct counters c;
	int64_t v, at_ns, before_ns;

	assert_int_equal(
		start(f, &(struct proc_spec){ 0 },
		      "n=0; trap 'n=$((n+1)); echo \"stats {\\\"received\\\":$n}\" >&2' USR1;"
		      "trap 'echo \"stats {\\\"received\\\":99}\" >&2; exit 0' TERM;"
		      "echo up; while :; do sleep 60 & wait; done",
		      &e),
		0);
	while (!proc_stdout(f->p)->n_lines)
		assert_int_equal(proc_await_exit(f->p, clock_mono_ns() + NS_PER_MS, NULL),
				 -ETIMEDOUT);
	assert_int_equal(proc_last_stats(f->p, &c, NULL, NULL), -ENODATA);
	for (int i = 1; i <= 3; i++) {
		before_ns = clock_mono_ns();
		assert_int_equal(proc_ask_stats(f->p, soon(), &c, &at_ns, &e), 0);
		assert_true(counters_get(&c, "received", &v));
		assert_int_equal(v, i);
		assert_true(at_ns >= before_ns && at_ns <= clock_mono_ns());
	}
	assert_int_equal(proc_stop(f->p, LONG_NS, &e), 0);
	assert_int_equal(proc_last_stats(f->p, &c, NULL, &e), 0);
	assert_true(counters_get(&c, "received", &v));
	assert_int_equal(v, 99);
}

static void who_would_be_killed_by_the_question_is_not_asked(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct counters c;

	assert_int_equal(start(f, &(struct proc_spec){ .name = "mute" }, "exec sleep 60", &e), 0);
	assert_int_equal(proc_ask_stats(f->p, soon(), &c, NULL, &e), -ENOTSUP);
	assert_string_equal(e.text, "mute: has no counters: SIGUSR1 would kill it");
	assert_false(proc_exited(f->p));
}

static void stopping_is_polite_first(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	assert_int_equal(start(f, &(struct proc_spec){ 0 },
			       "trap 'echo bye; exit 0' TERM; echo up; sleep 60 & wait", &e),
			 0);
	while (!proc_stdout(f->p)->n_lines)
		assert_int_equal(proc_await_exit(f->p, clock_mono_ns() + NS_PER_MS, NULL),
				 -ETIMEDOUT);
	assert_int_equal(proc_stop(f->p, LONG_NS, &e), 0);
	assert_tail(proc_stdout(f->p), "up\nbye\n");
	assert_words(f->p, "exit 0");
	assert_int_equal(proc_stop(f->p, LONG_NS, &e), 0); /* twice is no harm */
}

static void a_stopped_child_hears_the_request_too(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	assert_int_equal(start(f, &(struct proc_spec){ 0 }, "exec sleep 60", &e), 0);
	assert_int_equal(proc_signal(f->p, SIGSTOP, &e), 0);
	assert_int_equal(proc_stop(f->p, LONG_NS, &e), 0);
	assert_words(f->p, "killed by signal 15 (Terminated)");
}

/* Await the end of a process that is not our child. */
static bool ends(pid_t pid)
{
	struct pollfd p = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	bool ended = p.fd < 0 || poll(&p, 1, 20000) == 1;

	if (p.fd >= 0)
		close(p.fd);
	return ended;
}

static void who_ignores_the_request_is_killed_with_its_children(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	int grandchild;

	assert_int_equal(start(f, &(struct proc_spec){ .name = "deaf" },
			       "trap '' TERM; sleep 60 & echo $!; wait; sleep 60", &e),
			 0);
	while (!proc_stdout(f->p)->n_lines)
		assert_int_equal(proc_await_exit(f->p, clock_mono_ns() + NS_PER_MS, NULL),
				 -ETIMEDOUT);
	grandchild = atoi(proc_stdout(f->p)->tail.data);
	assert_int_equal(proc_stop(f->p, 100 * NS_PER_MS, &e), -ETIMEDOUT);
	assert_string_equal(e.text, "deaf: did not end 0.1 s after SIGTERM and was killed");
	assert_words(f->p, "killed by signal 9 (Killed)");
	assert_true(ends(grandchild));
}

static void a_child_that_floods_its_pipe_is_neither_blocked_nor_kept_whole(void **state)
{
	struct fixture *f = *state;

	run(f, &(struct proc_spec){ .keep_stdout_bytes = 1000 },
	    "head -c 30000000 /dev/zero | tr '\\0' 'x'; echo; echo end >&2");
	assert_int_equal(proc_stdout(f->p)->n_bytes, 30000001);
	assert_int_equal(proc_stdout(f->p)->kept.len, 1000);
	assert_int_equal(proc_stdout(f->p)->n_unkept_bytes, 29999001);
	assert_true(proc_stdout(f->p)->tail.cap <= 4 * OUTLOG_TAIL);
	assert_tail(proc_stderr(f->p), "end\n");
}

struct seen {
	pid_t born, dying;
	bool program_ran; /* when born was called */
	char *mark;
	int refuse;
};

static int on_born(void *ctx, pid_t pgid, struct err *e)
{
	struct seen *s = ctx;

	s->born = pgid;
	s->program_ran = !access(s->mark, F_OK);
	return s->refuse ? err_set(e, s->refuse, "refused") : 0;
}

static void on_dying(void *ctx, pid_t pgid)
{
	struct seen *s = ctx;
	siginfo_t si;

	/* Not reaped yet: the number is still the child's. */
	assert_int_equal(waitid(P_PID, (id_t)pgid, &si, WEXITED | WNOHANG | WNOWAIT), 0);
	assert_int_equal(si.si_pid, pgid);
	s->dying = pgid;
}

static void groups_are_announced_before_the_program_and_recalled_before_reaping(void **state)
{
	struct fixture *f = *state;
	char mark[128], script[160];
	struct seen seen = { .mark = mark };
	const struct proc_hooks hooks = { &seen, on_born, on_dying };
	struct err e = ERR_INIT;

	snprintf(mark, sizeof(mark), "%s/ran", f->dir.path);
	snprintf(script, sizeof(script), "touch %s", mark);
	run(f, &(struct proc_spec){ .hooks = &hooks }, script);
	assert_int_equal(seen.born, proc_info(f->p)->pid);
	assert_int_equal(seen.dying, seen.born);
	assert_false(seen.program_ran);
	assert_int_equal(access(mark, F_OK), 0);

	assert_int_equal(unlink(mark), 0);
	seen.refuse = -ENOSPC;
	assert_int_equal(start(f, &(struct proc_spec){ .hooks = &hooks }, script, &e), -ENOSPC);
	assert_string_equal(e.text, "child: refused");
	assert_int_equal(access(mark, F_OK), -1);
}

static void a_loop_stopped_by_somebody_else_ends_the_waiting(void **state)
{
	struct fixture *f = *state;
	struct loop_timer timer = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(start(f, &(struct proc_spec){ .name = "x" }, "exec sleep 60", &e), 0);
	loop_timer_set(f->loop, &timer, clock_mono_ns() + NS_PER_MS, (loop_cb)loop_stop, f->loop);
	assert_int_equal(proc_await_ready(f->p, soon(), &e), -EINTR);
	assert_string_equal(e.text, "x: interrupted before it said READY=1");
}

/* What is left when a parent dies of kill -9 with nobody to clean up: not even the child. */
static void a_child_does_not_outlive_its_parent(void **state)
{
	struct fixture *f = *state;
	int pipe_fds[2], child;
	pid_t parent;

	assert_int_equal(pipe(pipe_fds), 0);
	parent = fork();
	if (!parent) {
		struct fixture own = { .loop = loop_new(NULL), .dir = f->dir };

		if (start(&own, &(struct proc_spec){ 0 }, "exec sleep 60", NULL))
			_exit(1);
		child = proc_info(own.p)->pid;
		if (write(pipe_fds[1], &child, sizeof(child)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(pipe_fds[0], &child, sizeof(child)), sizeof(child));
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_int_equal(kill(child, 0), 0);
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_true(ends(child));
}

static void a_program_is_run_to_its_end_for_its_output(void **state UNUSED)
{
	static const struct {
		const char *script;
		size_t max;
		int rc;
		const char *expected;
	} rows[] = {
		{ "echo one; echo two", 100, 0, "one\ntwo\n" },
		{ "echo oops >&2; exit 3", 100, -EIO, "sh: exit 3: oops" },
		{ "echo 12345", 3, -EFBIG, "sh: wrote more than 3 bytes" },
		{ "exec sleep 60", 3, -ETIMEDOUT, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strv argv = { 0 };
		struct buf out = { 0 };
		struct err e = ERR_INIT;

		strv_add(&argv, "sh");
		strv_add(&argv, "-c");
		strv_add(&argv, rows[i].script);
		assert_int_equal(proc_capture(&argv, rows[i].max,
					      rows[i].rc == -ETIMEDOUT ? 50 * NS_PER_MS : LONG_NS,
					      &out, &e),
				 rows[i].rc);
		if (rows[i].expected)
			assert_string_equal(rows[i].rc ? e.text : buf_str(&out), rows[i].expected);
		strv_release(&argv);
		buf_release(&out);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(output_times_and_costs_of_a_child_are_known),
		T(ends_are_told_in_words),
		T(a_child_inherits_nothing_but_what_is_given),
		T(a_child_leads_its_own_group_on_the_given_cpu),
		T(a_program_that_cannot_run_is_an_error_with_the_reason),
		T(readiness_may_come_from_what_the_child_started),
		T(a_foreign_ready_is_counted_and_ignored),
		T(an_end_before_readiness_is_told_with_the_last_words),
		T(waiting_ends_at_the_deadline),
		T(counters_are_asked_by_signal),
		T(who_would_be_killed_by_the_question_is_not_asked),
		T(stopping_is_polite_first),
		T(a_stopped_child_hears_the_request_too),
		T(who_ignores_the_request_is_killed_with_its_children),
		T(a_child_that_floods_its_pipe_is_neither_blocked_nor_kept_whole),
		T(groups_are_announced_before_the_program_and_recalled_before_reaping),
		T(a_loop_stopped_by_somebody_else_ends_the_waiting),
		T(a_child_does_not_outlive_its_parent),
		cmocka_unit_test(a_program_is_run_to_its_end_for_its_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
