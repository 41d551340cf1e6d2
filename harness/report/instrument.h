/* The instrument's own cost as medians over runs (rule 10); of the model's files. */
#ifndef REPORT_INSTRUMENT_H
#define REPORT_INSTRUMENT_H

#include "harness/report/model.h"

void instrument_build(struct model *m, const struct result *r);

#endif
