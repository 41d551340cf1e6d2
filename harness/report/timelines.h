/*
 * Runs over time as a picture: which runs stand for their implementations, which curves.
 *
 * A panel is one extractor in one phase of a scenario.  Of each implementation it has the
 * run in the middle: of the valid ones with a timeline, the (lower) median by the first
 * metric of the section's table.  Rates are between two rows, and stand at the middle
 * between them.
 * Pure.  Ownership: timelines_build() allocates, timelines_release() frees; all else
 * points into the model, which must outlive it.
 */
#ifndef REPORT_TIMELINES_H
#define REPORT_TIMELINES_H

#include "harness/report/model.h"
#include "harness/report/plot.h"

enum timeline_quantity { TIMELINE_RSS, TIMELINE_CPU, TIMELINE_WAIT, TIMELINE_QUANTITIES };

struct timeline_quantity_info {
	const char *title; /* with its unit */
	double floor; /* what is below is drawn there: these axes are logarithmic, idling is 0 */
};
extern const struct timeline_quantity_info timeline_quantities[TIMELINE_QUANTITIES];

struct timeline_point {
	double at_s, value;
};

struct timeline_curve {
	const char *implementation;
	const struct run *run;
	const struct timeline *data;
	size_t n[TIMELINE_QUANTITIES];
	struct timeline_point *v[TIMELINE_QUANTITIES];
};

struct timeline_panel {
	const struct model_section *section;
	size_t n;
	struct timeline_curve curves[MODEL_IMPLEMENTATIONS_MAX];
	double end_s;				      /* the last stage's, or the last row */
	struct plot_range range[TIMELINE_QUANTITIES]; /* empty: nobody has a value */
};

struct timelines {
	size_t n;
	struct timeline_panel *panels;
};

void timelines_build(struct timelines *t, const struct model *m, const char *scenario);
void timelines_release(struct timelines *t);

#endif
