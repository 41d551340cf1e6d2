/* Decisions in their folders; see decided.h. */
#include "harness/decided.h"

#include <stdlib.h>
#include <unistd.h>

#include "extractors/base/mem.h"
#include "harness/dirs.h"
#include "harness/file.h"
#include "harness/ini.h"
#include "harness/judge/decision_json.h"
#include "harness/judge/render_decision.h"

#define RULES_NAME "decision.ini"

bool decided_before(const char *dir)
{
	struct buf path = { 0 };
	bool there;

	buf_printf(&path, "%s/" RULES_NAME, dir);
	there = !access(buf_str(&path), F_OK);
	buf_release(&path);
	return there;
}

static int rules_path(struct buf *path, const char *dir, const char *rules, struct err *e)
{
	struct buf root = { 0 }, bin = { 0 };
	int rc = 0;

	if (rules) {
		buf_add_str(path, rules);
	} else if (decided_before(dir)) {
		buf_printf(path, "%s/" RULES_NAME, dir);
	} else {
		rc = dirs_find(&root, &bin, e);
		if (!rc)
			buf_printf(path, "%s/scenarios/" RULES_NAME, buf_str(&root));
	}
	buf_release(&root);
	buf_release(&bin);
	return rc;
}

int decided_open(struct decided *x, const struct model *m, const char *dir, const char *rules,
		 struct err *e)
{
	struct buf path = { 0 };
	int rc;

	*x = (struct decided){ .decision = mem_calloc(1, sizeof(*x->decision)) };
	rc = rules_path(&path, dir, rules, e);
	rc = rc ? rc : file_read(buf_str(&path), INI_FILE_MAX, &x->rules_text, e);
	rc = rc ? rc
		: decision_rules_parse(&x->rules, x->rules_text.data, x->rules_text.len,
				       buf_str(&path), e);
	rc = rc ? rc : decision_build(x->decision, &x->rules, m, e);
	buf_release(&path);
	return rc;
}

int decided_write(const struct decided *x, const char *dir, struct buf *md, struct err *e)
{
	struct buf markdown = { 0 }, html = { 0 }, json = { 0 };
	int rc = file_replace(dir, RULES_NAME, &x->rules_text, e);

	render_decision(x->decision, &doc_markdown, &markdown);
	render_decision(x->decision, &doc_html, &html);
	decision_write_json(x->decision, &json);
	rc = rc ? rc : file_replace(dir, "decision.md", &markdown, e);
	rc = rc ? rc : file_replace(dir, "decision.html", &html, e);
	rc = rc ? rc : file_replace(dir, "decision.json", &json, e);
	if (md)
		buf_add(md, markdown.data, markdown.len);
	buf_release(&markdown);
	buf_release(&html);
	buf_release(&json);
	return rc;
}

void decided_close(struct decided *x)
{
	decision_rules_release(&x->rules);
	free(x->decision);
	buf_release(&x->rules_text);
}
