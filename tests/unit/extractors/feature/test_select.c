#include <stdlib.h>

#include "extractors/feature/select.h"
#include "tests/unit/extractors/feature/feature_tests.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* numpy's default quantile, by sorting. */
static double quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	return i + 1 < n ? sorted[i] + (sorted[i + 1] - sorted[i]) * (at - (double)i) : sorted[i];
}

static const double q[] = { 0, 0.25, 0.5, 0.75, 1 };

static void assert_quantiles(const double *v, size_t n_all, size_t n)
{
	static struct select s;
	double *sorted = malloc(n_all * sizeof(*sorted)), out[5];
	struct select_extremes x = select_extremes(v, n_all);

	memcpy(sorted, v, n_all * sizeof(*sorted));
	qsort(sorted, n_all, sizeof(*sorted), ascending);
	select_quantiles(&s, v, n_all, n, q, out, 5);
	for (size_t i = 0; i < 5; i++)
		assert_near(out[i], quantile(sorted, n, q[i]));
	assert_true(x.min == sorted[0] && x.max == sorted[n_all - 1]);
	free(sorted);
	scratch_release(&s.room);
}

static void quantiles_interpolate_at_q_times_n_minus_1(void **state UNUSED)
{
	static const struct {
		size_t n;
		double v[5], q25, median, q75;
	} rows[] = {
		{ 1, { 7 }, 7, 7, 7 },
		{ 2, { 3, 1 }, 1.5, 2, 2.5 },
		{ 3, { 4, 1, 2 }, 1.5, 2, 3 },
		{ 4, { 40, 10, 30, 20 }, 17.5, 25, 32.5 },
		{ 5, { 5, 4, 3, 2, 1 }, 2, 3, 4 },
		{ 5, { 2, 2, 2, 2, 2 }, 2, 2, 2 },
		{ 4, { 1, 1, 2, 2 }, 1, 1.5, 2 },
	};
	static const double three[] = { 0.25, 0.5, 0.75 };
	static struct select s;
	double out[3];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		select_quantiles(&s, rows[i].v, rows[i].n, rows[i].n, three, out, 3);
		assert_near(out[0], rows[i].q25);
		assert_near(out[1], rows[i].median);
		assert_near(out[2], rows[i].q75);
	}
	scratch_release(&s.room);
}

static double draw(int shape, size_t i, uint64_t *seed)
{
	double u = (double)rnd_below(seed, 1 << 30) / (1 << 30);

	switch (shape) {
	case 0:
		return u * 1000;
	case 1:
		return floor(u * 5); /* nearly all equal */
	case 2:
		return exp(40 * u - 20); /* many octaves */
	case 3:
		return i % 3 ? 0 : u;
	case 4:
		return 100 + u * 1e-12; /* differ in the last bits alone */
	case 5:
		return (double)i;
	default:
		return i == 0 ? 5e-324 : 1e300 * u;
	}
}

static void all_shapes_and_sizes_agree_with_sorting(void **state UNUSED)
{
	static const size_t sizes[] = { 1, 2, 3, 31, 32, 33, 34, 100, 1000, 5000 };
	static double v[5000];
	uint64_t seed = 3;

	for (int shape = 0; shape < 7; shape++)
		for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
			size_t n = sizes[k];

			for (size_t i = 0; i < n; i++)
				v[i] = draw(shape, i, &seed);
			assert_quantiles(v, n, n);
			assert_quantiles(v, n, (n + 1) / 2);
			assert_quantiles(v, n, 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_interpolate_at_q_times_n_minus_1),
		cmocka_unit_test(all_shapes_and_sizes_agree_with_sorting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
