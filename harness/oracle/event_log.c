/* A growing array and interned names; see event_log.h. */
#include "harness/oracle/event_log.h"

#include <stdlib.h>

#include "extractors/base/mem.h"

void event_log_release(struct event_log *log)
{
	free(log->v);
	names_release(&log->names);
	*log = (struct event_log){ 0 };
}

void event_log_add(struct event_log *log, const struct event *ev)
{
	struct event copy = *ev;

	if (log->n == log->cap) {
		log->cap = log->cap ? 2 * log->cap : 256;
		log->v = mem_realloc(log->v, log->cap, sizeof(*log->v));
	}
	if (ev->has_name) {
		size_t id = names_id(&log->names, ev->name.p, ev->name.len);

		copy.name = log->names.list[id];
	}
	log->v[log->n++] = copy;
}
