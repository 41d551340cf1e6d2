/*
 * The table of formats, and what they share; see export.h.
 *
 * To add one: a file with its function, a line in export_form.h, a row here, a schema or
 * a reader in tests/export/.
 */
#include "harness/export/export.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/export/export_form.h"

const struct export_format export_formats[] = {
	{ "bencher", "Bencher Metric Format, for `bencher run --adapter json`", "bencher.json",
	  false, export_bencher },
	{ "github-smaller", "github-action-benchmark, tool customSmallerIsBetter",
	  "github-smaller.json", false, export_github_smaller },
	{ "github-bigger", "github-action-benchmark, tool customBiggerIsBetter",
	  "github-bigger.json", false, export_github_bigger },
	{ "hyperfine", "hyperfine's JSON, for its scripts: exec to ready of every run, in seconds",
	  "hyperfine.json", false, export_hyperfine },
	{ "pyperf", "pyperf's JSON, for `pyperf compare_to`: every run", "pyperf.json", false,
	  export_pyperf },
	{ "google-benchmark", "google/benchmark's JSON, for its compare.py: times of every run",
	  "google-benchmark.json", false, export_google },
	{ "go", "Go benchmark text, for benchstat: every run", "benchmark.txt", false, export_go },
	{ "asv", "results of airspeed velocity: a folder for its results_dir", NULL, false,
	  export_asv },
	{ "openmetrics", "OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`",
	  "openmetrics.txt", false, export_openmetrics },
	{ "junit", "JUnit XML, for CI servers: runs, figures, verdicts and items as test cases",
	  "junit.xml", false, export_junit },
	{ "hgrm", "latency by percentile, for HdrHistogram's plotter: a file a histogram", NULL,
	  false, export_hgrm },
	{ "hlog", "latency as an HdrHistogram log: a tagged line a histogram", "latency.hlog",
	  false, export_hlog },
	{ "otava", "CSV for Apache Otava, a row a session, and the configuration that reads it",
	  NULL, true, export_otava },
	{ "line-protocol", "points for InfluxDB and Grafana (--push sends them)",
	  "line-protocol.txt", false, export_line_protocol },
};
const size_t export_formats_n = ARRAY_SIZE(export_formats);

const struct export_format *export_find(const char *name)
{
	for (size_t i = 0; i < export_formats_n; i++)
		if (!strcmp(export_formats[i].name, name))
			return &export_formats[i];
	return NULL;
}

/* Each has a place of its own, so that a further one moves none. */
struct buf *export_file(struct export *out, const char *path_fmt, ...)
{
	struct export_file *file = mem_calloc(1, sizeof(*file));
	char path[512];
	va_list ap;

	va_start(ap, path_fmt);
	vsnprintf(path, sizeof(path), path_fmt, ap);
	va_end(ap);
	buf_add_str(&file->path, path);
	out->files = mem_realloc(out->files, out->n + 1, sizeof(struct export_file *));
	out->files[out->n++] = file;
	return &file->text;
}

bool export_take(struct export *out, const struct export_value *v, bool fits)
{
	if (v->why)
		return false;
	out->exported += fits;
	out->unfit += !fits;
	return fits;
}

const char *export_fact(const struct export_session *s, const char *key)
{
	const char *value = result_fact(s->result, key);

	return value && value[0] ? value : "unavailable";
}

const char *const export_objection_names[] = {
	[EXPORT_UNFIT] = "unfit",
	[EXPORT_INCOMPLETE] = "incomplete",
};

const char *export_objection(const struct result *r, enum export_objection which)
{
	if (which == EXPORT_UNFIT)
		return result_fact(r, RESULT_FACT_UNFIT);
	if (r->complete)
		return NULL;
	return r->stopped_by[0] ? r->stopped_by : "not every planned run was made";
}

void export_objections(const struct result *r, struct buf *out)
{
	const char *sep = "";

	for (int i = 0; i < EXPORT_OBJECTIONS; i++) {
		const char *why = export_objection(r, (enum export_objection)i);

		if (!why)
			continue;
		buf_printf(out, "%s%s: %s", sep, export_objection_names[i], why);
		sep = "; ";
	}
}

#define COMMIT_MAX 64 /* hex digits of SHA-256 */

static size_t hex_digits(const char *text)
{
	return strspn(text, "0123456789abcdef");
}

/*
 * The build's commit is what was measured, not what is checked out; that one is the same in
 * full, where it begins alike.  The Python side runs from the tree itself.
 */
static void fill_commit(struct export_session *s)
{
	const char *built = export_fact(s, "build.commit"), *head = export_fact(s, "git.commit");
	size_t n = hex_digits(built), n_head = hex_digits(head);
	bool dirty_build = !strcmp(built + n, "-dirty");
	bool dirty = dirty_build || !strncmp(export_fact(s, "git.state"), "dirty", 5);
	bool in_full = n_head <= COMMIT_MAX && !head[n_head] && !strncmp(head, built, n);

	if (n < 8 || n > COMMIT_MAX || (built[n] && !dirty_build))
		snprintf(s->commit, sizeof(s->commit), "unavailable");
	else
		snprintf(s->commit, sizeof(s->commit), "%.*s%s", (int)(in_full ? n_head : n),
			 in_full ? head : built, dirty ? "-dirty" : "");
}

void export_samples(struct buf *out, const struct export_value *v, double per)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < v->n_samples; i++) {
		if (i)
			buf_add_char(out, ',');
		text_number(out, v->samples[i] / per);
	}
	buf_add_char(out, ']');
}

static void count_left_out(struct export *out, const struct export_session *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out->unavailable += s[i].values.unavailable;
		out->bounds += s[i].values.bounds;
		for (int k = 0; k < RUN_STATUSES; k++)
			out->by_status[k] += s[i].model->by_status[k];
	}
}

int export_write(const struct export_format *f, const struct model *const *models, size_t n,
		 struct export *out, struct err *e)
{
	struct export_session *s = mem_calloc(n, sizeof(*s));

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		s[i].model = models[i];
		s[i].result = models[i]->result;
		values_build(&s[i].values, models[i]);
		fill_commit(&s[i]);
	}
	f->write(f, s, n, out);
	count_left_out(out, s, n);
	for (size_t i = 0; i < n; i++)
		values_release(&s[i].values);
	free(s);
	if (out->refused)
		return err_set(e, -ENODATA, "%s: %s", f->name, out->refused);
	if (!out->exported)
		return err_set(
			e, -ENODATA,
			"%s: nothing in the session for this format (%zu figures do not fit, "
			"%zu are unavailable, %zu are only bounds)",
			f->name, out->unfit, out->unavailable, out->bounds);
	return 0;
}

void export_release(struct export *out)
{
	for (size_t i = 0; i < out->n; i++) {
		buf_release(&out->files[i]->path);
		buf_release(&out->files[i]->text);
		free(out->files[i]);
	}
	free(out->files);
	memset(out, 0, sizeof(*out));
}
