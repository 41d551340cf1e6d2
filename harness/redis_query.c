/* Questions to Redis; see redis_query.h.  The harness' only place for blocking hiredis calls. */
#include "harness/redis_query.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "extractors/base/num.h"

#define CLIENTS_MAX 10000 /* Redis' own default for maxclients */
#define READS_MAX   256	  /* of 16 KiB, for one look at what was heard: others want their turn */

struct redis_query {
	struct redis_addr addr;
	struct timeval timeout;
	redisContext *c; /* NULL: connect first */
};

static bool copy_text(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* [user:password@] in front; returns behind it, or NULL when it is too long. */
static const char *take_credentials(struct redis_addr *a, const char *p)
{
	const char *at = strrchr(p, '@'), *colon;

	if (!at)
		return p;
	colon = memchr(p, ':', (size_t)(at - p));
	if (!colon)
		return NULL;
	if (!copy_text(a->username, sizeof(a->username), p, (size_t)(colon - p)) ||
	    !copy_text(a->password, sizeof(a->password), colon + 1, (size_t)(at - colon - 1)))
		return NULL;
	return at + 1;
}

static bool take_host_port(struct redis_addr *a, const char *p)
{
	size_t len = strcspn(p, ":/");
	int64_t port = 6379;

	if (!len || !copy_text(a->host, sizeof(a->host), p, len))
		return false;
	if (p[len] == ':') {
		char digits[8];
		const char *from = p + len + 1;

		if (!copy_text(digits, sizeof(digits), from, strcspn(from, "/")) ||
		    !num_parse_i64(digits, &port) || port < 1 || port > 65535)
			return false;
		p = from;
		len = strcspn(from, "/");
	}
	a->port = (int)port;
	return !p[len] || !strcmp(p + len, "/") || !strcmp(p + len, "/0");
}

int redis_addr_parse(struct redis_addr *a, const char *url, struct err *e)
{
	const char *p = url;

	memset(a, 0, sizeof(*a));
	if (!strncmp(p, "unix://", 7))
		p += 7;
	if (*p == '/') {
		if (copy_text(a->socket, sizeof(a->socket), p, strlen(p)))
			return 0;
		return err_set(e, -EINVAL, "the socket's path is longer than %zu bytes",
			       sizeof(a->socket) - 1);
	}
	if (!strncmp(p, "redis://", 8)) {
		p = take_credentials(a, p + 8);
		if (p && take_host_port(a, p))
			return 0;
	}
	/* The text itself may hold a password. */
	return err_set(
		e, -EINVAL,
		"not a Redis URL: must be redis://[[user]:password@]host[:port] or unix:///path");
}

const char *redis_addr_text(const struct redis_addr *a, char *out, size_t size)
{
	if (*a->socket)
		snprintf(out, size, "unix:%s", a->socket);
	else
		snprintf(out, size, "%s:%d", a->host, a->port);
	return out;
}

static void disconnect(struct redis_query *q)
{
	if (q->c)
		redisFree(q->c);
	q->c = NULL;
}

/* The context's error in words; the connection is given up. */
static int lost(struct redis_query *q, struct err *e)
{
	char where[320];
	int rc = q->c && q->c->err == REDIS_ERR_IO && errno ? -errno : -EIO;

	err_set(e, rc, "Redis %s: %s", redis_addr_text(&q->addr, where, sizeof(where)),
		q->c ? q->c->errstr : "out of memory");
	disconnect(q);
	return rc;
}

static int run(struct redis_query *q, int argc, const char *const *argv, redisReply **out,
	       struct err *e);

static int authenticate(struct redis_query *q, struct err *e)
{
	const char *argv[3] = { "AUTH" };
	redisReply *r;
	int argc = 1, rc;

	if (!*q->addr.password)
		return 0;
	if (*q->addr.username)
		argv[argc++] = q->addr.username;
	argv[argc++] = q->addr.password;
	rc = run(q, argc, argv, &r, e);
	if (!rc)
		freeReplyObject(r);
	return rc;
}

static int connect_now(struct redis_query *q, struct err *e)
{
	int rc;

	if (q->c)
		return 0;
	errno = 0;
	if (*q->addr.socket)
		q->c = redisConnectUnixWithTimeout(q->addr.socket, q->timeout);
	else
		q->c = redisConnectWithTimeout(q->addr.host, q->addr.port, q->timeout);
	if (!q->c || q->c->err)
		return lost(q, e);
	if (redisSetTimeout(q->c, q->timeout) != REDIS_OK)
		return lost(q, e);
	rc = authenticate(q, e);
	if (rc)
		disconnect(q);
	return rc;
}

/* One command on the connection there is; the reply is the caller's. */
static int run(struct redis_query *q, int argc, const char *const *argv, redisReply **out,
	       struct err *e)
{
	redisReply *r;
	int rc;

	errno = 0;
	r = redisCommandArgv(q->c, argc, (const char **)(uintptr_t)argv, NULL);
	if (!r)
		return lost(q, e);
	if (r->type == REDIS_REPLY_ERROR) {
		rc = err_set(e, -EPROTO, "Redis: %s: %s", argv[0], r->str);
		freeReplyObject(r);
		return rc;
	}
	*out = r;
	return 0;
}

static int ask(struct redis_query *q, int argc, const char *const *argv, redisReply **out,
	       struct err *e)
{
	int rc = connect_now(q, e);

	return rc ? rc : run(q, argc, argv, out, e);
}

int redis_query_open(struct redis_query **out, const struct redis_addr *a, int64_t timeout_ns,
		     struct err *e)
{
	struct redis_query *q = mem_calloc(1, sizeof(*q));
	int rc;

	q->addr = *a;
	q->timeout.tv_sec = timeout_ns / NS_PER_S;
	q->timeout.tv_usec = timeout_ns % NS_PER_S / NS_PER_US;
	rc = connect_now(q, e);
	if (rc) {
		redis_query_close(q);
		return rc;
	}
	*out = q;
	return 0;
}

void redis_query_close(struct redis_query *q)
{
	if (!q)
		return;
	disconnect(q);
	explicit_bzero(&q->addr, sizeof(q->addr));
	free(q);
}

static void add_reply(struct buf *out, const redisReply *r)
{
	switch (r->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		buf_add(out, r->str, r->len);
		break;
	case REDIS_REPLY_INTEGER:
		buf_add_i64(out, r->integer);
		break;
	case REDIS_REPLY_ARRAY:
		for (size_t i = 0; i < r->elements; i++) {
			add_reply(out, r->element[i]);
			buf_add_char(out, '\n');
		}
		break;
	default: /* nil */
		break;
	}
}

int redis_query_command(struct redis_query *q, int argc, const char *const *argv, struct buf *out,
			struct err *e)
{
	redisReply *r;
	int rc = ask(q, argc, argv, &r, e);

	if (rc)
		return rc;
	add_reply(out, r);
	freeReplyObject(r);
	return 0;
}

int redis_query_numsub(struct redis_query *q, const char *channel, int64_t *n, struct err *e)
{
	const char *argv[] = { "PUBSUB", "NUMSUB", channel };
	redisReply *r;
	int rc = ask(q, 3, argv, &r, e);

	if (rc)
		return rc;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 2 &&
	    r->element[1]->type == REDIS_REPLY_INTEGER)
		*n = r->element[1]->integer;
	else
		rc = err_set(e, -EPROTO, "Redis: PUBSUB NUMSUB: unexpected reply");
	freeReplyObject(r);
	return rc;
}

