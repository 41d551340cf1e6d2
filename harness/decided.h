/*
 * The migration decision of a session in its folder: decision.ini, .md, .html, .json.
 *
 * The rules that judged a session lie beside its results (rules_file.h).
 * Ownership: the caller's storage; decided_open() fills it and decided_close() frees what it
 * holds, after a failure too.  The model must outlive it.
 */
#ifndef HARNESS_DECIDED_H
#define HARNESS_DECIDED_H

#include "harness/judge/decision.h"
#include "harness/rules_file.h"

#define DECIDED_RULES_FILE "decision.ini"

struct decided {
	struct rules_file file;
	struct decision_rules rules;
	struct decision *decision;
};

/* `dir`: the session's folder; `rules`: NULL or a file. */
int decided_open(struct decided *x, const struct model *m, const char *dir, const char *rules,
		 struct err *e) MUST_CHECK;
/* Writes the four files.  *md (if not NULL) gets the Markdown as well. */
int decided_write(const struct decided *x, const char *dir, struct buf *md,
		  struct err *e) MUST_CHECK;
void decided_close(struct decided *x);

#endif
