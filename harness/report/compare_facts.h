/*
 * What is not the same in two sessions: host, versions, settings, plans; of compare.c.
 *
 * Facts that were measured (load, noise score, system calls) differ always and
 * are left out.  Pure; the caller frees what is added to the list.
 */
#ifndef REPORT_COMPARE_FACTS_H
#define REPORT_COMPARE_FACTS_H

#include "harness/report/compare.h"

/* Fills c->differences of c->models. */
void compare_facts_build(struct compare *c);

/* Are host and cores the same, by the facts of both? */
bool compare_facts_same_host(const struct compare *c);

/* Why figures of this section cannot be set against each other; NULL: they can.  x: A's, y: B's. */
const char *compare_facts_other_work(const struct compare *c, const struct model_section *x,
				     const struct model_section *y);

#endif
