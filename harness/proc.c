/* A child under way: its pipes, its readiness, its end; see proc.h, and spawn.h for its start. */
#include "harness/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/notify_socket.h"
#include "harness/procfs_parse.h"
#include "harness/spawn.h"

#define KILL_DEADLINE_NS (5 * NS_PER_S) /* SIGKILL works at once, but for disk sleep */

enum stream { STREAM_OUT, STREAM_ERR, STREAMS };

struct proc {
	char *name;
	struct loop *loop;
	const struct proc_hooks *hooks;
	struct proc_info info;
	int pidfd, fds[STREAMS];
	struct outlog logs[STREAMS];
	struct notify_socket notify;
	bool awaited; /* somebody runs the loop for us: stop it when something happens */
	bool woke, late;
};

const struct proc_info *proc_info(const struct proc *p)
{
	return &p->info;
}

const char *proc_name(const struct proc *p)
{
	return p->name;
}

const struct outlog *proc_stdout(const struct proc *p)
{
	return &p->logs[STREAM_OUT];
}

const struct outlog *proc_stderr(const struct proc *p)
{
	return &p->logs[STREAM_ERR];
}

const char *proc_exit_words(int status, char out[PROC_WORDS_MAX])
{
	if (WIFSIGNALED(status))
		snprintf(out, PROC_WORDS_MAX, "killed by signal %d (%s)%s", WTERMSIG(status),
			 strsignal(WTERMSIG(status)), WCOREDUMP(status) ? ", core dumped" : "");
	else
		snprintf(out, PROC_WORDS_MAX, "exit %d", WEXITSTATUS(status));
	return out;
}

static void happened(struct proc *p)
{
	p->woke = true;
	if (p->awaited)
		loop_stop(p->loop);
}

static void close_fd(struct proc *p, int *fd)
{
	if (*fd < 0)
		return;
	loop_unwatch(p->loop, *fd);
	close(*fd);
	*fd = -1;
}

/* Read what is there, but not for ever: a child may write faster than we read. */
static void drain(struct proc *p, enum stream i)
{
	char data[65536];

	for (int rounds = 0; rounds < 16 && p->fds[i] >= 0; rounds++) {
		ssize_t n = read(p->fds[i], data, sizeof(data));

		if (n > 0) {
			outlog_feed(&p->logs[i], data, (size_t)n, clock_mono_ns());
		} else if (n == 0) {
			outlog_end(&p->logs[i], clock_mono_ns());
			close_fd(p, &p->fds[i]);
		} else if (errno != EINTR) {
			break;
		}
	}
}

static void on_output(void *ctx, int fd, int events UNUSED)
{
	struct proc *p = ctx;

	drain(p, fd == p->fds[STREAM_OUT] ? STREAM_OUT : STREAM_ERR);
	happened(p);
}

/*
 * As systemd's NotifyAccess=all: the child or what it started, nobody else.  A
 * helper such as systemd-notify(1) may be gone before we look whose it was; then
 * the private path, new for every child, has to be proof enough.
 */
static bool may_notify(const struct proc *p, pid_t sender)
{
	pid_t group;

	if (sender <= 0) /* of another PID namespace */
		return false;
	group = getpgid(sender);
	return group == p->info.pid || (group < 0 && errno == ESRCH);
}

static void take_notifications(struct proc *p)
{
	struct notify_msg m;

	while (p->notify.fd >= 0 && notify_receive(&p->notify, &m) > 0) {
		if (!may_notify(p, m.sender)) {
			p->info.n_foreign++;
			continue;
		}
		if (m.ready && !p->info.ready_ns)
			p->info.ready_ns = m.at_ns;
		if (m.stopping && !p->info.stopping_ns)
			p->info.stopping_ns = m.at_ns;
		p->info.n_watchdog += m.watchdog;
	}
}

static void on_notify(void *ctx, int fd UNUSED, int events UNUSED)
{
	take_notifications(ctx);
	happened(ctx);
}

static int64_t timeval_ns(struct timeval tv)
{
	return (int64_t)tv.tv_sec * NS_PER_S + tv.tv_usec * NS_PER_US;
}

static void reap(struct proc *p)
{
	struct rusage ru;

	while (wait4(p->info.pid, &p->info.status, 0, &ru) < 0)
		BUG_ON(errno != EINTR); /* our child, and nobody else reaps */
	p->info.user_cpu_ns = timeval_ns(ru.ru_utime);
	p->info.system_cpu_ns = timeval_ns(ru.ru_stime);
	p->info.max_rss_bytes = ru.ru_maxrss * 1024L;
	p->info.voluntary_switches = ru.ru_nvcsw;
	p->info.involuntary_switches = ru.ru_nivcsw;
}

