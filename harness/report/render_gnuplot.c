/* The dots plot; see render_gnuplot.h. */
#include "harness/report/render_gnuplot.h"

#include <stdio.h>

/* The rows of panels, top to bottom. */
static const enum metric_id panels[] = { METRIC_DRAIN_RATE, METRIC_CPU_PER_EVENT, METRIC_RSS };

/* Dots of one implementation are spread a little, by run, so that equal values stay visible. */
static void add_dots(struct buf *out, const struct model *m, const struct model_extractor *x,
		     size_t column, enum metric_id id)
{
	const struct result *r = m->result;
	int k = 0;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (run->extractor != x->type || run->status != RUN_OK || !run->metrics[id].there ||
		    strcmp(run->implementation, x->implementations[column]))
			continue;
		buf_printf(out, "%.3f %.9g\n", (double)column + 0.03 * (k++ % 9 - 4),
			   run->metrics[id].value * metrics[id].scale);
	}
}

static void add_data(struct buf *out, const struct model *m)
{
	for (size_t x = 0; x < m->n_extractors; x++)
		for (size_t p = 0; p < ARRAY_SIZE(panels); p++) {
			const struct model_extractor *ex = &m->extractors[x];

			buf_printf(out, "$d_%zu_%zu << EOD\n", x, p);
			for (size_t c = 0; c < ex->n_implementations; c++)
				add_dots(out, m, ex, c, panels[p]);
			buf_add_str(out, "EOD\n");
		}
}

static const struct model_row *row_of(const struct model_extractor *x, enum metric_id id)
{
	for (size_t k = 0; k < x->n_rows; k++)
		if (x->rows[k].metric == id)
			return &x->rows[k];
	return NULL;
}

static void add_medians(struct buf *out, const struct model_extractor *x, size_t xi, size_t p)
{
	const struct model_row *row = row_of(x, panels[p]);

	buf_printf(out, "$m_%zu_%zu << EOD\n", xi, p);
	for (size_t c = 0; row && c < row->n_cells; c++)
		if (row->cells[c].est.n)
			buf_printf(out, "%zu %.9g\n", c,
				   row->cells[c].est.value * metrics[panels[p]].scale);
	buf_add_str(out, "EOD\n");
}

static void add_panel(struct buf *out, const struct model_extractor *x, size_t xi, size_t p)
{
	const struct metric_info *mi = &metrics[panels[p]];

	buf_printf(out, "set title \"%s: %s (%s)\"\nset xtics (", event_type_names[x->type],
		   mi->title, mi->unit);
	for (size_t c = 0; c < x->n_implementations; c++)
		buf_printf(out, "%s\"%s\" %zu", c ? ", " : "",
			   strcmp(x->implementations[c], "null") ? x->implementations[c] : "floor",
			   c);
	buf_printf(out, ")\nset xrange [-0.6:%.1f]\n", (double)x->n_implementations - 0.4);
	buf_printf(
		out,
		"plot $d_%zu_%zu using 1:2 with points pt 7 ps 0.5 lc rgb '#1f77b4' notitle, \\\n"
		"     $m_%zu_%zu using ($1-0.3):2:(0.6):(0) with vectors nohead lw 2 lc rgb "
		"'#d62728' notitle\n",
		xi, p, xi, p);
}

void render_gnuplot(const struct model *m, const char *terminal, const char *file, struct buf *out)
{
	add_data(out, m);
	for (size_t x = 0; x < m->n_extractors; x++)
		for (size_t p = 0; p < ARRAY_SIZE(panels); p++)
			add_medians(out, &m->extractors[x], x, p);
	buf_printf(
		out,
		"set terminal %s size 1200,1000 font \"sans,10\"\nset output \"%s\"\n"
		"set logscale y\nset grid y\nset format y \"%%g\"\n"
		"set multiplot layout %zu,%zu title \"Every valid run is a dot, medians are lines "
		"(log scale)\"\n",
		terminal, file, ARRAY_SIZE(panels), m->n_extractors);
	for (size_t p = 0; p < ARRAY_SIZE(panels); p++)
		for (size_t x = 0; x < m->n_extractors; x++)
			add_panel(out, &m->extractors[x], x, p);
	buf_add_str(out, "unset multiplot\n");
}
