/*
 * A `.env` file: `KEY=value` lines.
 *
 * Syntax (extractors/README.md): optional `export `, `#` comments on their own
 * line or behind white space after an unquoted value, single or double quotes
 * with nothing escaped inside.  A malformed line is an error with its number.
 * Ownership: dotenv_load() fills the struct, dotenv_release() frees it.
 */
#ifndef BASE_DOTENV_H
#define BASE_DOTENV_H

#include <stddef.h>

#include "extractors/base/err.h"

struct dotenv {
	struct dotenv_pair {
		char *key, *value;
	} * pairs;
	size_t n;
};

#define DOTENV_MAX_BYTES 65536

/* An absent file is empty.  -EINVAL: `.env:3: …`. */
int dotenv_load(struct dotenv *d, const char *path, struct err *e) MUST_CHECK;
/* The same from memory, for tests and fuzzing; `name` is for errors. */
int dotenv_parse(struct dotenv *d, const char *text, size_t len, const char *name,
		 struct err *e) MUST_CHECK;
/* The last value given for the key, or NULL. */
const char *dotenv_get(const struct dotenv *d, const char *key);
void dotenv_release(struct dotenv *d);

#endif