/*
 * The leader ended.  Before it is reaped its number can mean nobody else: the
 * moment to end the rest of the group and to tell who keeps a list.
 */
static void on_exit_seen(void *ctx, int fd UNUSED, int events UNUSED)
{
	struct proc *p = ctx;

	p->info.exited_ns = clock_mono_ns();
	take_notifications(p);
	for (enum stream i = 0; i < STREAMS; i++)
		drain(p, i);
	kill(-p->info.pid, SIGKILL);
	if (p->hooks && p->hooks->dying)
		p->hooks->dying(p->hooks->ctx, p->info.pid);
	reap(p);
	close_fd(p, &p->pidfd);
	for (enum stream i = 0; i < STREAMS; i++) {
		if (p->fds[i] >= 0)
			outlog_end(&p->logs[i], p->info.exited_ns);
		close_fd(p, &p->fds[i]);
	}
	happened(p);
}

int proc_find_program(const char *name, const char *package, char *path, size_t size, struct err *e)
{
	const char *dirs = getenv("PATH");

	if (!dirs)
		dirs = "/usr/local/bin:/usr/bin:/bin";
	if (strchr(name, '/'))
		dirs = "";
	for (;;) {
		size_t n = strcspn(dirs, ":");
		int len = snprintf(path, size, "%.*s%s%s", (int)n, dirs, n ? "/" : "", name);

		if (len > 0 && (size_t)len < size && !access(path, X_OK))
			return 0;
		if (!dirs[n])
			break;
		dirs += n + 1;
	}
	if (strchr(name, '/'))
		return err_set(e, -ENOENT, "%s: no such program", name);
	if (!package)
		return err_set(e, -ENOENT, "%s: not found in PATH", name);
	return err_set(e, -ENOENT, "%s: not found in PATH; install it: apt install %s", name,
		       package);
}

static int watch_all(struct proc *p, struct err *e)
{
	int rc = loop_watch(p->loop, p->pidfd, LOOP_READ, on_exit_seen, p);

	for (enum stream i = 0; i < STREAMS && !rc; i++)
		rc = loop_watch(p->loop, p->fds[i], LOOP_READ, on_output, p);
	if (!rc && p->notify.fd >= 0)
		rc = loop_watch(p->loop, p->notify.fd, LOOP_READ, on_notify, p);
	return rc ? err_set(e, rc, "%s: cannot watch: %s", p->name, strerror(-rc)) : 0;
}

static int start(struct proc *p, const struct proc_spec *spec, struct err *e)
{
	char path[PATH_MAX], socket_name[32];
	struct strv env = { 0 };
	struct spawn_spec s = { .path = path,
				.argv = spec->argv->v,
				.cwd = spec->cwd,
				.cpus = spec->cpus,
				.born = spec->hooks ? spec->hooks->born : NULL,
				.born_ctx = spec->hooks ? spec->hooks->ctx : NULL };
	struct spawned child;
	int rc = proc_find_program(spec->argv->v[0], NULL, path, sizeof(path), e);

	if (rc)
		return rc;
	for (char **v = spec->env ? spec->env->v : environ; v && *v; v++)
		strv_add(&env, *v);
	if (spec->notify_dir) {
		snprintf(socket_name, sizeof(socket_name), "n%llx",
			 (unsigned long long)clock_mono_ns());
		rc = notify_open(&p->notify, spec->notify_dir, socket_name, e);
		strv_set_env(&env, "NOTIFY_SOCKET", p->notify.path);
	}
	s.env = env.v ? env.v : (char *[]){ NULL };
	if (!rc)
		rc = spawn(&s, &child, e);
	strv_release(&env);
	if (rc)
		return rc;
	p->pidfd = child.pidfd;
	p->fds[STREAM_OUT] = child.stdout_fd;
	p->fds[STREAM_ERR] = child.stderr_fd;
	p->info.pid = child.pid;
	p->info.started_ns = child.started_ns;
	p->info.pre_exec_cpu_ns = child.pre_exec_cpu_ns;
	return watch_all(p, e);
}

