/*
 * What a piece of code writes to stderr, as text.
 *
 * The descriptor is replaced by a file in memory, so nothing can fill up or
 * block.  Also: the exit status of code that must end the process.
 */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extractors/base/compiler.h"

#define CAPTURE_MAX 65536

struct capture {
	int saved, file;
	char text[CAPTURE_MAX];
};

static inline void capture_start(struct capture *c)
{
	fflush(stderr);
	c->saved = dup(STDERR_FILENO);
	c->file = memfd_create("stderr", MFD_CLOEXEC);
	BUG_ON(c->saved < 0 || c->file < 0 || dup2(c->file, STDERR_FILENO) < 0);
}

/* What was written so far; capturing goes on. */
static inline const char *capture_text(struct capture *c)
{
	ssize_t n = pread(c->file, c->text, sizeof(c->text) - 1, 0);

	c->text[n > 0 ? n : 0] = '\0';
	return c->text;
}

static inline const char *capture_stop(struct capture *c)
{
	fflush(stderr);
	capture_text(c);
	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	close(c->file);
	return c->text;
}

static inline int count_of(const char *text, const char *what)
{
	int n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text += strlen(what);
	}
	return n;
}

/* The exit status of a child that runs f(); -1 when a signal ended it. */
static inline int exit_status_of(void (*f)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		f();
		_exit(0);
	}
	BUG_ON(pid < 0 || waitpid(pid, &status, 0) != pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
