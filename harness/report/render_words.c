/* Words that several parts of a report share; see render_words.h. */
#include "harness/report/render_words.h"

#include <math.h>

void render_number(struct doc *d, double v, int decimals)
{
	if (isnan(v))
		doc_text(d, "–");
	else if (isinf(v))
		doc_text(d, v > 0 ? "∞" : "-∞");
	else
		doc_text(d, "%.*f", decimals, v);
}

void render_number_cell(struct doc *d, double v, int decimals)
{
	doc_cell(d);
	doc_sort_key(d, v);
	render_number(d, v, decimals);
}

void render_no_number_cell(struct doc *d)
{
	doc_cell(d);
	doc_sort_key(d, NAN);
}

void render_estimate(struct doc *d, const struct estimate *e, double scale, int decimals)
{
	render_number(d, e->value * scale, decimals);
	if (e->n < 2)
		return;
	doc_text(d, " [");
	render_number(d, e->low * scale, decimals);
	doc_text(d, ", ");
	render_number(d, e->high * scale, decimals);
	doc_text(d, "]");
}

void render_method(struct doc *d, const struct estimate *e)
{
	if (e->n < 2)
		doc_text(d, "n = %zu, no interval", e->n);
	else
		doc_text(d, "n = %zu, %.4g %% by %s", e->n, 100 * e->level,
			 stats_method_names[e->method]);
}

int render_ratio_decimals(double v)
{
	return v >= 100 ? 0 : v >= 10 ? 1 : v >= 1 ? 2 : v >= 0.1 ? 3 : 4;
}

const char *render_bound(const struct model_ratio *r)
{
	static const char *const marks[] = {
		[BOUND_NONE] = "",
		[BOUND_BELOW] = "≥ ",
		[BOUND_ABOVE] = "≤ ",
	};

	return marks[r->bound];
}

void render_ratio(struct doc *d, const struct model_ratio *r)
{
	if (!r->est.n) {
		doc_text(d, "unavailable: %s", r->why ? r->why : "no pair with both sides valid");
		return;
	}
	doc_text(d, "%s", render_bound(r));
	render_estimate(d, &r->est, 1, render_ratio_decimals(r->est.value));
}

enum doc_mark render_mark(enum verdict v)
{
	static const enum doc_mark marks[VERDICTS] = {
		[VERDICT_BETTER] = DOC_GOOD,
		[VERDICT_WORSE] = DOC_BAD,
		[VERDICT_NO_DIFFERENCE] = DOC_NEUTRAL,
		[VERDICT_TOO_FEW] = DOC_NEUTRAL,
		[VERDICT_VOID] = DOC_VOID,
	};

	return marks[v];
}

void render_verdict(struct doc *d, const struct model_ratio *r)
{
	if (model_is_aa(r)) {
		doc_text(d, "A/A");
		return;
	}
	doc_badge(d, render_mark(r->verdict), "%s", verdict_names[r->verdict]);
	if (r->est.n && r->verdict == VERDICT_TOO_FEW && r->why)
		doc_text(d, ": %s", r->why);
}

void render_columns(struct doc *d, enum doc_column kind, const char *const *titles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		doc_column(d, kind, "%s", titles[i]);
}
