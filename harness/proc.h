/*
 * One child process: started, heard, asked, stopped, its end in words.
 *
 * A child has its own process group, dies with us (PR_SET_PDEATHSIG), holds no
 * descriptor of ours but its three, reads /dev/null and writes pipes that the
 * caller's loop drains as long as it runs (base/loop).  The proc_await functions
 * run that loop until their condition, a deadline or the child's end; they never
 * sleep, and must not be called from a callback of the loop.
 *
 * Times are monotonic ns.  started_ns is read by the child itself immediately
 * before exec, so that fork and pinning are not part of a start-up time.
 * Ownership: proc_start()/proc_free(); the loop must outlive the proc.
 * Threads: one; the thread that starts children must live as long as they do,
 * PR_SET_PDEATHSIG (prctl(2)) is tied to it.
 * Errors name the program and end with its last words.
 */
#ifndef HARNESS_PROC_H
#define HARNESS_PROC_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "extractors/base/err.h"
#include "extractors/base/loop.h"
#include "harness/counters.h"
#include "harness/outlog.h"
#include "harness/strv.h"

struct proc;

/* Who else must know which process groups live (guard.h). */
struct proc_hooks {
	void *ctx;
	/* The group exists, the program does not run yet.  An error stops the start. */
	int (*born)(void *ctx, pid_t pgid, struct err *e);
	/* The leader has ended and is not reaped: its number still means this group. */
	void (*dying)(void *ctx, pid_t pgid);
};

struct proc_spec {
	const char *name;	  /* for messages */
	const struct strv *argv;  /* argv[0] is looked up in our PATH */
	const struct strv *env;	  /* the whole environment, nothing is inherited; NULL: ours */
	const char *cwd;	  /* NULL: ours */
	const cpu_set_t *cpus;	  /* NULL: ours */
	const char *notify_dir;	  /* make a notify socket here and pass NOTIFY_SOCKET; NULL: none */
	size_t keep_stdout_bytes; /* keep this much of stdout whole, not only its tail */
	size_t keep_stderr_bytes; /* the same of stderr */
	const struct proc_hooks *hooks; /* or NULL */
	struct loop *loop;
};

struct proc_info {
	pid_t pid; /* and process group */
	int64_t started_ns;
	int64_t pre_exec_cpu_ns; /* CPU the child used before exec: not the program's */
	int64_t ready_ns;	 /* READY=1 came; 0: not yet */
	int64_t stopping_ns;	 /* the same for STOPPING=1 */
	int64_t exited_ns;	 /* seen to have ended; 0: runs */
	int status;		 /* wait status, once exited */
	int64_t user_cpu_ns, system_cpu_ns, max_rss_bytes; /* of getrusage, once exited */
	int64_t voluntary_switches, involuntary_switches;  /* all threads, once exited */
	uint64_t n_watchdog;				   /* WATCHDOG=1 messages */
	uint64_t n_foreign; /* notify messages of living processes outside the group: ignored */
};

int proc_start(struct proc **out, const struct proc_spec *spec, struct err *e) MUST_CHECK;
/* Kills what still runs.  NULL is allowed. */
void proc_free(struct proc *p);

const struct proc_info *proc_info(const struct proc *p);
const char *proc_name(const struct proc *p);
const struct outlog *proc_stdout(const struct proc *p);
const struct outlog *proc_stderr(const struct proc *p);

static inline bool proc_exited(const struct proc *p)
{
	return proc_info(p)->exited_ns;
}

/*
 * Run the loop until cond(p, ctx) holds.  0; -ETIMEDOUT; -ECHILD when the child
 * ended first; -EINTR when somebody stopped the loop.  `what` completes
 * "not … after 5 s".
 */
int proc_await(struct proc *p, bool (*cond)(const struct proc *p, void *ctx), void *ctx,
	       const char *what, int64_t deadline_ns, struct err *e) MUST_CHECK;
int proc_await_ready(struct proc *p, int64_t deadline_ns, struct err *e) MUST_CHECK;
/* -ETIMEDOUT when it still runs at the deadline; then *e may be NULL: as a pause that an end cuts short. */
int proc_await_exit(struct proc *p, int64_t deadline_ns, struct err *e) MUST_CHECK;

/* Would the signal be handled (caught, or blocked and read by signalfd), not kill? */
bool proc_handles_signal(const struct proc *p, int signo);
int proc_signal(struct proc *p, int signo, struct err *e) MUST_CHECK;

/*
 * Ask for the counters by SIGUSR1 and await the line.  -ENOTSUP when the program
 * would be killed by that signal.  *at_ns (may be NULL) is when the line came.
 */
int proc_ask_stats(struct proc *p, int64_t deadline_ns, struct counters *out, int64_t *at_ns,
		   struct err *e) MUST_CHECK;
/* The last counters it printed, asked or not; -ENODATA when it never did. */
int proc_last_stats(const struct proc *p, struct counters *out, int64_t *at_ns,
		    struct err *e) MUST_CHECK;

/*
 * SIGTERM, await the end, SIGKILL after the grace.  0 also when it had ended
 * before; -ETIMEDOUT when it had to be killed (it is gone then too).  What is left of its group is killed.
 */
int proc_stop(struct proc *p, int64_t grace_ns, struct err *e) MUST_CHECK;

#define PROC_WORDS_MAX 64
/* "exit 2", "killed by signal 9 (Killed)", "killed by signal 11 (Segmentation fault), core dumped" */
const char *proc_exit_words(int status, char out[PROC_WORDS_MAX]);

/* Where PATH finds a program; -ENOENT says which package brings it, if `package` is not NULL. */
int proc_find_program(const char *name, const char *package, char *path, size_t size,
		      struct err *e) MUST_CHECK;

/* Run a program to its end, at most timeout_ns, and append its stdout; a failure's words are in *e. */
int proc_capture(const struct strv *argv, size_t max_bytes, int64_t timeout_ns, struct buf *out,
		 struct err *e) MUST_CHECK;
/* The same of a program that a spec describes, under its loop and hooks; -EINTR: somebody stopped the loop. */
int proc_capture_spec(const struct proc_spec *spec, int64_t timeout_ns, struct buf *out,
		      struct err *e) MUST_CHECK;

#endif
