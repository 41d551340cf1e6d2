/*
 * Are the points in the database the feature messages that were published?
 *
 * Every message must have a point of its time (and, for app, of its two tags)
 * with the same numbers in its fields; booleans are 1.0 and 0.0 there.
 * Pure.
 */
#ifndef HARNESS_POINTS_H
#define HARNESS_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/check.h"
#include "harness/influx_rows.h"

/* How many messages have no such point; `first` says what is wrong with the first of them. */
int64_t points_compare(const struct check_message *messages, size_t n,
		       const struct influx_rows *rows, char *first, size_t size);
/*
 * One message: does it have its point?  If not, `wrong` says what is, and *missing
 * whether there is none of its time and tags at all (it may still come).
 */
bool points_find(const struct check_message *m, const struct influx_rows *rows, bool *missing,
		 char *wrong, size_t size);
/* The time that the message states; false when there is none. */
bool points_time(const struct check_message *m, int64_t *ns);

#endif
