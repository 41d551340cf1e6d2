/* Ending a group of strangers; see pgroup.h. */
#include "harness/pgroup.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "harness/file.h"
#include "harness/procfs_parse.h"

#define MEMBERS_MAX  128 /* a round; what is beyond comes in the next */
#define KILL_ROUNDS  16
#define KILL_WAIT_NS NS_PER_S

static bool read_stat(pid_t pid, struct procfs_stat *out)
{
	struct buf text = { 0 };
	char path[64];
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	ok = !file_read(path, 4096, &text, NULL) && procfs_parse_stat(text.data, text.len, out);
	buf_release(&text);
	return ok;
}

int pgroup_identify(struct pgroup *g, pid_t leader, struct err *e)
{
	struct procfs_stat s;

	if (!read_stat(leader, &s))
		return err_set(e, -ESRCH, "process %d: not there", (int)leader);
	if (s.pgrp != leader)
		return err_set(e, -EINVAL, "process %d: leads no process group", (int)leader);
	*g = (struct pgroup){ .pgid = leader, .session = s.session, .start_ticks = s.start_ticks };
	return 0;
}

static bool is_member(const struct pgroup *g, const struct procfs_stat *s)
{
	return s->pgrp == g->pgid && s->session == g->session && s->state != 'Z' &&
	       s->state != 'X' &&
	       (s->pid == g->pgid ? s->start_ticks == g->start_ticks
				  : s->start_ticks >= g->start_ticks);
}

/* A pidfd of the process if it is a member, looked at again once the pidfd holds it; else -1. */
static int open_member(const struct pgroup *g, pid_t pid)
{
	struct procfs_stat before, after;
	int fd;

	if (!read_stat(pid, &before) || !is_member(g, &before))
		return -1;
	fd = pidfd_open(pid, 0);
	if (fd < 0)
		return -1;
	if (read_stat(pid, &after) && is_member(g, &after) &&
	    after.start_ticks == before.start_ticks)
		return fd;
	close(fd);
	return -1;
}

static int collect(const struct pgroup *g, struct pollfd *members)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	int n = 0;

	while (proc && n < MEMBERS_MAX && (d = readdir(proc))) {
		int fd;

		if (!isdigit((unsigned char)d->d_name[0]))
			continue;
		fd = open_member(g, (pid_t)atoi(d->d_name));
		if (fd >= 0)
			members[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	if (proc)
		closedir(proc);
	return n;
}

/* A pidfd becomes readable when its process has ended. */
static void await_all(struct pollfd *members, int n, int64_t deadline_ns)
{
	int left = n;

	while (left) {
		int64_t ms = (deadline_ns - clock_mono_ns()) / NS_PER_MS + 1;

		if (ms <= 0 || (poll(members, (nfds_t)n, (int)ms) <= 0 && errno != EINTR))
			return;
		for (int i = 0; i < n; i++)
			if (members[i].fd >= 0 && members[i].revents) {
				close(members[i].fd);
				members[i].fd = -1; /* poll() passes over it */
				left--;
			}
	}
}

static int signal_round(const struct pgroup *g, int signo, int64_t wait_ns)
{
	struct pollfd members[MEMBERS_MAX];
	int n = collect(g, members);

	for (int i = 0; i < n; i++) {
		pidfd_send_signal(members[i].fd, signo, NULL, 0);
		pidfd_send_signal(members[i].fd, SIGCONT, NULL,
				  0); /* a stopped one never hears it */
	}
	await_all(members, n, clock_mono_ns() + wait_ns);
	for (int i = 0; i < n; i++)
		if (members[i].fd >= 0)
			close(members[i].fd);
	return n;
}

int pgroup_end(const struct pgroup *g, int64_t grace_ns)
{
	int first = signal_round(g, SIGTERM, grace_ns);

	for (int i = 0; i < KILL_ROUNDS; i++)
		if (!signal_round(g, SIGKILL, KILL_WAIT_NS))
			return first;
	return -EBUSY;
}

int pgroup_count(pid_t pgid, size_t *n)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;

	if (!proc)
		return -errno;
	*n = 0;
	while ((d = readdir(proc))) {
		struct procfs_stat s;

		if (isdigit((unsigned char)d->d_name[0]) && read_stat(atoi(d->d_name), &s))
			*n += s.pgrp == pgid && s.state != 'Z' && s.state != 'X';
	}
	closedir(proc);
	return 0;
}
