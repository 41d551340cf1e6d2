/* URLs, credentials and the meaning of answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/io/influx.h"
#include "extractors/io/influx_target.h"

static void init(struct influx_target *t, const struct influx_conf *c)
{
	struct err e = ERR_INIT;

	if (influx_target_init(t, c, &e))
		fail_msg("%s", e.text);
}

static void v2_has_org_and_bucket_encoded_and_the_token_in_a_header(void **state UNUSED)
{
	const struct influx_conf c = { .url = "http://db:8086//",
				       .org = "a&b c",
				       .bucket = "behavioral_data/\xc3\xa4~-.",
				       .token = "t0p=secret&" };
	struct influx_target t;
	struct http_request r = { 0 };

	init(&t, &c);
	influx_target_write(&t, INFLUX_V2, &r);
	assert_string_equal(r.url, "http://db:8086/api/v2/write?org=a%26b%20c"
				   "&bucket=behavioral_data%2F%C3%A4~-.&precision=ns");
	assert_string_equal(r.headers[0], "Content-Type: text/plain; charset=utf-8");
	assert_string_equal(r.headers[1], "Authorization: Token t0p=secret&");
	assert_null(r.headers[2]);
	assert_null(r.user);
	assert_string_equal(t.shown, "http://db:8086");
	influx_target_release(&t);
}

static void v1_has_the_database_in_the_url_and_the_password_beside_it(void **state UNUSED)
{
	const struct influx_conf c = { .url = "https://db/base",
				       .bucket = "b&d",
				       .user = "u",
				       .password = "p:w d",
				       .token = "unused" };
	struct influx_target t;
	struct http_request r = { 0 };

	init(&t, &c);
	influx_target_write(&t, INFLUX_V1, &r);
	assert_string_equal(r.url, "https://db/base/write?db=b%26d&precision=ns");
	assert_string_equal(r.user, "u");
	assert_string_equal(r.password, "p:w d");
	assert_null(r.headers[1]);
	memset(&r, 0, sizeof(r));
	influx_target_ping(&t, &r);
	assert_string_equal(r.url, "https://db/base/ping");
	assert_null(r.headers);
	assert_null(r.user);
	influx_target_release(&t);
}

static void empty_credentials_are_none(void **state UNUSED)
{
	const struct influx_conf c = {
		.url = "http://db", .user = "", .password = "", .token = ""
	};
	struct influx_target t;
	struct http_request r = { 0 };

	init(&t, &c);
	influx_target_write(&t, INFLUX_V1, &r);
	assert_null(r.user);
	influx_target_write(&t, INFLUX_V2, &r);
	assert_null(r.headers[1]);
	influx_target_release(&t);
}

static void what_cannot_be_sent_as_it_is_is_refused_without_being_shown(void **state UNUSED)
{
	static const struct {
		struct influx_conf conf;
		const char *names;
	} rows[] = {
		{ { .url = "" }, "INFLUX_URL" },
		{ { .url = NULL }, "INFLUX_URL" },
		{ { .url = "http://u:s3cret@db" }, "INFLUX_URL" },
		{ { .url = "http://db?p=s3cret" }, "INFLUX_URL" },
		{ { .url = "http://db/#x" }, "INFLUX_URL" },
		{ { .url = "http://d b" }, "INFLUX_URL" },
		{ { .url = "http://db\r\nX: s3cret" }, "INFLUX_URL" },
		{ { .url = "http://db", .token = "s3cret\n" }, "INFLUX_TOKEN" },
		{ { .url = "http://db", .user = "a:s3cret" }, "INFLUX_USER" },
		{ { .url = "http://db", .password = "s3cret\r" }, "INFLUX_PASSWORD" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct influx_target t;
		struct err e = ERR_INIT;

		assert_int_equal(influx_target_init(&t, &rows[i].conf, &e), -EINVAL);
		assert_non_null(strstr(e.text, rows[i].names));
		assert_null(strstr(e.text, "s3cret"));
		influx_target_release(&t);
	}
}

static void answers_mean_written_refused_or_again(void **state UNUSED)
{
	static const struct {
		int status;
		enum influx_verdict verdict;
	} rows[] = {
		{ 0, INFLUX_AGAIN },	 { 200, INFLUX_WRITTEN }, { 204, INFLUX_WRITTEN },
		{ 301, INFLUX_AGAIN },	 { 400, INFLUX_REFUSED }, { 401, INFLUX_REFUSED },
		{ 404, INFLUX_REFUSED }, { 408, INFLUX_AGAIN },	  { 413, INFLUX_REFUSED },
		{ 422, INFLUX_REFUSED }, { 429, INFLUX_AGAIN },	  { 500, INFLUX_AGAIN },
		{ 503, INFLUX_AGAIN },	 { 599, INFLUX_AGAIN },	  { 100, INFLUX_AGAIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(influx_verdict_of(rows[i].status), rows[i].verdict);
}

static void the_version_is_1_when_ping_says_so(void **state UNUSED)
{
	assert_int_equal(influx_version_of("1.6.7~rc0"), INFLUX_V1);
	assert_int_equal(influx_version_of("1.8.10"), INFLUX_V1);
	assert_int_equal(influx_version_of("v2.7.1"), INFLUX_V2);
	assert_int_equal(influx_version_of("10.0"), INFLUX_V2);
	assert_int_equal(influx_version_of(""), INFLUX_V2);
}

static void reasons_are_one_line_without_secrets(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *error, *expected;
	} rows[] = {
		{ 400, "{\"error\":\"partial write\"}\n", "",
		  "HTTP 400: {\"error\":\"partial write\"}" },
		{ 404, "", "", "HTTP 404" },
		{ 0, "", "Connection refused", "Connection refused" },
		{ 401, "a\r\nb\x1b[31m\x7f", "", "HTTP 401: a  b [31m" },
		{ 401, "Token s3cret-token? s3cret-token!", "",
		  "HTTP 401: Token ************? ************!" },
		{ 401, "u:pa55", "", "HTTP 401: u:****" },
		{ 401, "Basic dTpwYTU1==, Basic", "", "HTTP 401: Basic **********, Basic" },
	};
	const struct influx_conf c = {
		.url = "http://db", .token = "s3cret-token", .user = "u", .password = "pa55"
	};
	struct influx_target t;
	char reason[INFLUX_REASON_MAX], body[HTTP_BODY_KEPT];
	struct http_reply big = { .status = 400, .body = body, .body_len = sizeof(body) };

	init(&t, &c);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_reply reply = { .status = rows[i].status,
					    .error = rows[i].error,
					    .body = rows[i].body,
					    .body_len = strlen(rows[i].body) };

		influx_target_reason(&t, &reply, reason);
		assert_string_equal(reason, rows[i].expected);
	}
	memset(body, 'x', sizeof(body)); /* not terminated, too long, and a secret across the cut */
	memcpy(body + INFLUX_REASON_MAX - 16, "s3cret-token", 12);
	influx_target_reason(&t, &big, reason);
	assert_int_equal(strlen(reason), INFLUX_REASON_MAX - 1);
	assert_null(strstr(reason, "s3"));
	influx_target_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_has_org_and_bucket_encoded_and_the_token_in_a_header),
		cmocka_unit_test(v1_has_the_database_in_the_url_and_the_password_beside_it),
		cmocka_unit_test(empty_credentials_are_none),
		cmocka_unit_test(what_cannot_be_sent_as_it_is_is_refused_without_being_shown),
		cmocka_unit_test(answers_mean_written_refused_or_again),
		cmocka_unit_test(the_version_is_1_when_ping_says_so),
		cmocka_unit_test(reasons_are_one_line_without_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
