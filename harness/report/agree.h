/*
 * Do two sessions agree?  The same cells of two reports, interval against interval.
 *
 * Two figures agree when their intervals overlap.  For two sessions that measured
 * the same thing that is so in more than 95 % of the cells when the intervals are
 * honest; what differs by more than the intervals admit is listed.  Pure.
 */
#ifndef REPORT_AGREE_H
#define REPORT_AGREE_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

struct agreement {
	size_t values, values_agree; /* cells: a metric of an implementation */
	size_t ratios, ratios_agree; /* a metric of a comparison */
	size_t skipped;		     /* in one session only, or without an interval */
};

/* What was counted; the cells that do not agree are written to `out`, a line each. */
void agree_compare(const struct model *a, const struct model *b, struct agreement *sum,
		   struct buf *out);

/* The share of both kinds that agrees; NaN when nothing could be compared. */
double agree_frac(const struct agreement *sum);

#endif
