/* hyperfine's export and command line; then the real one on programs whose behaviour is known. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/hyperfine.h"
#include "harness/tempdir.h"

static void what_it_exports_becomes_milliseconds(void **state UNUSED)
{
	static const char text[] =
		"{\"results\":[{\"command\":\"x\",\"mean\":0.002,\"stddev\":0.0005,\"median\":0.00175,"
		"\"user\":0.1,\"system\":0.2,\"min\":0.001,\"max\":0.004,"
		"\"times\":[0.001,0.0015,0.002,0.004],\"exit_codes\":[0,0,0,0]}]}";
	struct hyperfine_times t;

	assert_int_equal(hyperfine_parse(text, strlen(text), &t, NULL), 0);
	assert_int_equal(t.n, 4);
	assert_true(t.mean_ms == 2 && t.stddev_ms == 0.5 && t.median_ms == 1.75);
	assert_true(t.min_ms == 1 && t.max_ms == 4);
}

static void of_one_run_there_is_no_standard_deviation(void **state UNUSED)
{
	static const char text[] = "{\"results\":[{\"mean\":1,\"stddev\":null,\"median\":1,"
				   "\"min\":1,\"max\":1,\"times\":[1]}]}";
	struct hyperfine_times t;

	assert_int_equal(hyperfine_parse(text, strlen(text), &t, NULL), 0);
	assert_int_equal(t.n, 1);
	assert_true(isnan(t.stddev_ms));
}

static void anything_else_is_refused_with_what_is_wrong(void **state UNUSED)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "not JSON" },
		{ "[", "not JSON" },
		{ "{}", "not one result" },
		{ "{\"results\":[]}", "not one result" },
		{ "{\"results\":{\"a\":1}}", "not one result" },
		{ "{\"results\":[{},{}]}", "not one result" },
		{ "{\"results\":[{\"mean\":1,\"median\":1,\"min\":1,\"max\":1}]}", "no times" },
		{ "{\"results\":[{\"mean\":1,\"median\":1,\"min\":1,\"max\":1,\"times\":[]}]}",
		  "no times" },
		{ "{\"results\":[{\"mean\":1,\"median\":1,\"min\":1,\"times\":[1]}]}",
		  "is missing" },
		{ "{\"results\":[{\"mean\":-1,\"median\":1,\"min\":1,\"max\":1,\"times\":[1]}]}",
		  "is missing" },
		{ "{\"results\":[{\"mean\":\"1\",\"median\":1,\"min\":1,\"max\":1,\"times\":[1]}]}",
		  "is missing" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hyperfine_times t;
		struct err e = ERR_INIT;

		assert_int_equal(hyperfine_parse(rows[i].text, strlen(rows[i].text), &t, &e),
				 -EINVAL);
		if (!strstr(e.text, rows[i].why))
			fail_msg("row %zu: %s", i, e.text);
	}
}

static void words_are_quoted_so_that_they_stay_words(void **state UNUSED)
{
	struct strv argv = { 0 };
	struct buf out = { 0 };

	strv_add(&argv, "/a b/c");
	strv_add(&argv, "");
	strv_add(&argv, "it's $HOME \"x\"");
	hyperfine_quote(&argv, &out);
	assert_string_equal(buf_str(&out), "'/a b/c' '' 'it'\\''s $HOME \"x\"'");
	buf_release(&out);
	strv_release(&argv);
}

struct world {
	struct tempdir dir;
	struct loop *loop;
	struct strv env;
	char script[TEMPDIR_PATH_MAX + 16];
};

static void setup(struct world *w, const char *body)
{
	FILE *f;

	memset(w, 0, sizeof(*w));
	assert_int_equal(tempdir_make(&w->dir, "hyperfine", NULL), 0);
	w->loop = loop_new(NULL);
	strv_set_env(&w->env, "PATH", "/usr/bin:/bin");
	snprintf(w->script, sizeof(w->script), "%s/it's", w->dir.path);
	f = fopen(w->script, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", body);
	fclose(f);
}

static int run(struct world *w, int64_t once_ns, struct hyperfine_times *t, struct err *e)
{
	struct strv argv = { 0 };
	struct hyperfine_conf conf = {
		.argv = &argv,
		.env = &w->env,
		.dir = w->dir.path,
		.loop = w->loop,
		.warmup = 1,
		.runs = 2,
		.once_ns = once_ns,
	};
	int rc;

	strv_add(&argv, "/bin/sh");
	strv_add(&argv, w->script);
	rc = hyperfine_run(&conf, t, e);
	strv_release(&argv);
	return rc;
}

static void teardown(struct world *w)
{
	strv_release(&w->env);
	loop_free(w->loop);
	assert_int_equal(tempdir_remove(&w->dir, NULL), 0);
}

static void skip_without_hyperfine(void)
{
	struct buf version = { 0 };

	if (hyperfine_version(&version, NULL)) {
		print_message("hyperfine is not installed\n");
		skip();
	}
	assert_memory_equal(version.data, "hyperfine ", 10);
	buf_release(&version);
}

static void the_real_one_runs_the_words_as_often_as_told(void **state UNUSED)
{
	struct world w;
	struct hyperfine_times t;
	struct err e = ERR_INIT;
	struct buf log = { 0 };
	char line[64];
	int lines = 0;
	FILE *f;

	skip_without_hyperfine();
	setup(&w, "echo \"$1\" >> log");
	if (run(&w, 20 * NS_PER_S, &t, &e))
		fail_msg("%s", e.text);
	assert_int_equal(t.n, 2);
	assert_true(t.min_ms > 0 && t.min_ms <= t.median_ms && t.median_ms <= t.max_ms);
	snprintf(line, sizeof(line), "%.40s/log", w.dir.path);
	f = fopen(line, "r");
	assert_non_null(f);
	for (; fgets(line, sizeof(line), f); lines++)
		assert_string_equal(line, "--exit-when-ready\n");
	fclose(f);
	assert_int_equal(lines, 1 + 1 + 2); /* our own trial, one to warm up, two that count */
	buf_release(&log);
	teardown(&w);
}

static void a_subject_that_does_not_know_the_option_is_told_apart(void **state UNUSED)
{
	static const struct {
		const char *body;
		int64_t once_ns;
		const char *why;
	} rows[] = {
		{ "echo no such option >&2; exit 2", 20 * NS_PER_S, "exit 2: no such option" },
		{ "exec sleep 100", NS_PER_S / 5, "it has not ended" },
	};

	skip_without_hyperfine();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;
		struct hyperfine_times t;
		struct err e = ERR_INIT;

		setup(&w, rows[i].body);
		assert_int_equal(run(&w, rows[i].once_ns, &t, &e), -ENOTSUP);
		if (!strstr(e.text, rows[i].why))
			fail_msg("%s", e.text);
		teardown(&w);
	}
}

static void without_hyperfine_the_reason_is_said(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct buf version = { 0 };
	char *path = strdup(getenv("PATH"));

	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(hyperfine_version(&version, &e), -ENOENT);
	assert_string_equal(e.text, "hyperfine is not installed");
	setenv("PATH", path, 1);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_exports_becomes_milliseconds),
		cmocka_unit_test(of_one_run_there_is_no_standard_deviation),
		cmocka_unit_test(anything_else_is_refused_with_what_is_wrong),
		cmocka_unit_test(words_are_quoted_so_that_they_stay_words),
		cmocka_unit_test(the_real_one_runs_the_words_as_often_as_told),
		cmocka_unit_test(a_subject_that_does_not_know_the_option_is_told_apart),
		cmocka_unit_test(without_hyperfine_the_reason_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
