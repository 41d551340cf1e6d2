/*
 * The noise score of a host: how much a fixed piece of work varies in time, in per cent.
 *
 * Three pieces of fixed size, of some milliseconds each, are done in turn, again
 * and again, on the cores a session would use: a busy loop and a pass over memory
 * on the subject's core, a ping-pong through pipes between the subject's core and
 * the servers'.  The spread of a piece is its interquartile range divided by 1.349
 * (which for a normal distribution is the standard deviation; Tukey, "Exploratory
 * Data Analysis", 1977) and by its median.  The score is the largest of the three.
 * The quartiles are blind to less than a quarter of bad repetitions: the p95 over
 * the median stands beside them and shows those.
 *
 * It also is load: a hypervisor steals only from who wants to run, so steal and
 * foreign load are looked at while the busy loop and the memory pass work.  Not the
 * ping-pong: the kernel's account counts ticks, and who runs for microseconds
 * between them is hardly seen.
 * Ownership: nothing stays.  Threads: pins the caller while it works and puts it
 * back; a second thread lives inside the call.
 */
#ifndef HARNESS_NOISE_SCORE_H
#define HARNESS_NOISE_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "harness/cpus.h"

enum noise_piece { NOISE_BUSY, NOISE_PING_PONG, NOISE_MEMORY, NOISE_PIECES };
extern const char *const noise_piece_names[NOISE_PIECES];

#define NOISE_BIT(piece) (1U << (piece))

#define NOISE_REPETITIONS_MAX 1000

struct noise_spread {
	size_t n;	  /* repetitions; below 4 the rest is NAN */
	double median_ns; /* of the piece */
	double spread_pct;
	double p95_over_median;
};

struct noise_score {
	struct noise_spread piece[NOISE_PIECES];
};

/*
 * Fill the pieces of the mask: at least `least` repetitions of each (at most
 * NOISE_REPETITIONS_MAX) and until min_ns have passed.
 */
int noise_score_measure(const struct cpus *cpus, unsigned int mask, size_t least, int64_t min_ns,
			struct noise_score *out, struct err *e) MUST_CHECK;

/* The spread of n repetitions; reorders them.  Pure, as the next two. */
struct noise_spread noise_spread_of(double *times_ns, size_t n);

/* The largest spread of the pieces; NAN when one of them was not measured. */
double noise_score_pct(const struct noise_score *s);

/*
 * The smallest relative difference, in per cent, that so many pairs find with
 * probability 0.8 at the 95 % level, for runs that vary by spread_pct: (1.96 + 0.84)
 * * sqrt(2) * spread / sqrt(pairs), the normal approximation.
 */
double noise_smallest_difference_pct(double spread_pct, size_t pairs);

#endif
