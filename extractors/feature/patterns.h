/*
 * How somebody uses their apps: counts by app, by hour and by transition.
 *
 * Source: spec/features.md "App", and extractors/README.md "Saved patterns" for
 * what is kept when there is no room and for the saved document.
 * Memory: at most `max` apps and `max` different transitions, whatever names
 * come; the least recently counted row goes first, and is counted in `evicted`.
 * Ownership: the caller's struct, patterns_init() / patterns_release().
 */
#ifndef FEATURE_PATTERNS_H
#define FEATURE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/feature/ilist.h"
#include "extractors/feature/intern.h"

#define HOURS		   24
#define PATTERNS_COUNT_MAX 9007199254740992 /* 2^53: what JSON readers keep whole */

enum { APP_HAS_ARROW = 1 }; /* flag of a name that holds "->" */

/* By the number of its name; a name known from a transition alone is not `kept`. */
struct app_row {
	bool kept;
	uint64_t first;	       /* order in which rows were made */
	uint64_t last;	       /* number of the event that counted last */
	uint64_t left;	       /* times left */
	double seconds;	       /* it was current until left, in all */
	uint64_t hours[HOURS]; /* events by hour of the day, UTC */
	struct ilist out;      /* transitions from it */
};

struct transition_row {
	uint32_t from, to; /* numbers of names */
	uint32_t chain;	   /* next of the same hash, or next free one */
	uint64_t first, last, count;
};

struct patterns {
	size_t max;
	uint64_t events, transitions, rows_made, evicted;
	struct intern names; /* referred to by kept apps, and by transitions to them */

	struct app_row *apps;
	struct ilink *app_age; /* links of app_ages */
	struct ilist app_ages; /* kept ones, least recently counted first */
	size_t apps_cap, n_apps;

	struct transition_row *trans;
	struct ilink *trans_age, *trans_out; /* links of trans_ages and of the apps' out */
	struct ilist trans_ages;
	uint32_t *heads; /* trans_cap of them, a power of two */
	uint32_t trans_cap, trans_made, first_free;
	size_t n_trans;
	uint64_t key;
};

void patterns_init(struct patterns *p, size_t max);
void patterns_release(struct patterns *p);

/*
 * Count one event of app `to`.  When it ended the time of another app: that app
 * and for how long it was current, else from is NULL.  `from` was the last app counted.
 */
void patterns_count(struct patterns *p, const struct span *from, double seconds, struct span to,
		    int utc_hour);

/* The number of a kept app, or INTERN_NONE. */
uint32_t patterns_find_app(const struct patterns *p, struct span name);

/* Rows as they were saved, in ascending order of row->last; false: it is there already. */
bool patterns_restore_app(struct patterns *p, struct span name, const struct app_row *row);
bool patterns_restore_transition(struct patterns *p, uint32_t from, struct span to,
				 const struct transition_row *row);

/* The object of features.md; with_counts: and the member to load it from. */
void patterns_write_json(const struct patterns *p, bool dev_mode, bool with_counts,
			 struct buf *json);
/* A saved document.  -EINVAL: it is not one, and p is as it was. */
int patterns_read_json(struct patterns *p, const char *json, size_t len, struct err *e) MUST_CHECK;

#endif
