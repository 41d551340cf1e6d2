/* What each escaper makes of the characters that mean something to its format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/export/text.h"

#define BAD "\xef\xbf\xbd"

static void each_format_has_its_own_escapes(void **state UNUSED)
{
	static const struct {
		void (*fn)(struct buf *out, const char *s);
		const char *in, *want;
	} rows[] = {
		{ text_json, "a\"b\\c\n\x01 é", "\"a\\\"b\\\\c\\n\\u0001 é\"" },
		{ text_json, "", "\"\"" },
		{ text_json, "x\xff\xc3", "\"x" BAD BAD "\"" },
		{ text_json_line, "a\nb\t", "\"a b \"" },
		{ text_json_line, " \n", "\"-\"" },
		{ text_xml, "<a b=\"c\">&\n\t\x01\x7f",
		  "&lt;a b=&quot;c&quot;&gt;&amp;&#10;&#9;" BAD BAD },
		{ text_xml,
		  "]]>\xef\xbf\xbf"
		  "x\xef\xbf\xbe",
		  "]]&gt;" BAD "x" BAD },
		{ text_xml, "\xed\xa0\x80", BAD BAD BAD }, /* a surrogate */
		{ text_label, "a\\b\"c\nd\re", "a\\\\b\\\"c\\nd e" },
		{ text_csv, "plain x", "plain x" },
		{ text_csv, "a,b\"c\nd", "\"a,b\"\"c d\"" },
		{ text_tag, "a,b=c d\\e\nf", "a\\,b\\=c\\ d/e\\ f" },
		{ text_tag, "", "-" },
		{ text_field, "a\"b\\c\nd", "\"a\\\"b\\\\c d\"" },
		{ text_line, "a\nb\xc3", "a b" BAD },
		{ text_part, "a/b%c d\xc3\xa9\n~", "a%2Fb%25c%20d%C3%A9%0A~" },
		{ text_file_part, "../a b\xc3\xa9", "_._a_b__" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out = { 0 };

		rows[i].fn(&out, rows[i].in);
		assert_string_equal(buf_str(&out), rows[i].want);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_format_has_its_own_escapes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
