/* The parts of a decision, put together; see decision.h. */
#include "harness/judge/decision.h"

#include <errno.h>
#include <string.h>

static void build_extractor(struct decision_extractor *x, const struct decision *d,
			    enum event_type type)
{
	x->measured = decision_gather(&x->evidence, d->rules, d->model, type);
	decision_judge(&x->judged, d->rules, &x->evidence);
	decision_vary(x, d->rules);
	decision_advise(x, d->rules, d->model->result);
}

int decision_build(struct decision *d, const struct decision_rules *rules, const struct model *m,
		   struct err *e)
{
	bool any = false;

	memset(d, 0, sizeof(*d));
	d->rules = rules;
	d->model = m;
	for (int i = 0; i < EVENT_TYPES; i++) {
		build_extractor(&d->extractors[i], d, (enum event_type)i);
		any |= d->extractors[i].measured;
	}
	if (!any)
		return err_set(e, -ENODATA,
			       "session %.64s compares %s and %s in none of the metrics that the "
			       "rules weigh",
			       m->result->id, rules->from, rules->to);
	decision_judge_all(&d->whole, rules, d->extractors);
	decision_total(&d->all, rules, d->extractors, false);
	decision_vary_all(d);
	return 0;
}
