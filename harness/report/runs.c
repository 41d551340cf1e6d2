/* Values of runs; see runs.h. */
#include "harness/report/runs.h"

#include <string.h>

bool runs_belong(const struct run *run, const struct model_section *x)
{
	return run->extractor == x->type && !strcmp(run->phase, x->phase) &&
	       !strcmp(run->scenario, x->scenario);
}

void runs_collect(const struct result *r, const struct model_section *x, const char *implementation,
		  enum metric_id id, struct sample *s, const char **why)
{
	bool disturbed = false;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (!runs_belong(run, x) || strcmp(run->implementation, implementation))
			continue;
		disturbed |= run->status == RUN_DISTURBED;
		if (run_counts(run, false) && run->metrics[id].there)
			sample_add(s, run->metrics[id].value, 0);
		else if (!*why && run_counts(run, true) && !run->metrics[id].there)
			*why = run->metrics[id].why;
	}
	if (!*why && disturbed)
		*why = "the host disturbed every run";
}
