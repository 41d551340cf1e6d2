/*
 * The own events accepted so far, in order of arrival: what oracle_features() reads.
 *
 * Ownership: a zeroed struct is empty; event_log_add() copies the event and its
 * name (every distinct name once), so decoding scratch may be used again.
 */
#ifndef ORACLE_EVENT_LOG_H
#define ORACLE_EVENT_LOG_H

#include <stddef.h>

#include "extractors/wire/event.h"
#include "harness/oracle/names.h"

struct event_log {
	struct event *v;
	size_t n, cap;
	struct names names;
};

void event_log_release(struct event_log *log);
void event_log_add(struct event_log *log, const struct event *ev);

#endif
