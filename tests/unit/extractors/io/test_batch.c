/* The queue of batches: order, bounds of a batch, and its sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/io/batch.h"

static void add(struct batch_queue *q, const char *line, uint64_t max_points, size_t max_bytes)
{
	struct batch *b = batch_queue_add(q, line, strlen(line), max_points, max_bytes);

	assert_ptr_equal(b, q->last);
}

static void a_batch_is_closed_by_points_or_by_bytes(void **state UNUSED)
{
	static const struct {
		uint64_t max_points;
		size_t max_bytes, batches;
	} rows[] = {
		{ 100, 1000, 1 }, { 3, 1000, 4 }, { 1, 1000, 10 }, { 100, 8, 5 }, { 100, 1, 10 }
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct batch_queue q = { 0 };

		for (int k = 0; k < 10; k++) /* ten lines of four bytes */
			add(&q, "a=1\n", rows[i].max_points, rows[i].max_bytes);
		assert_int_equal(q.n, rows[i].batches);
		assert_int_equal(q.points, 10);
		assert_int_equal(q.bytes, 40);
		while (q.first)
			batch_free(batch_queue_pop(&q));
		assert_int_equal(q.n + q.points + q.bytes, 0);
	}
}

static void first_in_is_first_out(void **state UNUSED)
{
	struct batch_queue q = { 0 };
	struct batch *b;
	char line[8] = "0\n";

	assert_null(batch_queue_pop(&q));
	for (char c = '0'; c < '4'; c++) {
		line[0] = c;
		add(&q, line, 1, 100);
	}
	for (char c = '0'; c < '3'; c++) {
		b = batch_queue_pop(&q);
		assert_int_equal(b->text.data[0], c);
		assert_null(b->next);
		batch_free(b);
	}
	line[0] = '4';
	add(&q, line, 2, 100); /* into the one that is left */
	b = batch_queue_pop(&q);
	assert_int_equal(b->points, 2);
	assert_memory_equal(b->text.data, "3\n4\n", 4);
	batch_free(b);
	assert_null(batch_queue_pop(&q));
	assert_null(q.last);
	batch_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_closed_by_points_or_by_bytes),
		cmocka_unit_test(first_in_is_first_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
