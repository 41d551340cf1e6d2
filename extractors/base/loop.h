/*
 * The event loop of a process: descriptors, timers, signals, one thread.
 *
 * epoll underneath.  With no timer armed it sleeps without a time-out, so an
 * idle process has no wakeup at all.  Callbacks may add and remove anything.
 * Ownership: loop_new()/loop_free(); watched descriptors stay the caller's.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/err.h"

struct loop;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };
/* `events` is LOOP_READ and/or LOOP_WRITE; an error or hang-up shows as both. */
typedef void (*loop_fd_cb)(void *ctx, int fd, int events);
typedef void (*loop_cb)(void *ctx);

/* Timers live in the caller's storage and fire once; zeroed is "not armed". */
struct loop_timer {
	int64_t due_ns; /* monotonic; 0: not armed */
	loop_cb cb;
	void *ctx;
	struct loop_timer *next;
	unsigned int round; /* of the loop's when it was set */
	bool listed;
};

struct loop *loop_new(struct err *e) MUST_CHECK;
void loop_free(struct loop *l);

/*
 * Watch a descriptor, or change what is watched for (mask 0: stop).  Unwatch it
 * before it is closed: its number may be another's in no time.
 */
int loop_watch(struct loop *l, int fd, int mask, loop_fd_cb cb, void *ctx) MUST_CHECK;
void loop_unwatch(struct loop *l, int fd);

/* A time that is past is due at once, but never before descriptors had their turn again. */
void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ns, loop_cb cb, void *ctx);
void loop_timer_clear(struct loop *l, struct loop_timer *t);

/* Block these signals and deliver them as callbacks, cb(ctx, signo, 0).  Once a loop. */
int loop_signals(struct loop *l, const int *signos, int n, loop_fd_cb cb, void *ctx,
		 struct err *e) MUST_CHECK;

/* Called before every sleep: flush what the callbacks have queued. */
void loop_before_sleep(struct loop *l, loop_cb cb, void *ctx);

/* Run until loop_stop(), which may have come before. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