int redis_query_info(struct redis_query *q, const char *section, const char *field, char *out,
		     size_t size, struct err *e)
{
	const char *argv[] = { "INFO", section };
	size_t len = strlen(field);
	redisReply *r;
	const char *line;
	int rc = ask(q, 2, argv, &r, e);

	if (rc)
		return rc;
	rc = -ENOENT;
	line = r->type == REDIS_REPLY_STRING ? r->str : NULL;
	for (; line && rc; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, field, len) || line[len] != ':')
			continue;
		line += len + 1;
		rc = copy_text(out, size, line, strcspn(line, "\r\n")) ? 0 : -E2BIG;
	}
	freeReplyObject(r);
	return rc ? err_set(e, rc, "Redis: INFO %s has no %s", section, field) : 0;
}

/* Fields of a CLIENT LIST line: where a text or a number goes. */
static const struct {
	const char *name;
	size_t offset, size; /* size 0: an int64_t */
} client_fields[] = {
	{ "id", offsetof(struct redis_client, id), 0 },
	{ "name", offsetof(struct redis_client, name), sizeof(((struct redis_client *)0)->name) },
	{ "addr", offsetof(struct redis_client, addr), sizeof(((struct redis_client *)0)->addr) },
	{ "cmd", offsetof(struct redis_client, cmd), sizeof(((struct redis_client *)0)->cmd) },
	{ "age", offsetof(struct redis_client, age_s), 0 },
	{ "sub", offsetof(struct redis_client, subscriptions), 0 },
	{ "psub", offsetof(struct redis_client, pattern_subscriptions), 0 },
	{ "omem", offsetof(struct redis_client, output_bytes), 0 },
	{ "tot-mem", offsetof(struct redis_client, total_bytes), 0 },
};

static bool set_client_field(struct redis_client *c, const char *name, const char *value,
			     size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(client_fields); i++) {
		char *to = (char *)c + client_fields[i].offset, digits[24];
		int64_t v;

		if (strcmp(client_fields[i].name, name))
			continue;
		if (client_fields[i].size) /* names are for people: cut */
			return copy_text(to, client_fields[i].size, value,
					 len < client_fields[i].size ? len
								     : client_fields[i].size - 1);
		if (!copy_text(digits, sizeof(digits), value, len) || !num_parse_i64(digits, &v))
			return false;
		memcpy(to, &v, sizeof(v));
		return true;
	}
	return true; /* of a newer server, or of no use here */
}

