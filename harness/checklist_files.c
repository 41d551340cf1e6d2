/* Files of a checklist; see checklist_files.h. */
#include "harness/checklist_files.h"

#include <string.h>

#include "harness/file.h"
#include "harness/judge/checklist_json.h"
#include "harness/judge/render_checklist.h"

const char *const checklist_output_files[CHECKLIST_OUTPUTS] = {
	[CHECKLIST_JSON] = "checklist.json",
	[CHECKLIST_MARKDOWN] = "checklist.md",
	[CHECKLIST_HTML] = "checklist.html",
};

int checklist_case_open(struct checklist_case *k, const struct model *m, const char *dir,
			const char *rules_path, struct err *e)
{
	int rc;

	memset(k, 0, sizeof(*k));
	rc = rules_file_read(&k->file, dir, CHECKLIST_RULES_FILE, rules_path, e);
	rc = rc ? rc
		: checklist_rules_parse(&k->rules, buf_str(&k->file.text), k->file.text.len,
					buf_str(&k->file.path), e);
	if (!rc)
		checklist_judge(&k->checklist, &k->rules, m);
	return rc;
}

void checklist_case_close(struct checklist_case *k)
{
	checklist_release(&k->checklist);
	checklist_rules_release(&k->rules);
	rules_file_release(&k->file);
}

static void document(const struct checklist *c, const struct doc_form *form, struct buf *out)
{
	struct doc *d = doc_new(form, RENDER_CHECKLIST_TITLE, out);

	render_checklist(c, d);
	doc_end(d);
}

void checklist_output(const struct checklist *c, enum checklist_output which, struct buf *out)
{
	if (which == CHECKLIST_JSON)
		checklist_write_json(c, out);
	else
		document(c, which == CHECKLIST_HTML ? &doc_html : &doc_markdown, out);
}

int checklist_case_write(const struct checklist_case *k, const char *dir, struct err *e)
{
	int rc = file_replace(dir, CHECKLIST_RULES_FILE, &k->file.text, e);

	for (int i = 0; !rc && i < CHECKLIST_OUTPUTS; i++) {
		struct buf text = { 0 };

		checklist_output(&k->checklist, (enum checklist_output)i, &text);
		rc = file_replace(dir, checklist_output_files[i], &text, e);
		buf_release(&text);
	}
	return rc;
}
