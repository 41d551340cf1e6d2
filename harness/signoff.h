/*
 * Signing a session's checklist, and checking such a signature.
 *
 * signoff.txt (judge/statement.h) holds the SHA-256 of the raw values, of the rules and of
 * all that was made of them; signoff.txt.sig is ssh-keygen's detached signature of it.
 * Checking asks: is the signature one of this text, are the files those that were signed,
 * do the results still give this checklist, and does the text say of them what is true.
 */
#ifndef HARNESS_SIGNOFF_H
#define HARNESS_SIGNOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/judge/statement.h"
#include "harness/signer.h"

#define SIGNOFF_FILE	  "signoff.txt"
#define SIGNOFF_SIGNATURE "signoff.txt.sig"

struct signoff_order {
	const struct signer *signer;
	const char *key; /* a file for ssh-keygen -f */
	bool anyway;	 /* sign what speaks against itself, too; the statement says so */
	int64_t now_wall_us;
};

/*
 * Sign the checklist in the folder `dir` of the session that `m` is of; a signature
 * that was there is replaced.  -EPERM: something speaks against it; -EBADMSG: a file is
 * not what the results give.  *out gets what was signed; the caller releases it, after a
 * failure too.
 */
int signoff_make(const char *dir, const struct model *m, const struct signoff_order *order,
		 struct statement *out, struct err *e) MUST_CHECK;

/* `words` is what ssh-keygen said of the signature. */
struct signoff_seen {
	struct statement statement;
	struct buf words;
};

/*
 * Check the folder `dir`.  `allowed`: ssh-keygen's file of allowed signers; NULL: the key
 * may be anybody's.  -EBADMSG: it does not hold; *e names the file.  The caller calls
 * signoff_seen_release(), after a failure too.
 */
int signoff_check(const char *dir, const char *allowed, struct signoff_seen *seen,
		  struct err *e) MUST_CHECK;
void signoff_seen_release(struct signoff_seen *seen);

#endif
