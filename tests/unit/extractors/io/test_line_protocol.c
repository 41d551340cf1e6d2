/* Points as text: the contract's escapes and order, and the lines of the golden vectors. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "extractors/io/line_protocol.h"

static const struct feature_tag user_tag[] = { { "user_id", "default" } };
static const struct feature_route route = { "c", "m", user_tag, 1 };

static struct span span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static void expect_line(const struct feature_msg *m, const struct feature_route *r, int64_t time_ns,
			const char *expected)
{
	struct buf out = { 0 };

	assert_true(line_protocol_write(&out, m, r, time_ns));
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
}

static void a_transition_is_the_contracts_example(void **state UNUSED)
{
	struct feature_msg m = { 0 };

	feature_add_label(&m, "from_app", span_of("a,b=c d"));
	feature_add_label(&m, "to_app", span_of("code"));
	feature_add_int(&m, "duration_ms", 1000);
	expect_line(&m, &feature_routes[EVENT_APP], 1795461038851364000,
		    "app_transitions,from_app=a\\,b\\=c\\ d,to_app=code,user_id=default "
		    "duration_ms=1000 1795461038851364000\n");
}

static void tag_values_are_escaped(void **state UNUSED)
{
	static const struct {
		const char *raw, *written;
	} rows[] = {
		{ "plain", "plain" },
		{ ",= ", "\\,\\=\\ " },
		{ "a\nb\tc\rd", "a\\nb\\tc\\rd" },
		{ "back\\slash", "back\\slash" },
		{ "end\\", "end\\ " },
		{ "\\", "\\ " },
		{ "end\n", "end\\n" },
		{ "Schlüssel \"x\"", "Schlüssel\\ \"x\"" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct feature_msg m = { 0 };
		char expected[100];

		feature_add_label(&m, "app", span_of(rows[i].raw));
		feature_add_int(&m, "n", 1);
		snprintf(expected, sizeof(expected), "m,app=%s,user_id=default n=1 7\n",
			 rows[i].written);
		expect_line(&m, &route, 7, expected);
	}
}

static void a_tag_value_may_hold_nul_and_have_no_end(void **state UNUSED)
{
	static const char expected[] = "m,app=a\0b,user_id=default n=1 1\n";
	struct feature_msg m = { 0 };
	struct buf out = { 0 };

	feature_add_label(&m, "app", (struct span){ "a\0bXX", 3 });
	feature_add_int(&m, "n", 1);
	assert_true(line_protocol_write(&out, &m, &route, 1));
	assert_int_equal(out.len, sizeof(expected) - 1);
	assert_memory_equal(out.data, expected, sizeof(expected) - 1);
	buf_release(&out);
}

static void an_empty_tag_is_left_out(void **state UNUSED)
{
	static const struct feature_route bare = { "c", "m", NULL, 0 };
	struct feature_msg m = { 0 };

	feature_add_label(&m, "app", span_of(""));
	feature_add_int(&m, "n", 1);
	expect_line(&m, &route, 1, "m,user_id=default n=1 1\n");
	expect_line(&m, &bare, 1, "m n=1 1\n");
}

static void tags_and_fields_are_sorted_by_key(void **state UNUSED)
{
	static const struct feature_tag tags[] = { { "b", "2" }, { "d", "4" } };
	static const struct feature_route r = { "c", "m", tags, ARRAY_SIZE(tags) };
	struct feature_msg m = { 0 };

	feature_add_label(&m, "e", span_of("5"));
	feature_add_label(&m, "a", span_of("1"));
	feature_add(&m, "zeta", 1);
	feature_add(&m, "digraph_10_mean", 2);
	feature_add(&m, "digraph_1_mean", 3);
	feature_add(&m, "Zeta", 4);
	expect_line(&m, &r, -5,
		    "m,a=1,b=2,d=4,e=5 Zeta=4,digraph_10_mean=2,digraph_1_mean=3,zeta=1 -5\n");
}

static void numbers_are_floats_that_read_back(void **state UNUSED)
{
	struct feature_msg m = { 0 };

	feature_add(&m, "a", 0.1);
	feature_add(&m, "b", 1.0 / 3);
	feature_add(&m, "c", 1e300);
	feature_add(&m, "d", -2.5);
	feature_add_int(&m, "e", 12345678901234);
	feature_add_bool(&m, "f", true);
	feature_add_bool(&m, "g", false);
	expect_line(&m, &route, 1,
		    "m,user_id=default a=0.1,b=0.3333333333333333,c=1e+300,d=-2.5,e=12345678901234,"
		    "f=1.0,g=0.0 1\n");
}

static void numbers_that_are_not_finite_are_left_out(void **state UNUSED)
{
	struct feature_msg m = { 0 };
	struct buf out = { 0 };

	feature_add(&m, "a", (double)NAN);
	feature_add(&m, "b", 1);
	feature_add(&m, "c", (double)INFINITY);
	expect_line(&m, &route, 1, "m,user_id=default b=1 1\n");

	m.values[1].value = -(double)INFINITY;
	buf_add_str(&out, "before");
	assert_false(line_protocol_write(&out, &m, &route, 1));
	assert_string_equal(buf_str(&out), "before");
	feature_msg_reset(&m);
	assert_false(line_protocol_write(&out, &m, &route, 1));
	buf_release(&out);
}

static void the_longest_message_fits(void **state UNUSED)
{
	static char names[FEATURE_VALUES_MAX][8];
	struct feature_msg m = { 0 };
	struct buf out = { 0 };
	const char *p;
	int last = -1, n = 0, value;

	for (int i = FEATURE_VALUES_MAX - 1; i >= 0; i--) {
		snprintf(names[i], sizeof(names[i]), "f%02d", i);
		feature_add_int(&m, names[i], i);
	}
	assert_true(line_protocol_write(&out, &m, &route, 1));
	for (p = buf_str(&out); (p = strchr(p, 'f')); p++)
		if (sscanf(p, "f%*2d=%d", &value) == 1) {
			assert_true(value > last);
			last = value;
			n++;
		}
	assert_int_equal(n, FEATURE_VALUES_MAX);
	buf_release(&out);
}

/* ---- golden vectors ---------------------------------------------------------------- */

