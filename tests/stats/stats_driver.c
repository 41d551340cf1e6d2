/*
 * The statistics at the other end of a pipe: a line asks, a line of numbers answers.
 *
 *     quantile Q : v...        median|hl|exact LEVEL SEED : v...
 *     ratio LEVEL SEED : a b a b ...     slope LEVEL SEED : x y x y ...
 *     signed_rank_cdf N W      signed_rank_cut N TAIL      sign_cdf N W      sign_cut N TAIL
 *     rank_sum_cdf M N U       rank_sum_cut M N TAIL       shift LEVEL M : a (M of them) b ...
 *     normal_upper P           student_upper DF P          power SPREAD LEVEL NOISE N RATIO       level N_MAX ALPHA N
 *
 * An estimate answers value low high level se.  For test_scipy.py, which alone speaks to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/compiler.h"
#include "harness/stats/estimate.h"
#include "harness/stats/normal.h"
#include "harness/stats/power.h"
#include "harness/stats/quantile.h"
#include "harness/stats/rank_sum.h"
#include "harness/stats/sequential.h"
#include "harness/stats/shift.h"
#include "harness/stats/signed_rank.h"
#include "harness/stats/slope.h"
#include "harness/stats/student.h"

#define VALUES_MAX 20000

struct question {
	double arg[5], v[VALUES_MAX], x[VALUES_MAX / 2], y[VALUES_MAX / 2];
	size_t args, n;
};

static void say(struct estimate e)
{
	printf("%.17g %.17g %.17g %.17g %.17g\n", e.value, e.low, e.high, e.level, e.se);
}

static void quantile(struct question *q)
{
	stats_sort(q->v, q->n);
	printf("%.17g\n", stats_quantile_sorted(q->v, q->n, q->arg[0]));
}

static void median(struct question *q)
{
	say(stats_estimate_median(q->v, q->n, q->arg[0], (uint64_t)q->arg[1]));
}

static void hl(struct question *q)
{
	say(stats_estimate_hl(q->v, q->n, q->arg[0], (uint64_t)q->arg[1]));
}

static void exact(struct question *q)
{
	say(stats_exact_hl(q->v, q->n, q->arg[0]));
}

static void ratio(struct question *q)
{
	say(stats_estimate_ratio(q->x, q->y, q->n / 2, q->arg[0], (uint64_t)q->arg[1]));
}

static void slope(struct question *q)
{
	say(stats_estimate_slope(q->x, q->y, q->n / 2, q->arg[0], (uint64_t)q->arg[1]));
}

static void rank_cdf(struct question *q)
{
	printf("%.17g\n", signed_rank_cdf((size_t)q->arg[0], (size_t)q->arg[1]));
}

static void rank_cut(struct question *q)
{
	printf("%zu\n", signed_rank_cut((size_t)q->arg[0], q->arg[1]));
}

static void coin_cdf(struct question *q)
{
	printf("%.17g\n", sign_cdf((size_t)q->arg[0], (size_t)q->arg[1]));
}

static void coin_cut(struct question *q)
{
	printf("%zu\n", sign_cut((size_t)q->arg[0], q->arg[1]));
}

static void sum_cdf(struct question *q)
{
	printf("%.17g\n", rank_sum_cdf((size_t)q->arg[0], (size_t)q->arg[1], (size_t)q->arg[2]));
}

static void sum_cut(struct question *q)
{
	printf("%zu\n", rank_sum_cut((size_t)q->arg[0], (size_t)q->arg[1], q->arg[2]));
}

static void shift(struct question *q)
{
	size_t m = (size_t)q->arg[1];

	say(stats_estimate_shift(q->v, m, q->v + m, q->n - m, q->arg[0]));
}

static void upper(struct question *q)
{
	printf("%.17g\n", normal_upper(q->arg[0]));
}

static void student(struct question *q)
{
	printf("%.17g\n", student_upper(q->arg[0], q->arg[1]));
}

static void power(struct question *q)
{
	struct power_setup s = { q->arg[0], q->arg[1], q->arg[2] };

	printf("%.17g\n", power_of(&s, (size_t)q->arg[3], q->arg[4]));
}

static void level(struct question *q)
{
	struct sequential_plan plan;

	sequential_plan_init(&plan, (size_t)q->arg[0], q->arg[1]);
	printf("%.17g\n", sequential_level(&plan, (size_t)q->arg[2]));
}

static const struct {
	const char *name;
	size_t args;
	void (*answer)(struct question *q);
} verbs[] = {
	{ "quantile", 1, quantile },
	{ "median", 2, median },
	{ "hl", 2, hl },
	{ "exact", 2, exact },
	{ "ratio", 2, ratio },
	{ "slope", 2, slope },
	{ "signed_rank_cdf", 2, rank_cdf },
	{ "signed_rank_cut", 2, rank_cut },
	{ "sign_cdf", 2, coin_cdf },
	{ "sign_cut", 2, coin_cut },
	{ "rank_sum_cdf", 3, sum_cdf },
	{ "rank_sum_cut", 3, sum_cut },
	{ "shift", 2, shift },
	{ "normal_upper", 1, upper },
	{ "student_upper", 2, student },
	{ "power", 5, power },
	{ "level", 3, level },
};

/* Arguments until ":", then values; those also as pairs. */
static bool read_numbers(struct question *q, char *words)
{
	bool values = false;

	q->args = q->n = 0;
	for (char *w = strtok(words, " \n"); w; w = strtok(NULL, " \n")) {
		double number = strtod(w, NULL);

		if (!strcmp(w, ":")) {
			values = true;
		} else if (!values) {
			if (q->args == ARRAY_SIZE(q->arg))
				return false;
			q->arg[q->args++] = number;
		} else {
			if (q->n == VALUES_MAX)
				return false;
			q->v[q->n] = number;
			(q->n % 2 ? q->y : q->x)[q->n / 2] = number;
			q->n++;
		}
	}
	return true;
}

static bool answer(struct question *q, char *line)
{
	char *rest = line + strcspn(line, " \n");

	if (*rest)
		*rest++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(line, verbs[i].name)) {
			if (!read_numbers(q, rest) || q->args != verbs[i].args)
				return false;
			verbs[i].answer(q);
			return true;
		}
	return false;
}

int main(void)
{
	static struct question q;
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	while (!rc && getline(&line, &room, stdin) > 0)
		rc = answer(&q, line) ? 0 : 2;
	free(line);
	return rc;
}
