/* The harness against itself; see aa.h. */
#include "harness/report/aa.h"

#include <math.h>
#include <string.h>

#include "harness/report/paired.h"
#include "harness/stats/binomial.h"

bool aa_is_phase(const char *phase)
{
	return !strncmp(phase, "aa-", 3);
}

static struct estimate ratio_of(const struct sample *s, size_t from, size_t n, double level,
				uint64_t seed)
{
	return stats_estimate_ratio(s->a + from, s->b + from, n, level, seed);
}

static void add_share(struct model_share *x, bool hit)
{
	x->n++;
	x->k += hit;
}

/* One extractor's pairs, block by block. */
static void add_blocks(struct model_aa *x, const struct sample *s, uint64_t seed)
{
	size_t n = s->n / MODEL_AA_BLOCK;

	for (size_t i = 0; n > 1 && i < n; i++) {
		size_t next = (i + 1) % n;
		struct model_ratio ratio = {
			.a = x->implementation,
			.b = x->implementation,
			.est = ratio_of(s, i * MODEL_AA_BLOCK, MODEL_AA_BLOCK, MODEL_LEVEL, seed),
			.noise = ratio_of(s, next * MODEL_AA_BLOCK, MODEL_AA_BLOCK,
					  VERDICT_NOISE_LEVEL, seed),
		};
		enum verdict v = model_judge(&ratio, MODEL_LEVEL, metrics[x->metric].better);

		add_share(&x->intervals, ratio.est.low > 1 || ratio.est.high < 1);
		add_share(&x->verdicts, v == VERDICT_BETTER || v == VERDICT_WORSE);
	}
}

static void pool(struct sample *to, const struct sample *from)
{
	for (size_t i = 0; i < from->n; i++)
		sample_add(to, from->a[i], from->b[i]);
}

static bool is_of(const struct comparison *c, const struct model_aa *x)
{
	return !strcmp(c->phase, x->phase) && !strcmp(c->scenario, x->scenario) &&
	       !strcmp(c->a, x->implementation) && !strcmp(c->b, x->implementation);
}

static void end_share(struct model_share *x)
{
	stats_binomial_interval(x->k, x->n, MODEL_LEVEL, &x->low, &x->high);
}

static void build_one(struct model_aa *x, const struct result *r)
{
	struct sample all = { 0 };

	for (size_t i = 0; i < r->n_comparisons; i++) {
		struct sample s = { 0 };

		if (!is_of(&r->comparisons[i], x))
			continue;
		paired_collect(r, (int)i, x->metric, false, &s);
		add_blocks(x, &s, r->seed);
		pool(&all, &s);
		sample_release(&s);
	}
	x->est = ratio_of(&all, 0, all.n, VERDICT_NOISE_LEVEL, r->seed);
	x->floor_frac = fmax(fabs(x->est.low - 1), fabs(x->est.high - 1));
	end_share(&x->intervals);
	end_share(&x->verdicts);
	sample_release(&all);
}

static bool is_there(const struct model *m, const struct comparison *c)
{
	for (size_t i = 0; i < m->n_aas; i++)
		if (is_of(c, &m->aas[i]))
			return true;
	return false;
}

/* A metric that runs of the comparison have. */
static bool has_metric(const struct result *r, const struct comparison *c, int id)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (!strcmp(r->runs[i].phase, c->phase) &&
		    !strcmp(r->runs[i].scenario, c->scenario) &&
		    !strcmp(r->runs[i].implementation, c->a) && r->runs[i].metrics[id].there)
			return true;
	return false;
}

static void add_comparison(struct model *m, const struct result *r, const struct comparison *c)
{
	for (int id = 0; id < METRICS; id++) {
		struct model_aa *x;

		if (metrics[id].better == NEITHER_IS_BETTER || !has_metric(r, c, id))
			continue;
		m->aas = mem_realloc(m->aas, m->n_aas + 1, sizeof(*m->aas));
		x = &m->aas[m->n_aas++];
		*x = (struct model_aa){ .scenario = c->scenario,
					.phase = c->phase,
					.implementation = c->a,
					.metric = (enum metric_id)id };
		build_one(x, r);
		m->aa_intervals.k += x->intervals.k;
		m->aa_intervals.n += x->intervals.n;
		m->aa_verdicts.k += x->verdicts.k;
		m->aa_verdicts.n += x->verdicts.n;
	}
}

void aa_build(struct model *m, const struct result *r)
{
	for (size_t i = 0; i < r->n_comparisons; i++) {
		const struct comparison *c = &r->comparisons[i];

		if (aa_is_phase(c->phase) && !strcmp(c->a, c->b) && !is_there(m, c))
			add_comparison(m, r, c);
	}
	end_share(&m->aa_intervals);
	end_share(&m->aa_verdicts);
}
