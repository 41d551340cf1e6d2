/* Cells of two reports side by side; see agree.h. */
#include "harness/report/agree.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Is there an interval at the level that reports state, not only the range of too few values? */
static bool has_interval(const struct estimate *e)
{
	return e->n >= 2 && e->level >= MODEL_LEVEL && isfinite(e->low) && isfinite(e->high);
}

static bool overlap(const struct estimate *a, const struct estimate *b)
{
	return a->low <= b->high && b->low <= a->high;
}

static const struct model_section *same_section(const struct model *m,
						const struct model_section *x)
{
	for (size_t i = 0; i < m->n_sections; i++)
		if (m->sections[i].type == x->type &&
		    !strcmp(m->sections[i].scenario, x->scenario) &&
		    !strcmp(m->sections[i].phase, x->phase))
			return &m->sections[i];
	return NULL;
}

static const struct model_row *same_row(const struct model_section *x, enum metric_id metric)
{
	for (size_t i = 0; i < x->n_rows; i++)
		if (x->rows[i].metric == metric)
			return &x->rows[i];
	return NULL;
}

static const struct model_cell *same_cell(const struct model_row *row, const char *implementation)
{
	for (size_t i = 0; i < row->n_cells; i++)
		if (!strcmp(row->cells[i].implementation, implementation))
			return &row->cells[i];
	return NULL;
}

static const struct model_ratio *same_ratio(const struct model_row *row,
					    const struct model_ratio *r)
{
	for (size_t i = 0; i < row->n_ratios; i++)
		if (!strcmp(row->ratios[i].a, r->a) && !strcmp(row->ratios[i].b, r->b))
			return &row->ratios[i];
	return NULL;
}

static void add_interval(struct buf *out, const struct estimate *e, double scale)
{
	buf_printf(out, "%.4g [%.4g, %.4g] (n %zu)", e->value * scale, e->low * scale,
		   e->high * scale, e->n);
}

/* "cpu, cpu: mouse: CPU idle, c: 1.2 [1.1, 1.3] (n 8) against 1.5 [1.4, 1.6] (n 8)" */
static void add_line(struct buf *out, const struct model_section *x, enum metric_id metric,
		     const char *who, const struct estimate *a, const struct estimate *b,
		     double scale)
{
	buf_printf(out, "- %s, %s: %s: %s, %s: ", x->scenario, x->phase, event_type_names[x->type],
		   metrics[metric].title, who);
	add_interval(out, a, scale);
	buf_add_str(out, " against ");
	add_interval(out, b, scale);
	buf_add_char(out, '\n');
}

static void compare_cells(const struct model_section *x, const struct model_row *a,
			  const struct model_row *b, struct agreement *sum, struct buf *out)
{
	for (size_t i = 0; i < a->n_cells; i++) {
		const struct model_cell *mine = &a->cells[i],
					*other = b ? same_cell(b, mine->implementation) : NULL;

		if (!other || !has_interval(&mine->est) || !has_interval(&other->est)) {
			sum->skipped++;
			continue;
		}
		sum->values++;
		if (overlap(&mine->est, &other->est))
			sum->values_agree++;
		else
			add_line(out, x, a->metric, mine->implementation, &mine->est, &other->est,
				 metrics[a->metric].scale);
	}
}

static void compare_ratios(const struct model_section *x, const struct model_row *a,
			   const struct model_row *b, struct agreement *sum, struct buf *out)
{
	for (size_t i = 0; i < a->n_ratios; i++) {
		const struct model_ratio *mine = &a->ratios[i],
					 *other = b ? same_ratio(b, mine) : NULL;
		char who[64];

		if (!other || !has_interval(&mine->est) || !has_interval(&other->est)) {
			sum->skipped++;
			continue;
		}
		sum->ratios++;
		snprintf(who, sizeof(who), "%.23s / %.23s", mine->b, mine->a);
		if (overlap(&mine->est, &other->est))
			sum->ratios_agree++;
		else
			add_line(out, x, a->metric, who, &mine->est, &other->est, 1);
	}
}

void agree_compare(const struct model *a, const struct model *b, struct agreement *sum,
		   struct buf *out)
{
	*sum = (struct agreement){ 0 };
	for (size_t i = 0; i < a->n_sections; i++) {
		const struct model_section *x = &a->sections[i], *y = same_section(b, x);

		for (size_t k = 0; k < x->n_rows; k++) {
			const struct model_row *row = &x->rows[k],
					       *other = y ? same_row(y, row->metric) : NULL;

			compare_cells(x, row, other, sum, out);
			compare_ratios(x, row, other, sum, out);
		}
	}
}

double agree_frac(const struct agreement *sum)
{
	size_t n = sum->values + sum->ratios;

	return n ? (double)(sum->values_agree + sum->ratios_agree) / (double)n : NAN;
}
