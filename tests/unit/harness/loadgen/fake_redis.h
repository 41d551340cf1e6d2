/*
 * A server that speaks as much RESP as these tests need, and misbehaves on demand.
 *
 * It listens on a unix socket in a directory of its own, in a thread; set the
 * behaviour before fake_start().  What was published is kept for comparison.
 */
#ifndef TESTS_FAKE_REDIS_H
#define TESTS_FAKE_REDIS_H

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "extractors/base/buf.h"
#include "harness/loadgen/resp.h"

#define FAKE_CLIENTS 20

struct fake_redis {
	/* behaviour */
	const char *auth_reply;	     /* NULL: +OK */
	const char *ping_reply;	     /* NULL: +PONG */
	const char *publish_reply;   /* NULL: by receivers_cycle */
	int receivers_cycle;	     /* publish i is answered with i % this; 0: with 0 */
	bool mute;		     /* PUBLISH is not answered */
	bool in_pieces;		     /* answers come byte by byte */
	size_t close_after;	     /* publishes, then the connection is closed; 0: never */
	const char *subscribe_reply; /* NULL: the confirmation */
	struct buf pushes;	     /* sent behind a confirmation */
	/* seen */
	_Atomic size_t published;
	_Atomic int accepted;
	char password[64];
	struct buf payloads; /* one a line; after fake_stop() */
	/* inside */
	char dir[32], path[64];
	int listen_fd, end_fd;
	pthread_t thread;
	struct {
		int fd;
		struct buf in;
	} clients[FAKE_CLIENTS];
	int n_clients;
};

static inline void fake_send(const struct fake_redis *f, int fd, const struct buf *out)
{
	size_t step = f->in_pieces ? 1 : out->len;

	for (size_t at = 0; at < out->len;) {
		size_t n = out->len - at < step ? out->len - at : step;
		ssize_t sent = send(fd, out->data + at, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* the client has gone: its own test will tell */
		at += (size_t)sent;
	}
}

/* Answer one command; false: close the connection. */
static inline bool fake_answer(struct fake_redis *f, const struct resp *cmd, struct buf *out)
{
	const struct span last = cmd->items[cmd->n - 1].text;

	if (resp_text_is(&cmd->items[0], "PING")) {
		buf_add_str(out, f->ping_reply ? f->ping_reply : "+PONG\r\n");
	} else if (resp_text_is(&cmd->items[0], "AUTH")) {
		snprintf(f->password, sizeof(f->password), "%.*s", (int)last.len, last.p);
		buf_add_str(out, f->auth_reply ? f->auth_reply : "+OK\r\n");
	} else if (resp_text_is(&cmd->items[0], "PUBLISH")) {
		size_t i = atomic_load(&f->published);

		buf_add(&f->payloads, last.p, last.len);
		buf_add_char(&f->payloads, '\n');
		if (!f->mute && f->publish_reply)
			buf_add_str(out, f->publish_reply);
		else if (!f->mute)
			buf_printf(out, ":%d\r\n",
				   f->receivers_cycle ? (int)(i % (size_t)f->receivers_cycle) : 0);
		atomic_store(&f->published, i + 1);
		return !f->close_after || i + 1 < f->close_after;
	} else if (f->subscribe_reply) {
		buf_add_str(out, f->subscribe_reply);
	} else {
		bool pattern = cmd->items[0].text.p[0] == 'P';

		buf_printf(out, "*3\r\n$%d\r\n%s\r\n$%zu\r\n%.*s\r\n:1\r\n", pattern ? 10 : 9,
			   pattern ? "psubscribe" : "subscribe", last.len, (int)last.len, last.p);
		buf_add(out, f->pushes.data, f->pushes.len);
		return !f->close_after;
	}
	return true;
}

static inline bool fake_read(struct fake_redis *f, int i)
{
	struct buf *in = &f->clients[i].in, out = { 0 };
	ssize_t n = recv(f->clients[i].fd, buf_reserve(in, 65536), 65536, 0), used = 0;
	bool open = n > 0;
	size_t at = 0;
	struct resp cmd;

	in->len += n > 0 ? (size_t)n : 0;
	while (open && (used = resp_parse(in->data + at, in->len - at, &cmd)) > 0) {
		open = fake_answer(f, &cmd, &out);
		at += (size_t)used;
	}
	buf_consume(in, at);
	if (out.len)
		fake_send(f, f->clients[i].fd, &out);
	buf_release(&out);
	return open && used >= 0;
}

static inline void fake_drop(struct fake_redis *f, int i)
{
	close(f->clients[i].fd);
	buf_release(&f->clients[i].in);
	f->clients[i] = f->clients[--f->n_clients];
	memset(&f->clients[f->n_clients], 0, sizeof(f->clients[0]));
}

static inline void *fake_serve(void *ctx)
{
	struct fake_redis *f = ctx;
	struct pollfd fds[FAKE_CLIENTS + 2];

	for (;;) {
		fds[0] = (struct pollfd){ .fd = f->end_fd, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = f->listen_fd, .events = POLLIN };
		for (int i = 0; i < f->n_clients; i++)
			fds[i + 2] = (struct pollfd){ .fd = f->clients[i].fd, .events = POLLIN };
		if (poll(fds, (nfds_t)f->n_clients + 2, -1) == 1 && fds[0].revents)
			return NULL; /* asked to end, and nothing else is to be read */
		for (int i = f->n_clients - 1; i >= 0; i--)
			if (fds[i + 2].revents && !fake_read(f, i))
				fake_drop(f, i);
		if (fds[1].revents && f->n_clients < FAKE_CLIENTS) {
			f->clients[f->n_clients++].fd = accept(f->listen_fd, NULL, NULL);
			atomic_fetch_add(&f->accepted, 1);
		}
	}
}

static inline void fake_start(struct fake_redis *f)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(f->dir, sizeof(f->dir), "/tmp/fake-redis-XXXXXX");
	BUG_ON(!mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/s", f->dir);
	memcpy(un.sun_path, f->path, sizeof(f->path));
	f->listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	f->end_fd = eventfd(0, 0);
	BUG_ON(bind(f->listen_fd, (struct sockaddr *)&un, sizeof(un)) || listen(f->listen_fd, 20));
	BUG_ON(pthread_create(&f->thread, NULL, fake_serve, f));
}

/* End it; payloads stay until fake_release(). */
static inline void fake_stop(struct fake_redis *f)
{
	BUG_ON(eventfd_write(f->end_fd, 1));
	pthread_join(f->thread, NULL);
	while (f->n_clients)
		fake_drop(f, 0);
	close(f->listen_fd);
	close(f->end_fd);
	unlink(f->path);
	rmdir(f->dir);
}

static inline void fake_release(struct fake_redis *f)
{
	buf_release(&f->payloads);
	buf_release(&f->pushes);
}

#endif
