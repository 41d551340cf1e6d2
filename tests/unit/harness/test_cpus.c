/* Cores by role. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/cpus.h"

static void the_subject_is_alone_as_soon_as_there_are_two_cores(void **state UNUSED)
{
	static const struct {
		int cores;
		const char *expected;
	} rows[] = {
		{ 1, "subject on 0, servers on 0, generator on 0, tap on 0" },
		{ 2, "subject on 1, servers on 0, generator on 0, tap on 0" },
		{ 3, "subject on 2, servers on 1, generator on 0, tap on 0" },
		{ 4, "subject on 3, servers on 2, generator on 1, tap on 0" },
		{ 8, "subject on 7, servers on 6, generator on 5, tap on 4" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf words = { 0 };
		struct cpus c;
		cpu_set_t allowed;

		CPU_ZERO(&allowed);
		for (size_t k = 0; k < (size_t)rows[i].cores; k++)
			CPU_SET(k, &allowed);
		cpus_assign_from(&c, &allowed);
		cpus_write(&c, &words);
		assert_string_equal(buf_str(&words), rows[i].expected);
		buf_release(&words);
	}
}

static void
two_subjects_at_once_have_different_cores_and_what_is_left_is_shared(void **state UNUSED)
{
	static const struct {
		int cores;
		const char *expected[2];
	} rows[] = {
		{ 2,
		  { "subject on 1, servers on 0, generator on 0, tap on 0",
		    "subject on 0, servers on 0, generator on 0, tap on 0" } },
		{ 3,
		  { "subject on 2, servers on 1, generator on 1, tap on 1",
		    "subject on 0, servers on 1, generator on 1, tap on 1" } },
		{ 4,
		  { "subject on 3, servers on 2, generator on 0, tap on 0",
		    "subject on 1, servers on 2, generator on 0, tap on 0" } },
		{ 8,
		  { "subject on 7, servers on 6, generator on 4, tap on 3",
		    "subject on 5, servers on 6, generator on 4, tap on 3" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cpus c, duet[2];
		cpu_set_t allowed;

		CPU_ZERO(&allowed);
		for (size_t k = 0; k < (size_t)rows[i].cores; k++)
			CPU_SET(k, &allowed);
		cpus_assign_from(&c, &allowed);
		assert_true(cpus_duet(&c, duet));
		for (int side = 0; side < 2; side++) {
			struct buf words = { 0 };

			cpus_write(&duet[side], &words);
			assert_string_equal(buf_str(&words), rows[i].expected[side]);
			buf_release(&words);
		}
		/* The session's own servers, the database among them, are with none of them if they can. */
		assert_true(CPU_EQUAL(&duet[0].servers, &c.servers));
	}
}

static void on_one_core_two_subjects_cannot_run_at_once(void **state UNUSED)
{
	struct cpus c, duet[2];
	cpu_set_t allowed;

	CPU_ZERO(&allowed);
	CPU_SET(3, &allowed);
	cpus_assign_from(&c, &allowed);
	assert_false(cpus_duet(&c, duet));
}

static void only_allowed_cores_are_used(void **state UNUSED)
{
	struct cpus c;
	cpu_set_t allowed;

	CPU_ZERO(&allowed);
	CPU_SET(3, &allowed);
	CPU_SET(9, &allowed);
	cpus_assign_from(&c, &allowed);
	assert_true(CPU_ISSET(9, &c.subject) && CPU_COUNT(&c.subject) == 1);
	assert_true(CPU_ISSET(3, &c.servers) && CPU_COUNT(&c.servers) == 1);
}

struct thread {
	pthread_mutex_t lock;
	pid_t tid;
	pthread_cond_t changed;
	bool stop;
};

static void *wait_for_the_end(void *ctx)
{
	struct thread *t = ctx;

	pthread_mutex_lock(&t->lock);
	t->tid = gettid();
	pthread_cond_broadcast(&t->changed);
	while (!t->stop)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void a_process_is_moved_with_all_its_threads(void **state UNUSED)
{
	struct thread t = { .lock = PTHREAD_MUTEX_INITIALIZER,
			    .changed = PTHREAD_COND_INITIALIZER };
	cpu_set_t before, one, now[2];
	struct err e = ERR_INIT;
	pthread_t thread;
	size_t cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_the_end, &t), 0);
	pthread_mutex_lock(&t.lock);
	while (!t.tid)
		pthread_cond_wait(&t.changed, &t.lock);
	assert_int_equal(cpus_move(getpid(), &one, &e), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(now[0]), &now[0]), 0);
	assert_int_equal(sched_getaffinity(t.tid, sizeof(now[1]), &now[1]), 0);
	assert_int_equal(cpus_move(getpid(), &before, &e), 0);
	t.stop = true;
	pthread_cond_broadcast(&t.changed);
	pthread_mutex_unlock(&t.lock);
	pthread_join(thread, NULL);
	assert_true(CPU_EQUAL(&now[0], &one) && CPU_EQUAL(&now[1], &one));
}

static void a_process_that_is_gone_cannot_be_moved(void **state UNUSED)
{
	struct err e = ERR_INIT;
	cpu_set_t one;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	assert_int_equal(cpus_move(pid, &one, &e), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_subject_is_alone_as_soon_as_there_are_two_cores),
		cmocka_unit_test(
			two_subjects_at_once_have_different_cores_and_what_is_left_is_shared),
		cmocka_unit_test(on_one_core_two_subjects_cannot_run_at_once),
		cmocka_unit_test(a_process_is_moved_with_all_its_threads),
		cmocka_unit_test(a_process_that_is_gone_cannot_be_moved),
		cmocka_unit_test(only_allowed_cores_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
