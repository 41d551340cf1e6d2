/*
 * Text to number, strictly: the whole text or nothing, no locale, no errno.
 *
 * For configuration, options and scenario files; JSON numbers are wire/json's.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/compiler.h"

/* Decimal, optional minus.  False when anything else is there or it does not fit. */
bool num_parse_i64(const char *s, int64_t *out) MUST_CHECK;
/* Decimal with optional fraction and exponent; finite only. */
bool num_parse_double(const char *s, double *out) MUST_CHECK;
/* A whole number of bytes, optionally with KiB, MiB or GiB behind it. */
bool num_parse_bytes(const char *s, int64_t *out) MUST_CHECK;
/* Seconds: a plain number, or with us, ms, s, min or h. */
bool num_parse_seconds(const char *s, double *out) MUST_CHECK;
/* 1/true/yes/on, 0/false/no/off, any case. */
bool num_parse_bool(const char *s, bool *out) MUST_CHECK;

/*
 * The double nearest to digits * 10^exp10, for a decimal of at most 19 digits;
 * false when the fast exact way (Clinger 1990: both factors exact doubles) does
 * not apply and strtod must decide.
 */
static inline bool num_exact_double(uint64_t digits, int exp10, double *out)
{
	static const double pow10[] = { 1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,
					1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
					1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

	if (digits > (1ULL << 53) || exp10 < -22 || exp10 > 22)
		return false;
	*out = exp10 < 0 ? (double)digits / pow10[-exp10] : (double)digits * pow10[exp10];
	return true;
}

#endif
