/*
 * One feature message: what an extractor publishes and stores.
 *
 * Source: spec/contract.md "Features out".  The struct is filled by feature/
 * (and by the harness' oracle), written as JSON for Redis here and as line
 * protocol by io/line_protocol.
 * Ownership: names are string literals; label values point into the producer's
 * memory and are valid until the producer is called again.
 */
#ifndef WIRE_FEATURE_H
#define WIRE_FEATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/wire/event.h"

enum feature_kind { FEATURE_FLOAT, FEATURE_INT, FEATURE_BOOL };

struct feature_value {
	const char *name;
	double value; /* a FEATURE_INT is a whole number, a FEATURE_BOOL 0 or 1 */
	enum feature_kind kind;
};

struct feature_label {
	const char *name; /* a string member in JSON, a tag in the database */
	struct span value;
};

#define FEATURE_VALUES_MAX 64 /* the longest message, keystroke's, has 50 */
#define FEATURE_LABELS_MAX 2  /* app: from_app, to_app */

struct feature_msg {
	int64_t time_us; /* `timestamp`, wall clock; app: the event's own */
	size_t n_labels, n_values;
	struct feature_label labels[FEATURE_LABELS_MAX];
	struct feature_value values[FEATURE_VALUES_MAX];
};

/* What SECLYZER_TRACE=1 adds. */
struct feature_trace {
	int64_t trigger_ts_us; /* ts of the event that caused the message */
	uint64_t events;       /* own events accepted since start, trigger included */
	int64_t now_us;	       /* wall clock that cut the window */
};

struct feature_tag {
	const char *name, *value;
};

/* Where the features of one type go: channel, measurement, constant tags. */
struct feature_route {
	const char *channel; /* seclyzer:features:<type> */
	const char *measurement;
	const struct feature_tag *tags; /* sorted by name */
	size_t n_tags;
};

#define EVENTS_CHANNEL "seclyzer:events"
extern const struct feature_route feature_routes[EVENT_TYPES];

void feature_msg_reset(struct feature_msg *m);
void feature_add(struct feature_msg *m, const char *name, double value);
void feature_add_int(struct feature_msg *m, const char *name, int64_t value);
void feature_add_bool(struct feature_msg *m, const char *name, bool value);
void feature_add_label(struct feature_msg *m, const char *name, struct span value);

/* Append the members as `"a":1,"b":2`, without braces. */
void feature_write_members(struct buf *out, const struct feature_msg *m);

/* Append the whole message; `trace` may be NULL. */
void feature_write_json(struct buf *out, const struct feature_msg *m, enum event_type type,
			const struct feature_trace *trace);

#endif
