/*
 * A file of an SSH signature, held to the one form in which ssh-keygen writes it.
 *
 * Its reader is not so strict: it takes white space within, anything behind the end, and
 * bits in the last digit that say nothing.  So that no byte of a signature can be changed
 * unseen, this allows one text for one signature: lines of base64 (RFC 4648, section 4) of
 * one length, but for the last, between the marks.  Pure.
 */
#ifndef HARNESS_ARMOR_H
#define HARNESS_ARMOR_H

#include <stddef.h>

#include "extractors/base/err.h"

/* -EINVAL says what is wrong.  Whether the signature holds is not looked at. */
int armor_check(const char *text, size_t len, struct err *e) MUST_CHECK;

#endif
