/*
 * The rules that judge a session: the file that is named, else the copy in the session's
 * folder, else scenarios/NAME of this project.
 *
 * The copy counts so that everything can be made again, byte for byte.  Who edits the
 * project's file is told that it did not judge.
 * Ownership: rules_file_read() fills the caller's storage, rules_file_release() frees what
 * it holds, after a failure too.
 */
#ifndef HARNESS_RULES_FILE_H
#define HARNESS_RULES_FILE_H

#include <stdbool.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

struct rules_file {
	const char *name; /* decision.ini, checklist.ini */
	struct buf path, text;
	bool differs; /* it is the folder's copy, and the project's file is another */
};

/* `dir`: the session's folder; `named`: NULL or a file.  `name` must outlive it. */
int rules_file_read(struct rules_file *f, const char *dir, const char *name, const char *named,
		    struct err *e) MUST_CHECK;
/* Says on stdout which file it was, and on stderr that it differs. */
void rules_file_tell(struct rules_file *f);
void rules_file_release(struct rules_file *f);

#endif
