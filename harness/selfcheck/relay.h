/*
 * Between a subject and Redis: a socket of its own that passes on what it hears, or not.
 *
 * Every connection to the socket gets one to the real server.  What both say is
 * read message by message (loadgen/resp.h) and goes through lies.h; what is not
 * understood (inline commands, say) goes through as it is.  It reads no faster
 * than the other side takes, so that Redis sees a slow subject as one.
 * Ownership: relay_open()/relay_close(); loop, lies and count must outlive it.
 * Threads: the loop's only.
 */
#ifndef SELFCHECK_RELAY_H
#define SELFCHECK_RELAY_H

#include "extractors/base/err.h"
#include "extractors/base/loop.h"
#include "harness/selfcheck/lies.h"

struct relay;

struct relay_conf {
	const char *listen, *server; /* paths of sockets; the first must not exist */
	struct loop *loop;
	const struct lies *lies;
	struct lies_count *count;
};

int relay_open(struct relay **out, const struct relay_conf *conf, struct err *e) MUST_CHECK;
void relay_close(struct relay *r);

#endif
