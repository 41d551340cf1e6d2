/*
 * How reports write numbers, estimates and verdicts; of the renderers only.
 *
 * Everything goes into the block or cell that the document has open.  Nothing is
 * computed here but scaling to the printed unit.
 */
#ifndef REPORT_RENDER_WORDS_H
#define REPORT_RENDER_WORDS_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

/* Not a number: "–"; infinite: "∞". */
void render_number(struct doc *d, double v, int decimals);
/* A cell of a number, sorted by it; NaN: "–". */
void render_number_cell(struct doc *d, double v, int decimals);
/* An empty one, which sorts last. */
void render_no_number_cell(struct doc *d);
/* "0.52 [0.50, 0.55]" */
void render_estimate(struct doc *d, const struct estimate *e, double scale, int decimals);
/* "n = 12, 95 % by bootstrap" */
void render_method(struct doc *d, const struct estimate *e);

/* How many decimals a ratio needs: three digits that mean something. */
int render_ratio_decimals(double v);
/* "≥ 0.52 [0.50, 0.55]", or why there is none. */
void render_ratio(struct doc *d, const struct model_ratio *r);
/* "≥ ", when one side is only a lower bound. */
const char *render_bound(const struct model_ratio *r);
/* The verdict as a badge, with the reason when it is undecided. */
void render_verdict(struct doc *d, const struct model_ratio *r);
/* What its badge looks like. */
enum doc_mark render_mark(enum verdict v);

/* Columns of text or of numbers by their titles. */
void render_columns(struct doc *d, enum doc_column kind, const char *const *titles, size_t n);

/* "of 3 things" and "of 1 thing" */
static inline const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

#endif
