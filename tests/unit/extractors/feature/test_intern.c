#include "extractors/feature/intern.h"
#include "tests/unit/extractors/feature/feature_tests.h"

static uint32_t get(struct intern *in, const char *name)
{
	bool fresh;

	return intern_get(in, text(name), &fresh);
}

static void a_name_has_one_number_while_it_is_referred_to(void **state UNUSED)
{
	struct intern in;
	bool fresh;
	uint32_t a, b;

	intern_init(&in, 100);
	a = intern_get(&in, text("KeyA"), &fresh);
	assert_true(fresh);
	b = intern_get(&in, text("KeyB"), &fresh);
	assert_true(fresh);
	assert_int_not_equal(a, b);
	assert_int_equal(intern_get(&in, text("KeyA"), &fresh), a);
	assert_false(fresh);
	assert_int_equal(in.used, 2);
	intern_put(&in, a);
	assert_int_equal(intern_find(&in, text("KeyA")), a); /* one reference is left */
	intern_put(&in, a);
	assert_int_equal(intern_find(&in, text("KeyA")), INTERN_NONE);
	assert_int_equal(intern_find(&in, text("KeyB")), b);
	assert_int_equal(in.used, 1);
	intern_release(&in);
}

static void a_freed_number_is_used_again_and_starts_without_flags(void **state UNUSED)
{
	struct intern in;
	uint32_t a, b;

	intern_init(&in, 100);
	a = get(&in, "first");
	intern_entry(&in, a)->flags = 7;
	intern_put(&in, a);
	b = get(&in, "second, and longer");
	assert_int_equal(b, a);
	assert_int_equal(intern_entry(&in, b)->flags, 0);
	assert_int_equal(intern_name(&in, b).len, strlen("second, and longer"));
	assert_int_equal(in.slots, 1);
	intern_release(&in);
}

static void names_are_bytes_of_any_value_and_length(void **state UNUSED)
{
	static const char zeros[3] = { 0, 0, 0 };
	struct intern in;
	bool fresh;
	char longest[500];

	memset(longest, 'x', sizeof(longest));
	intern_init(&in, 500);
	for (size_t len = 0; len <= 3; len++) { /* "", "\0", "\0\0", ... are four names */
		intern_get(&in, (struct span){ zeros, len }, &fresh);
		assert_true(fresh);
	}
	for (size_t len = 1; len <= sizeof(longest); len++) {
		uint32_t id = intern_get(&in, (struct span){ longest, len }, &fresh);

		assert_true(fresh);
		assert_int_equal(intern_name(&in, id).len, len);
		assert_memory_equal(intern_name(&in, id).p, longest, len);
	}
	for (size_t i = 0; i < sizeof(longest); i++) { /* each byte counts */
		longest[i] = 'y';
		intern_get(&in, (struct span){ longest, sizeof(longest) }, &fresh);
		assert_true(fresh);
		longest[i] = 'x';
	}
	intern_release(&in);
}

/* 500 references at a time among 300 names, against plain counters. */
static void random_use_agrees_with_plain_counters(void **state UNUSED)
{
	enum { NAMES = 300, HELD = 500 };
	static uint32_t held[HELD], number[NAMES];
	static unsigned held_name[HELD], refs[NAMES];
	uint64_t seed = 1;
	struct intern in;
	char name[32];
	bool fresh;

	intern_init(&in, 100);
	for (unsigned i = 0; i < 50000; i++) {
		unsigned at = i % HELD, n = (unsigned)rnd_below(&seed, NAMES);

		if (i >= HELD) {
			intern_put(&in, held[at]);
			refs[held_name[at]]--;
		}
		snprintf(name, sizeof(name), "%x", n * 2654435761U);
		held[at] = intern_get(&in, text(name), &fresh);
		held_name[at] = n;
		assert_int_equal(fresh, refs[n] == 0);
		if (refs[n])
			assert_int_equal(held[at], number[n]);
		number[n] = held[at];
		refs[n]++;
		assert_int_equal(intern_entry(&in, held[at])->refs, refs[n]);
	}
	assert_true(in.slots <= NAMES);
	intern_release(&in);
}

static void the_table_is_no_larger_than_the_most_names_at_one_time(void **state UNUSED)
{
	uint32_t window[100];
	struct intern in;
	char name[32];

	intern_init(&in, 100);
	for (unsigned i = 0; i < 100000; i++) { /* never the same name twice */
		snprintf(name, sizeof(name), "hostile-%u", i);
		if (i >= 100)
			intern_put(&in, window[i % 100]);
		window[i % 100] = get(&in, name);
	}
	assert_int_equal(in.slots, 100);
	assert_int_equal(in.used, 100);
	intern_release(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_one_number_while_it_is_referred_to),
		cmocka_unit_test(a_freed_number_is_used_again_and_starts_without_flags),
		cmocka_unit_test(names_are_bytes_of_any_value_and_length),
		cmocka_unit_test(random_use_agrees_with_plain_counters),
		cmocka_unit_test(the_table_is_no_larger_than_the_most_names_at_one_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
