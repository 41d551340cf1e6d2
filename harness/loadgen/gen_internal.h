/* Inside of the generator, for gen.c (when) and gen_io.c (what goes out and comes in). */
#ifndef LOADGEN_GEN_INTERNAL_H
#define LOADGEN_GEN_INTERNAL_H

#include <stdatomic.h>

#include "harness/loadgen/gen.h"
#include "harness/loadgen/pacer.h"

/* route[]: the connection's number, or one of these */
#define ROUTE_NONE  0xff
#define ROUTE_DROP  0xfe
#define ROUTE_ALTER 0xfd

#define READ_BYTES    65536
#define MESSAGE_SLACK (PLAN_PREFIX_LEN + PLAN_BULK_MAX) /* the longest command */

struct staged {
	uint32_t event;
	uint32_t end; /* of its command in `out` */
};

struct link {
	int fd;
	uint8_t number;
	bool readable; /* poll said so, or hung up */
	bool full;     /* the socket took no more; until poll says it does */
	uint64_t unanswered;
	/* staged commands, and how far they are written */
	char *out;
	size_t out_len, out_at;
	struct staged *staged;
	size_t n_staged, n_written;
	size_t answering; /* events before this one are answered */
	char in[READ_BYTES];
	size_t in_len;
};

struct gen {
	struct gen_conf conf;
	struct gen_result res;
	struct pacer pacer;
	size_t next; /* event to be staged */
	uint8_t *route;
	int64_t *sent_ns;
	int n_open, n_links; /* connections, and those in use */
	int turn;
	int rank[EVENT_TYPES];
	bool spreading; /* nothing is staged until all is answered; then one connection more */
	struct link *links;
	size_t held_for; /* event next when held_until was worked out */
	int64_t held_until_ns;
	/* Little's law: the area under the number of outstanding events */
	uint64_t outstanding;
	double area_ns;
	int64_t area_at_ns;
	int64_t owed_since_ns; /* the last reply, or the first event after all were answered */
	int64_t read_ns;       /* when replies were last looked for */
	int idle_rc;
	struct err *err;
	_Atomic uint64_t seen_sent, seen_replies;
};

/* Stage what is below `limit` and finds room, then write as far as the sockets take it. */
int gen_send(struct gen *g, size_t limit, bool *moved) MUST_CHECK;
/* Read and account for the replies of every connection that has or may have some. */
int gen_read(struct gen *g, bool *moved) MUST_CHECK;

/* Does the connection of the next event take it?  If not, poll says when it does. */
bool gen_has_room(struct gen *g);

/* In a drain: events that may be staged; what is staged and not yet sent counts as unanswered. */
static inline size_t gen_allowed(const struct gen *g)
{
	uint64_t taken = g->next - g->res.dropped - g->res.replies;

	return taken < g->conf.max_unanswered ? g->conf.max_unanswered - (size_t)taken : 0;
}

/* Does the i-th event have a time of its own? */
static inline bool gen_is_paced(const struct gen *g, size_t i)
{
	return g->conf.mode == GEN_OPEN_LOOP && i >= g->conf.paced_from;
}

/* Of a paced event: when it is due. */
static inline int64_t gen_intended_ns(const struct gen *g, size_t i)
{
	const struct plan_entry *entries = g->conf.plan->entries;
	size_t from = g->conf.paced_from;

	if (!from)
		return g->res.start_ns + entries[i].due_ns;
	return atomic_load(&g->conf.ctl->pace_from_ns) + entries[i].due_ns - entries[from].due_ns;
}

static inline bool gen_is_written(const struct link *l)
{
	return l->out_at == l->out_len;
}

#endif
