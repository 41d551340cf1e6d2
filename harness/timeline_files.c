/* Timelines on disk; see timeline_files.h. */
#include "harness/timeline_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/file.h"

#define FOLDER	       "timeline"
#define FILE_MAX_BYTES (1 << 20) /* TIMELINE_ROWS rows of four numbers are 45 kB */

int timeline_files_save(const struct timeline *t, const char *dir, struct err *e)
{
	struct buf folder = { 0 }, text = { 0 };
	char name[sizeof(t->run) + 8];
	int rc = 0;

	buf_printf(&folder, "%s/" FOLDER, dir);
	snprintf(name, sizeof(name), "%s.csv", t->run);
	timeline_write(t, &text);
	if (mkdir(buf_str(&folder), 0777) && errno != EEXIST)
		rc = err_set(e, -errno, "%s: %s", buf_str(&folder), strerror(errno));
	rc = rc ? rc : file_replace(buf_str(&folder), name, &text, e);
	buf_release(&folder);
	buf_release(&text);
	return rc;
}

static int load(struct result *r, const struct run *run, const char *path, struct err *e)
{
	struct timeline t = { 0 };
	struct buf text = { 0 };
	int rc;

	if (access(path, F_OK))
		return 0; /* most runs have none */
	rc = file_read(path, FILE_MAX_BYTES, &text, e);
	if (!rc && timeline_parse(&t, text.data, text.len, e))
		rc = err_wrap(e, "%s", path);
	buf_release(&text);
	if (rc) {
		timeline_release(&t);
	} else {
		snprintf(t.run, sizeof(t.run), "%s", run->id);
		result_add_timeline(r, &t);
	}
	return rc;
}

int timeline_files_load(struct result *r, const char *dir, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < r->n_runs; i++) {
		struct buf path = { 0 };

		buf_printf(&path, "%s/" FOLDER "/%s.csv", dir, r->runs[i].id);
		rc = strchr(r->runs[i].id, '/')
			     ? err_set(e, -EINVAL, "run \"%s\": not an id", r->runs[i].id)
			     : load(r, &r->runs[i], buf_str(&path), e);
		buf_release(&path);
	}
	return rc;
}
