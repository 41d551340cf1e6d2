/*
 * A private redis-server for a test: its own directory, a Unix socket, or also
 * a TCP port that was free a moment ago; nothing saved.
 *
 * Started and ended by its pid; it dies with the test (PR_SET_PDEATHSIG).  Ready
 * means that it answered a PING within the deadline.
 */
#ifndef TESTS_REDIS_SERVER_H
#define TESTS_REDIS_SERVER_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "extractors/base/clock.h"
#include "extractors/base/compiler.h"

struct redis_server {
	char dir[64], socket[96], log[96];
	int port;	      /* 0: the socket alone */
	const char *password; /* NULL: none */
	pid_t pid;
	redisContext *control; /* a connection of the test's own */
};

#define REDIS_READY_NS (10 * NS_PER_S)

static inline bool redis_server_installed(void)
{
	return system("command -v redis-server >/dev/null 2>&1") == 0; /* NOLINT: a fixed text */
}

static inline void redis_server_dir(struct redis_server *s)
{
	memset(s, 0, sizeof(*s));
	strcpy(s->dir, "/tmp/redis-test-XXXXXX");
	BUG_ON(!mkdtemp(s->dir));
	snprintf(s->socket, sizeof(s->socket), "%s/redis.sock", s->dir);
	snprintf(s->log, sizeof(s->log), "%s/redis.log", s->dir);
}

static inline int redis_server_free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	BUG_ON(fd < 0 || bind(fd, (struct sockaddr *)&a, len) ||
	       getsockname(fd, (struct sockaddr *)&a, &len));
	close(fd);
	return ntohs(a.sin_port);
}

static inline void redis_server_exec(const struct redis_server *s, pid_t parent)
{
	char port[16];
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	snprintf(port, sizeof(port), "%d", s->port);
	execlp("redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1",
	       "--unixsocket", s->socket, "--dir", s->dir, "--logfile", s->log, "--save", "",
	       "--appendonly", "no", s->password ? "--requirepass" : NULL, s->password, NULL);
	_exit(127);
}

/* A connection that answers, or NULL when the deadline or the server's end came first. */
static inline redisContext *redis_server_ask(struct redis_server *s)
{
	int64_t deadline_ns = clock_mono_ns() + REDIS_READY_NS;

	while (clock_mono_ns() < deadline_ns && waitpid(s->pid, NULL, WNOHANG) == 0) {
		redisContext *c = redisConnectUnix(s->socket);
		redisReply *r = NULL;

		if (!c->err && s->password)
			freeReplyObject(redisCommand(c, "AUTH %s", s->password));
		if (!c->err)
			r = redisCommand(c, "PING");
		if (r && r->type == REDIS_REPLY_STATUS) {
			freeReplyObject(r);
			return c;
		}
		if (r)
			freeReplyObject(r);
		redisFree(c);
		clock_sleep_until_ns(clock_mono_ns() + 2 * NS_PER_MS);
	}
	return NULL;
}

static inline void redis_server_start(struct redis_server *s)
{
	pid_t parent = getpid();

	s->pid = fork();
	BUG_ON(s->pid < 0);
	if (!s->pid)
		redis_server_exec(s, parent);
	s->control = redis_server_ask(s);
	BUG_ON(!s->control);
}

static inline void redis_server_kill(struct redis_server *s)
{
	if (s->control)
		redisFree(s->control);
	s->control = NULL;
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}

static inline void redis_server_end(struct redis_server *s)
{
	redis_server_kill(s);
	unlink(s->socket);
	unlink(s->log);
	rmdir(s->dir);
}

#endif