bool redis_client_parse(const char *line, size_t len, struct redis_client *out)
{
	const char *p = line, *end = line + len;
	struct redis_client c = { .id = -1 };

	while (p < end) {
		const char *blank = memchr(p, ' ', (size_t)(end - p));
		const char *stop = blank ? blank : end;
		const char *eq = memchr(p, '=', (size_t)(stop - p));
		char name[16];

		if (eq && copy_text(name, sizeof(name), p, (size_t)(eq - p)) &&
		    !set_client_field(&c, name, eq + 1, (size_t)(stop - eq - 1)))
			return false;
		p = stop + 1;
	}
	if (c.id < 0)
		return false;
	*out = c;
	return true;
}

/* Each line of CLIENT LIST to `add`, bounded. */
static int each_client(const redisReply *r, int (*add)(void *ctx, const char *line, size_t len),
		       void *ctx, struct err *e)
{
	const char *line = r->type == REDIS_REPLY_STRING ? r->str : "";

	while (*line) {
		size_t len = strcspn(line, "\r\n");

		if (len && add(ctx, line, len))
			return err_set(e, -EPROTO, "Redis: CLIENT LIST: not understood: %.80s",
				       line);
		line += len + strspn(line + len, "\r\n");
	}
	return 0;
}

struct client_list {
	struct redis_client *v;
	size_t n;
};

static int add_client(void *ctx, const char *line, size_t len)
{
	struct client_list *list = ctx;

	if (list->n == CLIENTS_MAX)
		return -E2BIG;
	list->v = mem_realloc(list->v, list->n + 1, sizeof(*list->v));
	return redis_client_parse(line, len, &list->v[list->n++]) ? 0 : -EPROTO;
}

static int list_clients(struct redis_query *q, int argc, struct client_list *list, struct err *e)
{
	const char *argv[] = { "CLIENT", "LIST", "TYPE", "pubsub" };
	redisReply *r;
	int rc = ask(q, argc, argv, &r, e);

	if (rc)
		return rc;
	rc = each_client(r, add_client, list, e);
	freeReplyObject(r);
	if (rc)
		free(list->v);
	return rc;
}

int redis_query_subscribers(struct redis_query *q, struct redis_client **list, size_t *n,
			    struct err *e)
{
	struct client_list clients = { 0 };
	int rc = list_clients(q, 4, &clients, e);

	if (rc)
		return rc;
	*list = clients.v;
	*n = clients.n;
	return 0;
}

int redis_query_client_ids(struct redis_query *q, int64_t **ids, size_t *n, struct err *e)
{
	struct client_list clients = { 0 };
	int rc = list_clients(q, 2, &clients, e);

	if (rc)
		return rc;
	*ids = mem_calloc(clients.n + 1, sizeof(**ids));
	for (size_t i = 0; i < clients.n; i++)
		(*ids)[i] = clients.v[i].id;
	*n = clients.n;
	free(clients.v);
	return 0;
}

int redis_query_listen(struct redis_query *q, const char *pattern, struct err *e)
{
	const char *argv[] = { "PSUBSCRIBE", pattern };
	redisReply *r;
	int rc = ask(q, 2, argv, &r, e);

	if (!rc)
		freeReplyObject(r);
	return rc;
}

int redis_query_fd(const struct redis_query *q)
{
	return q->c ? q->c->fd : -1;
}

/* ["pmessage", pattern, channel, payload] */
static void hear(const redisReply *r,
		 void (*message)(void *ctx, const char *channel, const char *payload, size_t len),
		 void *ctx)
{
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 4 &&
	    r->element[2]->type == REDIS_REPLY_STRING && r->element[3]->type == REDIS_REPLY_STRING)
		message(ctx, r->element[2]->str, r->element[3]->str, r->element[3]->len);
}

int redis_query_heard(struct redis_query *q,
		      void (*message)(void *ctx, const char *channel, const char *payload,
				      size_t len),
		      void *ctx, struct err *e)
{
	struct pollfd there = { .fd = redis_query_fd(q), .events = POLLIN };
	void *r;

	if (there.fd < 0)
		return err_set(e, -ENOTCONN, "the listening connection to Redis is gone");
	for (int i = 0; i < READS_MAX && poll(&there, 1, 0) > 0; i++)
		if (redisBufferRead(q->c) != REDIS_OK)
			return lost(q, e);
	for (;;) {
		if (redisGetReplyFromReader(q->c, &r) != REDIS_OK)
			return lost(q, e);
		if (!r)
			return 0;
		hear(r, message, ctx);
		freeReplyObject(r);
	}
}
