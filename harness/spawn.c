/*
 * fork and exec; see spawn.h.
 *
 * posix_spawn() knows neither affinity nor PR_SET_PDEATHSIG.  Between fork and
 * exec the child calls async-signal-safe functions only, as we may have threads.
 * Two pipes join the halves: `go` holds the child back until its group is
 * registered (and ends it when we die before), `report` brings its last look at
 * the clock and, when it stays open that long, the reason why exec failed.
 */
#include "harness/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extractors/base/clock.h"

enum step { STEP_STARTED, STEP_CPUS, STEP_CWD, STEP_STDIO, STEP_EXEC };
static const char *const step_names[] = { "start", "pin to CPUs", "change the directory",
					  "redirect", "execute" };

struct report {
	enum step step; /* what failed, or STEP_STARTED */
	int error;
	int64_t started_ns, cpu_ns;
};

struct pipes {
	int go[2], report[2], out[2], err[2];
};

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
	pair[0] = pair[1] = -1;
}

static void close_pipes(struct pipes *p)
{
	close_pair(p->go);
	close_pair(p->report);
	close_pair(p->out);
	close_pair(p->err);
}

static int open_pipes(struct pipes *p, struct err *e)
{
	int rc;

	*p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (!pipe2(p->go, O_CLOEXEC) && !pipe2(p->report, O_CLOEXEC) && !pipe2(p->out, O_CLOEXEC) &&
	    !pipe2(p->err, O_CLOEXEC))
		return 0;
	rc = err_set(e, -errno, "pipe: %s", strerror(errno));
	close_pipes(p);
	return rc;
}

static void child_fails(int fd, enum step step) NORETURN;
static void child_fails(int fd, enum step step)
{
	struct report r = { .step = step, .error = errno };

	if (write(fd, &r, sizeof(r)) < 0)
		_exit(126);
	_exit(127);
}

static void reset_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	/* All zero is SIG_DFL, no flags, no mask, in whatever order the kernel has them. */
	static const unsigned long kernel_default[8];
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		sigaction(s, &dfl, NULL); /* fails for SIGKILL and SIGSTOP, as it must */
	/* libc keeps two for its threads and refuses them; some launchers leave them ignored. */
	for (int s = __SIGRTMIN; s < SIGRTMIN; s++)
		syscall(SYS_rt_sigaction, s, kernel_default, NULL, sizeof(uint64_t));
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child(const struct spawn_spec *spec, struct pipes *p, pid_t parent) NORETURN;
static void child(const struct spawn_spec *spec, struct pipes *p, pid_t parent)
{
	struct report r = { .step = STEP_STARTED };
	int null_fd;
	char go;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(p->go[1]);
	/* The parent may have died before the line above; then getppid() is somebody else. */
	if (getppid() != parent || read(p->go[0], &go, 1) != 1)
		_exit(127);
	if (spec->cpus && sched_setaffinity(0, sizeof(*spec->cpus), spec->cpus))
		child_fails(p->report[1], STEP_CPUS);
	if (spec->cwd && chdir(spec->cwd))
		child_fails(p->report[1], STEP_CWD);
	null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(p->out[1], 1) < 0 || dup2(p->err[1], 2) < 0)
		child_fails(p->report[1], STEP_STDIO);
	/* Whatever a library of ours forgot to mark.  Linux 5.11; older kernels do without. */
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	reset_signals();
	r.cpu_ns = clock_thread_cpu_ns();
	r.started_ns = clock_mono_ns();
	if (write(p->report[1], &r, sizeof(r)) == (ssize_t)sizeof(r))
		execve(spec->path, spec->argv, spec->env);
	child_fails(p->report[1], STEP_EXEC);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Read reports until the pipe closes, which exec does. */
static int read_reports(int fd, struct report *last)
{
	struct report r;
	int n_reports = 0;

	for (;;) {
		ssize_t n = read(fd, &r, sizeof(r));

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(r)) /* written in one piece, as it is below PIPE_BUF */
			return n_reports;
		if (r.step == STEP_STARTED)
			*last = r;
		last->step = r.step;
		last->error = r.error;
		n_reports++;
	}
}

/* Let the child go and hear how far it came. */
static int release(const struct spawn_spec *spec, struct pipes *p, struct spawned *out,
		   struct err *e)
{
	struct report r = { .step = STEP_STARTED };
	int rc = spec->born ? spec->born(spec->born_ctx, out->pid, e) : 0;

	if (rc)
		return rc;
	close(p->report[1]);
	p->report[1] = -1;
	if (write(p->go[1], "g", 1) != 1)
		return err_set(e, -EPIPE, "%s: ended before it began", spec->path);
	if (!read_reports(p->report[0], &r))
		return err_set(e, -ECHILD, "%s: ended before it began", spec->path);
	if (r.step != STEP_STARTED)
		return err_set(e, -r.error, "%s: cannot %s%s%s: %s", spec->path, step_names[r.step],
			       r.step == STEP_CWD ? " to " : "",
			       r.step == STEP_CWD ? spec->cwd : "", strerror(r.error));
	out->started_ns = r.started_ns;
	out->pre_exec_cpu_ns = r.cpu_ns;
	return 0;
}

/* Only our ends: the child's would keep the pipes from ever ending. */
static int keep_ends(struct pipes *p, struct spawned *out)
{
	out->stdout_fd = p->out[0];
	out->stderr_fd = p->err[0];
	p->out[0] = p->err[0] = -1;
	if (fcntl(out->stdout_fd, F_SETFL, O_NONBLOCK) ||
	    fcntl(out->stderr_fd, F_SETFL, O_NONBLOCK))
		return -errno;
	return 0;
}

int spawn(const struct spawn_spec *spec, struct spawned *out, struct err *e)
{
	struct pipes p;
	pid_t parent = getpid();
	int rc = open_pipes(&p, e);

	*out = (struct spawned){ .pidfd = -1, .stdout_fd = -1, .stderr_fd = -1 };
	if (rc)
		return rc;
	/* Who ignores SIGCHLD, perhaps by inheritance, cannot wait for anybody: wait(2), NOTES. */
	signal(SIGCHLD, SIG_DFL);
	out->pid = fork();
	if (out->pid < 0) {
		rc = err_set(e, -errno, "fork: %s", strerror(errno));
		goto out;
	}
	if (!out->pid)
		child(spec, &p, parent);
	setpgid(out->pid, out->pid); /* also here, so that the group exists when we go on */
	out->pidfd = pidfd_open(out->pid, 0);
	if (out->pidfd < 0)
		rc = err_set(e, -errno, "pidfd_open: %s", strerror(errno));
	if (!rc)
		rc = keep_ends(&p, out);
	if (!rc)
		rc = release(spec, &p, out, e);
	if (rc) {
		kill(out->pid, SIGKILL);
		reap(out->pid);
	}
out:
	close_pipes(&p);
	if (rc) {
		for (int *fd = (int[]){ out->pidfd, out->stdout_fd, out->stderr_fd, -2 }; *fd != -2;
		     fd++)
			if (*fd >= 0)
				close(*fd);
	}
	return rc;
}
