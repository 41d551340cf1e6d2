/*
 * A subject: one implementation of one extractor, as a command line.
 *
 * Source: scenarios/subjects/NAME.ini, described in its README.md.  The harness
 * knows a subject by this alone, so anybody's program can be one.
 * Ownership: subject_load() fills, subject_release() frees.
 */
#ifndef HARNESS_SUBJECT_H
#define HARNESS_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/wire/event.h"
#include "harness/strv.h"

#define SUBJECT_ANY EVENT_TYPES /* `extractor = any`: stands in for each of them */

enum subject_readiness {
	READY_NOTIFY, /* READY=1 by sd_notify */
	READY_NUMSUB, /* Redis counts it among the channel's subscribers */
	READY_AUTO,   /* whichever comes first */
};

enum subject_answer { SUBJECT_NO, SUBJECT_YES, SUBJECT_AUTO };

struct subject {
	char *path;	      /* of the file */
	char *name;	      /* of the file without .ini, unless it says another */
	char *implementation; /* label in comparisons: "c", "python", "null", … */
	char *description;    /* or NULL */
	char *command;	      /* as written; argv is what it means */
	int extractor;	      /* enum event_type or SUBJECT_ANY */
	int readiness;	      /* enum subject_readiness */
	int has_counters;     /* enum subject_answer; auto: yes when it handles SIGUSR1 */
	bool has_trace;	      /* SECLYZER_TRACE=1 works */
	bool influx;	      /* writes points */
	double ready_timeout_s;
	struct strv argv;
	struct strv env; /* section [environment], NAME=value */
};

/* What `${root}` and `${bin}` in commands and environments stand for. */
struct subject_dirs {
	const char *root; /* of the repository */
	const char *bin;  /* where the release programs are */
};

int subject_load(struct subject *s, const char *path, const struct subject_dirs *dirs,
		 struct err *e) MUST_CHECK;
void subject_release(struct subject *s);

/* Every *.ini of a directory, sorted by name. */
struct subjects {
	struct subject *v;
	size_t n;
};
int subjects_load(struct subjects *all, const char *dir, const struct subject_dirs *dirs,
		  struct err *e) MUST_CHECK;
void subjects_release(struct subjects *all);
/*
 * The subject of that implementation for that extractor (one for `any` serves
 * each).  NULL with what there is in *e.
 */
const struct subject *subjects_find(const struct subjects *all, const char *implementation,
				    enum event_type extractor, struct err *e) MUST_CHECK;

/* The table of keys, for scenarios/subjects/README.md. */
void subject_markdown(struct buf *out);

#endif
