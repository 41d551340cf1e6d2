/*
 * A growing, NULL-terminated vector of strings: argument lists and environments.
 *
 * Ownership: the caller holds the struct (zeroed is empty), the strings are heap
 * copies, strv_release() frees all.
 */
#ifndef HARNESS_STRV_H
#define HARNESS_STRV_H

#include <stddef.h>

#include "extractors/base/err.h"

struct strv {
	char **v; /* v[n] is NULL; v itself is NULL only while nothing was ever added */
	size_t n;
};

void strv_add(struct strv *s, const char *text);
void strv_addf(struct strv *s, const char *fmt, ...) PRINTF(2, 3);
void strv_release(struct strv *s);

/* An environment: `NAME=value`, each name once; setting it again replaces it. */
void strv_set_env(struct strv *s, const char *name, const char *value);
/* The same with NAME=value in one, of any length; and with all of another environment. */
void strv_put_env(struct strv *s, const char *pair);
void strv_override(struct strv *s, const struct strv *with);
/* The value, or NULL.  Valid until the next change. */
const char *strv_get_env(const struct strv *s, const char *name);

/*
 * Split a command line into words as a shell would, without one: white space
 * separates, '…' is literal, in "…" a backslash keeps only " and \, outside it
 * keeps any character.  Unquoted | & ; < > ` ( ) are -EINVAL: nothing would
 * interpret them, and passing them on as words is never what was meant.
 */
int strv_split(struct strv *s, const char *text, struct err *e) MUST_CHECK;

#endif
