/* The ledger's lines and words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/ledger.h"

static void equal_numbers_close_a_line_and_others_open_it(void **state UNUSED)
{
	struct ledger l = { 0 };

	ledger_add(&l, "sent", 1000, 1000, "%s", "");
	assert_null(ledger_first_open(&l));
	ledger_add(&l, "received", 1000, 999, "%s", "one was dropped");
	ledger_add(&l, "points", 5, 4, "%s", "");
	assert_string_equal(ledger_first_open(&l)->name, "received");
}

static void a_line_that_cannot_be_told_neither_opens_nor_closes(void **state UNUSED)
{
	struct ledger l = { 0 };

	ledger_unavailable(&l, "received", "no %s", "counters");
	assert_null(ledger_first_open(&l));
	assert_int_equal(l.lines[0].state, LEDGER_UNAVAILABLE);
	assert_string_equal(l.lines[0].note, "no counters");
}

static void the_words_name_the_line_and_the_gap(void **state UNUSED)
{
	struct ledger l = { 0 };
	char words[200];

	ledger_add(&l, "sent", 1000, 999, "%s", "event 17 was not sent");
	ledger_line_words(&l.lines[0], words, sizeof(words));
	assert_string_equal(words,
			    "sent: expected 1000, got 999, off by -1; event 17 was not sent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_numbers_close_a_line_and_others_open_it),
		cmocka_unit_test(a_line_that_cannot_be_told_neither_opens_nor_closes),
		cmocka_unit_test(the_words_name_the_line_and_the_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
