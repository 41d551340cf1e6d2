/*
 * The table that a self-check prints: what was known, what was measured.
 *
 * Pure.  Ownership: zeroed is empty, known_release() frees; texts are copies.
 */
#ifndef SELFCHECK_KNOWN_H
#define SELFCHECK_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "harness/stats/estimate.h"

enum known_section {
	KNOWN_TRUTHS, /* figures of fake subjects */
	KNOWN_LOADGEN,
	KNOWN_PROBER,
	KNOWN_JUDGEMENT,
	KNOWN_SECTIONS
};

enum known_verdict {
	KNOWN_OK,
	KNOWN_MISSED,	   /* a goal that this host or this build did not reach */
	KNOWN_WRONG,	   /* the instrument said something else than what is known */
	KNOWN_UNAVAILABLE, /* not measured; the note says why */
	KNOWN_VERDICTS
};
extern const char *const known_verdict_names[KNOWN_VERDICTS];

struct known {
	enum known_section section;
	enum known_verdict verdict;
	char what[112], goal[80], reached[96], interval[64], note[200];
	size_t n; /* 0: nothing was counted */
};

struct known_table {
	struct known *v;
	size_t n;
};

void known_release(struct known_table *t);
/* A new row with these texts; the caller fills the rest.  Valid until the next one. */
struct known *known_add(struct known_table *t, enum known_section section, const char *what,
			const char *goal);
void known_unavailable(struct known_table *t, enum known_section section, const char *what,
		       const char *goal, const char *why_fmt, ...) PRINTF(5, 6);

/* A value that must lie within low ... high, or the verdict is `otherwise`. */
struct known_range {
	double low, high;
	enum known_verdict otherwise;
	const char *unit;
	int decimals;
};
/* Fill reached, n and verdict from one figure. */
void known_value(struct known *k, double value, size_t n, const struct known_range *r);
/* The same of an estimate, with its interval and method. */
void known_estimate(struct known *k, const struct estimate *est, const struct known_range *r);

/*
 * A ratio whose truth is known to lie within low ... high: right when the interval holds
 * any of it; `differs`: missed when it holds 1 as well.
 */
struct known_truth {
	double low, high;
	bool differs;
};
void known_ratio(struct known *k, const struct estimate *est, const struct known_truth *truth);
/*
 * with - without, of two medians that know nothing of each other: the interval is as wide as
 * both allow, and misses at most as often as both together.
 */
struct estimate known_difference(const struct estimate *with, const struct estimate *without);

size_t known_count(const struct known_table *t, enum known_verdict verdict);
/* Markdown: a table for each section. */
void known_write(const struct known_table *t, struct buf *out);

#endif
