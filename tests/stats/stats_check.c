/*
 * The long simulations: does every interval, level and verdict keep what it promises?
 *
 * One line a case: what, pairs, noise, what is promised, what was observed, and the 99 % interval
 * of that share (Wilson, "Probable inference", J. Am. Statist. Assoc. 22, 1927).
 * "MISSED" only where the whole interval is on the wrong side of a promise; where noise breaks
 * an assumption nothing is promised, the line is there to know by how much.  Exit 1 when
 * anything missed.  Arguments: repetitions, and one of the parts (default: all).
 * `make stats-check`; at 10,000 it takes about half an hour.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/compiler.h"
#include "extractors/base/num.h"
#include "harness/stats/estimate.h"
#include "harness/stats/sequential.h"
#include "harness/stats/shift.h"
#include "harness/stats/slope.h"
#include "harness/stats/verdict.h"
#include "tests/stats/noise.h"

#define PAIRS_MAX 200
#define HOST	  NOISES_ALL /* instead of a kind of noise: runs on a host that drifts */

static int repeats, missed;

enum promise { AT_LEAST, AT_MOST, NONE };

static void line(const char *what, const char *noise, size_t n, enum promise promise,
		 double nominal, int count, int of)
{
	static const char *const marks[] = { ">=", "<=", "" };
	double z = 2.5758, p = (double)count / of, k = z * z / of;
	double mid = (p + k / 2) / (1 + k),
	       half = z * sqrt(p * (1 - p) / of + k / of / 4) / (1 + k);
	bool bad = (promise == AT_LEAST && mid + half < nominal) ||
		   (promise == AT_MOST && mid - half > nominal);

	printf("%-44s %-18s %4zu  %2s", what, noise, n, marks[promise]);
	printf(promise == NONE ? "      –" : " %6.3f", nominal);
	printf("  %7.4f [%.4f, %.4f] %6d%s\n", p, fmax(0, mid - half), mid + half, of,
	       bad ? "  MISSED" : "");
	fflush(stdout);
	missed += bad;
}

/* ---- pairs -------------------------------------------------------------------------- */

static const char *name_of(int kind)
{
	return kind == HOST ? "AR(1) 0.8, ABBA" : noise_names[kind];
}

static double centre_of(int kind)
{
	return kind == HOST ? 0 : noise_pseudo_median((enum noise)kind);
}

/* Log ratios whose noise has sd 1; on the drifting host runs are ABBA or BAAB blocks, by lot. */
static void draw_pairs(struct rng *rng, int kind, double *d, size_t n)
{
	double host = rng_normal(rng);
	bool b_first = false;

	for (size_t i = 0; i < n; i++) {
		double run[2];

		if (kind != HOST) {
			d[i] = draw_noise(rng, (enum noise)kind);
			continue;
		}
		for (int k = 0; k < 2; k++) {
			host = 0.8 * host + 0.6 * rng_normal(rng);
			run[k] = host;
		}
		b_first = i % 2 ? !b_first : rng_chance(rng, 0.5);
		d[i] = (b_first ? run[0] - run[1] : run[1] - run[0]) / sqrt(0.4);
	}
}

/* ---- intervals --------------------------------------------------------------------- */

static void check_interval(int kind, size_t n, double level)
{
	int median = 0, hl = 0, exact = 0;
	bool symmetric = kind < NOISES, cheap = n <= 20;
	double at = centre_of(kind), d[PAIRS_MAX];
	char what[64];
	struct rng rng;

	rng_init(&rng, 101, 0);
	for (int k = 0; k < repeats; k++) {
		struct estimate e;

		draw_pairs(&rng, kind, d, n);
		e = stats_exact_hl(d, n, level);
		exact += e.low <= at && e.high >= at;
		if (!cheap)
			continue;
		e = stats_estimate_hl(d, n, level, (uint64_t)k);
		hl += e.low <= at && e.high >= at;
		e = stats_estimate_median(d, n, level, (uint64_t)k);
		median += kind == HOST || (e.low <= noise_median((enum noise)kind) &&
					   e.high >= noise_median((enum noise)kind));
	}
	snprintf(what, sizeof(what), "%.0f %% exact Hodges-Lehmann holds truth", 100 * level);
	line(what, name_of(kind), n, symmetric ? AT_LEAST : NONE, level, exact, repeats);
	snprintf(what, sizeof(what), "%.0f %% Hodges-Lehmann as reported", 100 * level);
	if (cheap)
		line(what, name_of(kind), n, symmetric ? AT_LEAST : NONE, level, hl, repeats);
	snprintf(what, sizeof(what), "%.0f %% median as reported", 100 * level);
	if (cheap && kind != HOST)
		line(what, name_of(kind), n, AT_LEAST, level, median, repeats);
}

