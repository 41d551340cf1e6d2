/*
 * The dots plot; see render_gnuplot.h.
 *
 * A grid: a row for each plotted metric of each phase that has a value, a column for
 * each extractor of the scenario; what a phase does not have is left empty.
 */
#include "harness/report/render_gnuplot.h"

#define ROWS_MAX 64

/* One row of panels; `sections` by extractor, NULL where the phase has none. */
struct panel_row {
	const struct model_section *sections[EVENT_TYPES];
	enum metric_id metric;
};

static const struct model_row *row_of(const struct model_section *x, enum metric_id id)
{
	for (size_t k = 0; k < x->n_rows; k++)
		if (x->rows[k].metric == id)
			return &x->rows[k];
	return NULL;
}

static bool same_phase(const struct model_section *a, const struct model_section *b)
{
	return !strcmp(a->scenario, b->scenario) && !strcmp(a->phase, b->phase);
}

/* The row of that phase and metric, made when it is not there yet. */
static struct panel_row *row_for(struct panel_row *rows, size_t *n, const struct model_section *x,
				 enum metric_id id)
{
	for (size_t i = 0; i < *n; i++)
		for (int t = 0; t < EVENT_TYPES; t++)
			if (rows[i].metric == id && rows[i].sections[t] &&
			    same_phase(rows[i].sections[t], x))
				return &rows[i];
	if (*n == ROWS_MAX)
		return NULL; /* more than anybody looks at */
	rows[*n] = (struct panel_row){ .metric = id };
	return &rows[(*n)++];
}

/* Is there a median that a logarithmic axis has a place for? */
static bool has_value(const struct model_section *x, enum metric_id id)
{
	const struct model_row *row = row_of(x, id);

	for (size_t c = 0; row && c < row->n_cells; c++)
		if (row->cells[c].est.n && row->cells[c].est.value > 0)
			return true;
	return false;
}

static size_t make_rows(const struct model *m, const char *scenario, struct panel_row *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_sections; i++)
		for (int id = 0; id < METRICS; id++) {
			const struct model_section *x = &m->sections[i];
			struct panel_row *row;

			if (strcmp(x->scenario, scenario) || !metrics[id].plotted ||
			    !has_value(x, (enum metric_id)id))
				continue;
			row = row_for(rows, &n, x, (enum metric_id)id);
			if (row)
				row->sections[x->type] = x;
		}
	return n;
}

/* A logarithmic axis has no place for 0 (no CPU at all while idle, say). */
static bool drawable(const struct metric_value *v)
{
	return v->there && v->value > 0;
}

/* Dots of one implementation are spread a little, by run, so that equal values stay visible. */
static void add_dots(struct buf *out, const struct model *m, const struct model_section *x,
		     size_t column, enum metric_id id)
{
	const struct result *r = m->result;
	int k = 0;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (run->extractor != x->type || run->status != RUN_OK ||
		    !drawable(&run->metrics[id]) || strcmp(run->scenario, x->scenario) ||
		    strcmp(run->phase, x->phase) ||
		    strcmp(run->implementation, x->implementations[column]))
			continue;
		buf_printf(out, "%.3f %.9g\n", (double)column + 0.03 * (k++ % 9 - 4),
			   run->metrics[id].value * metrics[id].scale);
	}
}

/* The data of a panel: its dots and its medians. */
static void add_data(struct buf *out, const struct model *m, const struct model_section *x,
		     size_t number, enum metric_id id)
{
	const struct model_row *row = row_of(x, id);

	buf_printf(out, "$d_%zu << EOD\n", number);
	for (size_t c = 0; c < x->n_implementations; c++)
		add_dots(out, m, x, c, id);
	buf_printf(out, "EOD\n$m_%zu << EOD\n", number);
	for (size_t c = 0; c < row->n_cells; c++)
		if (row->cells[c].est.n && row->cells[c].est.value > 0)
			buf_printf(out, "%zu %.9g\n", c,
				   row->cells[c].est.value * metrics[id].scale);
	buf_add_str(out, "EOD\n");
}

static void add_panel(struct buf *out, const struct model_section *x, size_t number,
		      enum metric_id id)
{
	const struct metric_info *mi = &metrics[id];

	buf_printf(out, "set title \"%s, %s: %s%s%s%s\"\nset xtics (", event_type_names[x->type],
		   x->phase, mi->title, mi->unit[0] ? " (" : "", mi->unit, mi->unit[0] ? ")" : "");
	for (size_t c = 0; c < x->n_implementations; c++)
		buf_printf(out, "%s\"%s\" %zu", c ? ", " : "",
			   strcmp(x->implementations[c], "null") ? x->implementations[c] : "floor",
			   c);
	buf_printf(out, ")\nset xrange [-0.6:%.1f]\n", (double)x->n_implementations - 0.4);
	buf_printf(out,
		   "plot $d_%zu using 1:2 with points pt 7 ps 0.5 lc rgb '#1f77b4' notitle, \\\n"
		   "     $m_%zu using ($1-0.3):2:(0.6):(0) with vectors nohead lw 2 lc rgb "
		   "'#d62728' notitle\n",
		   number, number);
}

/* Which extractors have a column. */
static int columns_of(const struct panel_row *rows, size_t n, bool has[EVENT_TYPES])
{
	int columns = 0;

	for (int t = 0; t < EVENT_TYPES; t++) {
		has[t] = false;
		for (size_t i = 0; i < n; i++)
			has[t] |= rows[i].sections[t] != NULL;
		columns += has[t];
	}
	return columns;
}

bool render_gnuplot(const struct model *m, const char *scenario, const char *terminal,
		    const char *file, struct buf *out)
{
	struct panel_row rows[ROWS_MAX];
	bool has[EVENT_TYPES];
	size_t n = make_rows(m, scenario, rows), number = 0;
	int columns = columns_of(rows, n, has);

	if (!n)
		return false;
	buf_printf(out,
		   "set terminal %s size %d,%zu font \"sans,10\"\nset output \"%s\"\n"
		   "set logscale y\nset grid y\nset format y \"%%g\"\n"
		   "set multiplot layout %zu,%d title \"%s: every valid run is a dot, medians are "
		   "lines (log scale)\"\n",
		   terminal, columns > 1 ? 400 * columns : 600, 60 + 310 * n, file, n, columns,
		   scenario);
	for (size_t i = 0; i < n; i++)
		for (int t = 0; t < EVENT_TYPES; t++) {
			const struct model_section *x = rows[i].sections[t];

			if (x) {
				add_data(out, m, x, number, rows[i].metric);
				add_panel(out, x, number, rows[i].metric);
			} else if (has[t]) {
				buf_add_str(out, "set multiplot next\n");
			}
			number++;
		}
	buf_add_str(out, "unset multiplot\n");
	return true;
}
