/*
 * The load generator: sends a plan to Redis and keeps account of it.
 *
 * Open loop (spec/measurement.md rule 1): every event at start + due; a late
 * generator sends what is due as soon as it can, in batches, and the lateness is
 * recorded, never re-planned, never skipped.  Drain: as fast as Redis answers,
 * bounded by max_unanswered and by gen_ctl_allow().  A plan may begin with a drain
 * (a buffer that is filled) and go on in open loop: gen_conf.paced_from.
 *
 * Order.  One connection keeps the order of the plan.  With several, every type
 * of event has one of them, so that what an extractor counts as its own still comes in
 * order (three are used at most); with any_order the batches take turns and
 * nothing is promised.  connections = 0 begins with one; when that lags, the
 * generator stops until nothing is outstanding and goes on with the types
 * spread over one more, so the order of each type holds over the change too.
 *
 * Replies are read lazily in open loop: with the next event when that is due
 * within GEN_LAZY_NS, so that a single event costs one wakeup and not two.  The
 * reply times are then so much too long at most; exact_replies reads each as it comes.
 *
 * Units: ns, CLOCK_MONOTONIC.  Ownership: gen_open()/gen_close(); the plan, the
 * ctl and the strings of the conf must outlive the generator; the result is part of it.
 * Threads: gen_run() works in the calling thread, which the caller has pinned;
 * gen_progress() may be called from others meanwhile, the rest only before or after.
 * Errors: those of the connection, and any error reply of Redis, with its text.
 */
#ifndef LOADGEN_GEN_H
#define LOADGEN_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "harness/loadgen/gen_ctl.h"
#include "harness/loadgen/hist.h"
#include "harness/loadgen/plan.h"
#include "harness/loadgen/rconn.h"

enum gen_mode { GEN_OPEN_LOOP, GEN_DRAIN };

#define GEN_CONNECTIONS_MAX    16
#define GEN_UNANSWERED_DEFAULT 4096
#define GEN_BATCH_DEFAULT      65536
#define GEN_TIMEOUT_DEFAULT_NS 10000000000
#define GEN_LAZY_NS	       5000000
#define GEN_LAG_DEFAULT	       8192 /* some 10 ms of what Redis can do */
#define GEN_AUTO	       0    /* connections: one, more when it lags */
/*
 * From GEN_DENSE_EVENTS in GEN_COALESCE_NS on (80,000/s) events wait for one another that
 * long at most and share a write: the server, not the generator, is then what pays
 * for single ones.
 */
#define GEN_COALESCE_NS	 50000
#define GEN_DENSE_EVENTS 5
#define GEN_LATE_NS	 100000 /* later than this is being behind, and catching up */

/* Zero means the default. */
struct gen_conf {
	const struct plan *plan;
	struct rconn_addr addr;
	struct gen_ctl *ctl; /* or NULL */
	enum gen_mode mode;
	/*
	 * Open loop: events before this one go out as in a drain; it and those after it
	 * at the distances planned from the time given by gen_ctl_pace().
	 */
	size_t paced_from;
	int connections;       /* 1 ... GEN_CONNECTIONS_MAX, GEN_AUTO */
	bool any_order;	       /* give up the order for more than three connections */
	size_t lag_events;     /* unanswered on one connection: it lags; for GEN_AUTO */
	bool exact_replies;    /* open loop: read each as it comes */
	bool realtime;	       /* SCHED_FIFO while it runs, if permitted */
	size_t max_unanswered; /* events; in a drain */
	size_t batch_bytes;    /* of one write, about */
	int64_t timeout_ns;    /* without any reply while Redis owes one */
	/*
	 * Faults planted to prove that the ledger and the tap find them, by event
	 * number in ascending order: planned but not sent; sent with another `ts`.
	 */
	const size_t *drop_at, *alter_at;
	size_t n_drop, n_alter;
};

#define GEN_RECEIVERS_MAX 16

struct gen_result {
	uint64_t planned, sent, replies;
	uint64_t dropped, altered; /* planted faults */
	bool stopped;		   /* by gen_ctl_stop(): sent < planned is no loss then */
	/* What Redis answered to PUBLISH: how many subscribers got it. */
	uint64_t receivers_sum, receivers_min, receivers_max;
	uint64_t by_receivers[GEN_RECEIVERS_MAX + 1]; /* the last: that many or more */
	int64_t start_ns;			      /* the plan's time 0 */
	int64_t first_sent_ns, last_sent_ns, end_ns;  /* end: the last reply */
	int64_t cpu_ns;				      /* of the thread, from start_ns on */
	int64_t spin_ns;   /* of that, on nothing but waiting for a due time */
	int64_t behind_ns; /* while an event was due for more than GEN_LATE_NS and not sent */
	uint64_t writes, bytes, reads;
	uint64_t batches;	/* writes of more than one event */
	uint64_t batched;	/* events in them */
	uint64_t largest_batch; /* events */
	int connections;	/* used, at the end */
	uint64_t sleeps;	/* that ended by time */
	int64_t spin_margin_ns; /* at the end */
	bool realtime;
	uint64_t unspun;	 /* waits not spun, to stay below the real-time throttle */
	const char *no_realtime; /* "unavailable: <why>", or "" */
	struct hist *wake;	 /* how late sleeps ended, whatever was sent after them */
	struct hist *pacing;	 /* open loop: sent - intended, of paced events */
	struct hist *reply;	 /* reply read - sent */
	struct hist *response;	 /* open loop: reply read - intended, of paced events */
	/*
	 * Little's law: time-weighted mean of outstanding events (from an account
	 * of its own) against rate * mean latency; 1 when every reply found its event.
	 */
	double outstanding_mean, littles_law;
	/* By event: when the write that carried its last byte began; 0: not sent. */
	const int64_t *sent_ns;
};

struct gen;
int gen_open(struct gen **out, const struct gen_conf *conf, struct err *e) MUST_CHECK;
void gen_close(struct gen *g);

/*
 * Send the plan; its time 0 is start_ns (past: at once, and late).  0 also when
 * stopped.  The result is valid afterwards, after an error as far as it went.
 */
int gen_run(struct gen *g, int64_t start_ns, struct err *e) MUST_CHECK;
const struct gen_result *gen_result(const struct gen *g);

/* When event i was sent, 0: not yet; also while the generator runs, from any thread. */
int64_t gen_sent_ns(const struct gen *g, size_t i);
void gen_progress(const struct gen *g, uint64_t *sent, uint64_t *replies);

#endif
