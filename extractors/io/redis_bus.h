/*
 * The Redis side of an extractor: one subscriber connection, a pool of
 * publishers, all non-blocking in the process's event loop.
 *
 * Connections come back by themselves (exponential backoff with jitter, 100 ms
 * to 5 s); one log line when Redis goes, one when it is back.  A server that takes the
 * connection and says nothing is given up after 3 s.  A host given as a name is resolved at each
 * (re)connect by getaddrinfo(), which blocks the loop while the resolver is slow: an address or
 * a socket avoids that.
 * Work is bounded: after 5 ms of messages (or 1 MiB) others, signals among them, have their turn.
 * Ownership: redis_bus_new()/redis_bus_free(); the conf's strings must outlive it.
 * Threads: the loop's only.
 */
#ifndef IO_REDIS_BUS_H
#define IO_REDIS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "extractors/base/loop.h"

struct redis_bus_conf {
	const char *host, *socket;	 /* a socket path wins */
	const char *username, *password; /* AUTH when either is set */
	const char *channel;		 /* to subscribe to */
	int port;
	int pool_size; /* publisher connections, 1 ... 16 */
};

struct redis_bus_handlers {
	void *ctx;
	/* Before the messages of one read: the time to look at the clock once for all of them. */
	void (*batch)(void *ctx);
	/* One message's payload, valid during the call. */
	void (*message)(void *ctx, const char *payload, size_t len);
	/* Subscribed; `again` when the connection had been lost. */
	void (*subscribed)(void *ctx, bool again);
	/* Every publish that was asked for is answered or given up (see redis_bus_finish()). */
	void (*finished)(void *ctx);
};

struct redis_bus_counters {
	uint64_t published;	 /* acknowledged by Redis */
	uint64_t publish_errors; /* refused by Redis, lost with a connection, or over the bound */
	uint64_t reconnects;	 /* subscriptions made again after a loss */
};

struct redis_bus;
struct redis_bus *redis_bus_new(struct loop *loop, const struct redis_bus_conf *conf,
				const struct redis_bus_handlers *handlers);
void redis_bus_free(struct redis_bus *b);

/* Queue one PUBLISH; it is written before the loop sleeps, or with 64 KiB.  Never blocks. */
void redis_bus_publish(struct redis_bus *b, const char *channel, const char *payload, size_t len);

/* Stop reading messages; call `finished` once no publish is outstanding (maybe at once). */
void redis_bus_finish(struct redis_bus *b);

const struct redis_bus_counters *redis_bus_counters(const struct redis_bus *b);

/* Write what is queued: the loop's owner calls it before every sleep. */
void redis_bus_flush(struct redis_bus *b);

#endif
