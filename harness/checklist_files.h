/*
 * The checklist of a session's folder: its rules, and what is written of it.
 *
 * What is written is a function of results.json and checklist.ini (rules_file.h), which is
 * copied into the folder.
 * Ownership: checklist_case_open() fills the caller's storage, checklist_case_close()
 * frees what it holds, also after a failure.
 */
#ifndef HARNESS_CHECKLIST_FILES_H
#define HARNESS_CHECKLIST_FILES_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/judge/checklist.h"
#include "harness/rules_file.h"

#define CHECKLIST_RULES_FILE "checklist.ini"

struct checklist_case {
	struct rules_file file;
	struct checklist_rules rules;
	struct checklist checklist;
};

/* `dir`: the session's folder; `rules_path`: NULL or a file.  The model must outlive it. */
int checklist_case_open(struct checklist_case *k, const struct model *m, const char *dir,
			const char *rules_path, struct err *e) MUST_CHECK;
void checklist_case_close(struct checklist_case *k);

enum checklist_output { CHECKLIST_JSON, CHECKLIST_MARKDOWN, CHECKLIST_HTML, CHECKLIST_OUTPUTS };
extern const char *const checklist_output_files[CHECKLIST_OUTPUTS];
/* Append the bytes of one output. */
void checklist_output(const struct checklist *c, enum checklist_output which, struct buf *out);

/* checklist.ini, checklist.json, checklist.md and checklist.html, each by rename. */
int checklist_case_write(const struct checklist_case *k, const char *dir, struct err *e) MUST_CHECK;

#endif
