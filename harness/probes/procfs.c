/*
 * The /proc probe; see procfs.h.
 *
 * A table of files, each with the metrics it brings: a file is read only when one
 * of them is wanted.  Threads are a list, brought up to date when the link count
 * of /proc/PID/task (2 + threads) says that it changed.  Parsing is procfs_parse's.
 */
#include "harness/probes/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/procfs_parse.h"

#define TEXT_MAX 8192 /* of one file; status, the longest, has 1,500 bytes */

struct counts { /* of a thread, or of all that are gone */
	struct procfs_schedstat sched;
	int64_t voluntary, involuntary;
};

struct thread {
	pid_t tid;
	int schedstat_fd, status_fd; /* -1 with the errno in .._error when they cannot be opened */
	int schedstat_error, status_error;
	struct counts last;
};

enum file { FILE_STAT, FILE_STATM, FILE_STATUS, FILE_ROLLUP, FILE_IO, FILES };

struct probe {
	int dir_fd, task_fd; /* bound to the process, whoever gets its number later */
	int fds[FILES], errors[FILES];
	clockid_t cpu_clock;
	int64_t tick_ns, page_bytes;
	struct thread *threads;
	size_t n_threads;
	struct counts gone;
};

/* Where a parser puts what it found: nothing that was not asked for. */
struct sink {
	struct probe_sample *s;
	uint64_t want;
	uint64_t missed; /* could not be read; a sum that lacks a part is no value */
};

static void put(struct sink *to, enum probe_metric m, int64_t value)
{
	if (to->want & ~to->missed & PROBE_BIT(m))
		probe_set(to->s, m, value);
}

static bool take_stat(const struct probe *p, const char *text, size_t len, struct sink *to)
{
	struct procfs_stat s;

	if (!procfs_parse_stat(text, len, &s))
		return false;
	put(to, PROBE_USER_NS, s.utime_ticks * p->tick_ns);
	put(to, PROBE_SYSTEM_NS, s.stime_ticks * p->tick_ns);
	put(to, PROBE_MINOR_FAULTS, s.minor_faults);
	put(to, PROBE_MAJOR_FAULTS, s.major_faults);
	put(to, PROBE_THREADS, s.threads);
	return true;
}

static bool take_statm(const struct probe *p, const char *text, size_t len, struct sink *to)
{
	int64_t pages;

	if (!procfs_parse_statm(text, len, &pages))
		return false;
	put(to, PROBE_RSS_FAST_BYTES, pages * p->page_bytes);
	return true;
}

static bool take_status(const struct probe *p UNUSED, const char *text, size_t len, struct sink *to)
{
	struct procfs_status s;

	if (!procfs_parse_status(text, len, &s) || s.vm_hwm_bytes < 0)
		return false;
	put(to, PROBE_PEAK_RSS_BYTES, s.vm_hwm_bytes);
	return true;
}

static bool take_rollup(const struct probe *p UNUSED, const char *text, size_t len, struct sink *to)
{
	struct procfs_rollup r;

	if (!procfs_parse_rollup(text, len, &r))
		return false;
	put(to, PROBE_RSS_BYTES, r.rss_bytes);
	put(to, PROBE_PSS_BYTES, r.pss_bytes);
	put(to, PROBE_USS_BYTES, r.private_clean_bytes + r.private_dirty_bytes);
	return true;
}

static bool take_io(const struct probe *p UNUSED, const char *text, size_t len, struct sink *to)
{
	struct procfs_io io;

	if (!procfs_parse_io(text, len, &io))
		return false;
	put(to, PROBE_READ_BYTES, io.rchar_bytes);
	put(to, PROBE_WRITTEN_BYTES, io.wchar_bytes);
	put(to, PROBE_READ_CALLS, io.read_calls);
	put(to, PROBE_WRITE_CALLS, io.write_calls);
	return true;
}

