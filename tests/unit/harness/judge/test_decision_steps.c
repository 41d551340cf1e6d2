/* The steps name what this repository has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/buf.h"
#include "harness/file.h"
#include "harness/judge/decision_steps.h"

/* `command` with $NAME put in. */
static void expand(const char *command, const char *name, struct buf *out)
{
	const char *hole;

	buf_reset(out);
	for (; (hole = strstr(command, "$NAME")); command = hole + 5) {
		buf_add(out, command, (size_t)(hole - command));
		buf_add_str(out, name);
	}
	buf_add_str(out, command);
}

static void assert_names(const char *path, int mode)
{
	if (access(path, mode))
		fail_msg("%s is not there, or not so", path);
}

/* Words of a command that are paths in the repository. */
static size_t check_paths(struct buf *command)
{
	static const char ends[] = " ;|&'\"";
	size_t n = 0;

	for (const char *p = buf_str(command); *p; p += strspn(p, ends)) {
		size_t len = strcspn(p, ends);
		char word[256];

		snprintf(word, sizeof(word), "%.*s", (int)len, p);
		p += len;
		if (!strncmp(word, "extractors/", 11) || !strncmp(word, "baselines/", 10)) {
			assert_names(word, R_OK);
			n++;
		}
	}
	return n;
}

static void every_file_that_a_step_names_is_there(void **state UNUSED)
{
	struct buf command = { 0 };
	size_t paths = 0;

	for (int type = 0; type < EVENT_TYPES; type++)
		for (int way = 0; way < DECISION_WAYS; way++)
			for (size_t i = 0; decision_step((enum decision_way)way, i); i++) {
				expand(decision_step((enum decision_way)way, i)->command,
				       decision_programs[type], &command);
				paths += check_paths(&command);
			}
	assert_int_equal(paths, EVENT_TYPES * 2); /* baselines/python and the unit */
	buf_release(&command);
}

static void what_the_steps_rely_on_is_so(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct buf makefile = { 0 };

	assert_int_equal(file_read("Makefile", 1 << 20, &makefile, &e), 0);
	assert_non_null(strstr(buf_str(&makefile), "\nextractors: "));
	for (int type = 0; type < EVENT_TYPES; type++) {
		struct buf path = { 0 }, unit = { 0 }, want = { 0 };

		/* The C program of that name is one that `make extractors` builds. */
		buf_printf(&want, "\n%s_SRC ", decision_programs[type]);
		assert_non_null(strstr(buf_str(&makefile), buf_str(&want)));
		buf_printf(&path, "baselines/python/%s", decision_programs[type]);
		assert_names(buf_str(&path), X_OK);
		/* The unit starts what the steps install, and keeps its state where they look. */
		buf_reset(&path);
		buf_printf(&path, "extractors/systemd/%s.service", decision_programs[type]);
		assert_int_equal(file_read(buf_str(&path), 1 << 20, &unit, &e), 0);
		buf_reset(&want);
		buf_printf(&want, "\nExecStart=/usr/local/bin/%s\n", decision_programs[type]);
		assert_non_null(strstr(buf_str(&unit), buf_str(&want)));
		assert_non_null(
			strstr(buf_str(&unit), "\nEnvironment=SPOOL_DIR=%S/seclyzer/%p/spool\n"));
		assert_non_null(strstr(buf_str(&unit), "\nType=notify\n"));
		buf_release(&path);
		buf_release(&unit);
		buf_release(&want);
	}
	buf_release(&makefile);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_that_a_step_names_is_there),
		cmocka_unit_test(what_the_steps_rely_on_is_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
