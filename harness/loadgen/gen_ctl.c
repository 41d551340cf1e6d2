/* Stop and go for the generator; see gen_ctl.h. */
#include "harness/loadgen/gen_ctl.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

int gen_ctl_open(struct gen_ctl *c, struct err *e)
{
	atomic_init(&c->stop, false);
	atomic_init(&c->asleep, false);
	atomic_init(&c->allowed, UINT64_MAX);
	atomic_init(&c->pace_from_ns, 0);
	c->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return c->event_fd < 0 ? err_set(e, -errno, "eventfd: %s", strerror(errno)) : 0;
}

void gen_ctl_close(struct gen_ctl *c)
{
	close(c->event_fd);
	c->event_fd = -1;
}

/* Only write(2) and lock-free atomics: also good in a signal handler. */
static void wake(struct gen_ctl *c)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t n = write(c->event_fd, &one, sizeof(one));

	(void)n; /* EAGAIN: the counter is full, so it is awake already */
	errno = saved;
}

void gen_ctl_stop(struct gen_ctl *c)
{
	atomic_store(&c->stop, true);
	wake(c);
}

void gen_ctl_allow(struct gen_ctl *c, uint64_t upto)
{
	atomic_store(&c->allowed, upto);
	if (atomic_load(&c->asleep))
		wake(c);
}

void gen_ctl_pace(struct gen_ctl *c, int64_t from_ns)
{
	atomic_store(&c->pace_from_ns, from_ns);
}