static const struct {
	const char *name; /* below /proc/PID */
	uint64_t metrics;
	bool (*take)(const struct probe *p, const char *text, size_t len, struct sink *to);
} files[FILES] = {
	[FILE_STAT] = { "stat",
			PROBE_BIT(PROBE_USER_NS) | PROBE_BIT(PROBE_SYSTEM_NS) |
				PROBE_BIT(PROBE_MINOR_FAULTS) | PROBE_BIT(PROBE_MAJOR_FAULTS) |
				PROBE_BIT(PROBE_THREADS),
			take_stat },
	[FILE_STATM] = { "statm", PROBE_BIT(PROBE_RSS_FAST_BYTES), take_statm },
	[FILE_STATUS] = { "status", PROBE_BIT(PROBE_PEAK_RSS_BYTES), take_status },
	[FILE_ROLLUP] = { "smaps_rollup",
			  PROBE_BIT(PROBE_RSS_BYTES) | PROBE_BIT(PROBE_PSS_BYTES) |
				  PROBE_BIT(PROBE_USS_BYTES),
			  take_rollup },
	[FILE_IO] = { "io",
		      PROBE_BIT(PROBE_READ_BYTES) | PROBE_BIT(PROBE_WRITTEN_BYTES) |
			      PROBE_BIT(PROBE_READ_CALLS) | PROBE_BIT(PROBE_WRITE_CALLS),
		      take_io },
};

#define OF_SCHEDSTAT                                                     \
	(PROBE_BIT(PROBE_SCHED_CPU_NS) | PROBE_BIT(PROBE_RUNQ_WAIT_NS) | \
	 PROBE_BIT(PROBE_TIMESLICES))
#define OF_SWITCHES (PROBE_BIT(PROBE_VOL_SWITCHES) | PROBE_BIT(PROBE_INVOL_SWITCHES))
#define OF_OTHERS   (PROBE_BIT(PROBE_SYSCALLS) | PROBE_OF_EBPF | PROBE_OF_PERF)

static void miss_all(struct sink *to, uint64_t metrics, const char *file, const char *why)
{
	to->missed |= metrics;
	for (enum probe_metric m = 0; m < PROBE_METRICS; m++)
		if (to->want & metrics & PROBE_BIT(m))
			probe_miss(to->s, m, "%s: %s", file, why);
}

/* The whole file from its start; procfs makes it anew.  Length or negative errno. */
static ssize_t read_again(int fd, char text[TEXT_MAX])
{
	ssize_t n;

	do {
		n = pread(fd, text, TEXT_MAX, 0);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int sample_file(struct probe *p, enum file f, struct sink *to)
{
	char text[TEXT_MAX];
	ssize_t n;

	if (p->fds[f] < 0) {
		miss_all(to, files[f].metrics, files[f].name, strerror(p->errors[f]));
		return 0;
	}
	n = read_again(p->fds[f], text);
	if (n == -ESRCH || n == 0)
		return -ESRCH;
	if (n < 0)
		miss_all(to, files[f].metrics, files[f].name, strerror((int)-n));
	else if (!files[f].take(p, text, (size_t)n, to))
		miss_all(to, files[f].metrics, files[f].name, "not understood");
	return 0;
}

static int open_below(int dir_fd, const char *name, int *error)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);

	*error = fd < 0 ? errno : 0;
	return fd;
}

static void close_thread(struct thread *t)
{
	if (t->schedstat_fd >= 0)
		close(t->schedstat_fd);
	if (t->status_fd >= 0)
		close(t->status_fd);
}

/* How many threads the kernel counts; 0: the process is gone. */
static size_t count_threads(const struct probe *p)
{
	struct stat st;

	return fstat(p->task_fd, &st) || st.st_nlink < 2 ? 0 : (size_t)st.st_nlink - 2;
}

static bool knows_thread(const struct probe *p, pid_t tid)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].tid == tid)
			return true;
	return false;
}

