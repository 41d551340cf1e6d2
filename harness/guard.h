/*
 * Nothing is left behind, even when we are killed with -9.
 *
 * guard_start() forks a small guardian, before any thread exists, joined to us by
 * a socket.  It makes the temporary directories and is told every process group.
 * When the socket closes, for whatever reason, it ends the groups (SIGTERM, after
 * a grace SIGKILL), removes the directories, and exits.  In a normal end there is
 * nothing left for it to do.  It lives in its own session and ignores the terminal's signals.
 *
 * Why it makes the directories itself: one that we had made could not yet be
 * registered when we are killed.  Why groups are registered before their program
 * runs (proc_hooks.born): for the same reason.
 *
 * Ownership: guard_start()/guard_stop().  Threads: one at a time.  Children that
 * fork without exec keep the socket open and must not outlive us.
 */
#ifndef HARNESS_GUARD_H
#define HARNESS_GUARD_H

#include <sys/types.h>

#include "extractors/base/err.h"
#include "harness/tempdir.h"

#define GUARD_GROUPS_MAX 64 /* at a time */
#define GUARD_DIRS_MAX	 64

struct guard;

int guard_start(struct guard **out, struct err *e) MUST_CHECK;
/* A fresh directory; guard_rmdir() removes it, or the guardian does. */
int guard_mkdtemp(struct guard *g, const char *prefix, char path[TEMPDIR_PATH_MAX],
		  struct err *e) MUST_CHECK;
int guard_rmdir(struct guard *g, const char *path, struct err *e) MUST_CHECK;
int guard_add_group(struct guard *g, pid_t pgid, struct err *e) MUST_CHECK;
/* Before the leader is reaped: afterwards the number may be somebody else's. */
int guard_forget_group(struct guard *g, pid_t pgid, struct err *e) MUST_CHECK;
/*
 * The normal end: the guardian cleans what is still registered and is waited
 * for.  -EIO when it could not remove everything.
 */
int guard_stop(struct guard *g, struct err *e) MUST_CHECK;
pid_t guard_pid(const struct guard *g);

#endif
