/* The file of refused batches; see rejected.h. */
#include "extractors/io/rejected.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extractors/base/buf.h"
#include "extractors/base/clock.h"

/* A comment and the lines; cut behind the last line that fits. */
static void compose(struct buf *out, const struct rejected_file *r, const char *reason,
		    uint64_t points, const char *text, size_t len)
{
	char iso[CLOCK_ISO_MAX];
	size_t half = (size_t)(r->max_bytes / 2);
	const char *end;

	clock_format_iso(iso, clock_wall_us());
	buf_printf(out, "# %s %llu points: %s\n", iso, (unsigned long long)points, reason);
	if (out->len + len > half) {
		end = half > out->len ? memrchr(text, '\n', half - out->len) : NULL;
		len = end ? (size_t)(end - text) + 1 : 0;
	}
	buf_add(out, text, len);
}

static int append_to(const char *path, const char *old_path, int64_t half, const struct buf *what)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		      0600);
	struct stat st;
	ssize_t n;
	int rc = 0;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size && st.st_size + (int64_t)what->len > half) {
		close(fd);
		if (rename(path, old_path))
			return -errno;
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		return -errno;
	n = write(fd, what->data, what->len);
	if (n != (ssize_t)what->len)
		rc = n < 0 ? -errno : -ENOSPC;
	close(fd);
	return rc;
}

int rejected_append(const struct rejected_file *r, const char *reason, uint64_t points,
		    const char *text, size_t len, struct err *e)
{
	struct buf what = { 0 }, path = { 0 }, old_path = { 0 };
	int rc = 0;

	buf_printf(&path, "%s/rejected", r->dir);
	if (mkdir(buf_str(&path), 0700) && errno != EEXIST)
		rc = err_set(e, -errno, "%s: %s", buf_str(&path), strerror(errno));
	if (!rc) {
		buf_printf(&path, "/%s.lp", r->program);
		buf_printf(&old_path, "%s.old", buf_str(&path));
		compose(&what, r, reason, points, text, len);
		rc = append_to(buf_str(&path), buf_str(&old_path), r->max_bytes / 2, &what);
		if (rc)
			err_set(e, rc, "%s: %s", buf_str(&path), strerror(-rc));
	}
	buf_release(&what);
	buf_release(&path);
	buf_release(&old_path);
	return rc;
}
