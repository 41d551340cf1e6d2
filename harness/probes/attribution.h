/*
 * Where a subject's time goes: system calls, and the way from wakeup to answer.
 *
 * A pass of its own, never part of a scored run: a tracepoint on every system call
 * of the whole machine costs each some 100 ns.  While it is open it records of one
 * process (all threads)
 *
 * (a) every completed system call by number: how many, and the time in them
 *     (waiting included: epoll_wait is as long as the pause between two events);
 * (b) into a log: each wakeup (woken, running), each receive from a socket and each
 *     send to one (entered, left), with CLOCK_MONOTONIC times, the same clock as
 *     clock_mono_ns().
 *
 * attribution_split() is pure: it takes the log and the two times of a feature
 * message that only the harness knows, sent and received, and divides the response:
 *
 *	publish ──redis──> woken ──runq──> running ──compute──> send ──delivery──> received
 *
 * Needs eBPF (root or CAP_BPF + CAP_PERFMON, BTF, x86-64, a build with clang and
 * bpftool); where not, attribution_open() fails and says why.
 * Ownership: attribution_open()/attribution_close(); events stay the handle's.
 * Threads: one a handle.  Errors: negative errno with one line.
 */
#ifndef PROBES_ATTRIBUTION_H
#define PROBES_ATTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "extractors/base/err.h"

enum attribution_kind {
	ATTRIBUTION_WAKE, /* from sleep: begin_ns woken, end_ns running */
	ATTRIBUTION_RECV, /* bytes came out of a socket: begin_ns entered, end_ns left the call */
	ATTRIBUTION_SEND, /* bytes went into a socket: likewise */
	ATTRIBUTION_KINDS
};

struct attribution_event {
	int64_t begin_ns, end_ns;
	int64_t bytes; /* RECV, SEND: how many, > 0 */
	enum attribution_kind kind;
	int tid;
	int family; /* RECV, SEND: AF_UNIX, AF_INET, ... of the socket */
};

struct attribution; /* opaque: file descriptors and maps */

/* Begin to record a process that runs.  What it did before is not in the figures. */
int attribution_open(struct attribution **out, pid_t pid, struct err *e) MUST_CHECK;
/*
 * Move what the kernel has into the log.  Its ring holds some 40,000 events (at
 * 1,000 messages a second 10 s); call it more often, as in every live_step().
 */
void attribution_read(struct attribution *a);
/* The log so far, by end_ns; valid until the next attribution_read(). */
const struct attribution_event *attribution_events(const struct attribution *a, size_t *n);
/* Events that found the ring or the log full, and calls that could not be told apart: 0, or say so. */
int64_t attribution_lost(const struct attribution *a);
void attribution_close(struct attribution *a); /* NULL is allowed */

#define ATTRIBUTION_SYSCALLS 512 /* numbers from 0; Linux 6.18 has 470 */

struct attribution_syscalls {
	int64_t count[ATTRIBUTION_SYSCALLS], ns[ATTRIBUTION_SYSCALLS];
};
/* The sums now; the difference of two is what happened between. */
void attribution_syscalls(const struct attribution *a, struct attribution_syscalls *out);
/* "epoll_wait"; NULL for a number without a name when this was built. */
const char *attribution_syscall_name(int nr);

/* ---- pure ----------------------------------------------------------------------------- */

#define ATTRIBUTION_ANY_FAMILY (-1)

/* One response whose two ends are known. */
struct attribution_query {
	int64_t publish_ns;  /* the triggering event was sent (or was to be sent) */
	int64_t received_ns; /* its features were received */
	int64_t min_bytes;   /* the send has at least the message's length */
	int family;	     /* of the socket to Redis, or ATTRIBUTION_ANY_FAMILY */
};

enum attribution_outcome {
	ATTRIBUTION_WHOLE, /* all four parts are known */
	/*
	 * The subject was running already when the event reached it, so there was no
	 * wakeup for it: redis_ns lasts until the receive, runq_ns is 0.
	 */
	ATTRIBUTION_AWAKE,
	ATTRIBUTION_NO_SEND, /* no such send between the two times: no part is known */
	ATTRIBUTION_OUTCOMES
};
extern const char *const attribution_outcome_names[ATTRIBUTION_OUTCOMES];

/* Adds up to received_ns - publish_ns, to the nanosecond, unless NO_SEND. */
struct attribution_split {
	enum attribution_outcome outcome;
	int64_t redis_ns;    /* publish -> woken: client, Redis, its way into the socket */
	int64_t runq_ns;     /* woken -> running: waiting for a CPU */
	int64_t compute_ns;  /* running -> the send was entered: reading, parsing, extracting */
	int64_t delivery_ns; /* the send was entered -> received: Redis again, and the receiver */
};

/*
 * The send is the first one of that family and size that was entered after
 * publish_ns and before received_ns; the receive is the last of the same thread
 * that was left before it (and not before publish_ns); the wakeup is the last of
 * that thread that was running before the receive was left, so that a thread which sleeps
 * on a lock in the middle of its work is not taken for one that waits for its
 * event.  Without any receive (a subject that reads in another way) it is the last
 * wakeup before the send.  `events` are ordered by end_ns, as attribution_events() gives them.
 */
void attribution_split(const struct attribution_event *events, size_t n,
		       const struct attribution_query *q, struct attribution_split *out);

#endif
