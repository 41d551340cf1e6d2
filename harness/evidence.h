/*
 * What was seen of one subject in the visits of scenario `integration`.
 *
 * A visit is one start-to-stop of the subject in a given environment, or, for the
 * commands, a set of short starts.  visit.c fills this, items.c judges it: the
 * judging is pure, so that every item can be shown a lie in a unit test.
 * Ownership: zeroed is empty; evidence_release() frees what it points to (the names
 * of events are literals of the load's model).
 */
#ifndef HARNESS_EVIDENCE_H
#define HARNESS_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/wire/event.h"
#include "harness/check.h"
#include "harness/counters.h"
#include "harness/influx_rows.h"

enum visit_id {
	VISIT_TRACED, /* SECLYZER_TRACE=1, an attempt at every event, a database that is written late */
	VISIT_PLAIN,	/* no trace, no database; malformed events; its connections are cut */
	VISIT_AWAY,	/* the database does not answer; a spool directory */
	VISIT_BACK,	/* the same spool directory, and the database is there */
	VISIT_COMMANDS, /* wrong configurations, --help and the like */
	VISITS
};
extern const char *const visit_names[VISITS];

/* Kept of what a subject publishes in a visit; what is more is counted. */
#define EVIDENCE_MESSAGES_MAX 4096

struct heard {
	char *channel;
	struct check_message msg; /* msg.json is a copy */
};

/* A feature message that was waited for: the own events it stands on, and which one it is. */
struct mark {
	bool tried;
	bool came;
	size_t n_own;	/* own events that were sent before it */
	size_t message; /* index among those on the own channel */
};

enum mark_id {
	MARK_FIRST, /* after the first events */
	MARK_BAD,   /* after malformed ones */
	MARK_CUT,   /* after its connections were cut */
	MARKS
};

struct visit_seen {
	bool made;     /* the subject was started, and what was planned could be done */
	char why[200]; /* not made: why */
	char run[48];  /* id of its run */

	/* life cycle; monotonic ns, 0: did not happen */
	bool said_ready, subscribed_at_ready;
	int64_t ready_ns, stopping_ns, asked_to_stop_ns, exited_ns;
	bool killed; /* it did not end when asked */
	int status;  /* wait status */
	int64_t n_watchdog;

	/* what was sent and came back */
	const struct event *own; /* in the order of sending */
	const int64_t *sent_wall_us;
	size_t n_own;
	int64_t sent, sent_other, sent_bad; /* messages: all; of other types; malformed */
	int64_t bad_by_reason[EVENT_VERDICTS];
	struct heard *heard; /* by the independent subscription, on every channel but the events' */
	size_t n_heard, n_unkept;
	struct check_message
		*tapped; /* by the tap, own channel; points into the tap's memory copy */
	size_t n_tapped;
	struct mark marks[MARKS];

	/* counters */
	bool has_asked, has_final; /* by SIGUSR1 just before the end; the last ones printed */
	struct counters asked, final;

	/* its words */
	char *log;				   /* stderr, then stdout */
	int64_t log_unkept_bytes;		   /* written, but not in it: more than is kept */
	char *title;				   /* /proc/PID/cmdline, blanks for NULs */
	int64_t lines_before_cut, lines_after_cut; /* of the log without `stats ` */
	int64_t lines_for_bad;			   /* said while malformed events came */
	bool resubscribed;
	char uncut_why
		[120]; /* its connections were not cut: why; "": they were, if it was planned */

	/* the database */
	bool has_rows;
	char rows_why[160];	 /* why not */
	struct influx_rows rows; /* of the route's measurement */
	char *measurements;	 /* all, one a line; NULL: cannot be told */
	int64_t rows_before_end; /* points found before it was asked to stop; -1: not asked */
};

/* One short start with arguments or a configuration of its own. */
struct command_seen {
	const char *name,
		*expects;    /* what was tried; the text that its output must hold, or NULL */
	const char *names;   /* variable that the one line on stderr must name, or NULL */
	int expected_status; /* exit code */
	bool ended;
	int status; /* wait status */
	int64_t stderr_lines;
	char *out, *err;
};

#define EVIDENCE_COMMANDS_MAX 16

struct evidence {
	enum event_type type;
	const char *subject;
	bool has_trace, has_counters, notifies, influx; /* what its file claims */
	bool database;					/* the scenario has one */
	double window_s, interval_s;			/* interval_s: of VISIT_PLAIN */
	const char *secret; /* the token in its configuration; never to be printed; "": none */
	const char *marker; /* in malformed events */
	struct visit_seen visits[VISITS];
	size_t n_commands;
	struct command_seen commands[EVIDENCE_COMMANDS_MAX];
};

void evidence_release(struct evidence *x);
void evidence_hear(struct visit_seen *v, const char *channel, const char *json, size_t len,
		   int64_t received_wall_us);
/* What was heard on one channel, as an array for free(). */
struct check_message *evidence_on(const struct visit_seen *v, const char *channel, size_t *n);

#endif
