/* Decision and checklist of a session; see judged.h. */
#include "harness/judged.h"

#include <string.h>

#include "harness/file.h"
#include "harness/judge/render_checklist.h"
#include "harness/judge/render_decision.h"
#include "harness/signoff.h"

static bool has_several_scenarios(const struct result *r)
{
	for (size_t i = 1; i < r->n_runs; i++)
		if (strcmp(r->runs[i].scenario, r->runs[0].scenario))
			return true;
	return false;
}

void judged_open(struct judged *j, const struct model *m, const char *dir)
{
	bool several = has_several_scenarios(m->result);

	memset(j, 0, sizeof(*j));
	j->decision_wanted = several || file_is_in(dir, DECIDED_RULES_FILE);
	j->checklist_wanted = several || file_is_in(dir, CHECKLIST_RULES_FILE);
	if (j->decision_wanted)
		(void)!decided_open(&j->decided, m, dir, NULL, &j->decision_err);
	if (j->checklist_wanted)
		(void)!checklist_case_open(&j->checklist, m, dir, NULL, &j->checklist_err);
}

int judged_write(const struct judged *j, const char *dir, struct err *e)
{
	int rc = 0;

	if (j->decision_wanted && !j->decision_err.code)
		rc = decided_write(&j->decided, dir, NULL, e);
	/* What somebody has signed is not written again: another build may give another page. */
	if (!rc && j->checklist_wanted && !j->checklist_err.code && !file_is_in(dir, SIGNOFF_FILE))
		rc = checklist_case_write(&j->checklist, dir, e);
	return rc;
}

bool judged_any(const struct judged *j)
{
	return j->decision_wanted || j->checklist_wanted;
}

void judged_render(const void *ctx, struct doc *d)
{
	const struct judged *j = ctx;

	if (j->decision_wanted && j->decision_err.code) {
		doc_item(d);
		doc_text(d, "Migration decision unavailable: %s", j->decision_err.text);
	} else if (j->decision_wanted) {
		render_decision_summary(j->decided.decision, d);
		doc_item(d);
		doc_text(d, "Why, what would change it, what it saves, and the steps: ");
		doc_link(d, "decision.html", "decision.html");
		doc_text(d, ".");
	}
	if (j->checklist_wanted && j->checklist_err.code) {
		doc_item(d);
		doc_text(d, "Performance checklist unavailable: %s", j->checklist_err.text);
	} else if (j->checklist_wanted) {
		render_checklist_summary(&j->checklist.checklist, d);
	}
}

void judged_close(struct judged *j)
{
	if (j->decision_wanted)
		decided_close(&j->decided);
	if (j->checklist_wanted)
		checklist_case_close(&j->checklist);
}
