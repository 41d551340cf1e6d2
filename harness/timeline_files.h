/*
 * The timelines of a session in its folder: timeline/<run>.csv.
 *
 * They are raw values like results.json: written once, after their run, replaced as a whole.
 */
#ifndef HARNESS_TIMELINE_FILES_H
#define HARNESS_TIMELINE_FILES_H

#include "extractors/base/err.h"
#include "harness/result.h"

int timeline_files_save(const struct timeline *t, const char *dir, struct err *e) MUST_CHECK;
/* Of every run that has one. */
int timeline_files_load(struct result *r, const char *dir, struct err *e) MUST_CHECK;

#endif
