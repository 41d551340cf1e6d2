/*
 * What the rules make of a session, beside its report: decision and checklist.
 *
 * A session of several scenarios is judged when its report is written, one of a single
 * scenario once `bench decide` or `bench checklist` has left its rules in the folder.
 * That rules cannot be read, or have nothing to judge, is no error of the report: it says
 * so instead.  Ownership: the caller's storage; the model must outlive it; judged_open()
 * fills it, judged_close() frees what it holds.
 */
#ifndef HARNESS_JUDGED_H
#define HARNESS_JUDGED_H

#include "harness/checklist_files.h"
#include "harness/decided.h"
#include "harness/doc/doc.h"

struct judged {
	bool decision_wanted, checklist_wanted;
	struct err decision_err, checklist_err; /* why there is none, though it is wanted */
	struct decided decided;
	struct checklist_case checklist;
};

void judged_open(struct judged *j, const struct model *m, const char *dir);
/* Their files, each by rename. */
int judged_write(const struct judged *j, const char *dir, struct err *e) MUST_CHECK;
/* The lines for the top of the report; `ctx` is the struct judged. */
void judged_render(const void *ctx, struct doc *d);
/* Is there anything to say? */
bool judged_any(const struct judged *j);
void judged_close(struct judged *j);

#endif
