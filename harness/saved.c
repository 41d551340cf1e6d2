/* Sessions from their folders; see saved.h. */
#include "harness/saved.h"

#include <string.h>

#include "harness/dirs.h"
#include "harness/report_files.h"

int saved_find(struct buf *dir, const char *out, const char *id, struct err *e)
{
	struct buf root = { 0 }, bin = { 0 };
	int rc = 0;

	if (strchr(id, '/')) {
		buf_add_str(dir, id);
	} else if (out) {
		buf_printf(dir, "%s/%s", out, id);
	} else {
		rc = dirs_find(&root, &bin, e);
		if (!rc)
			buf_printf(dir, "%s/reports/out/%s", buf_str(&root), id);
	}
	buf_release(&root);
	buf_release(&bin);
	return rc;
}

int saved_open(struct saved *s, const char *out, const char *id, struct err *e)
{
	int rc;

	memset(s, 0, sizeof(*s));
	rc = saved_find(&s->dir, out, id, e);
	rc = rc ? rc : report_load_results(&s->result, buf_str(&s->dir), e);
	if (!rc)
		model_build(&s->model, &s->result);
	return rc;
}

void saved_close(struct saved *s)
{
	model_release(&s->model);
	result_release(&s->result);
	buf_release(&s->dir);
}
