/*
 * One visit of scenario `integration`: the subject is started, sent a few hundred
 * events one at a time, watched from outside, and stopped.
 *
 * Beside the tap an independent connection (hiredis, PSUBSCRIBE *) hears every
 * channel.  The steps are the scenario's (integration.c); what was seen goes into a
 * struct visit_seen.
 * Ownership: visit_open()/visit_close(), the latter also after a failed open; session,
 * subject and *seen must outlive it.  Threads: the session's.
 * Errors: -EINTR stopped by a signal; others mean that the visit could not go on,
 * for a reason that is the subject's or a server's.
 */
#ifndef HARNESS_VISIT_H
#define HARNESS_VISIT_H

#include "harness/evidence.h"
#include "harness/live.h"

struct visit_conf {
	enum visit_id id;
	double interval_s;	/* UPDATE_INTERVAL */
	bool traced;		/* SECLYZER_TRACE=1 */
	bool database;		/* INFLUX_URL of the session's database */
	const struct strv *env; /* more, wins over the rest; or NULL */
	const char *cwd;
};

struct visit {
	struct live live; /* its environment, tap, process and database; no generator */
	struct session *session;
	struct visit_seen *seen;
	struct redis_query *ear;
	struct plan *plan;
	size_t next;	       /* the plan's next event to send */
	int64_t *sent_wall_us; /* of own events, by their number; seen->sent_wall_us is this */
	int64_t *ids;	       /* connections that were there before the subject */
	size_t n_ids;
};

int visit_open(struct visit *v, struct session *s, const struct subject *subject,
	       const struct visit_conf *conf, struct visit_seen *seen, struct run *run,
	       struct err *e) MUST_CHECK;

/* Send events of the plan until so many more own ones are out; those of other types go along. */
int visit_send(struct visit *v, size_t own, struct err *e) MUST_CHECK;
/* Send a message that is no event. */
int visit_send_bad(struct visit *v, enum event_verdict reason, const char *text,
		   struct err *e) MUST_CHECK;

/* Look and listen until cond holds (1), the deadline passes (0), or an error. */
int visit_await(struct visit *v, bool (*cond)(struct visit *v, void *ctx), void *ctx,
		int64_t deadline_ns, struct err *e) MUST_CHECK;
/* Listen for a while. */
int visit_pause(struct visit *v, double s, struct err *e) MUST_CHECK;
/* Messages heard on the extractor's channel so far. */
size_t visit_heard(const struct visit *v);
/* Lines of its log so far, those of counters left out. */
int64_t visit_log_lines(const struct visit *v);

/*
 * CLIENT KILL for every connection that came with the subject.  On a private Redis
 * only: on another it might be a stranger's; that is -EPERM, and nothing is cut.
 */
int visit_cut(struct visit *v, struct err *e) MUST_CHECK;
/* Points of its measurement in its database. */
int visit_points(struct visit *v, int64_t *n, struct err *e) MUST_CHECK;

/*
 * Ask for the counters, then end it by the signal, and take down everything that
 * can be seen of it, the database's rows included.
 */
int visit_end(struct visit *v, int signo, struct err *e) MUST_CHECK;
void visit_close(struct visit *v);

#endif
