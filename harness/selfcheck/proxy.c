/*
 * A real subject that lies or is late: subject_proxy --drop-every 1000 -- keystroke_extractor
 *
 * The proxy starts the command with REDIS_SOCKET set to a socket of its own, passes
 * on what both sides say and tells the lies its options ask for (lies.h).  To the
 * harness the two are one subject: signals go through to the command, its words come
 * through, its end is the proxy's.
 * It needs REDIS_SOCKET, and makes its own socket in the working directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build_info.h"
#include "extractors/base/log.h"
#include "extractors/io/notify.h"
#include "harness/selfcheck/relay.h"

#define READ_BYTES 4096

enum { EXIT_USAGE = 2, EXIT_INTERNAL = 70, EXIT_SIGNALLED = 128 };

struct proxy {
	struct lies lies;
	struct lies_count count;
	struct loop *loop;
	struct relay *relay;
	char socket[4096];
	pid_t pid;	  /* of the command */
	int words_fd;	  /* its stderr */
	struct buf words; /* not yet a whole line */
	int status;
};

/* ---- the command's words ------------------------------------------------------------ */

static void pass_words(struct proxy *p, size_t len)
{
	struct buf out = { 0 };

	lies_words(&p->lies, &p->count, (struct span){ p->words.data, len }, &out);
	log_raw(out.data, out.len);
	buf_release(&out);
	buf_consume(&p->words, len);
}

/* False at the end of what there is. */
static bool read_words(struct proxy *p)
{
	ssize_t n = read(p->words_fd, buf_reserve(&p->words, READ_BYTES), READ_BYTES);
	const char *end;

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	p->words.len += (size_t)n;
	while ((end = memchr(p->words.data, '\n', p->words.len)))
		pass_words(p, (size_t)(end + 1 - p->words.data));
	return true;
}

static void on_words(void *ctx, int fd, int events UNUSED)
{
	struct proxy *p = ctx;

	if (!read_words(p))
		loop_unwatch(p->loop, fd);
}

/* ---- its life ------------------------------------------------------------------------- */

static void on_signal(void *ctx, int signo, int unused UNUSED)
{
	struct proxy *p = ctx;

	if (signo != SIGCHLD) {
		kill(p->pid, signo);
		return;
	}
	if (waitpid(p->pid, &p->status, WNOHANG) == p->pid)
		loop_stop(p->loop);
}

/* In the child: with the proxy's death comes its own. */
static void exec_command(const struct proxy *p, char **argv, pid_t parent, int words_fd) NORETURN;
static void exec_command(const struct proxy *p, char **argv, pid_t parent, int words_fd)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent ||
	    dup2(words_fd, STDERR_FILENO) < 0 || setenv("REDIS_SOCKET", p->socket, 1))
		_exit(EXIT_INTERNAL);
	execvp(argv[0], argv);
	log_error("%s: %s", argv[0], strerror(errno));
	_exit(EXIT_USAGE);
}

static int start_command(struct proxy *p, char **argv, struct err *e)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return err_set(e, -errno, "pipe: %s", strerror(errno));
	p->pid = fork();
	if (p->pid == 0)
		exec_command(p, argv, parent, fds[1]);
	close(fds[1]);
	p->words_fd = fds[0];
	return p->pid < 0 ? err_set(e, -errno, "fork: %s", strerror(errno)) : 0;
}

/* The socket stands before the command that will look for it. */
static int start(struct proxy *p, char **argv, struct err *e)
{
	static const int signos[] = { SIGUSR1, SIGTERM, SIGINT, SIGCHLD };
	struct relay_conf conf = { .listen = p->socket,
				   .server = getenv("REDIS_SOCKET"),
				   .lies = &p->lies,
				   .count = &p->count };
	char cwd[4000];
	int rc;

	if (!conf.server || !*conf.server)
		return err_set(e, -EINVAL, "REDIS_SOCKET is not set: only a socket can be relayed");
	if (!getcwd(cwd, sizeof(cwd)))
		return err_set(e, -errno, "working directory: %s", strerror(errno));
	snprintf(p->socket, sizeof(p->socket), "%s/relay-%d.sock", cwd, (int)getpid());
	p->loop = conf.loop = loop_new(e);
	rc = p->loop ? relay_open(&p->relay, &conf, e) : e->code;
	rc = rc ? rc : start_command(p, argv, e);
	/* From here on: what is blocked here must not be blocked in the command. */
	rc = rc ? rc : loop_signals(p->loop, signos, ARRAY_SIZE(signos), on_signal, p, e);
	if (!rc && loop_watch(p->loop, p->words_fd, LOOP_READ, on_words, p))
		rc = err_set(e, -errno, "epoll: %s", strerror(errno));
	return rc;
}

static int run(struct proxy *p, char **argv, struct err *e)
{
	int rc = start(p, argv, e);

	if (!rc && p->lies.claim_ready && notify_send("READY=1"))
		log_warning("NOTIFY_SOCKET: not reachable");
	if (!rc && waitpid(p->pid, &p->status, WNOHANG) != p->pid)
		loop_run(p->loop);
	while (!rc && read_words(p))
		;
	if (p->words.len)
		pass_words(p, p->words.len);
	relay_close(p->relay);
	if (p->socket[0])
		unlink(p->socket);
	loop_free(p->loop);
	buf_release(&p->words);
	return rc;
}

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(&b, "usage: subject_proxy [options] -- COMMAND [ARGUMENT…]\n\nRuns a subject "
			"behind a relay to Redis that tells lies.\n\n");
	opt_help(lies_opts, lies_n_opts, true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNALLED + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct proxy p = { .words_fd = -1 };
	struct err e = ERR_INIT;
	int n, rc;

	log_init("subject_proxy", LOG_INFO);
	opt_defaults(lies_opts, lies_n_opts, &p.lies);
	n = opt_parse_args(lies_opts, lies_n_opts, &p.lies, argc, argv, &e);
	if (n >= 0 && (p.lies.help || p.lies.version)) {
		if (p.lies.help)
			print_help();
		else
			printf("subject_proxy commit %s, %s, variant %s\n", BUILD_COMMIT,
			       BUILD_COMPILER, BUILD_VARIANT);
		opt_release(lies_opts, lies_n_opts, &p.lies);
		return 0;
	}
	if (n == 0)
		err_set(&e, -EINVAL, "no command; see --help");
	if (n > 0) {
		argv[n + 1] = NULL;
		rc = run(&p, argv + 1, &e);
	} else {
		rc = -EINVAL;
	}
	if (rc)
		log_error("%s", e.text);
	opt_release(lies_opts, lies_n_opts, &p.lies);
	return rc == -EINVAL ? EXIT_USAGE : rc ? EXIT_INTERNAL : exit_code(p.status);
}
