/* Whole small files; see file.h. */
#include "harness/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_is_in(const char *dir, const char *name)
{
	struct buf path = { 0 };
	bool there;

	buf_printf(&path, "%s/%s", dir, name);
	there = !access(buf_str(&path), F_OK);
	buf_release(&path);
	return there;
}

static int read_all(int fd, const char *path, size_t max_bytes, struct buf *out, struct err *e)
{
	size_t from = out->len;

	for (;;) {
		/* One byte more than allowed, so that "exactly max" and "more" differ. */
		size_t room = max_bytes - (out->len - from) + 1;
		ssize_t n;

		if (room > 65536)
			room = 65536;
		n = read(fd, buf_reserve(out, room), room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, -errno, "%s: %s", path, strerror(errno));
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		if (out->len - from > max_bytes)
			return err_set(e, -EFBIG, "%s: larger than %zu bytes", path, max_bytes);
	}
}

int file_read(const char *path, size_t max_bytes, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int rc;

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	rc = read_all(fd, path, max_bytes, out, e);
	close(fd);
	return rc;
}

static int write_with(const char *path, int flags, const char *text, size_t len, struct err *e)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | flags, 0600);
	int rc = 0;

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (len && !rc) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			rc = err_set(e, -errno, "%s: %s", path, strerror(errno));
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	if (close(fd) && !rc)
		rc = err_set(e, -errno, "%s: %s", path, strerror(errno));
	return rc;
}

int file_write(const char *path, const char *text, size_t len, struct err *e)
{
	return write_with(path, O_CREAT | O_NOFOLLOW, text, len, e);
}

int file_replace(const char *dir, const char *name, const struct buf *text, struct err *e)
{
	struct buf path = { 0 }, temp = { 0 };
	FILE *f;
	int rc = 0;

	buf_printf(&path, "%s/%s", dir, name);
	buf_printf(&temp, "%s/.%s.new", dir, name);
	f = fopen(buf_str(&temp), "we");
	if (!f || fwrite(text->data, 1, text->len, f) != text->len || fflush(f) ||
	    rename(buf_str(&temp), buf_str(&path)))
		rc = err_set(e, -errno, "%s: %s", buf_str(&path), strerror(errno));
	if (f)
		fclose(f);
	buf_release(&path);
	buf_release(&temp);
	return rc;
}

static int make_folders(char *dir, struct err *e)
{
	for (char *p = strchr(dir + 1, '/');; p = strchr(p + 1, '/')) {
		if (p)
			*p = '\0';
		if (mkdir(dir, 0777) && errno != EEXIST)
			return err_set(e, -errno, "%s: %s", dir, strerror(errno));
		if (!p)
			return 0;
		*p = '/';
	}
}

int file_put(const char *path, const struct buf *text, struct err *e)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct buf dir = { 0 };
	struct stat st;
	int rc;

	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return write_with(path, 0, text->data, text->len, e);
	if (!*name)
		return err_set(e, -EISDIR, "%s: %s", path, strerror(EISDIR));
	if (slash == path)
		buf_add_char(&dir, '/');
	else if (slash)
		buf_add(&dir, path, (size_t)(slash - path));
	else
		buf_add_char(&dir, '.');
	buf_str(&dir);
	rc = make_folders(dir.data, e);
	rc = rc ? rc : file_replace(buf_str(&dir), name, text, e);
	buf_release(&dir);
	return rc;
}
