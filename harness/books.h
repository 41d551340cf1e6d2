/*
 * The books of a run: ledger, oracle and the instrument's own account.
 *
 * Called by live.c when the subject has been stopped; what a line means is in
 * books.c beside it.
 */
#ifndef HARNESS_BOOKS_H
#define HARNESS_BOOKS_H

#include "extractors/base/err.h"
#include "harness/check.h"

struct live;
struct influx_query;

/* The messages the tap has so far for this extractor, as an array for free(). */
struct check_message *books_messages(struct live *lv, size_t *n);
/* What the check needs to know of the run; books_release_spec() afterwards. */
void books_check_spec(struct live *lv, struct check_spec *spec);
void books_release_spec(struct check_spec *spec);

/* Points of the extractor in the run's database now, those that were there before the run left out. */
int books_points(struct live *lv, int64_t *n, struct err *e) MUST_CHECK;
/* Points of the extractor that are there before the run, in a database that has no names of its own. */
int books_points_before(struct live *lv, struct err *e) MUST_CHECK;

/* A connection for questions about the run's own database; influx_query_close() afterwards. */
int books_open_database(struct live *lv, struct influx_query **q, struct err *e) MUST_CHECK;
/* Remove the run's own database again. */
void books_drop_database(struct live *lv);
/* What the measuring cost and how well it kept its plan; the tap must have been stopped. */
void books_note_instrument(struct live *lv);

/* Fill ledger, oracle, instrument and status; `killed`: why the subject had to be killed, or NULL. */
int books_fill(struct live *lv, const char *killed, struct err *e) MUST_CHECK;

/* ---- parts of it, for a load that several subjects share (soak_books.c) ---- */

struct books_expected {
	int64_t events, own, messages; /* sent; of the subject's type; seen of it */
};
struct counters;
struct influx_query;
struct hist;

/* MAX_BUFFER_SIZE of the subject: its file's, or the contract's default. */
size_t books_max_buffer(const struct live *lv);
/* The lines that its final counters give. */
void books_enter_counters(struct live *lv, const struct counters *c,
			  const struct books_expected *x);
/* Points in its database against messages; `c` may be NULL. */
int books_enter_points(struct live *lv, const struct counters *c, size_t n_messages,
		       struct err *e) MUST_CHECK;
/* Of the run's own database. */
int books_open_database(struct live *lv, struct influx_query **q, struct err *e) MUST_CHECK;
/* The run's status, by how it ended, ledger and oracle. */
void books_judge(struct live *lv, const char *killed);
/* A quantile in us; NaN of nothing. */
double books_hist_us(const struct hist *h, double q);

#endif
