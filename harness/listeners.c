/*
 * Listening sockets by process; see listeners.h.
 *
 * /proc/PID/fd names the sockets of a process by inode, /proc/PID/net/tcp{,6} the
 * listening ones of its network namespace: what is in both is the answer.
 */
#include "harness/listeners.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/procfs_parse.h"

#define TABLE_MAX (16 * 1048576) /* 150 bytes a socket of the whole host */

struct inodes {
	uint64_t *v;
	size_t n;
};

static int socket_inodes(pid_t pid, struct inodes *out, struct err *e)
{
	char path[64], link[64];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	while ((d = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);
		uint64_t inode;

		if (n <= 0)
			continue;
		link[n] = '\0';
		if (sscanf(link, "socket:[%" SCNu64 "]", &inode) != 1)
			continue;
		out->v = mem_realloc(out->v, out->n + 1, sizeof(*out->v));
		out->v[out->n++] = inode;
	}
	closedir(dir);
	return 0;
}

static bool owns(const struct inodes *in, uint64_t inode)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->v[i] == inode)
			return true;
	return false;
}

static int match_table(pid_t pid, const char *table, const struct inodes *in, int *ports,
		       size_t max, int found, struct err *e)
{
	struct buf text = { 0 };
	size_t pos = 0;
	uint64_t inode;
	char path[64];
	int port, rc;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, table);
	rc = file_read(path, TABLE_MAX, &text, e);
	while (!rc && procfs_next_listener(text.data, text.len, &pos, &port, &inode))
		if (owns(in, inode)) {
			if ((size_t)found < max)
				ports[found] = port;
			found++;
		}
	buf_release(&text);
	return rc ? rc : found;
}

int listeners_of(pid_t pid, int *ports, size_t max, struct err *e)
{
	struct inodes in = { 0 };
	int rc = socket_inodes(pid, &in, e), found;

	if (!rc)
		rc = match_table(pid, "tcp", &in, ports, max, 0, e);
	if (rc >= 0) {
		/* No such file: a kernel without IPv6. */
		found = match_table(pid, "tcp6", &in, ports, max, rc, NULL);
		if (found > 0)
			rc = found;
	}
	free(in.v);
	return rc;
}

int port_pick(int *port, struct err *e)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    getsockname(fd, (struct sockaddr *)&a, &len))
		rc = err_set(e, -errno, "a free TCP port: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	*port = ntohs(a.sin_port);
	return rc;
}
