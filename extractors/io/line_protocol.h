/*
 * One point as a line of InfluxDB line protocol.
 *
 * Source: spec/contract.md "Features out" (escapes, sorting, float fields), which
 * follows influxdb-client-python 1.x where InfluxDB's own page is silent (a
 * trailing backslash).  Measurement and field names are literals of ours that need no escape.
 * Ownership: appends to the caller's buffer.  No state, never fails.
 */
#ifndef IO_LINE_PROTOCOL_H
#define IO_LINE_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/wire/feature.h"

/*
 * Append `measurement,tags fields time\n`; tags are the route's and the
 * message's labels.  False, and nothing appended, when no field is finite: a
 * point without a field is not a point.
 */
bool line_protocol_write(struct buf *out, const struct feature_msg *m,
			 const struct feature_route *route, int64_t time_ns);

#endif
