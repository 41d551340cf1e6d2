/* Memory over a soak; see render_soak_plot.h.  Nothing is decided here. */
#include "harness/report/render_soak_plot.h"

#include <math.h>
#include <string.h>

#include "harness/report/plot.h"

#define POINTS_MAX  400 /* of one line: more than the picture has columns */
#define MARKERS	    8	/* points on a line, about */
#define LEFT_PX	    54
#define PANEL_PX    130
#define TICKS_PX    30
#define GAP_PX	    8
#define TICKS_MAX   5
#define LEAST_RATIO 2.0 /* a flat line looks flat */

/* Does the run belong to that subject, and has it a series? */
static const struct series *series_of(const struct result *r, const struct run *run,
				      const struct model_soak *x)
{
	return run->extractor == x->type && !strcmp(run->implementation, x->implementation)
		       ? result_series(r, run)
		       : NULL;
}

/* No more rows than the picture has room for. */
static void add_points(struct plot *p, const struct series *s, struct plot_range *range,
		       double *minutes)
{
	size_t step = s->n / POINTS_MAX + 1;

	for (size_t i = 0; i < s->n; i += step) {
		double mb = s->v[i].uss_bytes / 1e6;

		if (!(mb > 0))
			continue;
		buf_printf(p->out, "%.6g %.6g\n", s->v[i].elapsed_s / 60, mb);
		plot_range_add(range, mb);
		*minutes = fmax(*minutes, s->v[i].elapsed_s / 60);
	}
	buf_add_str(p->out, "\n"); /* the next stretch is not joined to it */
}

static void add_data(struct plot *p, const struct model *m, size_t k, struct plot_range *range,
		     double *minutes)
{
	const struct result *r = m->result;

	buf_printf(p->out, "$uss_%zu << EOD\n", k);
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct series *s = series_of(r, &r->runs[i], &m->soaks[k]);

		if (s)
			add_points(p, s, range, minutes);
	}
	buf_add_str(p->out, "EOD\n");
}

static size_t count_points(const struct model *m, size_t k)
{
	size_t n = 0;
	const struct result *r = m->result;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct series *s = series_of(r, &r->runs[i], &m->soaks[k]);

		for (size_t j = 0; s && j < s->n; j += s->n / POINTS_MAX + 1)
			n += s->v[j].uss_bytes > 0;
	}
	return n;
}

/* Soaks stand by extractor: those from `first` on that are of its own. */
static size_t end_of_type(const struct model *m, size_t first)
{
	size_t end = first;

	while (end < m->n_soaks && m->soaks[end].type == m->soaks[first].type)
		end++;
	return end;
}

static void draw_panel(struct plot *p, const struct model *m, size_t first, size_t end)
{
	struct plot_range range = PLOT_RANGE_NONE;
	const char *separator = "plot ";
	double minutes = 0;

	for (size_t k = first; k < end; k++)
		add_data(p, m, k, &range, &minutes);
	if (plot_range_is_empty(&range))
		return;
	plot_heading(p, "%s", event_type_names[m->soaks[first].type]);
	plot_note(p, "USS, MB, by minutes of load");
	plot_range_pad(&range, LEAST_RATIO);
	plot_log_axis(p, 'y', &range, TICKS_MAX);
	buf_printf(p->out, "set xrange [0:%.6g]\n", fmax(minutes, 0.01));
	p->y_px += GAP_PX;
	plot_frame(p, LEFT_PX, PANEL_PX);
	for (size_t k = first; k < end; k++) {
		struct plot_style style = plot_style_of(m->result, m->soaks[k].implementation);
		size_t n = count_points(m, k);

		if (!n)
			continue;
		buf_printf(
			p->out,
			"%s$uss_%zu using 1:2 with linespoints pt %d ps 0.5 pointinterval %zu lw 1.5 "
			"lc rgb \"%s\"",
			separator, k, style.point, n / MARKERS + 1, style.rgb);
		separator = ", \\\n     ";
	}
	buf_add_char(p->out, '\n');
	plot_drawn(p);
	p->y_px += TICKS_PX;
}

static size_t list_names(const struct model *m, const char *names[MODEL_SOAKS_MAX])
{
	size_t n = 0;

	for (size_t k = 0; k < m->n_soaks; k++)
		plot_list_name(names, &n, MODEL_SOAKS_MAX, m->soaks[k].implementation);
	return n;
}

static void draw(struct plot *p, const void *ctx)
{
	const struct model *m = ctx;
	const char *names[MODEL_SOAKS_MAX];
	size_t n = list_names(m, names);

	plot_heading(p, "Private memory over the soak");
	plot_legend(p, m->result, names, n);
	for (size_t first = 0; first < m->n_soaks; first = end_of_type(m, first))
		draw_panel(p, m, first, end_of_type(m, first));
}

bool render_soak_plot(const struct model *m, const char *scenario UNUSED, const char *terminal,
		      const char *file, struct buf *out)
{
	bool any = false;

	for (size_t k = 0; k < m->n_soaks; k++)
		any |= count_points(m, k) > 0;
	if (any)
		plot_script(out, terminal, file, draw, m);
	return any;
}
