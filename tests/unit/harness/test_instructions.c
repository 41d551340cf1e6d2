/* Instructions per event: callgrind's file, and that real programs' counts repeat exactly. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/instructions.h"
#include "harness/tempdir.h"

#define EVENTS	   400
#define TIMEOUT_NS (120 * NS_PER_S)

static void totals_are_found_and_nothing_else_is_taken_for_them(void **state UNUSED)
{
	static const struct {
		const char *text;
		int64_t total; /* -1: refused */
	} rows[] = {
		{ "version: 1\nevents: Ir\nsummary: 7\n\ntotals: 493402\n", 493402 },
		{ "x\ntotals: 0\n", 0 },
		{ "x\ntotals: 493402", -1 }, /* cut off: the file was not finished */
		{ "x\nsummary: 7\n", -1 },
		{ "x\ntotals: \n", -1 },
		{ "x\ntotals: -5\n", -1 },
		{ "x\ntotals: 12 13\n", -1 },
		{ "x\ntotals: 99999999999999999999999\n", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t total = -1;
		int rc = instructions_parse(rows[i].text, strlen(rows[i].text), &total, NULL);

		assert_int_equal(rc, rows[i].total < 0 ? -EINVAL : 0);
		if (!rc)
			assert_true(total == rows[i].total);
	}
}

static void make_program_path(char path[PATH_MAX], const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 64);

	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 3; i++) /* build/VARIANT/test/harness/test_instructions */
		*strrchr(path, '/') = '\0';
	strcat(path, "/bin/");
	strcat(path, name);
}

struct world {
	struct tempdir dir;
	struct loop *loop;
	struct plan *plan;
	struct strv argv, env;
};

static void setup(struct world *w, const char *program)
{
	struct plan_lane lane = { .count = 2 * EVENTS,
				  .rate_hz = 1000,
				  .arrival = ARRIVAL_CONSTANT,
				  .weight = { [EVENT_KEYSTROKE] = 1 } };
	struct plan_spec spec = { .seed = 7, .lanes = &lane, .n_lanes = 1 };

	memset(w, 0, sizeof(*w));
	assert_int_equal(tempdir_make(&w->dir, "instr", NULL), 0);
	w->loop = loop_new(NULL);
	assert_int_equal(plan_build(&w->plan, &spec, NULL), 0);
	strv_add(&w->argv, program);
	strv_set_env(&w->env, "PATH", "/usr/bin:/bin");
}

static void teardown(struct world *w)
{
	plan_free(w->plan);
	strv_release(&w->argv);
	strv_release(&w->env);
	loop_free(w->loop);
	assert_int_equal(tempdir_remove(&w->dir, NULL), 0);
}

static int count(struct world *w, struct instructions *in, struct err *e)
{
	const struct instructions_conf conf = {
		.name = "subject",
		.argv = &w->argv,
		.env = &w->env,
		.dir = w->dir.path,
		.loop = w->loop,
		.plan = w->plan,
		.events = EVENTS,
		.timeout_ns = TIMEOUT_NS,
	};

	return instructions_count(&conf, in, e);
}

static void skip_without_valgrind(void)
{
	if (instructions_available(NULL)) {
		print_message("valgrind is not installed\n");
		skip();
	}
}

static double counted(const char *program, const char *arg)
{
	struct world w;
	struct instructions in = { 0 };
	struct err e = ERR_INIT;

	setup(&w, program);
	if (arg)
		strv_add(&w.argv, arg);
	if (count(&w, &in, &e))
		fail_msg("%s", e.text);
	assert_int_equal(in.sent, 3 * EVENTS);
	assert_int_equal(in.received, 3 * EVENTS);
	assert_int_equal(in.features, in.published);
	assert_true(in.start > 0);
	teardown(&w);
	return in.per_event;
}

#define TRIES 8

/*
 * The same count twice, to the instruction: of some millions that is no accident.
 * What looks at a clock may differ now and then on a busy machine (a digit more of
 * uptime to print, a turn that its time limit ended), but never by 0.1 %.
 */
static double counted_twice_alike(const char *program)
{
	double seen[TRIES];

	for (int n = 0; n < TRIES; n++) {
		seen[n] = counted(program, NULL);
		assert_true(seen[n] > 0);
		for (int k = 0; k < n; k++) {
			assert_true(fabs(seen[k] / seen[n] - 1) < 0.001);
			if (seen[k] == seen[n])
				return seen[n];
		}
	}
	fail_msg("%s: no two of %d counts are alike", program, TRIES);
	return 0;
}

