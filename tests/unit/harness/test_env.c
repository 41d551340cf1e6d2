/* The host on record: every fact is there, found or with the reason why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/buf.h"
#include "harness/env.h"
#include "harness/tempdir.h"

/* "key=value" lines. */
static void collect(void *ctx, const char *key, const char *value)
{
	buf_printf(ctx, "%s=%s\n", key, value);
}

static bool fact(struct buf *facts, const char *key, char *value, size_t size)
{
	char line_start[64];
	const char *p;

	snprintf(line_start, sizeof(line_start), "%s=", key);
	p = strstr(buf_str(facts), line_start);
	if (!p)
		return false;
	p += strlen(line_start);
	snprintf(value, size, "%.*s", (int)strcspn(p, "\n"), p);
	return true;
}

static void facts_are_found_on_this_host(void **state UNUSED)
{
	static const char *const keys[] = {
		"host.kernel",	    "host.os",
		"host.cpu_model",   "host.cpus",
		"host.memory",	    "host.hypervisor",
		"host.governor",    "host.transparent_hugepages",
		"host.clocksource", "host.aslr",
		"version.redis",    "version.influxdb",
		"version.python",   "version.python_packages",
		"build.compiler",   "build.variant",
		"git.commit",	    "git.state",
	};
	const struct env_conf conf = { .root = ".", .python = "/usr/bin/python3" };
	struct buf facts = { 0 };
	char value[1024];
	struct utsname u;

	env_collect(&conf, collect, &facts);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		assert_true(fact(&facts, keys[i], value, sizeof(value)));
		assert_true(strlen(value) > 0);
		assert_string_not_equal(value, "unavailable: "); /* always with a reason */
	}
	uname(&u);
	assert_true(fact(&facts, "host.kernel", value, sizeof(value)));
	assert_non_null(strstr(value, u.release));
	assert_true(fact(&facts, "build.variant", value, sizeof(value)));
	assert_string_equal(value, BUILD_VARIANT);
	if (!access("/usr/bin/python3", X_OK)) {
		assert_true(fact(&facts, "version.python_packages", value, sizeof(value)));
		assert_non_null(strstr(value, "redis "));
	}
	buf_release(&facts);
}

static void what_is_missing_says_why(void **state UNUSED)
{
	struct tempdir empty;
	struct env_conf conf;
	struct buf facts = { 0 };
	char *path = strdup(getenv("PATH")), value[1024];

	assert_int_equal(tempdir_make(&empty, "env", NULL), 0);
	conf = (struct env_conf){ .root = empty.path, .python = "/nonexistent/python3" };
	setenv("PATH", empty.path, 1);
	env_collect(&conf, collect, &facts);
	setenv("PATH", path, 1);
	free(path);
	assert_true(fact(&facts, "git.commit", value, sizeof(value)));
	assert_string_equal(value, "unavailable: no .git: not a clone");
	assert_true(fact(&facts, "version.redis", value, sizeof(value)));
	assert_string_equal(value, "unavailable: redis-server: redis-server: not found in PATH");
	assert_true(fact(&facts, "version.python", value, sizeof(value)));
	assert_string_equal(
		value, "unavailable: /nonexistent/python3: /nonexistent/python3: no such program");
	buf_release(&facts);
	assert_int_equal(tempdir_remove(&empty, NULL), 0);
}

/* A repository of its own: a clean one is clean, and a change is seen. */
static void dirtiness_is_seen(void **state UNUSED)
{
	struct tempdir repo;
	struct env_conf conf;
	struct buf facts = { 0 };
	char command[512], value[1024];

	if (access("/usr/bin/git", X_OK)) {
		print_message("git is not installed\n");
		skip();
	}
	assert_int_equal(tempdir_make(&repo, "env", NULL), 0);
	conf = (struct env_conf){ .root = repo.path, .python = "/usr/bin/python3" };
	snprintf(
		command, sizeof(command),
		"cd %s && git init -q . && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x",
		repo.path);
	assert_int_equal(system(command), 0);
	env_collect(&conf, collect, &facts);
	assert_true(fact(&facts, "git.state", value, sizeof(value)));
	assert_string_equal(value, "clean");
	assert_true(fact(&facts, "git.commit", value, sizeof(value)));
	assert_int_equal(strlen(value), 40);
	snprintf(command, sizeof(command), "touch %s/new", repo.path);
	assert_int_equal(system(command), 0);
	buf_reset(&facts);
	env_collect(&conf, collect, &facts);
	assert_true(fact(&facts, "git.state", value, sizeof(value)));
	assert_string_equal(value, "dirty: differs from the commit");
	buf_release(&facts);
	assert_int_equal(tempdir_remove(&repo, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_found_on_this_host),
		cmocka_unit_test(what_is_missing_says_why),
		cmocka_unit_test(dirtiness_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
