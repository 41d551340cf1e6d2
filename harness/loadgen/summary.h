/*
 * What a run of the generator comes to, as text for people and as JSON.
 *
 * Pure: appends to a buffer.  Percentiles whose tail has fewer than ten samples
 * are `unavailable`, with the reason (spec/measurement.md, rules 7 and 9).
 */
#ifndef LOADGEN_SUMMARY_H
#define LOADGEN_SUMMARY_H

#include <stdbool.h>

#include "extractors/base/buf.h"
#include "harness/loadgen/gen.h"
#include "harness/loadgen/plan.h"
#include "harness/loadgen/tap.h"

struct summary {
	const struct plan *plan;
	const struct gen_conf *conf;
	const struct gen_result *result;
	const struct tap_counts *tap; /* NULL: deliveries were not verified */
	size_t first_missing;	      /* of the tap; MATCH_NONE */
	uint64_t seed;
};

/* The first line of the ledger that does not close, in words; NULL: it closes. */
const char *summary_open_line(const struct summary *s);

void summary_text(const struct summary *s, struct buf *out);
void summary_json(const struct summary *s, struct buf *out);

#endif