static void add_thread(struct probe *p, const char *name)
{
	struct thread *t;
	char path[64];

	p->threads = mem_realloc(p->threads, p->n_threads + 1, sizeof(*p->threads));
	t = &p->threads[p->n_threads++];
	memset(t, 0, sizeof(*t));
	t->tid = (pid_t)atoi(name);
	snprintf(path, sizeof(path), "%.20s/schedstat", name);
	t->schedstat_fd = open_below(p->task_fd, path, &t->schedstat_error);
	snprintf(path, sizeof(path), "%.20s/status", name);
	t->status_fd = open_below(p->task_fd, path, &t->status_error);
}

static int find_threads(struct probe *p)
{
	int fd = openat(p->task_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		int rc = -errno;

		if (fd >= 0)
			close(fd);
		return rc == -ENOENT ? -ESRCH : rc;
	}
	while ((d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]) &&
		    !knows_thread(p, (pid_t)atoi(d->d_name)))
			add_thread(p, d->d_name);
	closedir(dir);
	return 0;
}

static void add_counts(struct counts *sum, const struct counts *c)
{
	sum->sched.cpu_ns += c->sched.cpu_ns;
	sum->sched.runq_wait_ns += c->sched.runq_wait_ns;
	sum->sched.timeslices += c->sched.timeslices;
	sum->voluntary += c->voluntary;
	sum->involuntary += c->involuntary;
}

/* 0, or -ESRCH when the thread is gone; what cannot be read is a reason. */
static int read_schedstat(struct thread *t, struct sink *to)
{
	char text[TEXT_MAX];
	ssize_t n = t->schedstat_fd < 0 ? -t->schedstat_error : read_again(t->schedstat_fd, text);

	if (n == 0 || n == -ESRCH)
		return -ESRCH;
	if (n < 0)
		miss_all(to, OF_SCHEDSTAT, "schedstat", strerror((int)-n));
	else if (!procfs_parse_schedstat(text, (size_t)n, &t->last.sched))
		miss_all(to, OF_SCHEDSTAT, "schedstat", "not understood");
	return 0;
}

static int read_switches(struct thread *t, struct sink *to)
{
	char text[TEXT_MAX];
	struct procfs_status s;
	ssize_t n = t->status_fd < 0 ? -t->status_error : read_again(t->status_fd, text);

	if (n == 0 || n == -ESRCH)
		return -ESRCH;
	if (n < 0) {
		miss_all(to, OF_SWITCHES, "status", strerror((int)-n));
	} else if (!procfs_parse_status(text, (size_t)n, &s)) {
		miss_all(to, OF_SWITCHES, "status", "not understood");
	} else {
		t->last.voluntary = s.voluntary_switches;
		t->last.involuntary = s.involuntary_switches;
	}
	return 0;
}

/* Read every known thread; those that are gone leave their last counts behind. */
static void read_threads(struct probe *p, struct sink *to)
{
	for (size_t i = 0; i < p->n_threads;) {
		struct thread *t = &p->threads[i];

		if ((to->want & OF_SCHEDSTAT && read_schedstat(t, to)) ||
		    (to->want & OF_SWITCHES && read_switches(t, to))) {
			add_counts(&p->gone, &t->last);
			close_thread(t);
			*t = p->threads[--p->n_threads];
		} else {
			i++;
		}
	}
}

static void sample_threads(struct probe *p, struct sink *to)
{
	struct counts sum;
	int rc = 0;

	read_threads(p, to);
	/* Somebody came; or one went and another came, which the count alone would hide. */
	if (count_threads(p) != p->n_threads) {
		rc = find_threads(p);
		if (!rc)
			read_threads(p, to);
	}
	if (rc)
		miss_all(to, OF_SCHEDSTAT | OF_SWITCHES, "task", strerror(-rc));
	sum = p->gone;
	for (size_t i = 0; i < p->n_threads; i++)
		add_counts(&sum, &p->threads[i].last);
	put(to, PROBE_SCHED_CPU_NS, sum.sched.cpu_ns);
	put(to, PROBE_RUNQ_WAIT_NS, sum.sched.runq_wait_ns);
	put(to, PROBE_TIMESLICES, sum.sched.timeslices);
	put(to, PROBE_VOL_SWITCHES, sum.voluntary);
	put(to, PROBE_INVOL_SWITCHES, sum.involuntary);
}

