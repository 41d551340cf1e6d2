/*
 * Malformed events, each made so that one reason of extractors/README.md applies.
 *
 * Pure.  MALFORMED_MARKER stands in everything that a log could be tempted to quote.
 */
#ifndef HARNESS_MALFORMED_H
#define HARNESS_MALFORMED_H

#include <stdbool.h>

#include "extractors/base/buf.h"
#include "extractors/wire/event.h"

#define MALFORMED_MARKER "Zq7"

/* The i-th for an extractor of that type: its message and the reason; false when there are no more. */
bool malformed(enum event_type type, size_t i, enum event_verdict *reason, struct buf *out);

#endif
