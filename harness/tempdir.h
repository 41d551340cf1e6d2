/*
 * A private temporary directory, and its removal that cannot go astray.
 *
 * A directory is known by path and inode: what was put in its place meanwhile is
 * not removed.  Removal never follows a symbolic link and never leaves the file
 * system.  Ownership: the structs are the caller's.
 */
#ifndef HARNESS_TEMPDIR_H
#define HARNESS_TEMPDIR_H

#include <sys/types.h>

#include "extractors/base/err.h"

/* Short, as sockets live inside and a socket's address has 107 bytes. */
#define TEMPDIR_PATH_MAX 80

struct tempdir {
	char path[TEMPDIR_PATH_MAX];
	dev_t dev;
	ino_t ino;
};

/* A fresh directory of mode 0700 below TMPDIR (default /tmp), named prefix-XXXXXX. */
int tempdir_make(struct tempdir *t, const char *prefix, struct err *e) MUST_CHECK;
/* Remove it with all it holds.  0 also when it is gone already. */
int tempdir_remove(const struct tempdir *t, struct err *e) MUST_CHECK;

#endif