static void counts_of_an_extractor_and_of_the_floor_repeat_exactly(void **state UNUSED)
{
	static const char *const programs[] = { "keystroke_extractor", "null_subject" };
	char path[PATH_MAX];
	double per_event[2];

	skip_without_valgrind();
	for (int i = 0; i < 2; i++) {
		make_program_path(path, programs[i]);
		per_event[i] = counted_twice_alike(path);
	}
	assert_true(per_event[0] > per_event[1]); /* it does more than the floor */
}

/* ---- a subject that does so much more for each event --------------------------------- */

static uint64_t n_received;

static void print_and_exit(int signo UNUSED)
{
	char line[80];
	int n = snprintf(line, sizeof(line), "stats {\"received\":%llu,\"features\":0}\n",
			 (unsigned long long)n_received);

	_exit(write(STDERR_FILENO, line, (size_t)n) != n);
}

static int act_as_subject(uint64_t rounds)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	static char data[65536];
	bool confirmed = false;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	signal(SIGTERM, print_and_exit);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", getenv("REDIS_SOCKET"));
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    write(fd, "SUBSCRIBE seclyzer:events\r\n", 27) != 27)
		return 1;
	for (;;) {
		ssize_t n = read(fd, data, sizeof(data));

		for (ssize_t i = 0; i < n; i++) {
			if (data[i] != '*') /* a push begins; no event has one in it */
				continue;
			n_received += confirmed;
			for (volatile uint64_t k = 0; confirmed && k < rounds; k++)
				;
			confirmed = true;
		}
		if (n <= 0)
			return 1;
	}
}

/* Every round of the loop has the same number of instructions, whatever that is. */
static void a_known_amount_of_work_is_seen_to_the_instruction(void **state UNUSED)
{
	double some, more, most;
	char self[PATH_MAX];

	skip_without_valgrind();
	assert_non_null(realpath("/proc/self/exe", self));
	some = counted(self, "1");
	more = counted(self, "101");
	most = counted(self, "201");
	assert_true(more - some >= 300); /* to load, add and store takes three or more */
	assert_true(fabs((most - more) - (more - some)) < 0.5);
	assert_true(fabs(remainder(more - some, 100)) < 0.5);
}

static void a_subject_that_ends_or_never_subscribes_is_an_error(void **state UNUSED)
{
	static const struct {
		const char *program, *arg, *why;
	} rows[] = {
		{ "/bin/true", NULL, "ended before it had all events" },
		{ "/nonexistent/subject", NULL, "ended before it had all events" },
	};

	skip_without_valgrind();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;
		struct instructions in;
		struct err e = ERR_INIT;

		setup(&w, rows[i].program);
		assert_true(count(&w, &in, &e) < 0);
		if (!strstr(e.text, rows[i].why) && !strstr(e.text, "the reader has ended"))
			fail_msg("%s", e.text);
		teardown(&w);
	}
}

/* callgrind would count the launcher and not who does the work. */
static void a_launcher_that_forks_is_not_counted_in_place_of_its_child(void **state UNUSED)
{
	struct world w;
	struct instructions in;
	struct err e = ERR_INIT;
	char self[PATH_MAX];

	skip_without_valgrind();
	assert_non_null(realpath("/proc/self/exe", self));
	setup(&w, "/bin/sh");
	strv_add(&w.argv, "-c");
	strv_addf(&w.argv, "%s 1 & wait", self);
	assert_int_equal(count(&w, &in, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "the subject is 2 processes"));
	teardown(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals_are_found_and_nothing_else_is_taken_for_them),
		/* valgrind does not run what the sanitizers have instrumented: release only */
		cmocka_unit_test(counts_of_an_extractor_and_of_the_floor_repeat_exactly),
		cmocka_unit_test(a_known_amount_of_work_is_seen_to_the_instruction),
		cmocka_unit_test(a_subject_that_ends_or_never_subscribes_is_an_error),
		cmocka_unit_test(a_launcher_that_forks_is_not_counted_in_place_of_its_child),
	};
	const struct CMUnitTest pure[] = {
		cmocka_unit_test(totals_are_found_and_nothing_else_is_taken_for_them),
	};

	if (argc == 2)
		return act_as_subject(strtoull(argv[1], NULL, 10));
	if (strcmp(BUILD_VARIANT, "release"))
		return cmocka_run_group_tests(pure, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
