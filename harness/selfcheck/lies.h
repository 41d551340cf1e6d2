/*
 * How a subject can lie, or be late: what the proxy does to each message.
 *
 * Events on their way in are numbered from 1 as they come; feature messages on
 * their way out likewise.  What is done is decided by these numbers alone, so a
 * lie is the same in every run.
 * Pure.  Ownership: the structs are the caller's.
 */
#ifndef SELFCHECK_LIES_H
#define SELFCHECK_LIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/opt.h"
#include "extractors/wire/event.h"

struct lies {
	int64_t drop_every, drop_at; /* events that do not arrive; 0: none */
	int64_t stop_after;	     /* nothing is read behind event N; 0: always */
	int64_t pause_at;	     /* stands still at event N, before it is passed on */
	double pause_s;		     /* for so long */
	char *alter;		     /* member of a feature message, LIES_ANY, or NULL */
	double delay_s;		     /* of every feature message */
	bool deny;		     /* counters say that what was dropped had come */
	bool claim_ready;	     /* READY=1 before the subscription */
	double hold_s;		     /* which is held back for so long */
	bool version, help;
};

#define LIES_ANY "any"
/* By how much a member is altered: times its size, or 1 when it is smaller. */
#define LIES_ERROR 1e-6

extern const struct opt lies_opts[];
extern const size_t lies_n_opts;

struct lies_count {
	uint64_t events, dropped, features, altered;
};

enum lies_fate { LIES_PASS, LIES_DROP, LIES_STOP, LIES_PAUSE /* then pass */ };

/* What becomes of the next event. */
enum lies_fate lies_event(const struct lies *l, struct lies_count *c);
/*
 * Append the feature message, altered if that is the lie.  LIES_ANY takes the
 * numeric members in turn, one a message; what has no such member stays as it is.
 */
void lies_feature(const struct lies *l, struct lies_count *c, struct span json, struct buf *out);
/* Append the line; of `stats {…}` with `deny` the counts of events as if none was dropped. */
void lies_words(const struct lies *l, const struct lies_count *c, struct span line,
		struct buf *out);

#endif