int proc_start(struct proc **out, const struct proc_spec *spec, struct err *e)
{
	struct proc *p = mem_calloc(1, sizeof(*p));
	int rc;

	BUG_ON(!spec->argv->n);
	p->name = mem_strdup(spec->name);
	p->loop = spec->loop;
	p->hooks = spec->hooks;
	p->pidfd = p->fds[STREAM_OUT] = p->fds[STREAM_ERR] = p->notify.fd = -1;
	p->logs[STREAM_OUT].keep_max = spec->keep_stdout_bytes;
	p->logs[STREAM_ERR].keep_max = spec->keep_stderr_bytes;
	rc = start(p, spec, e);
	if (rc) {
		proc_free(p);
		return err_wrap(e, "%s", spec->name);
	}
	*out = p;
	return 0;
}

static void on_deadline(void *ctx)
{
	struct proc *p = ctx;

	p->late = true;
	loop_stop(p->loop);
}

static int await_failed(struct proc *p, int rc, const char *what, int64_t waited_ns, struct err *e)
{
	char words[PROC_WORDS_MAX], last[256];

	outlog_last_words(&p->logs[STREAM_ERR], last, sizeof(last));
	if (rc == -EINTR)
		return err_set(e, rc, "%s: interrupted before it %s", p->name, what);
	if (rc == -ECHILD)
		return err_set(e, rc, "%s: ended (%s) before it %s; last words: %s", p->name,
			       proc_exit_words(p->info.status, words), what, *last ? last : "none");
	return err_set(e, rc, "%s: after %.3g s it has not %s; last words: %s", p->name,
		       (double)waited_ns / 1e9, what, *last ? last : "none");
}

int proc_await(struct proc *p, bool (*cond)(const struct proc *p, void *ctx), void *ctx,
	       const char *what, int64_t deadline_ns, struct err *e)
{
	int64_t from_ns = clock_mono_ns();
	struct loop_timer timer = { 0 };
	int rc = 0;

	p->awaited = true;
	p->late = false;
	loop_timer_set(p->loop, &timer, deadline_ns, on_deadline, p);
	while (!rc && !cond(p, ctx)) {
		if (p->info.exited_ns) {
			rc = -ECHILD;
		} else if (p->late) {
			rc = -ETIMEDOUT;
		} else {
			p->woke = false;
			loop_run(p->loop);
			if (!p->woke && !p->late)
				rc = -EINTR;
		}
	}
	loop_timer_clear(p->loop, &timer);
	p->awaited = false;
	return rc ? await_failed(p, rc, what, clock_mono_ns() - from_ns, e) : 0;
}

static bool is_ready(const struct proc *p, void *ctx UNUSED)
{
	return p->info.ready_ns;
}

static bool has_exited(const struct proc *p, void *ctx UNUSED)
{
	return p->info.exited_ns;
}

static bool has_more_stats(const struct proc *p, void *ctx)
{
	return p->logs[STREAM_ERR].n_stats > *(const uint64_t *)ctx;
}

int proc_await_ready(struct proc *p, int64_t deadline_ns, struct err *e)
{
	return proc_await(p, is_ready, NULL, "said READY=1", deadline_ns, e);
}

int proc_await_exit(struct proc *p, int64_t deadline_ns, struct err *e)
{
	return proc_await(p, has_exited, NULL, "ended", deadline_ns, e);
}

bool proc_handles_signal(const struct proc *p, int signo)
{
	uint64_t bit = UINT64_C(1) << (signo - 1);
	struct procfs_status s;
	struct buf text = { 0 };
	char path[64];
	bool handles;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)p->info.pid);
	handles = !file_read(path, 65536, &text, NULL) &&
		  procfs_parse_status(text.data, text.len, &s) &&
		  ((s.sig_caught | s.sig_blocked) & bit);
	buf_release(&text);
	return handles;
}

int proc_signal(struct proc *p, int signo, struct err *e)
{
	if (p->info.exited_ns)
		return err_set(e, -ESRCH, "%s: has ended", p->name);
	if (pidfd_send_signal(p->pidfd, signo, NULL, 0))
		return err_set(e, -errno, "%s: signal %d: %s", p->name, signo, strerror(errno));
	return 0;
}

int proc_last_stats(const struct proc *p, struct counters *out, int64_t *at_ns, struct err *e)
{
	const struct outlog *o = &p->logs[STREAM_ERR];

	if (!o->n_stats)
		return err_set(e, -ENODATA, "%s: printed no counters", p->name);
	if (counters_parse(out, o->stats.data, o->stats.len, e))
		return err_wrap(e, "%s", p->name);
	if (at_ns)
		*at_ns = o->stats_ns;
	return 0;
}