static int64_t time_of(const char *line)
{
	return strtoll(strrchr(line, ' ') + 1, NULL, 10);
}

static size_t check_case(const cJSON *c)
{
	const cJSON *expected = cJSON_GetObjectItem(c, "expected");
	const cJSON *points = cJSON_GetObjectItem(expected, "points"), *t;
	size_t n = 0;

	cJSON_ArrayForEach(t, cJSON_GetObjectItem(expected, "transitions"))
	{
		const char *line = cJSON_GetArrayItem(points, (int)n)->valuestring;
		struct feature_msg m = { 0 };
		struct buf out = { 0 };

		feature_add_label(&m, "from_app",
				  span_of(cJSON_GetObjectItem(t, "from_app")->valuestring));
		feature_add_label(&m, "to_app",
				  span_of(cJSON_GetObjectItem(t, "to_app")->valuestring));
		feature_add(&m, "duration_ms", cJSON_GetObjectItem(t, "duration_ms")->valuedouble);
		assert_true(
			line_protocol_write(&out, &m, &feature_routes[EVENT_APP], time_of(line)));
		out.len--; /* the golden lines have no '\n' */
		assert_string_equal(buf_str(&out), line);
		buf_release(&out);
		n++;
	}
	assert_int_equal(n, cJSON_GetArraySize(points));
	return n;
}

static void app_points_are_those_of_the_golden_vectors(void **state UNUSED)
{
	static const char *const files[] = { "tests/fixtures/golden/app-1.jsonl",
					     "tests/fixtures/golden/app-2.jsonl" };
	size_t cap = 0, lines = 0;
	char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		FILE *f = fopen(files[i], "r");

		assert_non_null(f); /* tests run from the repository's root */
		while (getline(&text, &cap, f) > 0) {
			cJSON *c = cJSON_Parse(text);

			assert_non_null(c);
			lines += check_case(c);
			cJSON_Delete(c);
		}
		fclose(f);
	}
	free(text);
	assert_true(lines > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transition_is_the_contracts_example),
		cmocka_unit_test(tag_values_are_escaped),
		cmocka_unit_test(a_tag_value_may_hold_nul_and_have_no_end),
		cmocka_unit_test(an_empty_tag_is_left_out),
		cmocka_unit_test(tags_and_fields_are_sorted_by_key),
		cmocka_unit_test(numbers_are_floats_that_read_back),
		cmocka_unit_test(numbers_that_are_not_finite_are_left_out),
		cmocka_unit_test(the_longest_message_fits),
		cmocka_unit_test(app_points_are_those_of_the_golden_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
