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
	const char *p = s + (*s == '-' || *s == '+');
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

struct unit {
	const char *suffix;
	double factor;
};

static const struct unit *find_unit(const struct unit *u, size_t n, const char *suffix)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(u[i].suffix, suffix))
			return &u[i];
	return NULL;
}

static bool parse_with_unit(const char *s, const struct unit *units, size_t n, double *out)
{
	const char *end;
	const struct unit *u;

	if (!decimal_prefix(s, out, &end))
		return false;
	while (*end == ' ')
		end++;
	u = find_unit(units, n, end);
	if (u)
		*out *= u->factor;
	return u;
}

bool num_parse_bytes(const char *s, int64_t *out)
{
	static const struct unit units[] = { { "", 1 },
					     { "KiB", 1024 },
					     { "MiB", 1048576 },
					     { "GiB", 1073741824 },
					     { "TiB", 1099511627776.0 } };
	double v;

	if (!isdigit((unsigned char)*s) || !parse_with_unit(s, units, ARRAY_SIZE(units), &v) ||
	    v > 9e15 || v != floor(v))
		return false;
	*out = (int64_t)v;
	return true;
}

bool num_parse_seconds(const char *s, double *out)
{
	static const struct unit units[] = { { "", 1 },	     { "s", 1 },   { "ms", 1e-3 },
					     { "min", 60 }, { "h", 3600 }, { "us", 1e-6 } };

	return parse_with_unit(s, units, ARRAY_SIZE(units), out);
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
