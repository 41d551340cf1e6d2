/*
 * A double as text: the shortest of 15, 16 or 17 digits that reads back as the same double.
 *
 * The same text as the first of `%.15g`, `%.16g`, `%.17g` that strtod() turns back into
 * the value, in a twentieth of the time: a feature message has fifty of them.
 * Threads: no state.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stddef.h>

#define DECIMAL_MAX 32

/* Not NUL-terminated; returns the length.  No JSON: `inf` and `nan` are written as such. */
size_t decimal_write(char out[DECIMAL_MAX], double v);

#endif
