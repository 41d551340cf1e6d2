/* Pairs of a comparison; see paired.h. */
#include "harness/report/paired.h"

#include <math.h>
#include <string.h>

#include "harness/stats/verdict.h"

bool paired_is_aa(const struct comparison *c)
{
	return !strcmp(c->a, c->b);
}

/* The sides of the k-th pair: those two runs and no others. */
struct sides {
	const struct run *a, *b;
};

size_t paired_made(const struct result *r, int comparison)
{
	int n = 0;

	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].comparison == comparison && r->runs[i].pair >= n)
			n = r->runs[i].pair + 1;
	return (size_t)n;
}

static void find_sides(const struct result *r, int comparison, struct sides *pairs)
{
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (run->comparison != comparison || run->pair < 0)
			continue;
		if (run->side == 'a')
			pairs[run->pair].a = run;
		else
			pairs[run->pair].b = run;
	}
}

static bool has_value(const struct run *run, enum metric_id id, bool with_disturbed)
{
	return run && run_counts(run, with_disturbed) && run->metrics[id].there &&
	       run->metrics[id].value > 0;
}

static bool is_counted(const struct run *run, enum metric_id id, bool with_disturbed)
{
	return run && run_counts(run, with_disturbed) && run->metrics[id].there;
}

size_t paired_without_ratio(const struct result *r, int comparison, enum metric_id id,
			    bool with_disturbed)
{
	size_t n = paired_made(r, comparison), without = 0;
	struct sides *pairs = mem_calloc(n + 1, sizeof(*pairs));

	find_sides(r, comparison, pairs);
	for (size_t k = 0; k < n; k++)
		without +=
			is_counted(pairs[k].a, id, with_disturbed) &&
			is_counted(pairs[k].b, id, with_disturbed) &&
			!(pairs[k].a->metrics[id].value > 0 && pairs[k].b->metrics[id].value > 0);
	free(pairs);
	return without;
}

void paired_collect(const struct result *r, int comparison, enum metric_id id, bool with_disturbed,
		    struct sample *s)
{
	size_t n = paired_made(r, comparison);
	struct sides *pairs = mem_calloc(n + 1, sizeof(*pairs));

	find_sides(r, comparison, pairs);
	for (size_t k = 0; k < n; k++)
		if (has_value(pairs[k].a, id, with_disturbed) &&
		    has_value(pairs[k].b, id, with_disturbed))
			sample_add(s, pairs[k].a->metrics[id].value, pairs[k].b->metrics[id].value);
	free(pairs);
}

static bool is_whole(const struct run *run)
{
	return run && run_counts(run, true);
}

size_t paired_discarded(const struct result *r, int comparison)
{
	size_t n = paired_made(r, comparison), discarded = 0;
	struct sides *pairs = mem_calloc(n + 1, sizeof(*pairs));

	find_sides(r, comparison, pairs);
	for (size_t k = 0; k < n; k++)
		discarded += is_whole(pairs[k].a) && is_whole(pairs[k].b) &&
			     !(run_counts(pairs[k].a, false) && run_counts(pairs[k].b, false));
	free(pairs);
	return discarded;
}

size_t paired_list(const struct result *r, int comparison, enum metric_id id,
		   struct paired_value **out)
{
	size_t n = paired_made(r, comparison), kept = 0;
	struct sides *pairs = mem_calloc(n + 1, sizeof(*pairs));
	struct paired_value *v = mem_calloc(n + 1, sizeof(*v));

	find_sides(r, comparison, pairs);
	for (size_t k = 0; k < n; k++)
		if (has_value(pairs[k].a, id, true) && has_value(pairs[k].b, id, true))
			v[kept++] = (struct paired_value){
				.a = pairs[k].a->metrics[id].value,
				.b = pairs[k].b->metrics[id].value,
				.disturbed = !run_counts(pairs[k].a, false) ||
					     !run_counts(pairs[k].b, false),
			};
	free(pairs);
	*out = v;
	return kept;
}

/* As many as were planned; a result that has more (made by hand) gets a plan all the same. */
static size_t planned(const struct result *r, int comparison)
{
	size_t kept = paired_made(r, comparison) - paired_discarded(r, comparison),
	       wanted = (size_t)r->comparisons[comparison].pairs_planned;

	return wanted > kept ? wanted : kept > 0 ? kept : 1;
}

static double alpha_of(const struct comparison *c)
{
	return paired_is_aa(c) ? PAIRED_AA_ALPHA : PAIRED_ALPHA;
}

void paired_init(struct paired *p, const struct result *r)
{
	p->r = r;
	p->plans = mem_calloc(r->n_comparisons + 1, sizeof(*p->plans));
	for (size_t i = 0; i < r->n_comparisons; i++) {
		size_t n = planned(r, (int)i), k = 0;
		double alpha = alpha_of(&r->comparisons[i]);

		while (k < i && (p->plans[k].plan.n_max != n || p->plans[k].plan.alpha != alpha))
			k++;
		if (k < i)
			p->plans[i].plan = p->plans[k].plan;
		else
			sequential_plan_init(&p->plans[i].plan, n, alpha);
		p->plans[i].level = 1; /* of no pairs */
	}
}

void paired_release(struct paired *p)
{
	free(p->plans);
	p->plans = NULL;
}

double paired_level(struct paired *p, int comparison, size_t n)
{
	struct paired_plan *plan = &p->plans[comparison];

	if (plan->n != n) {
		plan->level = sequential_level(&plan->plan, n);
		plan->n = n;
	}
	return plan->level;
}

bool paired_is_sure(struct paired *p, int comparison, const struct estimate *e)
{
	double level = paired_level(p, comparison, e->n);

	return e->n >= 2 && level < 1 && e->level >= level;
}

struct estimate paired_ratio(struct paired *p, int comparison, enum metric_id id,
			     bool with_disturbed)
{
	struct sample s = { 0 };
	struct estimate est;

	if (!paired_without_ratio(p->r, comparison, id, with_disturbed))
		paired_collect(p->r, comparison, id, with_disturbed, &s);
	est = stats_estimate_ratio(s.a, s.b, s.n, paired_level(p, comparison, s.n), p->r->seed);
	sample_release(&s);
	return est;
}

struct estimate paired_noise(struct paired *p, int comparison, enum metric_id id)
{
	const struct comparison *c = &p->r->comparisons[comparison];

	for (size_t i = 0; i < p->r->n_comparisons; i++) {
		const struct comparison *o = &p->r->comparisons[i];

		if (paired_is_aa(o) && o->extractor == c->extractor &&
		    !strcmp(o->phase, c->phase) && !strcmp(o->scenario, c->scenario))
			return paired_ratio(p, (int)i, id, false);
	}
	return (struct estimate){ .value = NAN, .low = NAN, .high = NAN, .se = NAN };
}

enum sequential_state paired_state(struct paired *p, int comparison, enum metric_id id,
				   double margin_frac, bool last)
{
	struct estimate noise = paired_noise(p, comparison, id);
	struct sequential_bounds bounds = { .noise = INFINITY, .margin = log1p(margin_frac) };
	struct sample s = { 0 };
	enum sequential_state state;

	if (noise.n >= 2 && noise.level >= 1 - PAIRED_AA_ALPHA)
		bounds.noise = verdict_noise_bound(&noise);
	if (!paired_without_ratio(p->r, comparison, id, false))
		paired_collect(p->r, comparison, id, false, &s);
	state = sequential_judge(&p->plans[comparison].plan, s.a, s.b, s.n, bounds, last,
				 p->r->seed, NULL);
	sample_release(&s);
	return state;
}
