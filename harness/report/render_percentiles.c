/* Percentile curves; see render_percentiles.h.  Nothing is decided here. */
#include "harness/report/render_percentiles.h"

#include <math.h>
#include <string.h>

#include "harness/report/latency.h"
#include "harness/report/percentiles.h"
#include "harness/report/plot.h"

#define BUSY	     "busy-" /* how such phases begin: latency_plan.h */
#define LEFT_PX	     54
#define PANEL_PX     150
#define TICKS_PX     36 /* below: the axis, what it is, and a gap */
#define GAP_PX	     8
#define TICKS_MAX    6
#define LEAST_RATIO  2.0
#define LEAST_ONE_IN 10.0 /* the axis reaches p90 at least */

struct drawing {
	const struct model *m;
	bool busy;
};

static bool belongs(const struct drawing *dr, const struct latency_section *s)
{
	return !strncmp(s->section->phase, BUSY, strlen(BUSY)) == dr->busy;
}

static bool has_samples(const struct latency_section *s)
{
	for (size_t i = 0; i < s->n_cells; i++)
		if (hist_count(s->cells[i].hist[LATENCY_RESPONSE]))
			return true;
	return false;
}

/* ---- data: what is drawn, and how far the axes must reach ----------------------------------- */

struct reach {
	double one_in;
	struct plot_range us;
};

static void add_curve(struct plot *p, const struct latency_cell *cell, enum latency_time t,
		      size_t panel, size_t number, struct reach *reach)
{
	struct percentile_curve curve;

	percentile_curve_build(&curve, cell->hist[t], MODEL_LEVEL);
	buf_printf(p->out, "$%s_%zu_%zu << EOD\n", latency_time_names[t], panel, number);
	for (size_t i = 0; i < curve.n; i++) {
		buf_printf(p->out, "%.6g %.9g\n", curve.v[i].one_in, curve.v[i].us);
		reach->one_in = fmax(reach->one_in, curve.v[i].one_in);
		plot_range_add(&reach->us, curve.v[i].us);
	}
	buf_add_str(p->out, "EOD\n");
	percentile_curve_release(&curve);
}

static bool is_drawable(const struct latency_percentile *x)
{
	return x->there && isfinite(x->value_us) && isfinite(x->low_us) && isfinite(x->high_us);
}

/* The percentiles that the tables state, with their intervals. */
static void add_stated(struct plot *p, const struct latency_cell *cell, enum latency_time t,
		       size_t panel, size_t number, struct reach *reach)
{
	buf_printf(p->out, "$%s_stated_%zu_%zu << EOD\n", latency_time_names[t], panel, number);
	for (int k = 0; k < LATENCY_PERCENTILES; k++) {
		const struct latency_percentile *x = &cell->p[t][k];

		if (!is_drawable(x))
			continue;
		buf_printf(p->out, "%.6g %.9g %.9g %.9g\n", 1 / (1 - latency_percentiles[k].q),
			   x->value_us, x->low_us, x->high_us);
		plot_range_add(&reach->us, x->low_us);
		plot_range_add(&reach->us, x->high_us);
	}
	buf_add_str(p->out, "EOD\n");
}

static bool states_any(const struct latency_cell *cell, enum latency_time t)
{
	for (int k = 0; k < LATENCY_PERCENTILES; k++)
		if (is_drawable(&cell->p[t][k]))
			return true;
	return false;
}

static void add_data(struct plot *p, const struct latency_section *s, size_t panel,
		     struct reach *reach)
{
	*reach = (struct reach){ .one_in = LEAST_ONE_IN, .us = PLOT_RANGE_NONE };
	for (size_t i = 0; i < s->n_cells; i++)
		for (int t = 0; t < LATENCY_TIMES; t++) {
			add_curve(p, &s->cells[i], (enum latency_time)t, panel, i, reach);
			add_stated(p, &s->cells[i], (enum latency_time)t, panel, i, reach);
		}
}

/* ---- the plot command ------------------------------------------------------------------------ */

static const struct {
	int dash;
	const char *with; /* of the stated percentiles */
} looks[LATENCY_TIMES] = {
	[LATENCY_RESPONSE] = { 1, "yerrorbars" },
	[LATENCY_SERVICE] = { 2, "points" },
};

