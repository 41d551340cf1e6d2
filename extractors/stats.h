/* The `stats ` line of the contract: every counter as one JSON object. */
#ifndef EXTRACTORS_STATS_H
#define EXTRACTORS_STATS_H

#include <stdint.h>

#include "extractors/engine.h"

/* What surrounds the engine; zeros in --replay. */
struct stats_outside {
	uint64_t publish_errors, reconnects;
	uint64_t points_queued, points_written, points_spooled, points_dropped, points_pending;
	uint64_t points_refused; /* part of points_dropped */
	int64_t uptime_ms;
};

/* Write the line to stderr, in one write. */
void stats_print(const struct engine *en, const struct stats_outside *out);

#endif
