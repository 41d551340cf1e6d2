/*
 * The pairs of a scenario as a picture: which panels, which strips, which dots.
 *
 * A panel is one metric of one extractor in one phase; it has a strip for each comparison
 * (A/A is one of them): the ratio of every pair in the order made, the estimate and
 * its interval, and the noise of A/A to hold them against.  There is room for STRIPS_MAX:
 * the metrics that decide go first, and panels of one phase and metric come together.
 * Pure.  Ownership: strips_build() allocates, strips_release() frees; all else points
 * into the model, which must outlive it.
 */
#ifndef REPORT_STRIPS_H
#define REPORT_STRIPS_H

#include "harness/report/model.h"
#include "harness/report/plot.h"

#define STRIPS_MAX	24
#define STRIPS_DOTS_MAX 160 /* of one strip: every k-th pair beyond */

struct strip_dot {
	double ratio; /* B/A */
	bool disturbed;
};

struct strip {
	const struct model_ratio *ratio;
	size_t n_pairs; /* with a ratio, disturbed ones too; n_dots of them are drawn */
	size_t n_dots;
	struct strip_dot *dots;
	struct plot_range range; /* of all that is in it, and of 1 */
};

struct strip_panel {
	const struct model_section *section;
	enum metric_id metric;
	size_t n;
	struct strip strips[MODEL_COMPARISONS_MAX];
};

struct strips {
	size_t n, left_out; /* panels; those that there was no room for */
	struct strip_panel *panels;
};

void strips_build(struct strips *s, const struct model *m, const char *scenario);
void strips_release(struct strips *s);

#endif
