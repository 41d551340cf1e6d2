/*
 * A stand-in for Redis that deals with one reader in lock-step, so that its work repeats exactly.
 *
 * It listens on a unix socket and knows what a subject says: HELLO, AUTH, CLIENT,
 * PING, SUBSCRIBE, PUBLISH, as arrays or inline.  Events go out in chunks of whole
 * messages, the same ones each time.  A chunk is sent only when
 *	- the reader sleeps (state S of /proc/PID/stat: a write to who sleeps makes it
 *	  runnable before the write returns, so the state is never an old one), and
 *	- the reader has asked nothing that is not yet read and answered, and
 *	- the kernel holds nothing more for it on any connection (SIOCOUTQ, unix(7)).
 * Answers are sent when it sleeps and has taken all that went out before on the same
 * connection; it may be waiting for one with events unread on another.
 * So each of its reads returns the same bytes in every run, however slow it is.
 * A real Redis and a real generator would give other read sizes each time.
 *
 * Nothing that a reader does holds a step up: no call blocks, a step takes at most 1 MiB
 * and a little from one connection (what it says beyond is taken by the next), and
 * answers that nobody reads are kept up to 1 MiB a connection, then are an error.
 *
 * Ownership: replay_server_open()/replay_server_close(); the plan must outlive it.
 * Threads: one, which calls replay_server_step() again and again.
 */
#ifndef HARNESS_REPLAY_SERVER_H
#define HARNESS_REPLAY_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "extractors/base/err.h"
#include "harness/loadgen/plan.h"

#define REPLAY_CHUNK_BYTES 2048 /* at most; whole messages */
/*
 * These go out one by one.  Under valgrind the first messages take many times as long
 * as the others (their code is translated), and who bounds its turns by time, as our
 * extractors do, would end one or two more of them in some runs.
 */
#define REPLAY_SLOW_START 16

struct replay_server;

struct replay_counts {
	size_t sent;	  /* events */
	size_t chunks;	  /* in which they went */
	size_t published; /* PUBLISH commands that were taken */
	size_t refused;	  /* commands that it does not know */
};

/* Sends the first n events of the plan to every subscriber. */
int replay_server_open(struct replay_server **out, const char *path, const struct plan *plan,
		       size_t n, struct err *e) MUST_CHECK;
void replay_server_close(struct replay_server *r);

/*
 * One step with the reader `pid`: waits up to 5 ms until it sleeps.  1: it has taken
 * and digested everything; 0: go on; -EPROTO: what it says is not RESP; -EPIPE: it
 * has closed its subscription; -ENOBUFS: it does not read its answers; -ESRCH: there is no such process.
 */
int replay_server_step(struct replay_server *r, pid_t pid, struct err *e) MUST_CHECK;

const struct replay_counts *replay_server_counts(const struct replay_server *r);

#endif
