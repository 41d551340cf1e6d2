/*
 * Temporary directories; see tempdir.h.
 *
 * Removal walks by descriptors (openat, unlinkat), so that no path is looked up
 * twice and a link planted meanwhile leads nowhere.
 */
#include "harness/tempdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 64 /* of directories inside; a database uses six */
#define PASSES	  4  /* a writer that is just being killed may add a file behind us */

int tempdir_make(struct tempdir *t, const char *prefix, struct err *e)
{
	const char *base = getenv("TMPDIR");
	struct stat st;
	int n;

	n = snprintf(t->path, sizeof(t->path), "%s/%s-XXXXXX", base && *base ? base : "/tmp",
		     prefix);
	if (n < 0 || (size_t)n >= sizeof(t->path))
		return err_set(
			e, -ENAMETOOLONG,
			"TMPDIR=%s: too long, the path of a directory in it has at most %d bytes",
			base, TEMPDIR_PATH_MAX - 1);
	if (!mkdtemp(t->path))
		return err_set(e, -errno, "%s: %s", t->path, strerror(errno));
	if (lstat(t->path, &st))
		return err_set(e, -errno, "%s: %s", t->path, strerror(errno));
	t->dev = st.st_dev;
	t->ino = st.st_ino;
	return 0;
}

static int remove_children(int dir_fd, dev_t dev, int depth);

/* Remove one name below dir_fd. */
static int remove_entry(int dir_fd, const char *name, dev_t dev, int depth)
{
	struct stat st;
	int fd, rc;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISDIR(st.st_mode))
		return unlinkat(dir_fd, name, 0) && errno != ENOENT ? -errno : 0;
	if (st.st_dev != dev)
		return -EXDEV;
	if (depth == DEPTH_MAX)
		return -ELOOP;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fchmod(fd, 0700); /* a read-only directory keeps its entries; failing shows below */
	rc = remove_children(fd, dev, depth + 1);
	if (!rc && unlinkat(dir_fd, name, AT_REMOVEDIR) && errno != ENOENT)
		rc = -errno;
	return rc;
}

/* Remove all below dir_fd, which is closed.  The first failure is returned, the rest is tried. */
static int remove_children(int dir_fd, dev_t dev, int depth)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *d;
	int rc = 0, one;

	if (!dir) {
		rc = -errno;
		close(dir_fd);
		return rc;
	}
	while ((d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		one = remove_entry(dir_fd, d->d_name, dev, depth);
		if (one && !rc)
			rc = one;
	}
	closedir(dir);
	return rc;
}

static int remove_once(const struct tempdir *t)
{
	struct stat st;
	int fd, rc;

	fd = open(t->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) || st.st_dev != t->dev || st.st_ino != t->ino) {
		close(fd);
		return -ESTALE;
	}
	rc = remove_children(fd, t->dev, 0);
	if (!rc && rmdir(t->path))
		rc = errno == ENOENT ? 0 : -errno;
	return rc;
}

int tempdir_remove(const struct tempdir *t, struct err *e)
{
	int rc = -EIO;

	for (int pass = 0; pass < PASSES && rc; pass++) {
		rc = remove_once(t);
		if (rc == -ESTALE)
			return err_set(e, rc, "%s: is not the directory that was made; left alone",
				       t->path);
	}
	return rc ? err_set(e, rc, "%s: not removed: %s", t->path, strerror(-rc)) : 0;
}
