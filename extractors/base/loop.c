/* epoll, one-shot timers and signalfd; see loop.h. */
#include "extractors/base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

/* Indexed by descriptor: a process of ours has a few dozen. */
struct watch {
	loop_fd_cb cb; /* NULL: not watched */
	void *ctx;
	int mask;
	uint32_t generation; /* of this watch: an event of an earlier one is not for it */
};

struct loop {
	int epoll_fd, signal_fd;
	bool stopped;
	struct watch *watches;
	int n_watches;
	uint32_t generations;	   /* given so far */
	struct loop_timer *timers; /* a handful: a list in no order */
	unsigned int round;	   /* passes over the timers so far */
	loop_fd_cb signal_cb;
	void *signal_ctx;
	loop_cb sleep_cb;
	void *sleep_ctx;
};

struct loop *loop_new(struct err *e)
{
	struct loop *l;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0) {
		err_set(e, -errno, "epoll_create1: %s", strerror(errno));
		return NULL;
	}
	l = mem_calloc(1, sizeof(*l));
	l->epoll_fd = fd;
	l->signal_fd = -1;
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	close(l->epoll_fd);
	free(l->watches);
	free(l);
}

static struct watch *watch_of(struct loop *l, int fd)
{
	BUG_ON(fd < 0);
	if (fd >= l->n_watches) {
		int n = fd + 16;

		l->watches = mem_realloc(l->watches, (size_t)n, sizeof(*l->watches));
		memset(l->watches + l->n_watches, 0,
		       (size_t)(n - l->n_watches) * sizeof(*l->watches));
		l->n_watches = n;
	}
	return &l->watches[fd];
}

int loop_watch(struct loop *l, int fd, int mask, loop_fd_cb cb, void *ctx)
{
	struct watch *w = watch_of(l, fd);
	bool known = w->cb;
	uint32_t generation = known ? w->generation : ++l->generations;
	struct epoll_event ev = {
		.events = (mask & LOOP_READ ? EPOLLIN : 0U) | (mask & LOOP_WRITE ? EPOLLOUT : 0U),
		.data.u64 = (uint64_t)generation << 32 | (uint32_t)fd,
	};

	if (!mask) {
		loop_unwatch(l, fd);
		return 0;
	}
	if (!known || w->mask != mask)
		if (epoll_ctl(l->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev))
			return -errno;
	*w = (struct watch){ .cb = cb, .ctx = ctx, .mask = mask, .generation = generation };
	return 0;
}

void loop_unwatch(struct loop *l, int fd)
{
	struct watch *w;

	if (fd < 0 || fd >= l->n_watches || !l->watches[fd].cb)
		return;
	w = &l->watches[fd];
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	memset(w, 0, sizeof(*w));
}

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ns, loop_cb cb, void *ctx)
{
	t->due_ns = due_ns > 0 ? due_ns : 1;
	t->round = l->round;
	t->cb = cb;
	t->ctx = ctx;
	if (t->listed)
		return;
	t->listed = true;
	t->next = l->timers;
	l->timers = t;
}

void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	for (struct loop_timer **p = &l->timers; *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			break;
		}
	t->due_ns = 0;
	t->listed = false;
}

static void on_signal(void *ctx, int fd, int events UNUSED)
{
	struct loop *l = ctx;
	struct signalfd_siginfo si;

	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		l->signal_cb(l->signal_ctx, (int)si.ssi_signo, 0);
}

int loop_signals(struct loop *l, const int *signos, int n, loop_fd_cb cb, void *ctx, struct err *e)
{
	sigset_t set;
	int rc;

	BUG_ON(l->signal_fd >= 0);
	sigemptyset(&set);
	for (int i = 0; i < n; i++)
		sigaddset(&set, signos[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return err_set(e, -errno, "sigprocmask: %s", strerror(errno));
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->signal_fd < 0)
		return err_set(e, -errno, "signalfd: %s", strerror(errno));
	l->signal_cb = cb;
	l->signal_ctx = ctx;
	rc = loop_watch(l, l->signal_fd, LOOP_READ, on_signal, l);
	return rc ? err_set(e, rc, "signalfd: epoll: %s", strerror(-rc)) : 0;
}

void loop_before_sleep(struct loop *l, loop_cb cb, void *ctx)
{
	l->sleep_cb = cb;
	l->sleep_ctx = ctx;
}

static struct loop_timer *earliest(struct loop *l)
{
	struct loop_timer *first = NULL;

	for (struct loop_timer *t = l->timers; t; t = t->next)
		if (!first || t->due_ns < first->due_ns)
			first = t;
	return first;
}

/* Milliseconds until the next timer, rounded up so that it is due on waking; -1 without one. */
static int sleep_ms(struct loop *l)
{
	struct loop_timer *t = earliest(l);
	int64_t left;

	if (!t)
		return -1;
	left = t->due_ns - clock_mono_ns();
	if (left <= 0)
		return 0;
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	return left > 86400000 ? 86400000 : (int)left;
}

/* The earliest of those that are due and were set before this pass. */
static struct loop_timer *due(struct loop *l, int64_t now_ns)
{
	struct loop_timer *first = NULL;

	for (struct loop_timer *t = l->timers; t; t = t->next)
		if (t->due_ns <= now_ns && t->round != l->round &&
		    (!first || t->due_ns < first->due_ns))
			first = t;
	return first;
}

/* One pass: a timer that its callback arms again, even in the past, waits for the next. */
static void run_timers(struct loop *l)
{
	int64_t now_ns = l->timers ? clock_mono_ns() : 0;
	struct loop_timer *t;

	l->round++;
	while (!l->stopped && (t = due(l, now_ns))) {
		loop_cb cb = t->cb;

		loop_timer_clear(l, t);
		cb(t->ctx);
	}
}

static void dispatch(struct loop *l, const struct epoll_event *ev)
{
	int fd = (int)(uint32_t)ev->data.u64, got = 0;
	struct watch *w = &l->watches[fd];

	/* Removed by an earlier callback of this round, its number perhaps given to another. */
	if (!w->cb || w->generation != ev->data.u64 >> 32)
		return;
	if (ev->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		got |= LOOP_READ;
	if (ev->events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		got |= LOOP_WRITE;
	w->cb(w->ctx, fd, got);
}

void loop_run(struct loop *l)
{
	struct epoll_event evs[16];

	while (!l->stopped) {
		int n;

		if (l->sleep_cb)
			l->sleep_cb(l->sleep_ctx);
		if (l->stopped)
			break;
		n = epoll_wait(l->epoll_fd, evs, (int)ARRAY_SIZE(evs), sleep_ms(l));
		BUG_ON(n < 0 && errno != EINTR);
		for (int i = 0; i < n && !l->stopped; i++)
			dispatch(l, &evs[i]);
		if (!l->stopped)
			run_timers(l);
	}
	l->stopped = false; /* used up: it can be run again */
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}
