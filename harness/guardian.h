/*
 * The guardian's side of the guard, and the packets between the two.
 *
 * Both ends are the same binary, so the structs travel as they are.
 */
#ifndef HARNESS_GUARDIAN_H
#define HARNESS_GUARDIAN_H

#include <sys/types.h>

#include "extractors/base/compiler.h"
#include "harness/tempdir.h"

enum guard_op { GUARD_MKDTEMP, GUARD_RMDIR, GUARD_ADD_GROUP, GUARD_FORGET_GROUP, GUARD_OPS };

struct guard_request {
	enum guard_op op;
	pid_t pgid;
	char path[TEMPDIR_PATH_MAX]; /* of a directory, or the prefix of a new one */
};

struct guard_answer {
	int rc;		/* 0 or negative errno */
	char text[256]; /* the new path, or what went wrong */
};

/* The guardian's whole life, after fork; `fd` is its end of the socket. */
void guardian_run(int fd) NORETURN;

#endif
