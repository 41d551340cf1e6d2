/*
 * The dots plot; see render_gnuplot.h.
 *
 * Panels below each other: each plotted metric of each phase that has a value, and of it
 * each extractor of the scenario; in it a line for each implementation.
 */
#include "harness/report/render_gnuplot.h"

#include <math.h>
#include <string.h>

#include "harness/report/plot.h"
#include "harness/report/titles.h"

#define PANELS_MAX  48 /* more than anybody looks at */
#define LINE_PX	    26
#define TICKS_PX    28 /* below: the axis and a gap */
#define LEFT_MIN_PX 50
#define LEFT_MAX_PX 170
#define TICKS_MAX   5
#define LEAST_RATIO 1.02

struct panel {
	const struct model_section *section;
	enum metric_id metric;
};

struct drawing {
	const struct model *m;
	const char *scenario;
	size_t n;
	struct panel panels[PANELS_MAX];
};

/* Is there a median that a logarithmic axis has a place for? */
static bool has_value(const struct model_section *x, enum metric_id id)
{
	const struct model_row *row = model_row(x, id);

	for (size_t c = 0; row && c < row->n_cells; c++)
		if (row->cells[c].est.n && row->cells[c].est.value > 0)
			return true;
	return false;
}

static bool same_phase(const struct model_section *a, const struct model_section *b)
{
	return !strcmp(a->scenario, b->scenario) && !strcmp(a->phase, b->phase);
}

static bool is_first_of_phase(const struct model *m, size_t section)
{
	for (size_t i = 0; i < section; i++)
		if (same_phase(&m->sections[i], &m->sections[section]))
			return false;
	return true;
}

/* That metric of every extractor in the phase of `first`. */
static void add_panels(struct drawing *dr, const struct model_section *first, enum metric_id id)
{
	for (size_t i = 0; i < dr->m->n_sections && dr->n < PANELS_MAX; i++) {
		const struct model_section *x = &dr->m->sections[i];

		if (same_phase(first, x) && has_value(x, id))
			dr->panels[dr->n++] = (struct panel){ x, id };
	}
}

static void choose(struct drawing *dr)
{
	for (size_t i = 0; i < dr->m->n_sections; i++)
		for (int id = 0; id < METRICS; id++) {
			const struct model_section *x = &dr->m->sections[i];

			if (!strcmp(x->scenario, dr->scenario) && metrics[id].plotted &&
			    is_first_of_phase(dr->m, i))
				add_panels(dr, x, (enum metric_id)id);
		}
}

/* A logarithmic axis has no place for 0 (no CPU at all while idle, say). */
static bool drawable(const struct metric_value *v)
{
	return v->there && v->value > 0;
}

/* Where on the y axis: the first implementation on top. */
static double line_at(const struct model_section *x, size_t column)
{
	return (double)(x->n_implementations - 1 - column);
}

/* Dots of one implementation are spread a little, by run, so that equal values stay visible. */
static size_t add_dots(struct plot *p, const struct drawing *dr, const struct panel *panel,
		       size_t number, size_t column, struct plot_range *range)
{
	const struct result *r = dr->m->result;
	const struct model_section *x = panel->section;
	size_t k = 0;

	buf_printf(p->out, "$dots_%zu_%zu << EOD\n", number, column);
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];
		double v = run->metrics[panel->metric].value * metrics[panel->metric].scale;

		if (run->extractor != x->type || run->status != RUN_OK ||
		    !drawable(&run->metrics[panel->metric]) || strcmp(run->scenario, x->scenario) ||
		    strcmp(run->phase, x->phase) ||
		    strcmp(run->implementation, x->implementations[column]))
			continue;
		buf_printf(p->out, "%.9g %.3f\n", v,
			   line_at(x, column) + 0.06 * ((double)(k++ % 9) - 4));
		plot_range_add(range, v);
	}
	buf_add_str(p->out, "EOD\n");
	return k;
}

static bool has_median(const struct model_cell *cell)
{
	return cell->est.n && cell->est.value > 0;
}

static void add_medians(struct plot *p, const struct panel *panel, size_t number)
{
	const struct model_row *row = model_row(panel->section, panel->metric);

	buf_printf(p->out, "$medians_%zu << EOD\n", number);
	for (size_t c = 0; c < row->n_cells; c++)
		if (has_median(&row->cells[c]))
			buf_printf(p->out, "%.9g %.1f\n",
				   row->cells[c].est.value * metrics[panel->metric].scale,
				   line_at(panel->section, c) - 0.4);
	buf_add_str(p->out, "EOD\n");
}

/* The names of the lines; returns what room they need. */
static int name_lines(struct plot *p, const struct model_section *x)
{
	size_t longest = 0;
	double px;

	buf_add_str(p->out, "set ytics (");
	for (size_t c = 0; c < x->n_implementations; c++) {
		const char *title = title_of(x->implementations[c]);

		buf_printf(p->out, "%s\"%s\" %.0f", c ? ", " : "", title, line_at(x, c));
		longest = strlen(title) > longest ? strlen(title) : longest;
	}
	buf_printf(p->out, ")\nset yrange [-0.6:%.1f]\n", (double)x->n_implementations - 0.4);
	px = 20 + PLOT_LETTER_PX * (double)longest;
	return (int)fmin(fmax(px, LEFT_MIN_PX), LEFT_MAX_PX);
}

static void draw_panel(struct plot *p, const struct drawing *dr, const struct panel *panel,
		       size_t number)
{
	const struct model_section *x = panel->section;
	const struct metric_info *mi = &metrics[panel->metric];
	struct plot_range range = PLOT_RANGE_NONE;
	size_t dots[MODEL_IMPLEMENTATIONS_MAX];
	int left_px;

	plot_heading(p, "%s, %s", event_type_names[x->type], x->phase);
	plot_note(p, "%s%s%s", mi->title, mi->unit[0] ? ", " : "", mi->unit);
	for (size_t c = 0; c < x->n_implementations; c++)
		dots[c] = add_dots(p, dr, panel, number, c, &range);
	add_medians(p, panel, number);
	plot_range_pad(&range, LEAST_RATIO);
	plot_log_axis(p, 'x', &range, TICKS_MAX);
	left_px = name_lines(p, x);
	plot_frame(p, left_px, LINE_PX * (int)x->n_implementations);
	buf_printf(p->out,
		   "plot $medians_%zu using 1:2:(0):(0.8) with vectors nohead lw 3 lc rgb "
		   "\"#b0b0b0\"",
		   number);
	for (size_t c = 0; c < x->n_implementations; c++) {
		struct plot_style style = plot_style_of(dr->m->result, x->implementations[c]);

		if (dots[c])
			buf_printf(
				p->out,
				", \\\n     $dots_%zu_%zu using 1:2 with points pt %d ps 0.5 lc rgb "
				"\"%s\"",
				number, c, style.point, style.rgb);
	}
	buf_add_char(p->out, '\n');
	plot_drawn(p);
	p->y_px += TICKS_PX;
}

static void draw(struct plot *p, const void *ctx)
{
	const struct drawing *dr = ctx;

	plot_heading(p, "%s: every valid run", dr->scenario);
	plot_note(p, "dot: a run; grey line: median; logarithmic axes");
	for (size_t i = 0; i < dr->n; i++)
		draw_panel(p, dr, &dr->panels[i], i);
}

bool render_gnuplot(const struct model *m, const char *scenario, const char *terminal,
		    const char *file, struct buf *out)
{
	struct drawing dr = { .m = m, .scenario = scenario };

	choose(&dr);
	if (!dr.n)
		return false;
	plot_script(out, terminal, file, draw, &dr);
	return true;
}
