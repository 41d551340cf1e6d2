/* The harness against itself: noise floors and false differences. */
#ifndef REPORT_RENDER_AA_H
#define REPORT_RENDER_AA_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

void render_aa(const struct model *m, struct doc *d);

#endif
