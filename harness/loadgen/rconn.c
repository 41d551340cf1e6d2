/* Sockets to Redis; see rconn.h. */
#include "harness/loadgen/rconn.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/resp.h"

int rconn_wait(int fd, short events, int64_t deadline_ns)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left_ns = deadline_ns - clock_mono_ns();
		struct timespec ts = { .tv_sec = left_ns / NS_PER_S,
				       .tv_nsec = left_ns % NS_PER_S };
		int n;

		if (left_ns <= 0)
			return -ETIMEDOUT;
		n = ppoll(&p, 1, &ts, NULL);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

int rconn_send(int fd, const char *p, size_t len, int64_t deadline_ns, struct err *e)
{
	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		int rc = 0;

		if (n > 0) {
			p += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			rc = rconn_wait(fd, POLLOUT, deadline_ns);
		} else if (errno != EINTR) {
			rc = -errno;
		}
		if (rc)
			return err_set(e, rc, "writing to Redis: %s", strerror(-rc));
	}
	return 0;
}

static int finish_connect(int fd, int64_t deadline_ns)
{
	int rc = rconn_wait(fd, POLLOUT, deadline_ns), error = 0;
	socklen_t size = sizeof(error);

	if (!rc && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		error = errno;
	return rc ? rc : -error;
}

static int connect_to(int *fd, const struct sockaddr *sa, socklen_t size, int64_t deadline_ns)
{
	int rc = 0, s = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return -errno;
	if (connect(s, sa, size))
		rc = errno == EINPROGRESS ? finish_connect(s, deadline_ns) : -errno;
	if (rc) {
		close(s);
		return rc;
	}
	*fd = s;
	return 0;
}

static int connect_unix(int *fd, const char *path, int64_t deadline_ns, struct err *e)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int rc;

	if (strlen(path) >= sizeof(un.sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: path of a socket: at most %zu bytes", path,
			       sizeof(un.sun_path) - 1);
	memcpy(un.sun_path, path, strlen(path));
	rc = connect_to(fd, (const struct sockaddr *)&un, sizeof(un), deadline_ns);
	return rc ? err_set(e, rc, "%s: %s", path, strerror(-rc)) : 0;
}

static int connect_tcp(int *fd, const struct rconn_addr *a, int64_t deadline_ns, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *i;
	char port[16];
	int rc, on = 1;

	snprintf(port, sizeof(port), "%d", a->port);
	rc = getaddrinfo(a->host, port, &hints, &list);
	if (rc)
		return err_set(e, -EHOSTUNREACH, "%s: %s", a->host, gai_strerror(rc));
	rc = -EHOSTUNREACH;
	for (i = list; i && rc; i = i->ai_next)
		rc = connect_to(fd, i->ai_addr, i->ai_addrlen, deadline_ns);
	freeaddrinfo(list);
	if (rc)
		return err_set(e, rc, "%s:%d: %s", a->host, a->port, strerror(-rc));
	setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

/* One reply, which must be a simple string.  Nothing else is on its way yet. */
static int expect_simple(int fd, int64_t deadline_ns, struct err *e)
{
	char in[1024];
	size_t len = 0;
	struct resp r;

	for (;;) {
		ssize_t n = recv(fd, in + len, sizeof(in) - len, 0), used;

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			int rc = rconn_wait(fd, POLLIN, deadline_ns);

			if (rc)
				return err_set(e, rc, "no answer: %s", strerror(-rc));
			continue;
		}
		if (n <= 0)
			return err_set(e, n ? -errno : -ECONNRESET, "connection closed");
		len += (size_t)n;
		used = resp_parse(in, len, &r);
		if (used > 0)
			break;
		if (used < 0 || len == sizeof(in))
			return err_set(e, -EPROTO, "not a Redis server");
	}
	if (r.type == '-')
		return err_set(e, -EACCES, "%.*s", (int)r.items[0].text.len, r.items[0].text.p);
	return r.type == '+' ? 0 : err_set(e, -EPROTO, "not a Redis server");
}

static int call(int fd, int argc, const char *const *argv, int64_t deadline_ns, struct err *e)
{
	struct buf cmd = { 0 };
	int rc;

	resp_add_command(&cmd, argc, argv);
	rc = rconn_send(fd, cmd.data, cmd.len, deadline_ns, e);
	buf_release(&cmd);
	return rc ? rc : expect_simple(fd, deadline_ns, e);
}

static int greet(int fd, const struct rconn_addr *a, int64_t deadline_ns, struct err *e)
{
	bool named = a->username && a->username[0];
	const char *const auth[] = { "AUTH", named ? a->username : a->password, a->password };
	const char *const ping[] = { "PING" };
	int rc = 0;

	if (a->password && a->password[0])
		rc = call(fd, named ? 3 : 2, auth, deadline_ns, e);
	return rc ? rc : call(fd, 1, ping, deadline_ns, e);
}

int rconn_open(int *fd, const struct rconn_addr *a, int64_t timeout_ns, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + timeout_ns;
	bool local = a->socket && a->socket[0];
	int rc = local ? connect_unix(fd, a->socket, deadline_ns, e)
		       : connect_tcp(fd, a, deadline_ns, e);

	if (rc)
		return rc;
	rc = greet(*fd, a, deadline_ns, e);
	if (rc) {
		close(*fd);
		*fd = -1;
		err_wrap(e, "Redis at %s", local ? a->socket : a->host);
	}
	return rc;
}
