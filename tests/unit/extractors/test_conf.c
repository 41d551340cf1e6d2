/* The configuration: where values come from, what is refused, what is never shown. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/log.h"
#include "extractors/conf.h"
#include "tests/unit/capture.h"

/* Every variable of the contract's table; the tests begin with none of them set. */
static const char *const names[] = {
	"REDIS_HOST",	     "REDIS_PORT",	    "REDIS_SOCKET",    "REDIS_USERNAME",
	"REDIS_PASSWORD",    "REDIS_POOL_SIZE",	    "INFLUX_URL",      "INFLUX_API",
	"INFLUX_TOKEN",	     "INFLUX_ORG",	    "INFLUX_BUCKET",   "INFLUX_BATCH_SIZE",
	"INFLUX_FLUSH_MS",   "WINDOW_SECONDS",	    "UPDATE_INTERVAL", "MAX_BUFFER_SIZE",
	"SPOOL_DIR",	     "SPOOL_MAX_BYTES",	    "SQLITE_DB_PATH",  "SECLYZER_DEV_MODE",
	"SECLYZER_TRACE",    "SECLYZER_LOG_LEVEL",  "INFLUX_USER",     "INFLUX_PASSWORD",
	"INFLUX_TOKEN_FILE", "REDIS_PASSWORD_FILE",
};

static char dir[] = "/tmp/conf-XXXXXX", dotenv[64], secret[64];

