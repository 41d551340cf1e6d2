/* sd_notify's receiving end; see notify_socket.h. */
#include "harness/notify_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extractors/base/clock.h"

int notify_open(struct notify_socket *n, const char *dir, const char *name, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int len = snprintf(n->path, sizeof(n->path), "%s/%s", dir, name), on = 1;

	n->fd = -1;
	if (len < 0 || (size_t)len >= sizeof(n->path))
		return err_set(e, -ENAMETOOLONG,
			       "%s/%s: longer than a socket's path may be (%zu bytes)", dir, name,
			       sizeof(n->path) - 1);
	memcpy(addr.sun_path, n->path, (size_t)len + 1);
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (n->fd < 0)
		return err_set(e, -errno, "notify socket: %s", strerror(errno));
	if (setsockopt(n->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
	    bind(n->fd, (struct sockaddr *)&addr, sizeof(addr))) {
		int rc = err_set(e, -errno, "%s: %s", n->path, strerror(errno));

		close(n->fd);
		n->fd = -1;
		return rc;
	}
	return 0;
}

void notify_parse(const char *text, size_t len, struct notify_msg *m)
{
	static const struct {
		const char *line;
		size_t offset;
	} known[] = {
		{ "READY=1", offsetof(struct notify_msg, ready) },
		{ "STOPPING=1", offsetof(struct notify_msg, stopping) },
		{ "WATCHDOG=1", offsetof(struct notify_msg, watchdog) },
	};
	const char *end = text + len;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		*((bool *)((char *)m + known[i].offset)) = false;
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);

		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if (n == strlen(known[i].line) && !memcmp(text, known[i].line, n))
				*((bool *)((char *)m + known[i].offset)) = true;
		text += n + 1;
	}
}

int notify_receive(struct notify_socket *n, struct notify_msg *m)
{
	/* Room for the credentials alone: descriptors sent along are closed by the kernel. */
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	char text[4096];
	struct iovec iov = { text, sizeof(text) };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(n->fd, &h, MSG_CMSG_CLOEXEC);

	m->at_ns = clock_mono_ns();
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	m->sender = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			struct ucred cred;

			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
			m->sender = cred.pid;
		}
	notify_parse(text, (size_t)len, m);
	return 1;
}

void notify_close(struct notify_socket *n)
{
	if (n->fd < 0)
		return;
	unlink(n->path);
	close(n->fd);
	n->fd = -1;
}