/* The CPU clock of another process: not a clock that tells time, so read here and not in base/clock. */
static void sample_cpu_clock(const struct probe *p, struct sink *to)
{
	struct timespec ts;

	if (clock_gettime(p->cpu_clock, &ts))
		miss_all(to, PROBE_BIT(PROBE_CPU_NS), "CPU clock", strerror(errno));
	else
		put(to, PROBE_CPU_NS, (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec);
}

/* What others bring, or have said why not. */
static void miss_others(uint64_t want, struct probe_sample *s)
{
	for (enum probe_metric m = 0; m < PROBE_METRICS; m++)
		if (want & OF_OTHERS & PROBE_BIT(m) && !strcmp(s->reason[m], PROBE_NOT_ASKED))
			probe_miss(s, m, "procfs: does not count them");
}

static int procfs_sample(struct probe *p, uint64_t want, struct probe_sample *s)
{
	struct sink to = { .s = s, .want = want };
	int rc = 0;

	s->at_ns = clock_mono_ns();
	if (want & PROBE_BIT(PROBE_CPU_NS))
		sample_cpu_clock(p, &to);
	if (want & (OF_SCHEDSTAT | OF_SWITCHES))
		sample_threads(p, &to);
	for (enum file f = 0; f < FILES && !rc; f++)
		if (want & files[f].metrics)
			rc = sample_file(p, f, &to);
	miss_others(want, s);
	/* Last: were the values above still those of our process?  Its number may have a new owner. */
	if (!rc && !count_threads(p))
		rc = -ESRCH;
	s->cost_ns += clock_mono_ns() - s->at_ns;
	return rc;
}

static bool procfs_available(struct err *why)
{
	if (!access("/proc/self/stat", R_OK))
		return true;
	err_set(why, -errno, "/proc/self/stat: %s", strerror(errno));
	return false;
}

static void procfs_close(struct probe *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_threads; i++)
		close_thread(&p->threads[i]);
	for (enum file f = 0; f < FILES; f++)
		if (p->fds[f] >= 0)
			close(p->fds[f]);
	if (p->task_fd >= 0)
		close(p->task_fd);
	close(p->dir_fd);
	free(p->threads);
	free(p);
}

static int procfs_open(struct probe **out, pid_t pid, struct err *e)
{
	struct probe *p;
	char path[32];
	int fd, rc, error;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	p = mem_calloc(1, sizeof(*p));
	p->dir_fd = fd;
	p->tick_ns = NS_PER_S / sysconf(_SC_CLK_TCK);
	p->page_bytes = sysconf(_SC_PAGESIZE);
	for (enum file f = 0; f < FILES; f++)
		p->fds[f] = open_below(fd, files[f].name, &p->errors[f]);
	p->task_fd = openat(fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = p->task_fd < 0 ? -errno : find_threads(p);
	error = clock_getcpuclockid(pid, &p->cpu_clock);
	if (!rc && error)
		rc = -error;
	if (!rc && !count_threads(p)) /* before this line pid was surely still ours */
		rc = -ESRCH;
	if (rc) {
		procfs_close(p);
		return err_set(e, rc, "%s: %s", path, strerror(-rc));
	}
	*out = p;
	return 0;
}

const struct probe_ops procfs_probe = {
	.name = "procfs",
	.available = procfs_available,
	.open = procfs_open,
	.sample = procfs_sample,
	.close = procfs_close,
};