/* ---- early stopping ------------------------------------------------------------------- */

/* All looks: is the truth outside of any interval?  And after how many pairs is 0 outside of one? */
static bool session(const struct sequential_plan *plan, const double *d, double truth,
		    size_t *pairs)
{
	bool out = false;

	*pairs = 0;
	for (size_t i = 0; i < plan->n_looks; i++) {
		struct estimate e;

		if (!(plan->levels[i] < 1))
			continue;
		e = stats_exact_hl(d, plan->looks[i], plan->levels[i]);
		out |= e.low > truth || e.high < truth;
		if (!*pairs && (e.low > 0 || e.high < 0))
			*pairs = plan->looks[i];
	}
	return out;
}

static void check_looks(int kind, size_t n_max, double alpha)
{
	double d[PAIRS_MAX];
	struct sequential_plan plan;
	int wrong = 0;
	char what[64];
	struct rng rng;

	rng_init(&rng, 102, 0);
	sequential_plan_init(&plan, n_max, alpha);
	for (int k = 0; k < repeats; k++) {
		size_t pairs;

		draw_pairs(&rng, kind, d, n_max);
		wrong += session(&plan, d, centre_of(kind), &pairs);
	}
	snprintf(what, sizeof(what), "any of %zu looks errs", plan.n_looks);
	line(what, name_of(kind), n_max, kind < NOISES ? AT_MOST : NONE, alpha, wrong, repeats);
}

static void check_pairs_to_decide(int kind, size_t n_max, double effect, double sd)
{
	double d[PAIRS_MAX], sum = 0;
	struct sequential_plan plan;
	int decided = 0;
	char what[64];
	struct rng rng;

	rng_init(&rng, 103, 0);
	sequential_plan_init(&plan, n_max, 0.05);
	for (int k = 0; k < repeats; k++) {
		size_t pairs;

		draw_pairs(&rng, kind, d, n_max);
		for (size_t i = 0; i < n_max; i++)
			d[i] = log(1 + effect) + sd * (d[i] - centre_of(kind));
		session(&plan, d, 0, &pairs);
		decided += pairs > 0;
		sum += (double)(pairs ? pairs : n_max) / repeats;
	}
	snprintf(what, sizeof(what), "%+.0f %%, sd %.0f %%: %.1f pairs; decides", 100 * effect,
		 100 * sd, sum);
	line(what, name_of(kind), n_max, NONE, 0, decided, repeats);
}

/* ---- verdicts --------------------------------------------------------------------------- */

/* The whole rule of a report, A/A of the same session included. */
static void check_verdicts(int kind, size_t n, size_t aa_pairs, double effect, double sd)
{
	double d[PAIRS_MAX], aa[PAIRS_MAX];
	int wrong = 0, right = 0;
	char what[64];
	struct rng rng;

	rng_init(&rng, 104, 0);
	for (int k = 0; k < repeats; k++) {
		struct estimate ratio, noise;
		enum verdict v;

		draw_pairs(&rng, kind, d, n);
		draw_pairs(&rng, kind, aa, aa_pairs);
		for (size_t i = 0; i < n; i++)
			d[i] = log(1 + effect) + sd * (d[i] - centre_of(kind));
		for (size_t i = 0; i < aa_pairs; i++)
			aa[i] = sd * (aa[i] - centre_of(kind));
		ratio = stats_exponential(stats_estimate_hl(d, n, 0.95, 1));
		noise = stats_exponential(stats_estimate_hl(aa, aa_pairs, VERDICT_NOISE_LEVEL, 1));
		v = verdict_of(&ratio, 0.95, &noise, WANTS_HIGHER, NULL);
		right += v == VERDICT_BETTER && effect > 0;
		wrong += v == VERDICT_WORSE || (v == VERDICT_BETTER && !(effect > 0));
	}
	snprintf(what, sizeof(what), "B is %+.0f %%, sd %.0f %%, %zu A/A: wrong verdict",
		 100 * effect, 100 * sd, aa_pairs);
	line(what, name_of(kind), n, kind == NOISE_SKEWED ? NONE : AT_MOST, 0.01, wrong, repeats);
	if (effect > 0)
		line("                     ... right verdict", name_of(kind), n, NONE, 0, right,
		     repeats);
}

/* ---- shifts between two sessions ------------------------------------------------------ */

