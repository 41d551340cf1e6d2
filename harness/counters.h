/*
 * The counters of a subject: the JSON object behind `stats `.
 *
 * Source: spec of the extractors, "Life cycle".  Nested objects are flattened,
 * `"rejected":{"bad_key":2}` is `rejected.bad_key`; numbers that are no whole
 * numbers and values of other types are not counters and are left out.
 * Pure; the struct is the caller's.
 */
#ifndef HARNESS_COUNTERS_H
#define HARNESS_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"

#define COUNTERS_MAX	  64
#define COUNTERS_NAME_MAX 64

struct counter {
	char name[COUNTERS_NAME_MAX];
	int64_t value;
};

struct counters {
	size_t n;
	struct counter v[COUNTERS_MAX];
};

/* -EINVAL when it is not one JSON object; -E2BIG when there are too many or too long names. */
int counters_parse(struct counters *c, const char *text, size_t len, struct err *e) MUST_CHECK;
/* False when there is no such counter. */
bool counters_get(const struct counters *c, const char *name, int64_t *out) MUST_CHECK;
/* Sum of `object.*`; false when there is none. */
bool counters_sum(const struct counters *c, const char *object, int64_t *out) MUST_CHECK;

#endif
