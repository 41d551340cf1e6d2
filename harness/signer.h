/*
 * Who signs: "Name <mail>", in characters that look like what they are.
 *
 * The name stands in a file that people read and trust, so nothing in it may end the line,
 * hide, or turn the direction of writing; the mail is the principal of ssh-keygen(1).  Pure.
 */
#ifndef HARNESS_SIGNER_H
#define HARNESS_SIGNER_H

#include "extractors/base/err.h"

#define SIGNER_MAX 200

struct signer {
	char text[SIGNER_MAX + 1]; /* as given */
	char mail[SIGNER_MAX + 1];
};

/* -EINVAL says what it must be. */
int signer_parse(struct signer *s, const char *text, struct err *e) MUST_CHECK;

#endif
