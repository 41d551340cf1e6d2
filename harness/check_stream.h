/*
 * The feature messages of a subject that runs for hours, against the oracle.
 *
 * As check.h, but the own events come in instalments (the segments of a soak) and
 * messages as they arrive: a window reaches over the border into the segment
 * before, and trace.events counts from the subject's start.  What no window can
 * reach any more is forgotten, so the memory is that of a window and an instalment.
 * Pure.  Ownership: check_stream_new()/check_stream_free(); events are copied, their
 * names must outlive the stream.
 */
#ifndef HARNESS_CHECK_STREAM_H
#define HARNESS_CHECK_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/check.h"

struct check_stream_conf {
	enum event_type type;
	double window_s;
	size_t max_buffer;
	bool traced;
};

struct check_stream;
struct check_stream *check_stream_new(const struct check_stream_conf *conf);
void check_stream_free(struct check_stream *c);

/* The own events of the next segment, and when each was sent. */
void check_stream_events(struct check_stream *c, const struct event *own,
			 const int64_t *sent_wall_us, size_t n);
/*
 * The next message, in order of arrival.  False: it may stand on events that are
 * not told yet; ask again when they are, or end with `last`, which takes it as it is.
 */
bool check_stream_message(struct check_stream *c, const struct check_message *m, bool last);

/* Until now.  The note names message and segment. */
const struct oracle_summary *check_stream_summary(const struct check_stream *c);
/* Messages that the events until now must bring out; -1 where that hangs on the clock. */
int64_t check_stream_expected(const struct check_stream *c);

#endif
