/* Rules of a session; see rules_file.h. */
#include "harness/rules_file.h"

#include <stdio.h>
#include <string.h>

#include "extractors/base/log.h"
#include "harness/dirs.h"
#include "harness/file.h"
#include "harness/ini.h"

static int project_path(struct buf *path, const char *name, struct err *e)
{
	struct buf root = { 0 }, bin = { 0 };
	int rc = dirs_find(&root, &bin, e);

	if (!rc)
		buf_printf(path, "%s/scenarios/%s", buf_str(&root), name);
	buf_release(&root);
	buf_release(&bin);
	return rc;
}

/* A project's file that cannot be read differs from nothing. */
static bool differs_from_project(struct buf *text, const char *name)
{
	struct buf path = { 0 }, theirs = { 0 };
	bool differs =
		!project_path(&path, name, NULL) &&
		!file_read(buf_str(&path), INI_FILE_MAX, &theirs, NULL) &&
		(theirs.len != text->len || memcmp(buf_str(&theirs), buf_str(text), text->len));

	buf_release(&path);
	buf_release(&theirs);
	return differs;
}

int rules_file_read(struct rules_file *f, const char *dir, const char *name, const char *named,
		    struct err *e)
{
	bool is_copy = !named && file_is_in(dir, name);
	int rc = 0;

	*f = (struct rules_file){ .name = name };
	if (named)
		buf_add_str(&f->path, named);
	else if (is_copy)
		buf_printf(&f->path, "%s/%s", dir, name);
	else
		rc = project_path(&f->path, name, e);
	rc = rc ? rc : file_read(buf_str(&f->path), INI_FILE_MAX, &f->text, e);
	f->differs = !rc && is_copy && differs_from_project(&f->text, name);
	return rc;
}

void rules_file_tell(struct rules_file *f)
{
	printf("judged by: %s\n", buf_str(&f->path));
	if (f->differs)
		log_warning("judged by the copy in the session's folder, which differs from "
			    "scenarios/%s; --rules scenarios/%s judges by that (make: RULES=)",
			    f->name, f->name);
}

void rules_file_release(struct rules_file *f)
{
	buf_release(&f->path);
	buf_release(&f->text);
}