static void plot_cell(struct plot *p, const struct result *r, const struct latency_cell *cell,
		      size_t panel, size_t number, const char **separator)
{
	struct plot_style style = plot_style_of(r, cell->implementation);

	for (int t = LATENCY_TIMES - 1; t >= 0; t--) { /* response on top */
		const char *name = latency_time_names[t];

		if (!hist_count(cell->hist[t]))
			continue;
		buf_printf(p->out, "%s$%s_%zu_%zu using 1:2 with fsteps lw 1.5 dt %d lc rgb \"%s\"",
			   *separator, name, panel, number, looks[t].dash, style.rgb);
		*separator = ", \\\n     ";
		if (states_any(cell, (enum latency_time)t))
			buf_printf(p->out,
				   "%s$%s_stated_%zu_%zu with %s pt %d ps 0.7 lw 1 lc rgb \"%s\"",
				   *separator, name, panel, number, looks[t].with,
				   t == LATENCY_RESPONSE ? style.point : style.hollow_point,
				   style.rgb);
	}
}

static void draw_panel(struct plot *p, const struct result *r, const struct latency_section *s,
		       size_t panel)
{
	const char *separator = "plot ";
	struct reach reach;

	plot_heading(p, "%s, %s", event_type_names[s->section->type], s->section->phase);
	plot_note(p, "response and service time, µs, by percentile");
	add_data(p, s, panel, &reach);
	plot_range_pad(&reach.us, LEAST_RATIO);
	buf_printf(p->out, "set xrange [1:%.6g]\n", reach.one_in * 1.05);
	plot_log_axis(p, 'y', &reach.us, TICKS_MAX);
	p->y_px += GAP_PX;
	plot_frame(p, LEFT_PX, PANEL_PX);
	for (size_t i = 0; i < s->n_cells; i++)
		plot_cell(p, r, &s->cells[i], panel, i, &separator);
	buf_add_char(p->out, '\n');
	plot_drawn(p);
	p->y_px += TICKS_PX;
}

/* ---- the picture ------------------------------------------------------------------------------ */

static size_t list_names(const struct drawing *dr, const char *names[MODEL_IMPLEMENTATIONS_MAX])
{
	const struct latency_report *l = dr->m->latency;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; belongs(dr, &l->sections[i]) && k < l->sections[i].n_cells; k++)
			plot_list_name(names, &n, MODEL_IMPLEMENTATIONS_MAX,
				       l->sections[i].cells[k].implementation);
	return n;
}

static void draw(struct plot *p, const void *ctx)
{
	const struct drawing *dr = ctx;
	const struct latency_report *l = dr->m->latency;
	const char *names[MODEL_IMPLEMENTATIONS_MAX];
	size_t n = list_names(dr, names);

	plot_heading(p, "Latency by percentile, %s", dr->busy ? "among other events" : "alone");
	plot_legend(p, dr->m->result, names, n);
	plot_note(p, "solid, filled: response time, with intervals at 95 %%");
	plot_note(p, "dashed, hollow: service time, from the sending on");
	plot_note(p, "a curve ends where its samples state no percentile");
	buf_add_str(
		p->out,
		"set logscale x\nset xtics (\"0\" 1, \"50\" 2, \"90\" 10, \"99\" 100, \"99.9\" 1000, "
		"\"99.99\" 10000, \"99.999\" 100000)\n");
	for (size_t i = 0; i < l->n; i++)
		if (belongs(dr, &l->sections[i]) && has_samples(&l->sections[i]))
			draw_panel(p, dr->m->result, &l->sections[i], i);
}

static bool render(const struct drawing *dr, const char *terminal, const char *file,
		   struct buf *out)
{
	const struct latency_report *l = dr->m->latency;

	for (size_t i = 0; l && i < l->n; i++)
		if (belongs(dr, &l->sections[i]) && has_samples(&l->sections[i])) {
			plot_script(out, terminal, file, draw, dr);
			return true;
		}
	return false;
}

bool render_percentiles_alone(const struct model *m, const char *scenario UNUSED,
			      const char *terminal, const char *file, struct buf *out)
{
	return render(&(struct drawing){ .m = m }, terminal, file, out);
}

bool render_percentiles_busy(const struct model *m, const char *scenario UNUSED,
			     const char *terminal, const char *file, struct buf *out)
{
	return render(&(struct drawing){ .m = m, .busy = true }, terminal, file, out);
}
