/*
 * Questions to a Redis server, outside of any measurement: one connection, one
 * command at a time, an answer within the time-out.
 *
 * Ownership: redis_query_open()/redis_query_close(); strings handed out live until the next call.
 * After an error that is not the server's own answer the connection is made anew
 * by the next call.  Threads: one a connection.
 * A password is never part of an error.
 */
#ifndef HARNESS_REDIS_QUERY_H
#define HARNESS_REDIS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

/* Where a server is.  A socket wins over host and port. */
struct redis_addr {
	char socket[108]; /* "" : none */
	char host[256];
	int port;			   /* 0: no TCP */
	char username[128], password[128]; /* "" : no AUTH */
};

/* redis://[user:password@]host[:port], redis://[:password@]…, unix:///path or a plain /path. */
int redis_addr_parse(struct redis_addr *a, const char *url, struct err *e) MUST_CHECK;
/* For messages: "unix:/tmp/x/redis.sock" or "host:port", never the password. */
const char *redis_addr_text(const struct redis_addr *a, char *out, size_t size);

struct redis_query;

int redis_query_open(struct redis_query **out, const struct redis_addr *a, int64_t timeout_ns,
		     struct err *e) MUST_CHECK;
void redis_query_close(struct redis_query *q);

/*
 * Any command.  The reply as text: strings as they are, integers in decimal,
 * arrays one element a line, nil as nothing.  An error reply is -EPROTO.
 */
int redis_query_command(struct redis_query *q, int argc, const char *const *argv, struct buf *out,
			struct err *e) MUST_CHECK;

int redis_query_numsub(struct redis_query *q, const char *channel, int64_t *n,
		       struct err *e) MUST_CHECK;
/* One field of INFO, e.g. "server", "process_id".  -ENOENT when there is none. */
int redis_query_info(struct redis_query *q, const char *section, const char *field, char *out,
		     size_t size, struct err *e) MUST_CHECK;

/*
 * Turn the connection into a listener: PSUBSCRIBE to every channel that matches.
 * From then on only redis_query_heard() may be called.
 */
int redis_query_listen(struct redis_query *q, const char *pattern, struct err *e) MUST_CHECK;
/* The descriptor to wait on for messages. */
int redis_query_fd(const struct redis_query *q);
/*
 * Read what is there, without waiting, and hand over each message; both texts
 * live during the call only.
 */
int redis_query_heard(struct redis_query *q,
		      void (*message)(void *ctx, const char *channel, const char *payload,
				      size_t len),
		      void *ctx, struct err *e) MUST_CHECK;

/* The id of every connection of CLIENT LIST; *ids is a heap block for free(). */
int redis_query_client_ids(struct redis_query *q, int64_t **ids, size_t *n,
			   struct err *e) MUST_CHECK;

/* A connection that has subscribed, of CLIENT LIST. */
struct redis_client {
	int64_t id; /* never used twice: a reconnect shows as another id */
	char name[64], addr[64], cmd[32];
	int64_t age_s, subscriptions, pattern_subscriptions;
	int64_t output_bytes; /* omem: what Redis still holds for it */
	int64_t total_bytes;  /* tot-mem */
};
/* All of them; *list is one heap block for free(). */
int redis_query_subscribers(struct redis_query *q, struct redis_client **list, size_t *n,
			    struct err *e) MUST_CHECK;
/* Pure: one line of CLIENT LIST. */
bool redis_client_parse(const char *line, size_t len, struct redis_client *out) MUST_CHECK;

#endif
