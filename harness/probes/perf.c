/* Hardware counters; see perf.h. */
#include "harness/probes/perf.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

static const struct {
	enum probe_metric metric;
	uint64_t config;
} events[] = {
	{ PROBE_INSTRUCTIONS, PERF_COUNT_HW_INSTRUCTIONS },
	{ PROBE_CYCLES, PERF_COUNT_HW_CPU_CYCLES },
	{ PROBE_CACHE_MISSES, PERF_COUNT_HW_CACHE_MISSES },
	{ PROBE_BRANCH_MISSES, PERF_COUNT_HW_BRANCH_MISSES },
};

struct counter {
	size_t event;
	int fd;
};

struct probe {
	struct counter *counters; /* events x threads */
	size_t n;
	int errors[ARRAY_SIZE(events)]; /* why an event has no counter on some thread; 0: it has */
};

static int open_counter(size_t event, pid_t tid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = events[event].config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.inherit = 1,
		.exclude_hv = 1,
	};
	long fd = syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

/* perf_event_open(2) says ENOENT for a kind of event that the CPU does not have. */
static const char *words(int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
		return "perf: this host has no such hardware counter";
	case EACCES:
	case EPERM:
		return "perf: not permitted (kernel.perf_event_paranoid)";
	default:
		return strerror(error);
	}
}

static bool perf_available(struct err *why)
{
	int fd = open_counter(0, 0);

	if (fd < 0) {
		err_set(why, fd, "%s", words(-fd));
		return false;
	}
	close(fd);
	return true;
}

static void add_thread(struct probe *p, pid_t tid)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		int fd = open_counter(i, tid);

		if (fd == -ESRCH) /* it has ended since */
			continue;
		if (fd < 0) {
			p->errors[i] = -fd;
			continue;
		}
		p->counters = mem_realloc(p->counters, p->n + 1, sizeof(*p->counters));
		p->counters[p->n++] = (struct counter){ i, fd };
	}
}

static void perf_close(struct probe *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		close(p->counters[i].fd);
	free(p->counters);
	free(p);
}

static int perf_open(struct probe **out, pid_t pid, struct err *e)
{
	struct probe *p;
	struct dirent *d;
	char path[40];
	DIR *dir;

	if (!perf_available(e))
		return e ? e->code : -ENOTSUP;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return err_set(e, errno == ENOENT ? -ESRCH : -errno, "%s: %s", path,
			       strerror(errno));
	p = mem_calloc(1, sizeof(*p));
	while ((d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]))
			add_thread(p, (pid_t)atoi(d->d_name));
	closedir(dir);
	*out = p;
	return 0;
}

/* False with the reason when a part of the sum cannot be had. */
static bool read_event(const struct probe *p, size_t event, uint64_t *sum, const char **why)
{
	struct {
		uint64_t value, enabled_ns, running_ns;
	} r;

	*sum = 0;
	*why = p->errors[event] ? words(p->errors[event]) : NULL;
	for (size_t i = 0; i < p->n && !*why; i++) {
		if (p->counters[i].event != event)
			continue;
		if (read(p->counters[i].fd, &r, sizeof(r)) != (ssize_t)sizeof(r))
			*why = strerror(errno);
		else if (r.running_ns < r.enabled_ns)
			*why = "perf: the counter was shared with others for part of the time";
		*sum += r.value;
	}
	return !*why;
}

static int perf_sample(struct probe *p, uint64_t want, struct probe_sample *s)
{
	int64_t begin_ns = clock_mono_ns();

	if (!s->at_ns)
		s->at_ns = begin_ns;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		const char *why;
		uint64_t sum;

		if (!(want & PROBE_BIT(events[i].metric)))
			continue;
		if (read_event(p, i, &sum, &why))
			probe_set(s, events[i].metric, (int64_t)sum);
		else
			probe_miss(s, events[i].metric, "%s", why);
	}
	s->cost_ns += clock_mono_ns() - begin_ns;
	return 0;
}

const struct probe_ops perf_probe = { "perf", perf_available, perf_open, perf_sample, perf_close };
