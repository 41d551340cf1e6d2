/* --extract: which lines are cases.  What comes of them: tests/contract. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/offline.h"

static char path[40];

static int make_file(void **state UNUSED)
{
	int fd;

	strcpy(path, "/tmp/test_offline.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state UNUSED)
{
	return unlink(path);
}

/* Of a file; what it prints is in `out`. */
static int extract(const struct extractor_ops *ops, const char *text, char *out, size_t size,
		   struct err *e)
{
	const struct extractor_params params = { .max_events = 100, .window_s = 30 };
	int saved, fd = memfd_create("stdout", MFD_CLOEXEC), rc;
	FILE *f = fopen(path, "we");
	ssize_t n;

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	rc = offline_extract(ops, &params, path, e);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	n = pread(fd, out, size - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	close(fd);
	return rc;
}

static void a_line_that_is_no_case_is_named(void **state UNUSED)
{
	static const struct {
		const struct extractor_ops *ops;
		const char *line;
		bool is_case;
	} rows[] = {
		{ &keystroke_ops, "{\"events\":[],\"now_us\":1}", true },
		{ &keystroke_ops, "{\"now_us\":0,\"events\":[],\"window\":5,\"id\":\"x\"}", true },
		{ &mouse_ops, "{\"events\":[],\"now_us\":-1}", true },
		{ &app_ops, "{\"events\":[],\"now_us\":1}", true },
		{ &app_ops, "{\"events\":[]}", true },
		{ &keystroke_ops, "{\"events\":[]}", false },
		{ &mouse_ops, "{\"events\":[],\"window\":30}", false },
		{ &keystroke_ops, "{\"events\":[],\"now_us\":null}", false },
		{ &keystroke_ops, "{\"events\":[],\"now_us\":1.5}", false },
		{ &app_ops, "{\"events\":[],\"now_us\":\"1\"}", false },
		{ &keystroke_ops, "{\"now_us\":1}", false },
		{ &keystroke_ops, "{\"now_us\":1,\"events\":{}}", false },
		{ &keystroke_ops, "{\"now_us\":1,\"window\":0,\"events\":[]}", false },
		{ &keystroke_ops, "{\"now_us\":1,\"events\":[]} x", false },
		{ &app_ops, "{}", false },
		{ &app_ops, "[]", false },
		{ &app_ops, "", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		char text[200], out[4096], where[60];

		snprintf(text, sizeof(text), "{\"events\":[],\"now_us\":1}\n%s\n", rows[i].line);
		snprintf(where, sizeof(where), "%s:2: must be an object", path);
		if (extract(rows[i].ops, text, out, sizeof(out), &e) !=
			    (rows[i].is_case ? 0 : -EINVAL) ||
		    !strstr(e.text, rows[i].is_case ? "" : where))
			fail_msg("%s: %s", rows[i].line, e.text);
		assert_non_null(strchr(out, '\n')); /* the line before it */
		assert_int_equal(strchr(out, '\n') != strrchr(out, '\n'), rows[i].is_case);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_that_is_no_case_is_named, make_file,
						remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
