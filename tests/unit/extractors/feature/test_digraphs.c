#include "extractors/feature/digraphs.h"
#include "tests/unit/extractors/feature/feature_tests.h"

struct bench {
	struct intern keys;
	struct digraphs d;
};

static void bench_init(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	intern_init(&b->keys, KEY_NAME_MAX);
	digraphs_reset(&b->d);
}

static void bench_release(struct bench *b)
{
	intern_release(&b->keys);
	digraphs_release(&b->d);
}

static uint32_t number(struct bench *b, const char *name)
{
	bool fresh;
	uint32_t id = intern_get(&b->keys, text(name), &fresh);

	intern_entry(&b->keys, id)->flags = strchr(name, '_') ? KEY_HAS_UNDERSCORE : 0;
	return id;
}

static void add(struct bench *b, const char *key1, const char *key2, double ms)
{
	uint32_t k1 = number(b, key1), k2 = number(b, key2);

	digraphs_add(&b->d, &b->keys, k1, k2, ms);
}

static void most_counted_come_first_and_ties_by_first_kept(void **state UNUSED)
{
	double mean[DIGRAPHS_RANKED];
	struct bench b;

	bench_init(&b);
	add(&b, "a", "b", 10);
	add(&b, "c", "d", 100);
	add(&b, "e", "f", 7);
	add(&b, "e", "f", 9);
	add(&b, "c", "d", 200);
	digraphs_rank(&b.d, mean);
	assert_near(mean[0], 150);
	assert_near(mean[1], 8);
	assert_near(mean[2], 10);
	for (size_t i = 3; i < DIGRAPHS_RANKED; i++)
		assert_near(mean[i], 0);
	bench_release(&b);
}

static void pairs_with_the_same_text_are_one_digraph(void **state UNUSED)
{
	static const struct {
		const char *key1, *key2;
		double ms;
	} rows[] = {
		{ "a", "b_c", 10 },  { "a_b", "c", 30 }, /* a_b_c */
		{ "_", "_", 5 },			 /* ___ */
		{ "a", "b_c", 20 },  { "a", "bc", 99 },	 /* a_bc is another */
		{ "a_b", "c_d", 1 }, { "a", "b_c_d", 2 }, { "a_b_c", "d", 3 }, { "a", "b_c_d", 2 },
	};
	double mean[DIGRAPHS_RANKED];
	struct bench b;

	bench_init(&b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		add(&b, rows[i].key1, rows[i].key2, rows[i].ms);
	digraphs_rank(&b.d, mean);
	assert_near(mean[0], 2);  /* a_b_c_d, 4 times */
	assert_near(mean[1], 20); /* a_b_c, 3 times */
	assert_near(mean[2], 5);
	assert_near(mean[3], 99);
	assert_near(mean[4], 0);
	bench_release(&b);
}

static void only_twenty_are_ranked_and_the_first_of_equals_stay(void **state UNUSED)
{
	double mean[DIGRAPHS_RANKED];
	struct bench b;
	char name[8];

	bench_init(&b);
	for (int i = 0; i < 300; i++) { /* more than the first table holds */
		snprintf(name, sizeof(name), "k%d", i);
		add(&b, name, "x", i + 1);
	}
	add(&b, "k299", "x", 300);
	digraphs_rank(&b.d, mean);
	assert_near(mean[0], 300);
	for (int i = 1; i < DIGRAPHS_RANKED; i++)
		assert_near(mean[i], i);
	bench_release(&b);
}

static void a_reset_forgets_everything(void **state UNUSED)
{
	double mean[DIGRAPHS_RANKED];
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 5; i++)
		add(&b, "a_b", "c", 10);
	digraphs_reset(&b.d);
	add(&b, "a", "b_c", 40);
	digraphs_rank(&b.d, mean);
	assert_near(mean[0], 40);
	assert_near(mean[1], 0);
	bench_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_counted_come_first_and_ties_by_first_kept),
		cmocka_unit_test(pairs_with_the_same_text_are_one_digraph),
		cmocka_unit_test(only_twenty_are_ranked_and_the_first_of_equals_stay),
		cmocka_unit_test(a_reset_forgets_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
