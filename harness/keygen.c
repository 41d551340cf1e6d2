/*
 * Running ssh-keygen; see keygen.h.
 *
 * Not by proc.h: a child of it has its own process group, which a terminal does not let
 * read (SIGTTIN), and an empty stdin, for which ssh-keygen asks no passphrase.
 */
#include "harness/keygen.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/proc.h"

#define WORDS_MAX 4096

extern char **environ;

/* stdin and stdout+stderr of the child; -1: ours. */
static int start(char *const *argv, int in, int out, pid_t *pid, struct err *e)
{
	posix_spawn_file_actions_t actions;
	char path[4096];
	int rc = proc_find_program(argv[0], "openssh-client", path, sizeof(path), e);

	if (rc)
		return rc;
	/* Who ignores SIGCHLD, perhaps by inheritance, cannot wait for anybody: wait(2), NOTES. */
	signal(SIGCHLD, SIG_DFL);
	posix_spawn_file_actions_init(&actions);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&actions, in, 0);
	for (int fd = 1; fd <= 2 && out >= 0; fd++)
		posix_spawn_file_actions_adddup2(&actions, out, fd);
	rc = posix_spawn(pid, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc ? err_set(e, -rc, "%s: %s", path, strerror(rc)) : 0;
}

/* All that it says, of which WORDS_MAX bytes are kept. */
static void hear(int fd, struct buf *words)
{
	char chunk[512];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && words->len + (size_t)n <= WORDS_MAX)
			buf_add(words, chunk, (size_t)n);
}

/* `failed`: the code of another exit status than 0. */
static int await(pid_t pid, int failed, struct err *e)
{
	char words[PROC_WORDS_MAX];
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, -errno, "ssh-keygen: waitpid: %s", strerror(errno));
	if (status)
		return err_set(e, failed, "ssh-keygen: %s", proc_exit_words(status, words));
	return 0;
}

int keygen_sign(const char *key, const char *file, struct err *e)
{
	const char *argv[] = { "ssh-keygen",	 "-Y", "sign", "-f", key, "-n",
			       KEYGEN_NAMESPACE, file, NULL };
	pid_t pid;
	int rc = start((char *const *)(uintptr_t)argv, -1, -1, &pid, e);

	rc = rc ? rc : await(pid, -EACCES, e);
	return rc == -EACCES ? err_wrap(e, "not signed, for the reason above") : rc;
}

/* Line ends become "; ", the last one nothing; what is not printable `?`. */
static void flatten(struct buf *words)
{
	struct buf flat = { 0 };

	while (words->len && strchr("\r\n", words->data[words->len - 1]))
		words->len--;
	for (size_t i = 0; i < words->len; i++) {
		char c = words->data[i];

		if (c == '\n')
			buf_add_str(&flat, "; ");
		else if (c != '\r')
			buf_add_char(&flat, (unsigned char)c < ' ' || c == 0x7f ? '?' : c);
	}
	buf_release(words);
	*words = flat;
}

static int run_check(char *const *argv, const char *file, struct buf *words, struct err *e)
{
	int pipe_fds[2], in = open(file, O_RDONLY | O_CLOEXEC), rc;
	pid_t pid;

	if (in < 0)
		return err_set(e, -errno, "%s: %s", file, strerror(errno));
	if (pipe2(pipe_fds, O_CLOEXEC)) {
		close(in);
		return err_set(e, -errno, "pipe: %s", strerror(errno));
	}
	rc = start(argv, in, pipe_fds[1], &pid, e);
	close(in);
	close(pipe_fds[1]);
	if (!rc) {
		hear(pipe_fds[0], words);
		rc = await(pid, -EBADMSG, NULL);
	}
	close(pipe_fds[0]);
	return rc;
}

int keygen_check(const char *allowed, const char *principal, const char *file,
		 const char *signature, struct buf *words, struct err *e)
{
	const char *verify[] = { "ssh-keygen", "-Y", "verify",	       "-f", allowed,	"-I",
				 principal,    "-n", KEYGEN_NAMESPACE, "-s", signature, NULL };
	const char *any[] = { "ssh-keygen",	"-Y", "check-novalidate", "-n",
			      KEYGEN_NAMESPACE, "-s", signature,	  NULL };
	int rc = run_check((char *const *)(uintptr_t)(allowed ? verify : any), file, words, e);

	flatten(words);
	if (rc == -EBADMSG)
		return err_set(e, rc, "%s",
			       words->len ? buf_str(words) : "ssh-keygen says no word");
	return rc;
}
