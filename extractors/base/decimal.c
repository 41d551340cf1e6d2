/*
 * Shortest decimals by exact integers; see decimal.h.
 *
 * A double is m / 2^k.  For p digits behind the point the digits wanted are
 * m * 10^p / 2^k, rounded; and such a decimal D / 10^p reads back as the double when
 *
 *	|D / 10^p - m / 2^k| < half of 1 / 2^k,  that is  |D * 2^k - m * 10^p| * 2 < 10^p
 *
 * (at most, when m is even).  Between 1e-4 and 1e15 all of it fits into 128 bits:
 * m < 2^53, p <= 20, D <= 10^17, 3 <= k <= 66.  The rest is left to printf and strtod.
 */
#include "extractors/base/decimal.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAST 1e-4 /* below: with an exponent */
#define LIMIT 1e15 /* from here on nearly every double is whole */

static unsigned __int128 ten_to(int p)
{
	static const uint64_t t[] = { 1,
				      10,
				      100,
				      1000,
				      10000,
				      100000,
				      1000000,
				      10000000,
				      100000000,
				      1000000000,
				      10000000000,
				      100000000000,
				      1000000000000,
				      10000000000000,
				      100000000000000,
				      1000000000000000,
				      10000000000000000,
				      100000000000000000,
				      1000000000000000000,
				      10000000000000000000U };

	return p <= 19 ? t[p] : (unsigned __int128)t[19] * t[p - 19];
}

/* m / 2^k rounded to p digits behind the point, half to even; true when it reads back. */
static bool round_to(uint64_t m, int k, int p, uint64_t *digits)
{
	unsigned __int128 ten = ten_to(p), exact = m * ten, unit = (unsigned __int128)1 << k;
	unsigned __int128 d = exact >> k, rest = exact & (unit - 1), away;
	bool up = rest > unit / 2 || (rest == unit / 2 && (d & 1));

	*digits = (uint64_t)d + up;
	away = (up ? unit - rest : rest) * 2;
	/* Below a power of two the doubles lie twice as close. */
	if (m == 1ULL << 52 && !up)
		away *= 2;
	return away < ten || (away == ten && m % 2 == 0);
}

/* Digits of the whole part of v; 0, -1, -2, -3 when it begins behind the point. */
static int magnitude(double v)
{
	/* These three doubles lie just above the decimals that they stand for. */
	static const double small[] = { 0.1, 0.01, 0.001 };
	uint64_t whole = (uint64_t)v;
	int n = 0;

	if (!whole) {
		while (n < 3 && v < small[n])
			n++;
		return -n;
	}
	for (uint64_t limit = 1; limit <= whole; limit *= 10)
		n++;
	return n;
}

/* `digits` with p of them behind the point, zeros at the end left out. */
static size_t write_fixed(char *out, bool minus, uint64_t digits, int p)
{
	char text[DECIMAL_MAX], *to = text + sizeof(text);
	size_t n;

	for (; p && digits % 10 == 0; p--)
		digits /= 10;
	for (int i = 0; i < p; i++, digits /= 10)
		*--to = (char)('0' + digits % 10);
	if (p)
		*--to = '.';
	do {
		*--to = (char)('0' + digits % 10);
		digits /= 10;
	} while (digits);
	if (minus)
		*--to = '-';
	n = (size_t)(text + sizeof(text) - to);
	for (size_t i = 0; i < n; i++)
		out[i] = to[i];
	return n;
}

static size_t write_any(char *out, double v)
{
	for (int digits = 15;; digits++) {
		int n = snprintf(out, DECIMAL_MAX, "%.*g", digits, v);

		if (digits == 17 || strtod(out, NULL) == v)
			return (size_t)n;
	}
}

size_t decimal_write(char out[DECIMAL_MAX], double v)
{
	double abs = fabs(v), fraction;
	uint64_t m, digits;
	int exp2, whole_digits;

	if (!(abs >= LEAST && abs < LIMIT))
		return write_any(out, v);
	fraction = frexp(abs, &exp2);
	m = (uint64_t)(fraction * 0x1p53);
	whole_digits = magnitude(abs);
	for (int n = 15;; n++)
		if (round_to(m, 53 - exp2, n - whole_digits, &digits) || n == 17)
			return write_fixed(out, v < 0, digits, n - whole_digits);
}
