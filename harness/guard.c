/* Our end of the guard: one request, one answer; see guard.h.  The other end is guardian.c. */
#include "harness/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extractors/base/mem.h"
#include "harness/guardian.h"

struct guard {
	int fd;
	pid_t pid;
};

int guard_start(struct guard **out, struct err *e)
{
	int ends[2];
	struct guard *g;
	pid_t pid;

	/* Packets, so that a request is whole or not there. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return err_set(e, -errno, "guard: socketpair: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		err_set(e, -errno, "guard: fork: %s", strerror(errno));
		close(ends[0]);
		close(ends[1]);
		return -EAGAIN;
	}
	if (!pid)
		guardian_run(ends[1]);
	close(ends[1]);
	g = mem_calloc(1, sizeof(*g));
	g->fd = ends[0];
	g->pid = pid;
	*out = g;
	return 0;
}

static int ask(struct guard *g, const struct guard_request *q, struct guard_answer *a,
	       struct err *e)
{
	ssize_t n;

	do {
		n = send(g->fd, q, sizeof(*q), MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(e, -errno, "guard: the guardian is gone: %s", strerror(errno));
	do {
		n = recv(g->fd, a, sizeof(*a), 0);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*a))
		return err_set(e, -EPIPE, "guard: the guardian is gone");
	if (a->rc) {
		a->text[sizeof(a->text) - 1] = '\0';
		return err_set(e, a->rc, "guard: %s", a->text);
	}
	return 0;
}

static int ask_path(struct guard *g, enum guard_op op, const char *path, struct guard_answer *a,
		    struct err *e)
{
	struct guard_request q = { .op = op };
	size_t len = strlen(path);

	if (len >= sizeof(q.path))
		return err_set(e, -ENAMETOOLONG, "guard: %s: too long", path);
	memcpy(q.path, path, len + 1);
	return ask(g, &q, a, e);
}

int guard_mkdtemp(struct guard *g, const char *prefix, char path[TEMPDIR_PATH_MAX], struct err *e)
{
	struct guard_answer a;
	int rc = ask_path(g, GUARD_MKDTEMP, prefix, &a, e);

	if (!rc)
		memcpy(path, a.text, TEMPDIR_PATH_MAX);
	return rc;
}

int guard_rmdir(struct guard *g, const char *path, struct err *e)
{
	struct guard_answer a;

	return ask_path(g, GUARD_RMDIR, path, &a, e);
}

int guard_add_group(struct guard *g, pid_t pgid, struct err *e)
{
	struct guard_answer a;

	return ask(g, &(struct guard_request){ .op = GUARD_ADD_GROUP, .pgid = pgid }, &a, e);
}

int guard_forget_group(struct guard *g, pid_t pgid, struct err *e)
{
	struct guard_answer a;

	return ask(g, &(struct guard_request){ .op = GUARD_FORGET_GROUP, .pgid = pgid }, &a, e);
}

pid_t guard_pid(const struct guard *g)
{
	return g->pid;
}

int guard_stop(struct guard *g, struct err *e)
{
	int status = 0;
	pid_t pid;

	if (!g)
		return 0;
	close(g->fd);
	do {
		pid = waitpid(g->pid, &status, 0);
	} while (pid < 0 && errno == EINTR);
	free(g);
	if (pid < 0 || !WIFEXITED(status))
		return err_set(e, -EIO, "guard: the guardian was killed; look for leftovers");
	if (WEXITSTATUS(status))
		return err_set(e, -EIO, "guard: something could not be removed; see above");
	return 0;
}
