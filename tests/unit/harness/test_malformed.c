/* Every malformed event is rejected for the reason it stands for, and for no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/malformed.h"

static void each_has_its_reason(void **state UNUSED)
{
	struct event_scratch scratch;
	struct buf text = { 0 };
	struct event ev;

	for (int t = 0; t < EVENT_TYPES; t++) {
		enum event_verdict reason, got;
		size_t i = 0;

		for (; malformed((enum event_type)t, i, &reason, &text); i++) {
			got = event_decode(text.data, text.len, (enum event_type)t, &ev, &scratch);
			if (got != reason)
				fail_msg("%s %zu: got %d, expected %d: %.100s", event_type_names[t],
					 i, got, reason, buf_str(&text));
			assert_non_null(strstr(buf_str(&text), MALFORMED_MARKER));
		}
		assert_true(i > 10);
	}
	buf_release(&text);
}

/* Reasons that an extractor has no way to come to are those of the other two. */
static void every_reason_is_there_for_some_extractor(void **state UNUSED)
{
	bool seen[EVENT_VERDICTS] = { false };
	enum event_verdict reason;
	struct buf text = { 0 };

	for (int t = 0; t < EVENT_TYPES; t++)
		for (size_t i = 0; malformed((enum event_type)t, i, &reason, &text); i++)
			seen[reason] = true;
	for (int i = EVENT_REJECTED; i < EVENT_VERDICTS; i++)
		if (!seen[i])
			fail_msg("no event is %s", event_verdict_names[i]);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_reason),
		cmocka_unit_test(every_reason_is_there_for_some_extractor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
