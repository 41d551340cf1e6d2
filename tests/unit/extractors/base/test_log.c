/* Log lines as they arrive on stderr. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "tests/unit/capture.h"

static struct capture cap;

static void a_line_is_level_program_and_text(void **state UNUSED)
{
	log_init("mouse_extractor", LOG_DEBUG);
	capture_start(&cap);
	log_debug("a %d", 1);
	log_info("b");
	log_warning("c %s", "d");
	log_error("e");
	capture_stop(&cap);
	assert_string_equal(cap.text, "DEBUG mouse_extractor: a 1\nINFO mouse_extractor: b\n"
				      "WARNING mouse_extractor: c d\nERROR mouse_extractor: e\n");
}

static void lines_below_the_least_level_are_left_out(void **state UNUSED)
{
	for (int least = LOG_DEBUG; least < LOG_LEVELS; least++) {
		log_init("p", (enum log_level)least);
		capture_start(&cap);
		for (int level = LOG_DEBUG; level < LOG_LEVELS; level++)
			log_at((enum log_level)level, "x");
		capture_stop(&cap);
		assert_int_equal(count_of(cap.text, "\n"), LOG_LEVELS - least);
		assert_memory_equal(cap.text, log_level_names[least],
				    strlen(log_level_names[least]));
	}
}

static void a_text_cannot_make_a_line_of_its_own(void **state UNUSED)
{
	log_init("p", LOG_INFO);
	capture_start(&cap);
	log_info("%s", "REDIS_PORT=1\nERROR p: all is lost\r\t\x1b[31m\x7f");
	capture_stop(&cap);
	assert_string_equal(cap.text, "INFO p: REDIS_PORT=1 ERROR p: all is lost   [31m \n");
}

static void a_long_line_is_cut_but_still_a_line(void **state UNUSED)
{
	char many[4000], name[4000];

	memset(many, 'm', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	memcpy(name, many, sizeof(name));
	log_init("p", LOG_INFO);
	capture_start(&cap);
	log_info("%s", many);
	log_info("next");
	log_init(name, LOG_INFO);
	log_info("end");
	capture_stop(&cap);
	log_init("p", LOG_INFO);
	assert_int_equal(count_of(cap.text, "\n"), 3);
	assert_int_equal(strcspn(cap.text, "\n"), 1022);
	assert_non_null(strstr(cap.text, "m\nINFO p: next\n"));
	assert_non_null(strstr(cap.text, "mmm: end\n"));
}

static void at_most_one_line_a_second_says_how_many_there_were(void **state UNUSED)
{
	static const struct {
		int64_t at_ns;
		uint64_t said; /* 0: not due; else the count that the line would give */
	} rows[] = {
		{ 5 * NS_PER_S, 1 },	 { 5 * NS_PER_S, 0 },	 { 5 * NS_PER_S + 1, 0 },
		{ 6 * NS_PER_S - 1, 0 }, { 6 * NS_PER_S, 4 },	 { 6 * NS_PER_S + 1, 0 },
		{ 1000 * NS_PER_S, 2 },	 { 1001 * NS_PER_S, 1 },
	};
	struct log_limit l = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(log_limit_due(&l, rows[i].at_ns) == (rows[i].said > 0));
		if (!rows[i].said)
			continue;
		assert_int_equal(l.since, rows[i].said);
		log_limit_said(&l, rows[i].at_ns);
	}
}

struct reader {
	int fd;
	size_t len;
	char text[300000];
};

static void *read_all(void *arg)
{
	struct reader *r = arg;
	ssize_t n;

	while ((n = read(r->fd, r->text + r->len, sizeof(r->text) - r->len)) > 0)
		r->len += (size_t)n;
	return NULL;
}

/* A pipe of 4 KiB that is full most of the time, and whose writing end says EAGAIN then. */
static void a_full_pipe_that_does_not_block_loses_no_line(void **state UNUSED)
{
	static struct reader r;
	int ends[2], saved = dup(STDERR_FILENO);
	pthread_t thread;
	char expected[64];
	const char *p = r.text;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 4096);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	r.fd = ends[0];
	/* Full before anybody reads. */
	while (write(STDERR_FILENO, "x", 1) == 1)
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(pthread_create(&thread, NULL, read_all, &r), 0);
	log_init("p", LOG_INFO);
	for (int i = 0; i < 5000; i++)
		log_info("line %d", i);
	dup2(saved, STDERR_FILENO);
	close(saved);
	pthread_join(thread, NULL);
	close(ends[0]);
	p += strspn(p, "x");
	for (int i = 0; i < 5000; i++) {
		int n = snprintf(expected, sizeof(expected), "INFO p: line %d\n", i);

		assert_memory_equal(p, expected, (size_t)n);
		p += n;
	}
	assert_int_equal(p - r.text, r.len);
}

static void break_an_invariant(void)
{
	BUG_ON(1 + 1 == 2);
}

static void a_broken_invariant_says_where_and_exits_with_70(void **state UNUSED)
{
	capture_start(&cap);
	assert_int_equal(exit_status_of(break_an_invariant), 70);
	capture_stop(&cap);
	assert_non_null(strstr(
		cap.text, "ERROR p: internal error at tests/unit/extractors/base/test_log.c:"));
	assert_non_null(strstr(cap.text, ": 1 + 1 == 2\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_level_program_and_text),
		cmocka_unit_test(lines_below_the_least_level_are_left_out),
		cmocka_unit_test(a_text_cannot_make_a_line_of_its_own),
		cmocka_unit_test(a_long_line_is_cut_but_still_a_line),
		cmocka_unit_test(at_most_one_line_a_second_says_how_many_there_were),
		cmocka_unit_test(a_full_pipe_that_does_not_block_loses_no_line),
		cmocka_unit_test(a_broken_invariant_says_where_and_exits_with_70),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
