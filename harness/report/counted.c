/* Counts; see counted.h. */
#include "harness/report/counted.h"

#include <string.h>

#include "harness/report/sample.h"

/* The k-th of an implementation that counts, or NULL. */
static const struct run *nth_run(const struct result *r, const struct model_section *x,
				 const char *implementation, enum metric_id id, size_t k)
{
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (run->extractor == x->type && !strcmp(run->phase, x->phase) &&
		    !strcmp(run->scenario, x->scenario) &&
		    !strcmp(run->implementation, implementation) && run_counts(run, false) &&
		    run->metrics[id].there && run->metrics[id].value > 0 && !k--)
			return run;
	}
	return NULL;
}

void counted_fill_ratio(struct model_ratio *ratio, const struct result *r,
			const struct model_section *x, enum metric_id id)
{
	const struct run *a, *b;
	struct sample s = { 0 };

	while ((a = nth_run(r, x, ratio->a, id, s.n)) && (b = nth_run(r, x, ratio->b, id, s.n)))
		sample_add(&s, a->metrics[id].value, b->metrics[id].value);
	ratio->est = stats_estimate_ratio(s.a, s.b, s.n, MODEL_LEVEL, r->seed);
	ratio->with_disturbed = ratio->est;
	ratio->verdict = VERDICT_TOO_FEW;
	ratio->why = s.n ? "a count, not made in pairs" : "no count of both sides";
	sample_release(&s);
}
