/* The scenario aa; see aa.h. */
#include "harness/aa.h"

#include <errno.h>
#include <string.h>

#include "harness/pairs.h"
#include "harness/startup.h"
#include "harness/throughput.h"

static int check_compare(const struct session *s, struct err *e)
{
	char a[24], b[24];

	for (size_t i = 0; scenario_comparison(&s->scenario, i, a, b); i++)
		if (strcmp(a, b))
			return err_set(e, -EINVAL, "%s: compare=%s:%s: aa sets each against itself",
				       s->scenario.path, a, b);
	return 0;
}

/* Phases of their own name: their tables are not those of startup and throughput. */
static struct pairs_phase phase_of(struct pairs_phase like, const char *name, int64_t pairs)
{
	like.name = name;
	like.pairs = pairs;
	return like;
}

int aa_run(struct session *s, struct err *e)
{
	struct pairs_phase phases[] = {
		phase_of(startup_warm_phase, "aa-start", s->size->aa_pairs),
		phase_of(throughput_drain_phase, "aa-drain", s->size->aa_drain_pairs),
	};
	int rc = check_compare(s, e);

	return rc ? rc
		  : pairs_run_all(s, phases, s->size->aa_drain_pairs ? 2 : 1, s->deadline_ns, e);
}
