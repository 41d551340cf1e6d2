/*
 * SHA-256 of bytes in memory, by libcrypto, which ssh-keygen(1) needs, too.
 *
 * It is loaded when first asked for; where it is not, that is an error that says so.
 */
#ifndef HARNESS_SHA256_H
#define HARNESS_SHA256_H

#include <stddef.h>

#include "extractors/base/err.h"

#define SHA256_HEX_LEN 64

/* In small hexadecimal digits, NUL-terminated. */
int sha256_hex(const void *data, size_t len, char out[SHA256_HEX_LEN + 1],
	       struct err *e) MUST_CHECK;

#endif
