/*
 * Whether the parts of a results.json agree with each other, before anything is judged
 * from it.  A session never writes one that does not; an edited or damaged file does, and
 * would pass as something better than it is: a wrong run that is called ok, another
 * program's run in a pair, a pair or an item that is there twice.
 *
 * Pure.  What it cannot see is a lie that agrees with itself; a signature is for that.
 */
#ifndef HARNESS_RESULT_CHECK_H
#define HARNESS_RESULT_CHECK_H

#include "extractors/base/err.h"
#include "harness/result.h"

/* -EINVAL with the first thing that does not agree. */
int result_check(const struct result *r, struct err *e) MUST_CHECK;

#endif
