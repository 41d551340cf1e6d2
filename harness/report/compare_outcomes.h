/*
 * What two sessions found that is no figure: items of the contract, leaks; of compare.c.
 *
 * Pure; the list is the caller's to free.
 */
#ifndef REPORT_COMPARE_OUTCOMES_H
#define REPORT_COMPARE_OUTCOMES_H

#include "harness/report/compare.h"

/* Fills c->outcomes of c->models. */
void compare_outcomes_build(struct compare *c);

#endif
