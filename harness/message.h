/*
 * One published feature message as a flat list of members.
 *
 * For checks of its shape: which members there are, of which JSON types.  The
 * reader is the strict one of wire/json (RFC 8259, nothing behind the object, no
 * member twice).  Names and texts point into the message, escapes as written.
 * Pure; the struct is the caller's.
 */
#ifndef HARNESS_MESSAGE_H
#define HARNESS_MESSAGE_H

#include <stddef.h>

#include "extractors/base/err.h"
#include "extractors/wire/json.h"

#define MESSAGE_MEMBERS_MAX 96 /* keystroke's, the longest, has 54 with `trace` */

struct message_member {
	struct span name;
	struct json_value value;
	struct span raw; /* of the value, as written */
};

struct message {
	size_t n;
	struct message_member v[MESSAGE_MEMBERS_MAX];
};

/* -EBADMSG with what is wrong. */
int message_parse(struct message *m, const char *json, size_t len, struct err *e) MUST_CHECK;
/* The member of that name, or NULL. */
const struct message_member *message_get(const struct message *m, const char *name);

#endif
