/* Redis addresses and CLIENT LIST lines; the questions themselves are in test_sut.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/redis_query.h"

static void addresses_are_read(void **state UNUSED)
{
	static const struct {
		const char *url, *socket, *host;
		int port;
		const char *username, *password;
	} rows[] = {
		{ "redis://localhost", "", "localhost", 6379, "", "" },
		{ "redis://10.0.0.1:7000", "", "10.0.0.1", 7000, "", "" },
		{ "redis://10.0.0.1:7000/", "", "10.0.0.1", 7000, "", "" },
		{ "redis://10.0.0.1/0", "", "10.0.0.1", 6379, "", "" },
		{ "redis://:geheim@h:1", "", "h", 1, "", "geheim" },
		{ "redis://me:p@ss:w@h:1", "", "h", 1, "me", "p@ss:w" },
		{ "unix:///run/redis.sock", "/run/redis.sock", "", 0, "", "" },
		{ "/run/redis.sock", "/run/redis.sock", "", 0, "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct redis_addr a;
		struct err e = ERR_INIT;

		assert_int_equal(redis_addr_parse(&a, rows[i].url, &e), 0);
		assert_string_equal(a.socket, rows[i].socket);
		assert_string_equal(a.host, rows[i].host);
		assert_int_equal(a.port, rows[i].port);
		assert_string_equal(a.username, rows[i].username);
		assert_string_equal(a.password, rows[i].password);
	}
}

static void wrong_addresses_are_refused_without_repeating_them(void **state UNUSED)
{
	static const char *const urls[] = {
		"",
		"localhost",
		"http://localhost",
		"redis://",
		"redis://h:0",
		"redis://h:65536",
		"redis://h:1x",
		"redis://h:1/3", /* pub/sub knows no database */
		"redis://geheim@h",
		"redis://:geheim@",
		"redis://:geheim@h:abc",
	};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct redis_addr a;
		struct err e = ERR_INIT;

		assert_int_equal(redis_addr_parse(&a, urls[i], &e), -EINVAL);
		assert_null(strstr(e.text, "geheim"));
	}
}

static void an_address_is_shown_without_its_password(void **state UNUSED)
{
	struct redis_addr a;
	char text[320];

	assert_int_equal(redis_addr_parse(&a, "redis://me:geheim@h:1", NULL), 0);
	assert_string_equal(redis_addr_text(&a, text, sizeof(text)), "h:1");
	assert_int_equal(redis_addr_parse(&a, "/s", NULL), 0);
	assert_string_equal(redis_addr_text(&a, text, sizeof(text)), "unix:/s");
}

static void a_client_line_is_read(void **state UNUSED)
{
	static const char line[] =
		"id=7 addr=/tmp/redis.sock:0 laddr=/tmp/redis.sock:0 fd=8 name=tap age=12 idle=3 flags=PU "
		"db=0 sub=2 psub=1 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 "
		"obl=0 oll=5 omem=102400 tot-mem=104624 events=rw cmd=subscribe user=default redir=-1 resp=2";
	struct redis_client c;

	assert_true(redis_client_parse(line, strlen(line), &c));
	assert_int_equal(c.id, 7);
	assert_string_equal(c.name, "tap");
	assert_string_equal(c.addr, "/tmp/redis.sock:0");
	assert_string_equal(c.cmd, "subscribe");
	assert_int_equal(c.age_s, 12);
	assert_int_equal(c.subscriptions, 2);
	assert_int_equal(c.pattern_subscriptions, 1);
	assert_int_equal(c.output_bytes, 102400);
	assert_int_equal(c.total_bytes, 104624);
}

static void odd_client_lines_are_survived(void **state UNUSED)
{
	char line[400] = "id=1 name=";
	struct redis_client c;

	memset(line + 10, 'n', 300);
	assert_true(redis_client_parse(line, strlen(line), &c));
	assert_int_equal(strlen(c.name), sizeof(c.name) - 1);
	assert_false(redis_client_parse("", 0, &c));
	assert_false(redis_client_parse("name=x", 6, &c));
	assert_false(redis_client_parse("id=x", 4, &c));
	assert_false(redis_client_parse("id=1 omem=1z", 12, &c));
	assert_true(redis_client_parse("id=1 unknown =", 14, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(wrong_addresses_are_refused_without_repeating_them),
		cmocka_unit_test(an_address_is_shown_without_its_password),
		cmocka_unit_test(a_client_line_is_read),
		cmocka_unit_test(odd_client_lines_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
