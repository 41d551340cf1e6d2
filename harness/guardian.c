/*
 * The guardian: a list of groups and directories, and the end of both.
 *
 * It reads requests until the other end is closed, by exit or by kill -9, and
 * then cleans up.  Apart from errors and what it had to clean it says nothing.
 */
#include "harness/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "harness/guard.h"
#include "harness/pgroup.h"

/* A subject has 2 s to flush after SIGTERM by its contract. */
#define GRACE_NS (5 * NS_PER_S / 2)

struct guardian {
	pid_t parent; /* whom we clean up after; for messages */
	struct pgroup groups[GUARD_GROUPS_MAX];
	size_t n_groups;
	struct tempdir dirs[GUARD_DIRS_MAX];
	size_t n_dirs;
};

static int op_mkdtemp(struct guardian *s, const struct guard_request *q, struct guard_answer *a,
		      struct err *e)
{
	struct tempdir *t = &s->dirs[s->n_dirs];
	int rc;

	if (s->n_dirs == GUARD_DIRS_MAX)
		return err_set(e, -ENOSPC, "more than %d directories", GUARD_DIRS_MAX);
	rc = tempdir_make(t, q->path, e);
	if (rc)
		return rc;
	s->n_dirs++;
	memcpy(a->text, t->path, sizeof(t->path));
	return 0;
}

static int op_rmdir(struct guardian *s, const struct guard_request *q,
		    struct guard_answer *a UNUSED, struct err *e)
{
	for (size_t i = 0; i < s->n_dirs; i++) {
		int rc;

		if (strcmp(s->dirs[i].path, q->path))
			continue;
		rc = tempdir_remove(&s->dirs[i], e);
		if (!rc)
			s->dirs[i] = s->dirs[--s->n_dirs];
		return rc;
	}
	return err_set(e, -ENOENT, "%s: not a directory made here", q->path);
}

static int op_add_group(struct guardian *s, const struct guard_request *q,
			struct guard_answer *a UNUSED, struct err *e)
{
	int rc;

	if (s->n_groups == GUARD_GROUPS_MAX)
		return err_set(e, -ENOSPC, "more than %d process groups", GUARD_GROUPS_MAX);
	rc = pgroup_identify(&s->groups[s->n_groups], q->pgid, e);
	if (!rc)
		s->n_groups++;
	return rc;
}

static int op_forget_group(struct guardian *s, const struct guard_request *q,
			   struct guard_answer *a UNUSED, struct err *e)
{
	for (size_t i = 0; i < s->n_groups; i++)
		if (s->groups[i].pgid == q->pgid) {
			s->groups[i] = s->groups[--s->n_groups];
			return 0;
		}
	return err_set(e, -ENOENT, "process group %d: not registered", (int)q->pgid);
}

static int (*const ops[GUARD_OPS])(struct guardian *s, const struct guard_request *q,
				   struct guard_answer *a, struct err *e) = {
	[GUARD_MKDTEMP] = op_mkdtemp,
	[GUARD_RMDIR] = op_rmdir,
	[GUARD_ADD_GROUP] = op_add_group,
	[GUARD_FORGET_GROUP] = op_forget_group,
};

static void answer(struct guardian *s, int fd, const struct guard_request *q)
{
	struct guard_answer a = { 0 };
	struct err e = ERR_INIT;

	a.rc = ops[q->op](s, q, &a, &e);
	if (a.rc)
		snprintf(a.text, sizeof(a.text), "%s", e.text);
	/* A failure is the end of the other side, which the next recv() shows. */
	send(fd, &a, sizeof(a), MSG_NOSIGNAL);
}

/* Until the other end is closed. */
static void serve(struct guardian *s, int fd)
{
	for (;;) {
		struct guard_request q;
		ssize_t n = recv(fd, &q, sizeof(q), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(q))
			return;
		BUG_ON((unsigned int)q.op >= GUARD_OPS);
		q.path[sizeof(q.path) - 1] = '\0';
		answer(s, fd, &q);
	}
}

/* Groups first: they write into the directories. */
static int clean_up(const struct guardian *s)
{
	int ended = 0, failed = 0;

	for (size_t i = 0; i < s->n_groups; i++) {
		int n = pgroup_end(&s->groups[i], GRACE_NS);

		if (n < 0) {
			log_error("process group %d cannot be ended", (int)s->groups[i].pgid);
			failed = 1;
		} else {
			ended += n;
		}
	}
	for (size_t i = 0; i < s->n_dirs; i++) {
		struct err e = ERR_INIT;

		if (tempdir_remove(&s->dirs[i], &e)) {
			log_error("%s", e.text);
			failed = 1;
		}
	}
	if (s->n_groups || s->n_dirs)
		log_warning("left by process %d: %zu process groups (%d processes still ran), "
			    "%zu directories; %s",
			    (int)s->parent, s->n_groups, ended, s->n_dirs,
			    failed ? "not all could be removed" : "removed");
	return failed;
}

/* Nothing of the parent's may stay open here, or its readers would wait for us. */
static int detach(int fd)
{
	static const int ignored[] = { SIGINT,	SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
				       SIGTSTP, SIGUSR1, SIGUSR2, SIGALRM };
	sigset_t none;
	int null_fd;

	setsid();
	/* Handlers and blocked signals were the parent's. */
	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_NAME, "bench-guard");
	if (fd != 3)
		dup2(fd, 3);
	close_range(4, ~0U, 0);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd >= 0) {
		dup2(null_fd, 0);
		dup2(null_fd, 1);
	}
	return chdir("/") ? -1 : 3;
}

void guardian_run(int fd)
{
	struct guardian state = { .parent = getppid() };

	fd = detach(fd);
	log_init("bench-guard", LOG_INFO);
	if (fd >= 0)
		serve(&state, fd);
	_exit(clean_up(&state));
}
