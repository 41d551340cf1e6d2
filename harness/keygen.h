/*
 * Signatures by ssh-keygen(1): `-Y sign`, `-Y verify`, `-Y check-novalidate`.
 *
 * Signing has the terminal, so that it can ask for a passphrase or a touch of the key;
 * no secret passes through here.  Checking has none, and its words are kept.
 * Ownership: nothing is kept.  Errors: -ENOENT when ssh-keygen is not there.
 */
#ifndef HARNESS_KEYGEN_H
#define HARNESS_KEYGEN_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

/* What signatures of checklists are for; one of anything else is none of these. */
#define KEYGEN_NAMESPACE "seclyzer-checklist"

/*
 * Sign `file` with the key in the file `key`; the signature goes into <file>.sig, which must
 * not be there.  -EACCES: ssh-keygen would not, and has said why.
 */
int keygen_sign(const char *key, const char *file, struct err *e) MUST_CHECK;
/*
 * Is `signature` (a file) one of `file`, by a key that the file `allowed` gives to
 * `principal`?  `allowed` NULL: by whatever key.  -EBADMSG: it is not; the reason in *e.
 * *words gets what ssh-keygen says of a good one, a line.
 */
int keygen_check(const char *allowed, const char *principal, const char *file,
		 const char *signature, struct buf *words, struct err *e) MUST_CHECK;

#endif
