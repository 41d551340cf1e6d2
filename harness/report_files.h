/*
 * A session's folder: results.json, the report, the plots, and the `latest` link.
 *
 * Files are written beside their place and renamed, so that a kill leaves the
 * old or the new one.  Reports are a function of results.json, the .csv files of timeline/ and
 * soak/, and the rules that judge: decision.ini and checklist.ini (rules_file.h).
 */
#ifndef HARNESS_REPORT_FILES_H
#define HARNESS_REPORT_FILES_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/report/model.h"

/* Make `out/<id>` and point `out/latest` to it.  `dir` gets the path. */
int report_open_dir(const char *out, const char *id, struct buf *dir, struct err *e) MUST_CHECK;
/* The raw values, after every run. */
int report_save_results(const struct result *r, const char *dir, struct err *e) MUST_CHECK;
int report_load_results(struct result *r, const char *dir, struct err *e) MUST_CHECK;
/* The series of soak runs, soak/<run>.csv; those that were never written are not there. */
int report_load_series(struct result *r, const char *dir, struct err *e) MUST_CHECK;
/*
 * report.md, report.html, histograms, and the plots as scripts, .png and .svg.  *md (if not
 * NULL) gets the Markdown as well.
 */
int report_write(const struct result *r, const char *dir, struct buf *md, struct err *e) MUST_CHECK;
/* The same of a model that is built: building one takes longer than the rest. */
int report_write_model(const struct model *m, const char *dir, struct buf *md,
		       struct err *e) MUST_CHECK;
/* Says on stdout where it lies. */
void report_print_paths(const char *dir);

#endif
