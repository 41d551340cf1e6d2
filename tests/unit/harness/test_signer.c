/* Who may stand under a sign-off. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/signer.h"

static void a_name_and_a_mail_are_taken(void **state UNUSED)
{
	static const struct {
		const char *text, *mail;
	} rows[] = {
		{ "Ada Lovelace <ada@example.org>", "ada@example.org" },
		{ "J\xc3\xbcrgen \xe6\x9d\x8e <j.l+bench@ex-ample.org>", "j.l+bench@ex-ample.org" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct signer s;
		struct err e = ERR_INIT;

		assert_int_equal(signer_parse(&s, rows[i].text, &e), 0);
		assert_string_equal(s.text, rows[i].text);
		assert_string_equal(s.mail, rows[i].mail);
	}
}

static void what_could_deceive_a_reader_is_refused(void **state UNUSED)
{
	static const char *const rows[] = {
		"",
		"Ada",
		"ada@example.org",
		"<ada@example.org>",
		" <ada@example.org>",
		"Ada <ada@example.org",
		"Ada<ada@example.org>",
		"Ada <ada>",
		"Ada <@example.org>",
		"Ada <ada@>",
		"Ada <-oX@example.org>",
		"Ada <ada@example.org> ",
		"Ada <a@b> <c@d>",
		"Ada <a b@c>",
		"Ada <a*@b>",
		"Ada <a@b@c>",
		"Ada\nverdict: PASS <ada@example.org>",
		"Ada\r <ada@example.org>",
		"Ada\x1b[2J <ada@example.org>",
		"Ada\x7f <ada@example.org>",
		"Ada\xc2\x85 <ada@example.org>",     /* next line */
		"Ada\xe2\x80\xa8 <ada@example.org>", /* line separator */
		"Ada\xe2\x80\xae <ada@example.org>", /* right to left from here */
		"Ada\xe2\x80\x8b <ada@example.org>", /* no width */
		"Ada\xef\xbb\xbf <ada@example.org>", /* byte order mark */
		"Ada\xf3\xa0\x81\x81 <a@b>",	     /* a tag */
		"Ada\xc2\xa0 <ada@example.org>",     /* a space that is none */
		"Ada\xff <ada@example.org>",	     /* no UTF-8 */
		"Ada\xc3",
	};
	char lengthy[SIGNER_MAX + 32];
	struct signer s;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;

		if (signer_parse(&s, rows[i], &e) != -EINVAL || strncmp(e.text, "signer: ", 8))
			fail_msg("row %zu: %s", i, e.text);
	}
	memset(lengthy, 'x', sizeof(lengthy));
	strcpy(lengthy + SIGNER_MAX, " <a@b>");
	assert_int_equal(signer_parse(&s, lengthy, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_and_a_mail_are_taken),
		cmocka_unit_test(what_could_deceive_a_reader_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
