/* Decisions in their folders; see decided.h. */
#include "harness/decided.h"

#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/judge/decision_json.h"
#include "harness/judge/render_decision.h"

int decided_open(struct decided *x, const struct model *m, const char *dir, const char *rules,
		 struct err *e)
{
	int rc;

	*x = (struct decided){ .decision = mem_calloc(1, sizeof(*x->decision)) };
	rc = rules_file_read(&x->file, dir, DECIDED_RULES_FILE, rules, e);
	rc = rc ? rc
		: decision_rules_parse(&x->rules, x->file.text.data, x->file.text.len,
				       buf_str(&x->file.path), e);
	rc = rc ? rc : decision_build(x->decision, &x->rules, m, e);
	return rc;
}

int decided_write(const struct decided *x, const char *dir, struct buf *md, struct err *e)
{
	struct buf markdown = { 0 }, html = { 0 }, json = { 0 };
	int rc = file_replace(dir, DECIDED_RULES_FILE, &x->file.text, e);

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
	rules_file_release(&x->file);
}
