/* Files of a session; see report_files.h. */
#include "harness/report_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/judged.h"
#include "harness/report/latency.h"
#include "harness/report/model.h"
#include "harness/report/render_report.h"
#include "harness/report_pictures.h"
#include "harness/result_check.h"
#include "harness/result_json.h"
#include "harness/timeline_files.h"

#define RESULTS_MAX_BYTES (256 << 20)
#define SERIES_MAX_BYTES  (256 << 20)

static int make_dir(const char *path, struct err *e)
{
	if (mkdir(path, 0777) && errno != EEXIST)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* `latest` is replaced by rename, so that it always points somewhere. */
static int link_latest(const char *out, const char *id, struct err *e)
{
	struct buf link = { 0 }, temp = { 0 };
	int rc = 0;

	buf_printf(&link, "%s/latest", out);
	buf_printf(&temp, "%s/.latest.%d", out, (int)getpid());
	if (symlink(id, buf_str(&temp)) || rename(buf_str(&temp), buf_str(&link)))
		rc = err_set(e, -errno, "%s: %s", buf_str(&link), strerror(errno));
	buf_release(&link);
	buf_release(&temp);
	return rc;
}

int report_open_dir(const char *out, const char *id, struct buf *dir, struct err *e)
{
	int rc = make_dir(out, e);

	buf_reset(dir);
	buf_printf(dir, "%s/%s", out, id);
	/* Never into an older session's folder: two of one second are one too many. */
	if (!rc && mkdir(buf_str(dir), 0777))
		rc = err_set(e, -errno, "%s: %s", buf_str(dir), strerror(errno));
	return rc ? rc : link_latest(out, id, e);
}

int report_save_results(const struct result *r, const char *dir, struct err *e)
{
	struct buf json = { 0 };
	int rc;

	result_write_json(r, &json);
	rc = file_replace(dir, "results.json", &json, e);
	buf_release(&json);
	return rc;
}

int report_load_results(struct result *r, const char *dir, struct err *e)
{
	struct buf path = { 0 }, text = { 0 };
	int rc;

	memset(r, 0, sizeof(*r));
	buf_printf(&path, "%s/results.json", dir);
	rc = file_read(buf_str(&path), RESULTS_MAX_BYTES, &text, e);
	if (!rc && result_read_json(r, text.data, text.len, e))
		rc = err_wrap(e, "%s", buf_str(&path));
	if (!rc && (result_check(r, e) || model_check(r, e)))
		rc = err_wrap(e, "%s", buf_str(&path));
	buf_release(&path);
	buf_release(&text);
	rc = rc ? rc : report_load_series(r, dir, e);
	return rc ? rc : timeline_files_load(r, dir, e);
}

static int load_series(struct result *r, const struct run *run, const char *path, struct err *e)
{
	struct series series = { 0 };
	struct buf text = { 0 };
	int rc;

	if (access(path, F_OK))
		return 0;
	rc = file_read(path, SERIES_MAX_BYTES, &text, e);
	if (!rc && series_parse(&series, text.data, text.len, e))
		rc = err_wrap(e, "%s", path);
	buf_release(&text);
	snprintf(series.run, sizeof(series.run), "%s", run->id);
	if (rc)
		series_release(&series);
	else
		result_add_series(r, &series);
	return rc;
}

int report_load_series(struct result *r, const char *dir, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < r->n_runs; i++) {
		struct buf path = { 0 };

		if (strcmp(r->runs[i].phase, "soak") || result_series(r, &r->runs[i]))
			continue;
		buf_printf(&path, "%s/soak/%s.csv", dir, r->runs[i].id);
		rc = strchr(r->runs[i].id, '/')
			     ? err_set(e, -EINVAL, "run \"%s\": not an id", r->runs[i].id)
			     : load_series(r, &r->runs[i], buf_str(&path), e);
		buf_release(&path);
	}
	return rc;
}

/* hist/<scenario>-<phase>-<extractor>-<implementation>.response.hgrm, in us */
static int save_hist(const char *dir, const struct latency_section *s,
		     const struct latency_cell *cell, enum latency_time t, struct err *e)
{
	struct buf name = { 0 }, text = { 0 };
	int rc;

	buf_printf(&name, "%s-%s-%s-%s.%s.hgrm", s->section->scenario, s->section->phase,
		   event_type_names[s->section->type], cell->implementation, latency_time_names[t]);
	hist_write_hgrm(cell->hist[t], 1e3, &text);
	rc = file_replace(dir, buf_str(&name), &text, e);
	buf_release(&name);
	buf_release(&text);
	return rc;
}

static int save_hists(const struct latency_report *l, const char *dir, struct err *e)
{
	struct buf folder = { 0 };
	int rc;

	buf_printf(&folder, "%s/hist", dir);
	rc = make_dir(buf_str(&folder), e);
	for (size_t i = 0; !rc && i < l->n; i++)
		for (size_t k = 0; k < l->sections[i].n_cells; k++)
			for (int t = 0; !rc && t < LATENCY_TIMES; t++)
				rc = save_hist(buf_str(&folder), &l->sections[i],
					       &l->sections[i].cells[k], (enum latency_time)t, e);
	buf_release(&folder);
	return rc;
}

/* One form of the report, saved and, if wanted, handed out. */
static int write_as(const struct doc_form *form, const char *name, const struct report_parts *parts,
		    const char *dir, struct buf *copy, struct err *e)
{
	struct buf text = { 0 };
	int rc;

	render_report(form, parts, &text);
	rc = file_replace(dir, name, &text, e);
	if (copy)
		buf_add(copy, text.data, text.len);
	buf_release(&text);
	return rc;
}

int report_write_model(const struct model *m, const char *dir, struct buf *md, struct err *e)
{
	static const struct {
		const struct doc_form *form;
		const char *file;
	} forms[] = { { &doc_markdown, "report.md" }, { &doc_html, "report.html" } };
	struct pictures pictures = { 0 };
	struct judged *judged = mem_calloc(1, sizeof(*judged));
	struct report_parts parts = { .model = m, .pictures = &pictures };
	int rc;

	report_pictures_draw(m, dir, &pictures);
	judged_open(judged, m, dir);
	if (judged_any(judged)) {
		parts.judgement = judged_render;
		parts.judgement_ctx = judged;
	}
	rc = judged_write(judged, dir, e);
	if (m->latency && save_hists(m->latency, dir, e))
		rc = rc ? rc : e->code;
	/* what can be written is, whatever else could not be: *e has the first cause */
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		int failed = write_as(forms[i].form, forms[i].file, &parts, dir, i ? NULL : md, e);

		rc = rc ? rc : failed;
	}
	judged_close(judged);
	free(judged);
	pictures_release(&pictures);
	return rc;
}

int report_write(const struct result *r, const char *dir, struct buf *md, struct err *e)
{
	struct model *m;
	int rc = model_check(r, e); /* a session that was gone on with may have outgrown it */

	if (rc)
		return rc;
	m = mem_calloc(1, sizeof(*m));
	model_build(m, r);
	rc = report_write_model(m, dir, md, e);
	model_release(m);
	free(m);
	return rc;
}

void report_print_paths(const char *dir)
{
	printf("report: %s/report.html\n        %s/report.md\n", dir, dir);
}
