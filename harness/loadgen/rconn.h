/*
 * A connection to Redis as a plain non-blocking socket.
 *
 * The generator writes commands it has encoded before the run and the tap reads
 * pushes without copying them, so neither goes through a client library.
 * Ownership: the descriptor is the caller's to close.  A password never appears
 * in an error.  Threads: no state.
 */
#ifndef LOADGEN_RCONN_H
#define LOADGEN_RCONN_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"

struct rconn_addr {
	const char *socket; /* NULL or "": host and port */
	const char *host;
	int port;
	const char *username, *password; /* AUTH when a password is set */
};

/* Connect, AUTH, PING; the socket then has nothing left to read.  Names the server on failure. */
int rconn_open(int *fd, const struct rconn_addr *a, int64_t timeout_ns, struct err *e) MUST_CHECK;
/* Write all, waiting for room until the deadline (monotonic). */
int rconn_send(int fd, const char *p, size_t len, int64_t deadline_ns, struct err *e) MUST_CHECK;
/* Wait for POLLIN or POLLOUT; 0, -ETIMEDOUT or another errno. */
int rconn_wait(int fd, short events, int64_t deadline_ns) MUST_CHECK;

#endif