static void write_file(const char *path, const void *text, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int load(struct conf *c, const char *env_file, struct err *e)
{
	write_file(dotenv, env_file, strlen(env_file), 0600);
	err_reset(e);
	return conf_load(c, dotenv, e);
}

static void without_anything_the_defaults_of_the_contract_hold(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct conf c;

	assert_int_equal(conf_load(&c, "/nonexistent/.env", &e), 0);
	assert_string_equal(c.redis_host, "localhost");
	assert_int_equal(c.redis_port, 6379);
	assert_int_equal(c.redis_pool_size, 1);
	assert_string_equal(c.influx_org, "seclyzer");
	assert_string_equal(c.influx_bucket, "behavioral_data");
	assert_int_equal(c.influx_api, INFLUX_API_V2);
	assert_int_equal(c.influx_batch_size, 50);
	assert_int_equal(c.influx_flush_ms, 1000);
	assert_true(c.window_s == 30 && c.update_interval_s == 5);
	assert_int_equal(c.max_buffer_size, 0);
	assert_int_equal(c.spool_max_bytes, 64 << 20);
	assert_false(c.dev_mode || c.trace);
	assert_int_equal(c.log_level, LOG_INFO);
	assert_null(c.redis_socket);
	assert_null(c.redis_username);
	assert_null(c.redis_password);
	assert_null(c.influx_url);
	assert_null(c.influx_token);
	assert_null(c.spool_dir);
	assert_null(c.sqlite_db_path);
	conf_release(&c);
	assert_null(c.redis_host);
}

static void the_environment_comes_first_then_the_file_then_the_default(void **state UNUSED)
{
	static const struct {
		const char *env, *file;
		int64_t port;
	} rows[] = {
		{ NULL, "", 6379 },
		{ NULL, "REDIS_PORT=1", 1 },
		{ "2", "REDIS_PORT=1", 2 },
		{ "2", "", 2 },
		{ "", "REDIS_PORT=1", 1 }, /* empty counts as unset */
		{ "", "REDIS_PORT=", 6379 },
		{ "", "REDIS_PORT=\"\"", 6379 },
		{ "3", "REDIS_PORT=nonsense", 3 }, /* not the one that is used */
		{ NULL, "OTHER=x\nexport REDIS_PORT='4' # comment", 4 },
		{ NULL, "REDIS_PORT=4\nREDIS_PORT=5", 5 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		struct conf c;

		if (rows[i].env)
			setenv("REDIS_PORT", rows[i].env, 1);
		if (load(&c, rows[i].file, &e))
			fail_msg("row %zu: %s", i, e.text);
		assert_int_equal(c.redis_port, rows[i].port);
		conf_release(&c);
		unsetenv("REDIS_PORT");
	}
}

static void every_variable_lands_in_its_field(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct conf c;

	assert_int_equal(load(&c,
			      "REDIS_HOST=h\nREDIS_PORT=7\nREDIS_SOCKET=/s\nREDIS_USERNAME=u\n"
			      "REDIS_PASSWORD=p\nREDIS_POOL_SIZE=16\nINFLUX_URL=https://db:8086/x\n"
			      "INFLUX_API=auto\nINFLUX_TOKEN=t\nINFLUX_ORG=o\nINFLUX_BUCKET=b\n"
			      "INFLUX_USER=iu\nINFLUX_PASSWORD=ip\nINFLUX_BATCH_SIZE=10000\n"
			      "INFLUX_FLUSH_MS=3600000\nWINDOW_SECONDS=0.001\nUPDATE_INTERVAL=0\n"
			      "MAX_BUFFER_SIZE=1000000\nSPOOL_DIR=/d\nSPOOL_MAX_BYTES=1GiB\n"
			      "SQLITE_DB_PATH=/q\nSECLYZER_DEV_MODE=YES\nSECLYZER_TRACE=1\n"
			      "SECLYZER_LOG_LEVEL=ERROR\n",
			      &e),
			 0);
	assert_string_equal(c.redis_host, "h");
	assert_int_equal(c.redis_port, 7);
	assert_string_equal(c.redis_socket, "/s");
	assert_string_equal(c.redis_username, "u");
	assert_string_equal(c.redis_password, "p");
	assert_int_equal(c.redis_pool_size, 16);
	assert_string_equal(c.influx_url, "https://db:8086/x");
	assert_int_equal(c.influx_api, INFLUX_API_AUTO);
	assert_string_equal(c.influx_token, "t");
	assert_string_equal(c.influx_org, "o");
	assert_string_equal(c.influx_bucket, "b");
	assert_string_equal(c.influx_user, "iu");
	assert_string_equal(c.influx_password, "ip");
	assert_int_equal(c.influx_batch_size, 10000);
	assert_int_equal(c.influx_flush_ms, 3600000);
	assert_true(c.window_s == 0.001 && c.update_interval_s == 0);
	assert_int_equal(c.max_buffer_size, 1000000);
	assert_string_equal(c.spool_dir, "/d");
	assert_int_equal(c.spool_max_bytes, 1 << 30);
	assert_string_equal(c.sqlite_db_path, "/q");
	assert_true(c.dev_mode && c.trace);
	assert_int_equal(c.log_level, LOG_ERROR);
	conf_release(&c);
}

static void what_is_out_of_range_or_of_the_wrong_form_is_named(void **state UNUSED)
{
#define URL "must be http://host:port or https://host:port, without user, query and blank"
	static const struct {
		const char *name, *value, *allowed; /* NULL: taken */
	} rows[] = {
		{ "REDIS_PORT", "0", "must be a whole number from 1 to 65535" },
		{ "REDIS_PORT", "65535", NULL },
		{ "REDIS_PORT", "65536", "must be a whole number from 1 to 65535" },
		{ "REDIS_PORT", "redis", "must be a whole number from 1 to 65535" },
		{ "REDIS_PORT", "6379 ", "must be a whole number from 1 to 65535" },
		{ "REDIS_POOL_SIZE", "17", "must be a whole number from 1 to 16" },
		{ "INFLUX_API", "V2", "must be v2, v1 or auto" },
		{ "INFLUX_API", "v3", "must be v2, v1 or auto" },
		{ "INFLUX_BATCH_SIZE", "0", "must be a whole number from 1 to 10000" },
		{ "INFLUX_BATCH_SIZE", "1", NULL },
		{ "INFLUX_FLUSH_MS", "3600001", "must be a whole number from 1 to 3600000" },
		{ "WINDOW_SECONDS", "0", "must be a number from 0.001 to 86400" },
		{ "WINDOW_SECONDS", "86400", NULL },
		{ "WINDOW_SECONDS", "86400.001", "must be a number from 0.001 to 86400" },
		{ "WINDOW_SECONDS", "nan", "must be a number from 0.001 to 86400" },
		{ "UPDATE_INTERVAL", "-0.001", "must be a number from 0 to 86400" },
		{ "UPDATE_INTERVAL", "0.25", NULL },
		{ "UPDATE_INTERVAL", "inf", "must be a number from 0 to 86400" },
		{ "MAX_BUFFER_SIZE", "0", "must be a whole number from 1 to 1000000" },
		{ "MAX_BUFFER_SIZE", "1000001", "must be a whole number from 1 to 1000000" },
		{ "SPOOL_MAX_BYTES", "4095",
		  "must be bytes (KiB, MiB, GiB) from 4096 to 1099511627776" },
		{ "SPOOL_MAX_BYTES", "4096", NULL },
		{ "SPOOL_MAX_BYTES", "1024GiB", NULL },
		{ "SPOOL_MAX_BYTES", "1025GiB",
		  "must be bytes (KiB, MiB, GiB) from 4096 to 1099511627776" },
		{ "SPOOL_MAX_BYTES", "64MB",
		  "must be bytes (KiB, MiB, GiB) from 4096 to 1099511627776" },
		{ "SECLYZER_DEV_MODE", "enabled",
		  "must be true or false (1, yes, on; 0, no, off)" },
		{ "SECLYZER_DEV_MODE", "oN", NULL },
		{ "SECLYZER_LOG_LEVEL", "info", "must be DEBUG, INFO, WARNING or ERROR" },
		{ "INFLUX_URL", "http://localhost:8086", NULL },
		{ "INFLUX_URL", "https://db.example.org", NULL },
		{ "INFLUX_URL", "http://10.0.0.1/prefix/", NULL },
		{ "INFLUX_URL", "http://[::1]:8086", NULL },
		{ "INFLUX_URL", "http://[fe80::1]/x", NULL },
		{ "INFLUX_URL", "localhost:8086", URL },
		{ "INFLUX_URL", "ftp://localhost", URL },
		{ "INFLUX_URL", "HTTP://localhost", URL },
		{ "INFLUX_URL", "http://", URL },
		{ "INFLUX_URL", "http:///path", URL },
		{ "INFLUX_URL", "http://:8086", URL },
		{ "INFLUX_URL", "http://h:", URL },
		{ "INFLUX_URL", "http://h:0", URL },
		{ "INFLUX_URL", "http://h:65536", URL },
		{ "INFLUX_URL", "http://h:80a", URL },
		{ "INFLUX_URL", "http://h:+80", URL },
		{ "INFLUX_URL", "http://h:00000000000000000080", URL },
		{ "INFLUX_URL", "http://[::1", URL },
		{ "INFLUX_URL", "http://[]:1", URL },
		{ "INFLUX_URL", "http://[::1]8086", URL },
		{ "INFLUX_URL", "http://h /x", URL },
		{ "INFLUX_USER", "a:b", "must not hold a colon" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		struct conf c;
		char shown[128];

		setenv(rows[i].name, rows[i].value, 1);
		snprintf(shown, sizeof(shown), "%s=%s: ", rows[i].name, rows[i].value);
		if (!rows[i].allowed) {
			if (load(&c, "", &e))
				fail_msg("%s: %s", shown, e.text);
		} else {
			assert_int_equal(load(&c, "", &e), -EINVAL);
			if (!strstr(e.text, shown) || !strstr(e.text, rows[i].allowed))
				fail_msg("%s gave: %s", shown, e.text);
			assert_null(strchr(e.text, '\n'));
		}
		conf_release(&c);
		unsetenv(rows[i].name);
	}
}

static void an_error_says_where_the_value_stood(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct conf c;

	assert_int_equal(load(&c, "REDIS_PORT=x", &e), -EINVAL);
	assert_string_equal(e.text, ".env: REDIS_PORT=x: must be a whole number from 1 to 65535");
	conf_release(&c);
	setenv("REDIS_PORT", "y", 1);
	assert_int_equal(load(&c, "REDIS_PORT=1", &e), -EINVAL);
	assert_string_equal(e.text,
			    "environment: REDIS_PORT=y: must be a whole number from 1 to 65535");
	unsetenv("REDIS_PORT");
	conf_release(&c);
	assert_int_equal(load(&c, "REDIS_PORT=1\nREDIS HOST=h\n", &e), -EINVAL);
	assert_non_null(strstr(e.text, "/.env:2: must be KEY=value"));
	conf_release(&c);
}

/* A line break in a token would begin another HTTP header; in any value, another log line. */
static void control_characters_are_refused_everywhere(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct err e = ERR_INIT;
		struct conf c;
		char expected[100];

		setenv(names[i], "hunter2\nX-Evil: 1", 1);
		assert_int_equal(load(&c, "", &e), -EINVAL);
		snprintf(expected, sizeof(expected),
			 "environment: %s: must not hold control characters", names[i]);
		assert_string_equal(e.text, expected);
		conf_release(&c);
		unsetenv(names[i]);
	}
}

static void the_password_in_a_url_is_refused_and_not_shown(void **state UNUSED)
{
	static const char *const urls[] = {
		"http://user:hunter2@localhost:8086",
		"https://hunter2@localhost",
		"user:hunter2@localhost:8086",
		"http://user:hunt@er2@localhost",
		"htp://u:hunter2@h",
		"http://u:hunt?er2@h",
		"http://u@h?p=hunter2",
		"http://h?u=a@hunter2",
	};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct err e = ERR_INIT;
		struct conf c;

		setenv("INFLUX_URL", urls[i], 1);
		assert_int_equal(load(&c, "", &e), -EINVAL);
		assert_null(strstr(e.text, "hunt"));
		assert_null(strstr(e.text, "er2"));
		assert_non_null(strstr(e.text, "INFLUX_URL=...@"));
		conf_release(&c);
		unsetenv("INFLUX_URL");
	}
}

static void the_query_of_a_url_is_refused_and_not_shown(void **state UNUSED)
{
	static const char *const urls[][2] = {
		/* given, shown */
		{ "http://localhost:8086/?u=a&p=hunter2",
		  "INFLUX_URL=http://localhost:8086/?...: must" },
		{ "http://h?token=hunter2", "INFLUX_URL=http://h?...: must" },
		{ "http://h#hunter2", "INFLUX_URL=http://h?...: must" },
		{ "?hunter2?", "INFLUX_URL=?...: must" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct err e = ERR_INIT;
		struct conf c;

		setenv("INFLUX_URL", urls[i][0], 1);
		assert_int_equal(load(&c, "", &e), -EINVAL);
		assert_null(strstr(e.text, "hunter2"));
		assert_non_null(strstr(e.text, urls[i][1]));
		conf_release(&c);
		unsetenv("INFLUX_URL");
	}
}

static void a_secret_can_be_a_file_of_one_line(void **state UNUSED)
{
	static char longest[4096 + 2];
	static const struct {
		const char *text, *expected; /* NULL: refused */
		size_t len;		     /* 0: that of the text */
	} rows[] = {
		{ "hunter2", "hunter2", 0 },
		{ "hunter2\n", "hunter2", 0 },
		{ "hunter2\r\n", "hunter2", 0 },
		{ "\n  hunter2 \t\n\n", "hunter2", 0 },
		{ "hunter 2", "hunter 2", 0 },
		{ "", NULL, 0 },
		{ "\n", NULL, 0 },
		{ "  \n", NULL, 0 },
		{ "hunter2\nsecond line\n", NULL, 0 },
		{ "hunter\x01", NULL, 0 },
		{ "a\0b", NULL, 3 },
		{ longest, longest, 0 },
		{ longest, NULL, 0 },
	};

	memset(longest, 's', 4096);
	setenv("REDIS_PASSWORD_FILE", secret, 1);
	setenv("REDIS_PASSWORD", "overridden", 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		struct conf c;

		if (i == ARRAY_SIZE(rows) - 1)
			longest[4096] = 's';
		write_file(secret, rows[i].text, rows[i].len ? rows[i].len : strlen(rows[i].text),
			   0600);
		if (rows[i].expected) {
			assert_int_equal(load(&c, "", &e), 0);
			assert_string_equal(c.redis_password, rows[i].expected);
		} else {
			assert_int_equal(load(&c, "", &e), -EINVAL);
			assert_non_null(strstr(e.text, "REDIS_PASSWORD_FILE="));
			assert_non_null(
				strstr(e.text, ": must hold one line, in at most 4096 bytes"));
			assert_null(strstr(e.text, "hunter"));
		}
		conf_release(&c);
	}
	unsetenv("REDIS_PASSWORD_FILE");
	unsetenv("REDIS_PASSWORD");
}

static void a_secrets_file_that_is_not_there_is_named(void **state UNUSED)
{
	static const char *const variables[] = { "REDIS_PASSWORD_FILE", "INFLUX_TOKEN_FILE" };

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		struct err e = ERR_INIT;
		struct conf c;
		char expected[200];

		setenv(variables[i], "/nonexistent/secret", 1);
		assert_int_equal(load(&c, "", &e), -EINVAL);
		snprintf(expected, sizeof(expected),
			 "%s=/nonexistent/secret: No such file or directory", variables[i]);
		assert_string_equal(e.text, expected);
		conf_release(&c);
		setenv(variables[i], dir, 1);
		assert_int_equal(load(&c, "", &e), -EINVAL);
		assert_non_null(strstr(e.text, "Is a directory"));
		conf_release(&c);
		unsetenv(variables[i]);
	}
}

static void a_secrets_file_that_others_can_read_draws_a_warning(void **state UNUSED)
{
	static const struct {
		mode_t mode;
		int warnings;
	} rows[] = { { 0600, 0 }, { 0400, 0 }, { 0640, 1 }, { 0604, 1 }, { 0644, 1 } };
	static struct capture cap;

	log_init("test", LOG_INFO);
	setenv("INFLUX_TOKEN_FILE", secret, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		struct conf c;

		write_file(secret, "hunter2\n", 8, rows[i].mode);
		capture_start(&cap);
		assert_int_equal(load(&c, "", &e), 0);
		capture_stop(&cap);
		assert_string_equal(c.influx_token, "hunter2");
		assert_int_equal(count_of(cap.text, "WARNING test: INFLUX_TOKEN_FILE="),
				 rows[i].warnings);
		assert_null(strstr(cap.text, "hunter2"));
		conf_release(&c);
	}
	unsetenv("INFLUX_TOKEN_FILE");
}

static void help_lists_every_variable_once(void **state UNUSED)
{
	struct buf b = { 0 };

	conf_help(&b);
	assert_int_equal(count_of(buf_str(&b), "\n"), ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char line[64];

		snprintf(line, sizeof(line), "  %s ", names[i]);
		assert_int_equal(count_of(b.data, line), 1);
	}
	buf_release(&b);
}

static int set_up(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
	if (!mkdtemp(dir))
		return -1;
	snprintf(dotenv, sizeof(dotenv), "%s/.env", dir);
	snprintf(secret, sizeof(secret), "%s/secret", dir);
	return 0;
}

static int tear_down(void **state UNUSED)
{
	unlink(dotenv);
	unlink(secret);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_anything_the_defaults_of_the_contract_hold),
		cmocka_unit_test(the_environment_comes_first_then_the_file_then_the_default),
		cmocka_unit_test(every_variable_lands_in_its_field),
		cmocka_unit_test(what_is_out_of_range_or_of_the_wrong_form_is_named),
		cmocka_unit_test(an_error_says_where_the_value_stood),
		cmocka_unit_test(control_characters_are_refused_everywhere),
		cmocka_unit_test(the_password_in_a_url_is_refused_and_not_shown),
		cmocka_unit_test(the_query_of_a_url_is_refused_and_not_shown),
		cmocka_unit_test(a_secret_can_be_a_file_of_one_line),
		cmocka_unit_test(a_secrets_file_that_is_not_there_is_named),
		cmocka_unit_test(a_secrets_file_that_others_can_read_draws_a_warning),
		cmocka_unit_test(help_lists_every_variable_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
