/*
 * A strict JSON scanner (RFC 8259) for small messages, in place.
 *
 * It walks over bytes that are known to be UTF-8, allocates nothing and never
 * recurses.  cJSON is not used here for two reasons: it takes 600 ns a message
 * where this takes about 100, and it accepts what JSON is not (leading zeros,
 * control characters in strings, bytes behind the value, NUL cutting a string),
 * which the Python side would reject.
 * Ownership: spans point into the scanned bytes.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/compiler.h"
#include "extractors/wire/event.h"

#define JSON_DEPTH_MAX 512 /* objects and arrays inside each other, the outermost included */

enum json_type {
	JSON_ABSENT, /* zeroed: the member was not there */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_OBJECT,
	JSON_ARRAY
};

struct json_value {
	enum json_type type;
	struct span raw; /* number: its text; string: between the quotes, escapes as written */
	bool escaped;	 /* string: holds backslashes */
	bool whole;	 /* number: written without fraction and exponent */
	bool negative;
	bool exact;	 /* number: `digits` holds every digit */
	uint64_t digits; /* number = digits * 10^exp10, when exact */
	int exp10;
};

struct json_scan {
	const char *p, *end;
};

/* Skip white space; then the byte there, or 0 at the end. */
static inline char json_next(struct json_scan *s)
{
	/* One comparison where there is none, as between most tokens. */
	while (s->p < s->end && (unsigned char)*s->p <= ' ' &&
	       (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
	return s->p < s->end ? *s->p : '\0';
}

/* json_next() is `c`: step over it. */
static inline bool json_take(struct json_scan *s, char c)
{
	if (json_next(s) != c || s->p == s->end)
		return false;
	s->p++;
	return true;
}

/* A string, the scanner standing on its opening quote. */
bool json_scan_string(struct json_scan *s, struct json_value *out) MUST_CHECK;
/*
 * Any value; of an object or array only the type is kept.  `depth` is that of what holds it.
 * Fields of *out that its type does not use stay as they were: no zeroing is needed before.
 */
bool json_scan_value(struct json_scan *s, int depth, struct json_value *out) MUST_CHECK;

/* A JSON_NUMBER as the nearest double (infinite when it is too large). */
double json_double(const struct json_value *v);
/* A JSON_NUMBER that is whole and fits; false otherwise. */
bool json_i64(const struct json_value *v, int64_t *out) MUST_CHECK;
/*
 * A JSON_STRING decoded: points at the raw bytes when nothing is escaped, else
 * into room[cap].  False when it is longer than cap or has an unpaired surrogate.
 */
bool json_text(const struct json_value *v, char *room, size_t cap, struct span *out) MUST_CHECK;

#endif