/* B's noise is `spread` times A's. */
static void check_shift(int kind, size_t m, size_t n, double spread, double level)
{
	double a[PAIRS_MAX], b[PAIRS_MAX];
	int covered = 0;
	char what[64];
	struct rng rng;

	rng_init(&rng, 106, 0);
	for (int k = 0; k < repeats; k++) {
		struct estimate e;

		draw_pairs(&rng, kind, a, m);
		draw_pairs(&rng, kind, b, n);
		for (size_t i = 0; i < n; i++)
			b[i] = spread * (b[i] - centre_of(kind));
		for (size_t i = 0; i < m; i++)
			a[i] -= centre_of(kind);
		e = stats_estimate_shift(a, m, b, n, level);
		covered += e.low <= 0 && e.high >= 0;
	}
	snprintf(what, sizeof(what), "%g %% shift, %zu and %zu, spread %g", 100 * level, m, n,
		 spread);
	line(what, name_of(kind), m, kind < NOISES ? AT_LEAST : NONE, level, covered, repeats);
}

/* As many pairs as a session makes that stops when it is decided. */
static size_t draw_session(const struct sequential_plan *plan, struct rng *rng, double effect,
			   double *d)
{
	size_t pairs;

	draw_pairs(rng, NOISE_NORMAL, d, plan->n_max);
	for (size_t i = 0; i < plan->n_max; i++)
		d[i] += effect;
	session(plan, d, effect, &pairs);
	return pairs ? pairs : plan->n_max;
}

/* Two sessions of the same truth, each of which stopped early for its own reasons. */
static void check_stopped_shift(size_t n_max, double effect, double level)
{
	double a[PAIRS_MAX], b[PAIRS_MAX];
	struct sequential_plan plan;
	int covered = 0;
	char what[64];
	struct rng rng;

	rng_init(&rng, 107, 0);
	sequential_plan_init(&plan, n_max, 0.05);
	for (int k = 0; k < repeats; k++) {
		size_t m = draw_session(&plan, &rng, effect, a);
		size_t n = draw_session(&plan, &rng, effect, b);
		struct estimate e = stats_estimate_shift(a, m, b, n, level);

		covered += e.low <= 0 && e.high >= 0;
	}
	snprintf(what, sizeof(what), "%g %% shift, stopped, effect %g sd", 100 * level, effect);
	line(what, "normal", n_max, NONE, level, covered, repeats);
}

/* ---- slopes: 2 h at 1 Hz, MB and hours ---------------------------------------------------- */

#define POINTS 7200

struct series {
	const char *name;
	double leak, step_mb, memory;
	int jumps;	   /* of 5 MB */
	enum promise told; /* from 0 */
	double told_nominal;
};

static const struct series all_series[] = {
	{ "white 50 kB", 0, 0, 0, 0, AT_MOST, 0.01 },
	{ "AR(1) 0.99", 0, 0, 0.99, 0, AT_MOST, 0.01 },
	{ "AR(1) 0.998", 0, 0, 0.998, 0, AT_MOST, 0.01 },
	{ "one jump", 0, 0, 0, 1, AT_MOST, 0.01 },
	{ "two jumps", 0, 0, 0, 2, AT_MOST, 0.01 },
	{ "three jumps", 0, 0, 0, 3, NONE, 0 },
	{ "0.1 MB/h", 0.1, 0, 0, 0, NONE, 0 },
	{ "1 MB/h", 1, 0, 0, 0, AT_LEAST, 0.99 },
	{ "1 MB/h, AR(1) 0.99", 1, 0, 0.99, 0, AT_LEAST, 0.99 },
	{ "1 MB/h by 4 kB", 1, 0.004, 0, 0, AT_LEAST, 0.99 },
	{ "1 MB/h by 132 kB", 1, 0.132, 0, 0, AT_LEAST, 0.99 },
	{ "1 MB/h by 512 kB", 1, 0.512, 0, 0, NONE, 0 },
	{ "10 MB/h by 132 kB", 10, 0.132, 0, 0, AT_LEAST, 0.99 },
};

static void draw_series(const struct series *s, struct rng *rng, double *x, double *y)
{
	double noise = 0.05 * rng_normal(rng), phase = rng_unit(rng), at[3] = { 9, 9, 9 };

	for (int k = 0; k < s->jumps; k++)
		at[k] = 2 * rng_unit(rng);
	for (int i = 0; i < POINTS; i++) {
		double grown;

		x[i] = i / 3600.0;
		grown = s->leak * x[i];
		noise = s->memory * noise +
			0.05 * sqrt(1 - s->memory * s->memory) * rng_normal(rng);
		y[i] = noise +
		       (s->step_mb > 0 ? s->step_mb * floor(grown / s->step_mb + phase) : grown);
		for (int k = 0; k < s->jumps; k++)
			y[i] += x[i] > at[k] ? 5 : 0;
	}
}

