/* Runs over time; see render_timeline.h.  Nothing is decided here. */
#include "harness/report/render_timeline.h"

#include <math.h>
#include <string.h>

#include "harness/report/plot.h"
#include "harness/report/timelines.h"

#define LEFT_PX	  62
#define WIDTH_PX  (PLOT_WIDTH_PX - LEFT_PX - PLOT_RIGHT_PX)
#define PANEL_PX  80
#define GAP_PX	  8
#define TICKS_PX  30
#define NAMES_PX  18
#define TICKS_MAX 4
#define MARKERS	  8 /* points on a line, about */

struct drawing {
	const struct result *r;
	const char *scenario;
	const struct timelines *lines;
};

static const struct timeline *stages_of(const struct timeline_panel *panel)
{
	return panel->curves[0].data; /* all have had the same load */
}

/* Every second stage is shaded. */
static void shade_stages(struct plot *p, const struct timeline_panel *panel)
{
	const struct timeline *t = stages_of(panel);

	for (size_t i = 1; i < t->n_stages; i += 2)
		buf_printf(
			p->out,
			"set object rectangle from %.9g, graph 0 to %.9g, graph 1 behind fillcolor "
			"rgb \"#eeeeee\" fillstyle solid noborder\n",
			t->stages[i - 1].end_s, t->stages[i].end_s);
}

/* Above the first frame, in the middle of each that is wide enough for its name. */
static void name_stages(struct plot *p, const struct timeline_panel *panel)
{
	const struct timeline *t = stages_of(panel);
	double from_s = 0;

	for (size_t i = 0; i < t->n_stages; i++) {
		double to_s = t->stages[i].end_s, px = WIDTH_PX / panel->end_s;
		double text_px = PLOT_LETTER_PX * (double)strlen(t->stages[i].name);

		if ((to_s - from_s) * px >= text_px)
			plot_text_at(p, LEFT_PX + (int)(((from_s + to_s) * px - text_px) / 2),
				     p->y_px + NAMES_PX / 2, "%s", t->stages[i].name);
		from_s = to_s;
	}
	p->y_px += NAMES_PX;
}

static void add_data(struct plot *p, const struct timeline_curve *c, enum timeline_quantity q,
		     size_t panel, size_t number)
{
	double floor = timeline_quantities[q].floor;

	buf_printf(p->out, "$line_%zu_%d_%zu << EOD\n", panel, (int)q, number);
	for (size_t i = 0; i < c->n[q]; i++)
		buf_printf(p->out, "%.6g %.6g\n", c->v[q][i].at_s, fmax(c->v[q][i].value, floor));
	buf_add_str(p->out, "EOD\n");
}

static void draw_quantity(struct plot *p, const struct drawing *dr, size_t number,
			  enum timeline_quantity q, bool last)
{
	const struct timeline_panel *panel = &dr->lines->panels[number];
	const char *separator = "plot ";

	for (size_t c = 0; c < panel->n; c++)
		add_data(p, &panel->curves[c], q, number, c);
	plot_note(p, "%s", timeline_quantities[q].title);
	shade_stages(p, panel);
	if (timeline_quantities[q].floor > 0)
		plot_floor_axis(p, 'y', &panel->range[q], TICKS_MAX);
	else
		plot_log_axis(p, 'y', &panel->range[q], TICKS_MAX);
	buf_printf(p->out, "set format x \"%s\"\n", last ? "%g" : "");
	p->y_px += GAP_PX;
	plot_frame(p, LEFT_PX, PANEL_PX);
	for (size_t c = 0; c < panel->n; c++) {
		struct plot_style style = plot_style_of(dr->r, panel->curves[c].implementation);
		size_t n = panel->curves[c].n[q];

		if (!n)
			continue;
		buf_printf(
			p->out,
			"%s$line_%zu_%d_%zu using 1:2 with linespoints pt %d ps 0.5 pointinterval "
			"%zu lw 1.2 lc rgb \"%s\"",
			separator, number, (int)q, c, style.point, n / MARKERS + 1, style.rgb);
		separator = ", \\\n     ";
	}
	buf_add_char(p->out, '\n');
	plot_drawn(p);
	p->y_px += last ? TICKS_PX : GAP_PX;
}

static bool has_quantity(const struct timeline_panel *panel, int q)
{
	return !plot_range_is_empty(&panel->range[q]);
}

static void draw_panel(struct plot *p, const struct drawing *dr, size_t number)
{
	const struct timeline_panel *panel = &dr->lines->panels[number];
	int last = TIMELINE_QUANTITIES - 1;

	while (last > 0 && !has_quantity(panel, last))
		last--;
	plot_heading(p, "%s, %s, by seconds of load", event_type_names[panel->section->type],
		     panel->section->phase);
	name_stages(p, panel);
	buf_printf(p->out, "set xrange [0:%.9g]\n", fmax(panel->end_s, 0.001));
	for (int q = 0; q <= last; q++)
		if (has_quantity(panel, q))
			draw_quantity(p, dr, number, (enum timeline_quantity)q, q == last);
}

static size_t list_names(const struct timelines *t, const char *names[MODEL_IMPLEMENTATIONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		for (size_t c = 0; c < t->panels[i].n; c++)
			plot_list_name(names, &n, MODEL_IMPLEMENTATIONS_MAX,
				       t->panels[i].curves[c].implementation);
	return n;
}

static void draw(struct plot *p, const void *ctx)
{
	const struct drawing *dr = ctx;
	const char *names[MODEL_IMPLEMENTATIONS_MAX];
	size_t n = list_names(dr->lines, names);

	plot_heading(p, "%s: one run each over time", dr->scenario);
	plot_legend(p, dr->r, names, n);
	plot_note(p, "the median run of each; logarithmic; bands are stages");
	buf_add_str(p->out, "set xtics autofreq\n");
	for (size_t i = 0; i < dr->lines->n; i++)
		draw_panel(p, dr, i);
}

bool render_timeline(const struct model *m, const char *scenario, const char *terminal,
		     const char *file, struct buf *out)
{
	struct drawing dr = { .r = m->result, .scenario = scenario };
	struct timelines lines;
	bool any;

	timelines_build(&lines, m, scenario);
	dr.lines = &lines;
	any = lines.n > 0;
	if (any)
		plot_script(out, terminal, file, draw, &dr);
	timelines_release(&lines);
	return any;
}
