/* Lock-step instead of Redis; see replay_server.h.  Start at replay_server_step(). */
#include "harness/replay_server.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "extractors/base/buf.h"
#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/loadgen/resp.h"
#include "harness/procfs_parse.h"

#define CLIENTS_MAX 20 /* a subscriber and a pool of at most 16 publishers */
#define IN_MAX	    (RESP_BULK_MAX + 4096)
#define OUT_MAX	    (1 << 20)
#define WAIT_NS	    (5 * NS_PER_MS)
#define LOOK_NS	    (20 * NS_PER_US)

struct client {
	int fd;
	bool subscribed, reply_off;
	struct buf in, out; /* out: what the kernel has not yet been given */
};

struct replay_server {
	const struct plan *plan;
	size_t n;
	int listen_fd;
	size_t n_clients;
	struct client clients[CLIENTS_MAX];
	struct replay_counts counts;
};

int replay_server_open(struct replay_server **out, const char *path, const struct plan *plan,
		       size_t n, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct replay_server *r;

	BUG_ON(n > plan->n);
	if (strlen(path) >= sizeof(addr.sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: too long for a socket", path);
	strcpy(addr.sun_path, path);
	r = mem_calloc(1, sizeof(*r));
	r->plan = plan;
	r->n = n;
	r->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r->listen_fd < 0 || bind(r->listen_fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(r->listen_fd, CLIENTS_MAX)) {
		int rc = err_set(e, -errno, "%s: %s", path, strerror(errno));

		replay_server_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

static void drop_client(struct replay_server *r, size_t i)
{
	struct client *c = &r->clients[i];

	close(c->fd);
	buf_release(&c->in);
	buf_release(&c->out);
	*c = r->clients[--r->n_clients];
}

void replay_server_close(struct replay_server *r)
{
	if (!r)
		return;
	while (r->n_clients)
		drop_client(r, r->n_clients - 1);
	if (r->listen_fd >= 0)
		close(r->listen_fd);
	free(r);
}

const struct replay_counts *replay_server_counts(const struct replay_server *r)
{
	return &r->counts;
}

/* ---- what it is asked --------------------------------------------------------------- */

/* Inline: words up to the end of the line.  As resp_parse(): taken, 0 or -EPROTO. */
static ssize_t parse_inline(const char *p, size_t len, struct resp *cmd)
{
	const char *end = memchr(p, '\n', len < 256 ? len : 256), *last;

	if (!end)
		return len < 256 ? 0 : -EPROTO;
	last = end > p && end[-1] == '\r' ? end - 1 : end;
	*cmd = (struct resp){ .type = '*' };
	while (p < last && cmd->n < RESP_ITEMS_MAX) {
		const char *space = memchr(p, ' ', (size_t)(last - p));
		const char *stop = space ? space : last;

		cmd->items[cmd->n++] =
			(struct resp_item){ .type = '$', .text = { p, (size_t)(stop - p) } };
		p = space ? space + 1 : last;
	}
	return cmd->n ? (ssize_t)(end + 1 - cmd->items[0].text.p) : -EPROTO;
}

static bool is(const struct resp *cmd, size_t i, const char *word)
{
	size_t len = strlen(word);

	return i < cmd->n && cmd->items[i].text.p && cmd->items[i].text.len == len &&
	       !strncasecmp(cmd->items[i].text.p, word, len);
}

static void do_ok(struct replay_server *r UNUSED, struct client *c, const struct resp *cmd UNUSED)
{
	buf_add_str(&c->out, "+OK\r\n");
}

static void do_client(struct replay_server *r UNUSED, struct client *c, const struct resp *cmd)
{
	if (is(cmd, 1, "REPLY") && is(cmd, 2, "OFF"))
		c->reply_off = true;
	else
		buf_add_str(&c->out, "+OK\r\n");
}

/* A Redis before 6 answers so, and clients then go on with RESP2. */
static void do_hello(struct replay_server *r UNUSED, struct client *c,
		     const struct resp *cmd UNUSED)
{
	buf_add_str(&c->out, "-ERR unknown command 'HELLO'\r\n");
}

static void do_ping(struct replay_server *r UNUSED, struct client *c, const struct resp *cmd UNUSED)
{
	buf_add_str(&c->out, c->subscribed ? "*2\r\n$4\r\npong\r\n$0\r\n\r\n" : "+PONG\r\n");
}

static void do_publish(struct replay_server *r, struct client *c, const struct resp *cmd UNUSED)
{
	r->counts.published++;
	if (!c->reply_off)
		buf_add_str(&c->out, ":0\r\n");
}

static void do_subscribe(struct replay_server *r UNUSED, struct client *c, const struct resp *cmd)
{
	const struct span *channel = &cmd->items[cmd->n - 1].text;

	c->subscribed = true;
	buf_printf(&c->out, "*3\r\n$9\r\nsubscribe\r\n$%zu\r\n%.*s\r\n:1\r\n", channel->len,
		   (int)channel->len, channel->p);
}

static const struct {
	const char *name;
	size_t words; /* at least */
	void (*run)(struct replay_server *r, struct client *c, const struct resp *cmd);
} commands[] = {
	{ "PUBLISH", 3, do_publish }, { "PING", 1, do_ping },	  { "SUBSCRIBE", 2, do_subscribe },
	{ "AUTH", 2, do_ok },	      { "CLIENT", 2, do_client }, { "HELLO", 1, do_hello },
};

static void answer(struct replay_server *r, struct client *c, const struct resp *cmd)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (is(cmd, 0, commands[i].name) && cmd->n >= commands[i].words) {
			commands[i].run(r, c, cmd);
			return;
		}
	r->counts.refused++;
	buf_add_str(&c->out, "-ERR unknown command\r\n");
}

/* Everything that is whole.  -EPROTO: not RESP; -ENOBUFS: more answers than are kept. */
static int answer_all(struct replay_server *r, struct client *c, struct err *e)
{
	size_t at = 0;
	ssize_t used = 1;

	while (at < c->in.len && used > 0 && c->out.len <= OUT_MAX) {
		const char *p = c->in.data + at;
		struct resp cmd;

		used = *p == '*' ? resp_parse(p, c->in.len - at, &cmd)
				 : parse_inline(p, c->in.len - at, &cmd);
		if (used > 0 && cmd.n)
			answer(r, c, &cmd);
		at += used > 0 ? (size_t)used : 0;
	}
	buf_consume(&c->in, at);
	if (c->out.len > OUT_MAX)
		return err_set(e, -ENOBUFS,
			       "the reader leaves more than %d bytes of answers unread", OUT_MAX);
	if (used < 0 || c->in.len >= IN_MAX)
		return err_set(e, -EPROTO, "the reader says what is not RESP");
	return 0;
}

/* ---- one step ----------------------------------------------------------------------- */

/* Has the client taken everything that the kernel was given for it? */
static bool has_taken(const struct client *c)
{
	int held = 0;

	return !ioctl(c->fd, SIOCOUTQ, &held) && !held;
}

/*
 * What waits for a client, as far as the kernel has room.  Not before it has taken what
 * came earlier: that stands first in the stream, so it cannot be waiting for this.
 */
static int flush(struct client *c, bool *busy, struct err *e)
{
	ssize_t n;

	if (!c->out.len || !has_taken(c))
		return 0;
	n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return err_set(e, -EPIPE, "the reader does not take what is sent: %s",
			       strerror(errno));
	*busy = true;
	buf_consume(&c->out, (size_t)n);
	return 0;
}

static int accept_all(struct replay_server *r, bool *busy, struct err *e)
{
	int fd;

	while ((fd = accept4(r->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		*busy = true;
		if (r->n_clients == CLIENTS_MAX) {
			close(fd);
			return err_set(e, -EPROTO, "more than %d connections", CLIENTS_MAX);
		}
		r->clients[r->n_clients++] = (struct client){ .fd = fd };
	}
	return 0;
}

/*
 * What a client has sent, until there is no more or IN_MAX bytes wait to be answered.
 * 1: it has closed its end.
 */
static int receive(struct client *c, bool *busy)
{
	while (c->in.len < IN_MAX) {
		size_t room = IN_MAX - c->in.len < 65536 ? IN_MAX - c->in.len : 65536;
		ssize_t n = recv(c->fd, buf_reserve(&c->in, room), room, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		*busy = true;
		if (n <= 0)
			return 1;
		c->in.len += (size_t)n;
	}
	return 0;
}

static int hear(struct replay_server *r, size_t i, bool *busy, struct err *e)
{
	struct client *c = &r->clients[i];
	int rc;

	if (receive(c, busy)) {
		bool was_subscribed = c->subscribed;

		drop_client(r, i);
		return was_subscribed ? err_set(e, -EPIPE, "the reader hung up") : 0;
	}
	rc = answer_all(r, c, e);
	return rc ? rc : flush(c, busy, e);
}

static char state_of(pid_t pid)
{
	struct procfs_stat s = { .state = 0 };
	struct buf text = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (file_read(path, 8192, &text, NULL) || !procfs_parse_stat(text.data, text.len, &s))
		s.state = 0;
	buf_release(&text);
	return s.state;
}

/* 1: it does; 0: not yet; -ESRCH. */
static int await_sleep(pid_t pid, struct err *e)
{
	int64_t until_ns = clock_mono_ns() + WAIT_NS;

	for (;;) {
		char state = state_of(pid);

		if (state == 'S')
			return 1;
		if (!state || state == 'Z' || state == 'X')
			return err_set(e, -ESRCH, "the reader has ended");
		if (clock_mono_ns() >= until_ns)
			return 0;
		/* Nothing tells when another process falls asleep: it has to be looked at. */
		clock_sleep_until_ns(clock_mono_ns() + LOOK_NS);
	}
}

static bool all_taken(const struct replay_server *r)
{
	for (size_t i = 0; i < r->n_clients; i++)
		if (r->clients[i].out.len || !has_taken(&r->clients[i]))
			return false;
	return true;
}

static void make_chunk(struct replay_server *r, struct buf *out)
{
	char bulk[PLAN_BULK_MAX];
	size_t n = 0;

	while (r->counts.sent + n < r->n) {
		size_t len = plan_render(r->plan, r->counts.sent + n, bulk);

		if (n && (r->counts.sent < REPLAY_SLOW_START ||
			  out->len + PLAN_PREFIX_LEN + len > REPLAY_CHUNK_BYTES))
			break;
		buf_add(out, PLAN_MESSAGE, PLAN_PREFIX_LEN);
		buf_add(out, bulk, len);
		n++;
	}
	r->counts.sent += n;
	r->counts.chunks++;
}

/* 1 when there is no more; else the next chunk, to every subscriber. */
static int feed(struct replay_server *r, struct err *e)
{
	struct buf chunk = { 0 };
	size_t subscribers = 0;
	bool busy;
	int rc = 0;

	for (size_t i = 0; i < r->n_clients; i++)
		subscribers += r->clients[i].subscribed;
	if (!subscribers)
		return 0;
	if (r->counts.sent == r->n)
		return 1;
	make_chunk(r, &chunk);
	for (size_t i = 0; !rc && i < r->n_clients; i++)
		if (r->clients[i].subscribed) {
			buf_add(&r->clients[i].out, chunk.data, chunk.len);
			rc = flush(&r->clients[i], &busy, e);
		}
	buf_release(&chunk);
	return rc;
}

int replay_server_step(struct replay_server *r, pid_t pid, struct err *e)
{
	bool busy = false;
	int rc = await_sleep(pid, e);

	if (rc <= 0)
		return rc;
	rc = accept_all(r, &busy, e);
	/* One connection a step: two answers could be met by one pass of the reader's loop or by two. */
	for (size_t i = r->n_clients; !rc && !busy && i-- > 0;)
		rc = hear(r, i, &busy, e);
	if (rc || busy || !all_taken(r))
		return rc;
	return feed(r, e);
}
