/* Strict text to number; see num.h. */
#include "extractors/base/num.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool num_parse_i64(const char *s, int64_t *out)
{
	const char *p = s + (*s == '-');
	char *end;

	if (!isdigit((unsigned char)*p))
		return false;
	errno = 0;
	*out = strtoll(s, &end, 10);
	return !*end && !errno;
}

/* strtod also takes hex, inf, nan and leading blanks: let only decimal characters through. */
static bool decimal_prefix(const char *s, double *out, const char **end)
{
	size_t n = strspn(s, "+-.0123456789");
	char *stop;

	if (!n || !strpbrk(s, "0123456789") || strspn(s + n, "xX"))
		return false;
	*out = strtod(s, &stop);
	*end = stop;
	return stop != s && isfinite(*out);
}

bool num_parse_double(const char *s, double *out)
{
	const char *end;

	return decimal_prefix(s, out, &end) && !*end;
}

bool num_parse_bytes(const char *s, int64_t *out)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB" };
	char *end;
	long long v;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(units[i], end) && !errno && v <= INT64_MAX >> (10 * i)) {
			*out = v << (10 * i);
			return true;
		}
	return false;
}

bool num_parse_seconds(const char *s, double *out)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = { { "", 1 },      { "s", 1 },    { "ms", 1e-3 },
		      { "us", 1e-6 }, { "min", 60 }, { "h", 3600 } };
	const char *end;

	if (!decimal_prefix(s, out, &end))
		return false;
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcasecmp(units[i].suffix, end)) {
			*out *= units[i].factor;
			return isfinite(*out);
		}
	return false;
}

bool num_parse_bool(const char *s, bool *out)
{
	static const char *const words[] = { "0", "false", "no", "off", "1", "true", "yes", "on" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(words[i], s)) {
			*out = i >= ARRAY_SIZE(words) / 2;
			return true;
		}
	return false;
}
