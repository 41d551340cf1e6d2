/* Files of a checklist; see checklist_files.h. */
#include "harness/checklist_files.h"

#include <string.h>
#include <unistd.h>

#include "harness/dirs.h"
#include "harness/file.h"
#include "harness/ini.h"
#include "harness/judge/checklist_json.h"
#include "harness/judge/render_checklist.h"

const char *const checklist_output_files[CHECKLIST_OUTPUTS] = {
	[CHECKLIST_JSON] = "checklist.json",
	[CHECKLIST_MARKDOWN] = "checklist.md",
	[CHECKLIST_HTML] = "checklist.html",
};

bool checklist_is_judged(const char *dir)
{
	struct buf path = { 0 };
	bool there;

	buf_printf(&path, "%s/" CHECKLIST_RULES_FILE, dir);
	there = !access(buf_str(&path), F_OK);
	buf_release(&path);
	return there;
}

/* Which file the rules are in. */
static int find_rules(struct buf *path, const char *dir, const char *rules_path, struct err *e)
{
	struct buf root = { 0 }, bin = { 0 };
	int rc = 0;

	if (rules_path) {
		buf_add_str(path, rules_path);
	} else if (checklist_is_judged(dir)) {
		buf_printf(path, "%s/" CHECKLIST_RULES_FILE, dir);
	} else {
		rc = dirs_find(&root, &bin, e);
		if (!rc)
			buf_printf(path, "%s/scenarios/" CHECKLIST_RULES_FILE, buf_str(&root));
	}
	buf_release(&root);
	buf_release(&bin);
	return rc;
}

int checklist_case_open(struct checklist_case *k, const struct model *m, const char *dir,
			const char *rules_path, struct err *e)
{
	struct buf path = { 0 };
	int rc;

	memset(k, 0, sizeof(*k));
	rc = find_rules(&path, dir, rules_path, e);
	rc = rc ? rc : file_read(buf_str(&path), INI_FILE_MAX, &k->text, e);
	rc = rc ? rc
		: checklist_rules_parse(&k->rules, buf_str(&k->text), k->text.len, buf_str(&path),
					e);
	if (!rc)
		checklist_judge(&k->checklist, &k->rules, m);
	buf_release(&path);
	return rc;
}

void checklist_case_close(struct checklist_case *k)
{
	checklist_release(&k->checklist);
	checklist_rules_release(&k->rules);
	buf_release(&k->text);
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
	int rc = file_replace(dir, CHECKLIST_RULES_FILE, &k->text, e);

	for (int i = 0; !rc && i < CHECKLIST_OUTPUTS; i++) {
		struct buf text = { 0 };

		checklist_output(&k->checklist, (enum checklist_output)i, &text);
		rc = file_replace(dir, checklist_output_files[i], &text, e);
		buf_release(&text);
	}
	return rc;
}
