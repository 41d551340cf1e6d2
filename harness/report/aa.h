/*
 * What a subject against itself says of the instrument.
 *
 * Of every metric of the phases that aa runs, per implementation, over its extractors:
 * - the noise floor: the larger bound of |ratio - 1| at VERDICT_NOISE_LEVEL over all pairs;
 * - false differences: the pairs in blocks of MODEL_AA_BLOCK, each judged as a
 *   comparison would be, with the next block as its A/A.
 */
#ifndef REPORT_AA_H
#define REPORT_AA_H

#include "harness/report/model.h"

void aa_build(struct model *m, const struct result *r);
/* The comparison's phase is one of aa. */
bool aa_is_phase(const char *phase);

#endif
