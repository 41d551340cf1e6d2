/*
 * What is signed: who says when that a checklist came out how, of which build and files.
 *
 *	SecLyzer performance checklist: sign-off 1
 *	signer: Ada Lovelace <ada@example.org>
 *	signed: 2026-11-24T13:45:10+00:00
 *	...
 *
 * A line a field, all of them, in this order and no other; so a text that was parsed and
 * written again is the same text.  Values are one line without control characters.
 * Pure.  Ownership: zeroed is empty, statement_release() frees.
 */
#ifndef JUDGE_STATEMENT_H
#define JUDGE_STATEMENT_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/judge/checklist.h"

enum statement_field {
	STATEMENT_SIGNER,
	STATEMENT_SIGNED,
	STATEMENT_JUDGED_BY,   /* commit of the bench that judged and signed */
	STATEMENT_IN_SPITE_OF, /* "nothing", or what speaks against signing */
	STATEMENT_SESSION,
	STATEMENT_MEASURED,
	STATEMENT_COMMIT,
	STATEMENT_VARIANT,
	STATEMENT_TREE,
	STATEMENT_HOST,
	STATEMENT_VERDICT,
	STATEMENT_COUNTS,
	STATEMENT_BAD_RUNS,
	/* SHA-256 of the files, in hexadecimal */
	STATEMENT_RESULTS,
	STATEMENT_RULES,
	STATEMENT_JSON,
	STATEMENT_MARKDOWN,
	STATEMENT_HTML,
	STATEMENT_FIELDS
};
/* The fields of files; their keys are the files' names. */
#define STATEMENT_FIRST_FILE STATEMENT_RESULTS
extern const char *const statement_keys[STATEMENT_FIELDS];

#define STATEMENT_VALUE_MAX 1000
#define STATEMENT_MAX	    32768 /* bytes of a whole one */

struct statement {
	char *values[STATEMENT_FIELDS];
};

/* Control characters become `?`, what is longer than STATEMENT_VALUE_MAX is cut. */
void statement_set(struct statement *s, enum statement_field field, const char *fmt, ...)
	PRINTF(3, 4);
/* What the session and its checklist say: STATEMENT_SESSION to STATEMENT_BAD_RUNS. */
void statement_describe(struct statement *s, const struct checklist *c);
/* Why nobody should sign this, in one line; false: nothing speaks against it. */
bool statement_objections(const struct checklist *c, struct buf *out);

/* Every field must be set. */
void statement_write(const struct statement *s, struct buf *out);
/* -EINVAL names the line. */
int statement_parse(struct statement *s, const char *text, size_t len, struct err *e) MUST_CHECK;
void statement_release(struct statement *s);
/* The first field in which they differ; STATEMENT_FIELDS: in none.  All must be set. */
enum statement_field statement_differs(const struct statement *a, const struct statement *b);

#endif
