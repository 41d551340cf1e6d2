/* Statements: the same text there and back, and nothing but that text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/judge/statement.h"

static void fill(struct statement *s, struct buf *text)
{
	*s = (struct statement){ { NULL } };
	for (int i = 0; i < STATEMENT_FIELDS; i++)
		statement_set(s, (enum statement_field)i, "value %d: with, a colon", i);
	statement_write(s, text);
}

static void a_statement_is_parsed_to_what_it_was_written_from(void **state UNUSED)
{
	struct statement s, back;
	struct buf text = { 0 }, again = { 0 };
	struct err e = ERR_INIT;

	fill(&s, &text);
	assert_int_equal(statement_parse(&back, buf_str(&text), text.len, &e), 0);
	assert_int_equal(statement_differs(&s, &back), STATEMENT_FIELDS);
	statement_write(&back, &again);
	assert_string_equal(buf_str(&text), buf_str(&again));
	statement_set(&back, STATEMENT_VERDICT, "PASS");
	assert_int_equal(statement_differs(&s, &back), STATEMENT_VERDICT);
	statement_release(&s);
	statement_release(&back);
	buf_release(&text);
	buf_release(&again);
}

/* Each byte changed into a few others, each prefix, one byte more: never a second reading. */
static void any_other_text_is_refused_or_says_something_else(void **state UNUSED)
{
	static const char bytes[] = { '\0', '\n', '\r', ':', ' ', 'x', '\x7f', '\xff' };
	struct statement s, back;
	struct buf text = { 0 };

	fill(&s, &text);
	for (size_t i = 0; i < text.len; i++) {
		struct err e = ERR_INIT;

		assert_int_equal(statement_parse(&back, text.data, i, &e), -EINVAL);
		statement_release(&back);
		for (size_t k = 0; k < sizeof(bytes); k++) {
			char was = text.data[i];

			if (was == bytes[k])
				continue;
			text.data[i] = bytes[k];
			err_reset(&e);
			if (!statement_parse(&back, text.data, text.len, &e))
				assert_int_not_equal(statement_differs(&s, &back),
						     STATEMENT_FIELDS);
			else
				assert_non_null(strstr(e.text, "line "));
			statement_release(&back);
			text.data[i] = was;
		}
	}
	buf_add_char(&text, '\n');
	assert_int_equal(statement_parse(&back, text.data, text.len, NULL), -EINVAL);
	statement_release(&back);
	statement_release(&s);
	buf_release(&text);
}

static void a_value_cannot_make_a_line_of_its_own(void **state UNUSED)
{
	char lengthy[2 * STATEMENT_VALUE_MAX];
	struct statement s = { { NULL } };

	statement_set(&s, STATEMENT_HOST, "%s", "evil\nverdict: PASS\r\x1b[2J");
	assert_string_equal(s.values[STATEMENT_HOST], "evil?verdict: PASS??[2J");
	memset(lengthy, 'x', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	statement_set(&s, STATEMENT_HOST, "%s", lengthy);
	assert_int_equal(strlen(s.values[STATEMENT_HOST]), STATEMENT_VALUE_MAX);
	statement_release(&s);
}

static void what_speaks_against_signing_is_listed(void **state UNUSED)
{
	static const struct {
		const char *commit, *tree, *unfit, *cut;
		size_t pass, fail;
		const char *expected;
	} rows[] = {
		{ "76a12d2", "clean", "", "", 3, 0, "" },
		{ "76a12d2", "clean", "", "", 3, 2, "2 failed" },
		{ "76a12d2", "clean", "", "", 0, 0, "nothing passed" },
		{ "76a12d2-dirty", "clean", "", "", 1, 0, "the build was dirty" },
		{ "76a12d2", "dirty: differs from the commit", "", "", 1, 0,
		  "the tree was not clean: dirty: differs from the commit" },
		{ "unavailable: no git", "clean", "", "", 1, 0,
		  "the commit of the build is not known" },
		{ NULL, NULL, "", "", 1, 0,
		  "the commit of the build is not known; the tree was not clean: unavailable: not "
		  "on record" },
		{ "76a12d2", "clean", "the host was unfit", "cut off", 1, 0,
		  "the host was unfit; cut off" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result r = { .n_runs = 0 };
		struct model *m = calloc(1, sizeof(*m));
		struct checklist c = { .model = m };
		struct buf out = { 0 };

		assert_non_null(m);
		m->result = &r;
		if (rows[i].commit)
			result_add_fact(&r, "build.commit", "%s", rows[i].commit);
		if (rows[i].tree)
			result_add_fact(&r, "git.state", "%s", rows[i].tree);
		strcpy(c.unfit, rows[i].unfit);
		strcpy(c.cut, rows[i].cut);
		c.by_verdict[CHECKLIST_PASS] = rows[i].pass;
		c.by_verdict[CHECKLIST_FAIL] = rows[i].fail;
		assert_int_equal(statement_objections(&c, &out), rows[i].expected[0] != '\0');
		assert_string_equal(buf_str(&out), rows[i].expected);
		buf_release(&out);
		result_release(&r);
		free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_statement_is_parsed_to_what_it_was_written_from),
		cmocka_unit_test(any_other_text_is_refused_or_says_something_else),
		cmocka_unit_test(a_value_cannot_make_a_line_of_its_own),
		cmocka_unit_test(what_speaks_against_signing_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