static void check_slope(const struct series *s)
{
	static double x[POINTS], y[POINTS];
	int told = 0, covered = 0;
	struct rng rng;

	rng_init(&rng, 105, 0);
	for (int k = 0; k < repeats; k++) {
		struct estimate e;

		draw_series(s, &rng, x, y);
		e = stats_estimate_slope(x, y, POINTS, 0.99, (uint64_t)k);
		told += e.low > 0 || e.high < 0;
		covered += e.low <= s->leak && e.high >= s->leak;
	}
	line("99 % slope holds the truth", s->name, POINTS, s->jumps > 2 ? NONE : AT_LEAST, 0.99,
	     covered, repeats);
	line("              ... is told from 0", s->name, POINTS, s->told, s->told_nominal, told,
	     repeats);
}

/* ---- all ------------------------------------------------------------------------------- */

static void check_intervals(void)
{
	static const size_t sizes[] = { 6, 8, 12, 20, 40, 200 };

	for (int kind = 0; kind <= HOST; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			check_interval(kind, sizes[i], 0.95);
			if (sizes[i] >= 8)
				check_interval(kind, sizes[i], 0.99);
		}
}

static void check_stopping(void)
{
	static const size_t n_max[] = { 8, 12, 20, 40, 100 };
	static const double sds[] = { 0.01, 0.02, 0.05 };

	for (int kind = 0; kind <= HOST; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(n_max); i++) {
			check_looks(kind, n_max[i], 0.05);
			check_looks(kind, n_max[i], 0.01);
		}
	for (int kind = 0; kind <= HOST; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(sds); i++)
			check_pairs_to_decide(kind, 40, 0.05, sds[i]);
}

static void check_rule(void)
{
	static const double effects[] = { 0, 0.03, 0.05, 1 }, sds[] = { 0.01, 0.05 };

	for (int kind = 0; kind <= HOST; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(effects) * ARRAY_SIZE(sds); i++) {
			double effect = effects[i / 2];

			if (effect > 0 && kind != NOISE_NORMAL && kind != HOST)
				continue;
			check_verdicts(kind, 6, 8, effect, sds[i % 2]);
			check_verdicts(kind, 12, 12, effect, sds[i % 2]);
		}
}

static void check_shifts(void)
{
	static const size_t sizes[][2] = { { 6, 6 }, { 8, 8 }, { 8, 40 }, { 40, 8 }, { 40, 40 } };
	static const double spreads[] = { 2, 4 }, levels[] = { 0.95, 0.9997 };
	static const double effects[] = { 0, 0.5, 1, 3 };

	for (int kind = 0; kind <= HOST; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(sizes) * ARRAY_SIZE(levels); i++)
			check_shift(kind, sizes[i / 2][0], sizes[i / 2][1], 1, levels[i % 2]);
	for (size_t i = 0; i < ARRAY_SIZE(sizes) * ARRAY_SIZE(levels); i++)
		for (size_t k = 0; k < ARRAY_SIZE(spreads); k++)
			check_shift(NOISE_NORMAL, sizes[i / 2][0], sizes[i / 2][1], spreads[k],
				    levels[i % 2]);
	for (size_t i = 0; i < ARRAY_SIZE(effects) * ARRAY_SIZE(levels); i++)
		check_stopped_shift(40, effects[i / 2], levels[i % 2]);
}

static void check_slopes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_series); i++)
		check_slope(&all_series[i]);
}

static const struct {
	const char *name;
	void (*check)(void);
} parts[] = {
	{ "intervals", check_intervals }, { "stopping", check_stopping },
	{ "verdicts", check_rule },	  { "shifts", check_shifts },
	{ "slopes", check_slopes },
};

int main(int argc, char **argv)
{
	int64_t wanted;
	bool ran = false;

	if (argc < 2 || !num_parse_i64(argv[1], &wanted) || wanted < 10 || wanted > 10000000) {
		fprintf(stderr, "usage: stats_check REPETITIONS(10..10000000) [PART]\n");
		return 2;
	}
	repeats = (int)wanted;
	printf("%-44s %-18s %4s  %9s  %7s %-16s %6s\n", "what", "noise", "n", "promised", "seen",
	       "[99 %]", "of");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (argc < 3 || !strcmp(argv[2], parts[i].name)) {
			parts[i].check();
			ran = true;
		}
	printf("%d missed\n", missed);
	return !ran ? 2 : missed > 0;
}
