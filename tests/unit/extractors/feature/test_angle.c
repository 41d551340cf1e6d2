#include "extractors/feature/angle.h"
#include "tests/unit/extractors/feature/feature_tests.h"

static double angle(double dy, double dx)
{
	lanes a = angle_of(lanes_all(dy), lanes_all(dx));

	assert_memory_equal((const char *)&a, (const char *)&a + sizeof(double), sizeof(double));
	return a[0];
}

/* Both the value and its sign bit. */
static void assert_like_libm(double dy, double dx)
{
	double got = angle(dy, dx), want = atan2(dy, dx);
	double ulp = nextafter(fabs(want), INFINITY) - fabs(want);

	if (!(fabs(got - want) <= 4 * ulp) || !signbit(got) != !signbit(want))
		fail_msg("angle of (%g, %g): %.17g, expected %.17g", dy, dx, got, want);
}

static void axes_diagonals_and_signed_zeros_are_those_of_atan2(void **state UNUSED)
{
	static const double v[] = { 0.0,  -0.0,	 1,   -1,   2,	    -2,	 0.41421356237309503,
				    1e-9, -1e-9, 1e6, -1e6, 3e-320, 2e6, 0.41421356237309509 };

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		for (size_t j = 0; j < sizeof(v) / sizeof(*v); j++)
			assert_like_libm(v[i], v[j]);
}

static void random_directions_agree_within_4_ulp(void **state UNUSED)
{
	uint64_t seed = 11;

	for (int i = 0; i < 200000; i++) {
		double dy = (double)rnd_below(&seed, 1 << 20) - (1 << 19);
		double dx = (double)rnd_below(&seed, 1 << 20) - (1 << 19);

		assert_like_libm(i % 2 ? dy / 1024 : dy, i % 3 ? dx : dx * 1e-7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(axes_diagonals_and_signed_zeros_are_those_of_atan2),
		cmocka_unit_test(random_directions_agree_within_4_ulp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