int proc_ask_stats(struct proc *p, int64_t deadline_ns, struct counters *out, int64_t *at_ns,
		   struct err *e)
{
	uint64_t before = p->logs[STREAM_ERR].n_stats;
	int rc;

	if (!p->info.exited_ns && !proc_handles_signal(p, SIGUSR1))
		return err_set(e, -ENOTSUP, "%s: has no counters: SIGUSR1 would kill it", p->name);
	rc = proc_signal(p, SIGUSR1, e);
	if (!rc)
		rc = proc_await(p, has_more_stats, &before, "answered SIGUSR1", deadline_ns, e);
	return rc ? rc : proc_last_stats(p, out, at_ns, e);
}

/* Await the end whoever else stops the loop meanwhile: stopping is never interrupted. */
static int await_end(struct proc *p, int64_t deadline_ns)
{
	int rc;

	do {
		rc = proc_await_exit(p, deadline_ns, NULL);
	} while (rc == -EINTR);
	return rc;
}

int proc_stop(struct proc *p, int64_t grace_ns, struct err *e)
{
	int rc;

	if (p->info.exited_ns)
		return 0;
	if (!proc_signal(p, SIGTERM, NULL) && !proc_signal(p, SIGCONT, NULL) &&
	    !await_end(p, clock_mono_ns() + grace_ns))
		return 0;
	rc = err_set(e, -ETIMEDOUT, "%s: did not end %.3g s after SIGTERM and was killed", p->name,
		     (double)grace_ns / 1e9);
	kill(-p->info.pid, SIGKILL);
	if (await_end(p, clock_mono_ns() + KILL_DEADLINE_NS))
		return err_set(e, -EBUSY, "%s: cannot be killed", p->name);
	return rc;
}

void proc_free(struct proc *p)
{
	if (!p)
		return;
	if (p->pidfd >= 0) { /* without the loop: allowed in its callbacks, too */
		struct pollfd ended = { .fd = p->pidfd, .events = POLLIN };

		kill(-p->info.pid, SIGKILL);
		while (poll(&ended, 1, (int)(KILL_DEADLINE_NS / NS_PER_MS)) < 0 && errno == EINTR)
			;
		if (ended.revents)
			on_exit_seen(p, p->pidfd, 0);
	}
	close_fd(p, &p->pidfd);
	for (enum stream i = 0; i < STREAMS; i++) {
		close_fd(p, &p->fds[i]);
		outlog_release(&p->logs[i]);
	}
	if (p->notify.fd >= 0)
		loop_unwatch(p->loop, p->notify.fd);
	notify_close(&p->notify);
	free(p->name);
	free(p);
}

static int captured(struct proc *p, int64_t timeout_ns, struct buf *out, struct err *e)
{
	const struct outlog *o = proc_stdout(p);
	char words[PROC_WORDS_MAX], last[256];
	int rc = proc_await_exit(p, clock_mono_ns() + timeout_ns, e);

	if (rc)
		return rc;
	if (p->info.status) {
		outlog_last_words(proc_stderr(p), last, sizeof(last));
		return err_set(e, -EIO, "%s: %s: %s", p->name,
			       proc_exit_words(p->info.status, words), *last ? last : "no word");
	}
	if (o->n_unkept_bytes)
		return err_set(e, -EFBIG, "%s: wrote more than %zu bytes", p->name, o->keep_max);
	buf_add(out, o->kept.data, o->kept.len);
	return 0;
}

int proc_capture_spec(const struct proc_spec *spec, int64_t timeout_ns, struct buf *out,
		      struct err *e)
{
	struct proc *p = NULL;
	int rc = proc_start(&p, spec, e);

	rc = rc ? rc : captured(p, timeout_ns, out, e);
	proc_free(p);
	return rc;
}

int proc_capture(const struct strv *argv, size_t max_bytes, int64_t timeout_ns, struct buf *out,
		 struct err *e)
{
	struct loop *loop = loop_new(e);
	const struct proc_spec spec = {
		.name = argv->v[0], .argv = argv, .keep_stdout_bytes = max_bytes, .loop = loop
	};
	int rc;

	if (!loop)
		return -EMFILE;
	rc = proc_capture_spec(&spec, timeout_ns, out, e);
	loop_free(loop);
	return rc;
}
