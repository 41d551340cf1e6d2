/*
 * The oracle: what a subject must have said, and whether it did.
 *
 * The third implementation of spec/features.md, next to extractors/feature and
 * the Python baseline, written from that page alone and sharing no code with
 * either: one line of code for one line of the page, long double sums, no
 * shortcuts.  It is called once a checked message, not once an event.
 *
 * Units: us since the epoch, s and px in; ms, s, px and shares out, as the page
 * says.  Ownership: events point into the caller's memory and are only read
 * during the call.  Threads: no state outside the structs.  Fails: never;
 * oracle_compare() says how a message is wrong.
 */
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/wire/event.h"
#include "extractors/wire/feature.h"

struct oracle_params {
	int64_t now_us;	   /* the wall clock that cuts the window */
	double window_s;   /* WINDOW_SECONDS */
	size_t max_buffer; /* MAX_BUFFER_SIZE: events kept */
	bool dev_mode;
};

/*
 * Keystroke and mouse: the features of `events`, all own events accepted so far
 * in order of arrival, of which the buffer's bound and the window choose.  False
 * when no features come out.  out->time_us is now_us.
 */
bool oracle_features(enum event_type type, const struct event *events, size_t n,
		     const struct oracle_params *p, struct feature_msg *out);

/*
 * App: a state that takes the accepted events one by one.  oracle_app_event() is
 * true when the event makes a transition message; the message's labels are valid
 * until oracle_app_free().
 */
struct oracle_app;
struct oracle_app *oracle_app_new(bool dev_mode);
void oracle_app_free(struct oracle_app *app);
bool oracle_app_event(struct oracle_app *app, const struct event *ev, struct feature_msg *out);
/* Append the usage patterns as one JSON object. */
void oracle_app_patterns(const struct oracle_app *app, struct buf *json);

/*
 * Whether a published message is the expected one: strict JSON (RFC 8259, no
 * member twice, nothing behind it), every member of `expected` with its value
 * (numbers within 1e-9 relative or absolute, an integer equals the float of its
 * value, a bool only a bool), `type`, a `timestamp` in ISO 8601 UTC, and nothing
 * else but `trace`.  check_timestamp also wants the timestamp that the contract
 * writes for expected->time_us, to the letter (app: the event's own time).
 * Returns 0, or -EBADMSG with the first difference: member, got, expected.
 */
int oracle_compare(const char *json, size_t len, const struct feature_msg *expected,
		   enum event_type type, bool check_timestamp, struct err *why) MUST_CHECK;

/* Whether two numbers count as equal here. */
bool oracle_equal(double a, double b);

/* The message's `trace`; false when there is none, or it is not three whole numbers >= 0. */
bool oracle_read_trace(const char *json, size_t len, struct feature_trace *out);

/* The member of that name, or NULL. */
const struct feature_value *oracle_value(const struct feature_msg *m, const char *name);

#endif
