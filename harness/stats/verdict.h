/*
 * The rule by which a ratio B/A is called better, worse or neither.
 *
 * Source: spec/measurement.md, rule 6 and "Verdicts".  Better and worse need an interval
 * at the wanted level that does not hold 1, and a value beyond what a subject
 * against itself shows in the same session, at VERDICT_NOISE_LEVEL.  Pure.
 */
#ifndef STATS_VERDICT_H
#define STATS_VERDICT_H

#include "harness/stats/estimate.h"

enum verdict {
	VERDICT_BETTER,
	VERDICT_WORSE,
	VERDICT_NO_DIFFERENCE,
	VERDICT_TOO_FEW, /* undecided */
	VERDICT_VOID,
	VERDICTS
};
extern const char *const verdict_names[VERDICTS];

#define VERDICT_NOISE_LEVEL 0.99

/* Which ratio is better. */
enum verdict_wants { WANTS_LOWER = -1, WANTS_NEITHER, WANTS_HIGHER };

/* The largest |log ratio| that A/A alone explains; 0 when no A/A was measured. */
double verdict_noise_bound(const struct estimate *noise);

/*
 * ratio: of B/A, wanted at `level` (a plan's, see sequential.h, or a fixed one); noise: of
 * A/A.  *why, unless NULL, is set with VERDICT_TOO_FEW and left alone otherwise.
 */
enum verdict verdict_of(const struct estimate *ratio, double level, const struct estimate *noise,
			enum verdict_wants wants, const char **why);

#endif
