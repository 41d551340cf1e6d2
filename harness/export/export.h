/*
 * A session in the formats of other tools, as files in memory.
 *
 * A format takes its own from the list of figures (values.h) and counts what it cannot
 * hold; what is not there is left out.  Runs that do not count give nothing, but in JUnit
 * XML, which says so.  Bytes follow from the models alone.
 * What is said against the whole session stands in each format that has room for it.
 * Pure.  Ownership: export_write() fills *out, export_release() frees it, after a failure too.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include "extractors/base/err.h"
#include "harness/export/values.h"

/* One file: its path within the folder of exports, made of [A-Za-z0-9._+=-] and '/'. */
struct export_file {
	struct buf path, text;
};

struct export
{
	size_t n;
	struct export_file **files;
	size_t exported; /* figures; of JUnit, test cases */
	size_t unfit;	 /* there, but not for this format */
	size_t unavailable, bounds;
	size_t by_status[RUN_STATUSES]; /* all runs of the sessions */
	const char *refused;		/* why the format takes no such session, or NULL */
};

/* One session, as the formats see it. */
struct export_session {
	const struct model *model;
	const struct result *result;
	struct export_values values;
	char commit[80]; /* what was measured: ends in -dirty where sources were changed */
};

struct export_format {
	const char *name, *help;
	const char *file; /* NULL: several files, or named after the session */
	bool many;	  /* takes several sessions */
	void (*write)(const struct export_format *f, const struct export_session *s, size_t n,
		      struct export *out);
};
extern const struct export_format export_formats[];
extern const size_t export_formats_n;

/* NULL: no such. */
const struct export_format *export_find(const char *name);
/* -ENODATA: the sessions have nothing for the format; *out then says how much was left out. */
int export_write(const struct export_format *f, const struct model *const *models, size_t n,
		 struct export *out, struct err *e) MUST_CHECK;
void export_release(struct export *out);

/* What is said against a session as a whole: its figures are not for decisions then. */
enum export_objection { EXPORT_UNFIT, EXPORT_INCOMPLETE, EXPORT_OBJECTIONS };
extern const char *const export_objection_names[EXPORT_OBJECTIONS]; /* "unfit", "incomplete" */
/* The reason; NULL: it is not. */
const char *export_objection(const struct result *r, enum export_objection which);
/* Appends "unfit: ...; incomplete: ...", or nothing. */
void export_objections(const struct result *r, struct buf *out);

#endif
