/*
 * The settings of scenario `tuning` with the ratios that were measured for them, and
 * what is recommended; of the model's files.
 */
#ifndef REPORT_TUNING_H
#define REPORT_TUNING_H

#include "harness/report/model.h"

/* After the sections. */
void tuning_build_model(struct model *m);
void tuning_release_model(struct model *m);

#endif
