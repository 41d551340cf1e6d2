/* A child process that does one known thing a byte; for the tests of probes. */
#ifndef TESTS_PROBES_WORKER_H
#define TESTS_PROBES_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/compiler.h"

#define MIB INT64_C(1048576)

struct worker {
	pid_t pid;
	int ask, answer;
};

static void *worker_burn_thread(void *ns)
{
	int64_t until_ns = clock_thread_cpu_ns() + *(int64_t *)ns;

	while (clock_thread_cpu_ns() < until_ns)
		;
	return NULL;
}

static void worker_in_a_thread(int64_t ns)
{
	pthread_t t;

	if (pthread_create(&t, NULL, worker_burn_thread, &ns))
		_exit(1);
	pthread_join(t, NULL);
}

static void *worker_idle_thread(void *unused) NORETURN;
static void *worker_idle_thread(void *unused UNUSED)
{
	for (;;)
		pause();
}

static void worker_do(char what)
{
	int64_t ns = 100 * NS_PER_MS;
	pthread_t t;

	if (what == 'c') /* 100 ms of CPU time */
		worker_burn_thread(&ns);
	else if (what == 't') /* the same in a thread that is gone afterwards */
		worker_in_a_thread(ns);
	else if (what == 'i') /* a thread that stays */
		pthread_create(&t, NULL, worker_idle_thread, NULL);
	else if (what == 'm') /* 32 MiB of memory of its own */
		memset(mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0),
		       1, 32 * MIB);
	else if (what == 's') /* goes to sleep exactly 20 times */
		for (int i = 0; i < 20; i++)
			clock_sleep_until_ns(clock_mono_ns() + NS_PER_MS);
	else if (what != '.')
		_exit(7);
}

static void worker_main(int ask, int answer) NORETURN;
static void worker_main(int ask, int answer)
{
	char what;

	while (read(ask, &what, 1) == 1) {
		if (what == 'b') { /* for ever, after the answer */
			if (write(answer, &what, 1) != 1)
				_exit(1);
			for (;;)
				;
		}
		worker_do(what);
		if (write(answer, &what, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static int worker_start(struct worker *w)
{
	int to[2], from[2];

	if (pipe(to) || pipe(from))
		return -1;
	w->pid = fork();
	if (!w->pid) {
		close(to[1]);
		close(from[0]);
		worker_main(to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	w->ask = to[1];
	w->answer = from[0];
	return 0;
}

static void worker_stop(struct worker *w)
{
	close(w->ask);
	close(w->answer);
	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
	}
}

static bool worker_ask(struct worker *w, char what)
{
	char c;

	return write(w->ask, &what, 1) == 1 && read(w->answer, &c, 1) == 1;
}

#endif
