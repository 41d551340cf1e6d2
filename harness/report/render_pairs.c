/* Pairs as dots; see render_pairs.h.  Nothing is decided here. */
#include "harness/report/render_pairs.h"

#include <math.h>
#include <string.h>

#include "harness/report/paired.h"
#include "harness/report/strips.h"
#include "harness/report/titles.h"

#define LEFT_PX	  14
#define STRIP_PX  34
#define TICKS_PX  26 /* below a strip: its axis and a gap */
#define TICKS_MAX 6
#define DOTS_LOW  0.38 /* of a strip's height: dots above, the estimate below */
#define BAR_AT	  0.14

struct drawing {
	const struct result *r;
	const char *scenario;
	const struct strips *strips;
};

static void add_dots(struct plot *p, const struct strip *s, size_t number, bool disturbed)
{
	buf_printf(p->out, "$%s_%zu << EOD\n", disturbed ? "hollow" : "dots", number);
	for (size_t i = 0; i < s->n_dots; i++)
		if (s->dots[i].disturbed == disturbed)
			buf_printf(p->out, "%.9g %.3f\n", s->dots[i].ratio,
				   1 - (1 - DOTS_LOW) * ((double)i + 0.5) / (double)s->n_dots);
	buf_add_str(p->out, "EOD\n");
}

static size_t count(const struct strip *s, bool disturbed)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_dots; i++)
		n += s->dots[i].disturbed == disturbed;
	return n;
}

static bool has_interval(const struct estimate *e)
{
	return e->n >= 2 && isfinite(e->low) && isfinite(e->high);
}

/* Three digits, as near 1 as far from it. */
static void add_ratio(struct buf *out, double v)
{
	buf_printf(out, v < 0.1 ? "%#.3g" : v < 10 ? "%.3f" : "%.3g", v);
}

/* "C / Python: 0.0312 [0.0301, 0.0322], better, n 8"; words that there is no room for are left out. */
static void label(struct plot *p, const struct strip *s)
{
	const struct model_ratio *x = s->ratio;
	bool aa = paired_is_aa(x->comparison);
	struct buf text = { 0 };

	buf_printf(&text, "%s / %s%s", title_of(x->b), title_of(x->a), aa ? " (A/A)" : "");
	if (x->est.n) {
		buf_add_str(&text, ": ");
		add_ratio(&text, x->est.value);
	}
	if (has_interval(&x->est)) {
		buf_add_str(&text, " [");
		add_ratio(&text, x->est.low);
		buf_add_str(&text, ", ");
		add_ratio(&text, x->est.high);
		buf_add_char(&text, ']');
	}
	if (!aa && text.len + strlen(verdict_names[x->verdict]) + 2 <= PLOT_LETTERS_MAX)
		buf_printf(&text, ", %s", verdict_names[x->verdict]);
	if (text.len + strlen(", n 1234") <= PLOT_LETTERS_MAX)
		buf_printf(&text, ", n %zu", x->est.n);
	plot_note(p, "%s", buf_str(&text));
	buf_release(&text);
}

/* What the dots are held against: the noise as a band, and 1. */
static void references(struct plot *p, const struct strip *s)
{
	const struct estimate *noise = &s->ratio->noise;

	if (has_interval(noise))
		buf_printf(p->out,
			   "set object rectangle from %.9g, graph 0 to %.9g, graph 1 behind "
			   "fillcolor rgb \"#cccccc\" fillstyle solid noborder\n",
			   noise->low, noise->high);
	buf_add_str(p->out, "set arrow from 1, graph 0 to 1, graph 1 nohead lw 1.2 lc rgb "
			    "\"#000000\" front\n");
}

/* Into a block of its own, as the dots are: value, height, interval. */
static void add_bar(struct plot *p, const struct strip *s, size_t number)
{
	const struct estimate *e = &s->ratio->est;

	buf_printf(p->out, "$bar_%zu << EOD\n%.9g %.2f %.9g %.9g\nEOD\n", number, e->value, BAR_AT,
		   has_interval(e) ? e->low : e->value, has_interval(e) ? e->high : e->value);
}

static void draw_strip(struct plot *p, const struct drawing *dr, const struct strip *s,
		       size_t number)
{
	struct plot_style style = plot_style_of(dr->r, s->ratio->b);
	const char *dots_px = s->n_dots > 40 ? "0.35" : "0.55", *separator = "plot ";

	label(p, s);
	add_dots(p, s, number, false);
	add_dots(p, s, number, true);
	if (s->ratio->est.n)
		add_bar(p, s, number);
	references(p, s);
	plot_log_axis(p, 'x', &s->range, TICKS_MAX);
	plot_frame(p, LEFT_PX, STRIP_PX);
	for (int hollow = 0; hollow < 2; hollow++) {
		if (!count(s, hollow))
			continue;
		buf_printf(p->out, "%s$%s_%zu using 1:2 with points pt %d ps %s lc rgb \"%s\"",
			   separator, hollow ? "hollow" : "dots", number,
			   hollow ? style.hollow_point : style.point, dots_px, style.rgb);
		separator = ", \\\n     ";
	}
	if (s->ratio->est.n)
		buf_printf(p->out,
			   "%s$bar_%zu using 1:2:3:4 with xerrorbars pt 13 ps 0.9 lw 2 lc rgb "
			   "\"#000000\"",
			   separator, number);
	buf_add_char(p->out, '\n');
	plot_drawn(p);
	p->y_px += TICKS_PX;
}

static const char *which_is_better(enum metric_id id)
{
	static const char *const words[] = {
		[HIGHER_IS_BETTER] = ": more is better",
		[LOWER_IS_BETTER] = ": less is better",
		[NEITHER_IS_BETTER] = "",
	};

	return words[metrics[id].better];
}

static void draw_panel(struct plot *p, const struct drawing *dr, const struct strip_panel *panel,
		       size_t *number)
{
	plot_heading(p, "%s, %s", event_type_names[panel->section->type], panel->section->phase);
	plot_note(p, "%s%s", metrics[panel->metric].title, which_is_better(panel->metric));
	for (size_t i = 0; i < panel->n; i++)
		draw_strip(p, dr, &panel->strips[i], (*number)++);
}

static void draw(struct plot *p, const void *ctx)
{
	const struct drawing *dr = ctx;
	size_t number = 0;

	plot_heading(p, "%s: ratios B / A by pairs", dr->scenario);
	plot_note(p, "dot: a pair, first made on top; hollow: disturbed host");
	plot_note(p, "bar: Hodges-Lehmann and its interval; line: 1");
	plot_note(p, "grey: what a subject differs from itself by (A/A, 99 %%)");
	if (dr->strips->left_out)
		plot_note(p, "not drawn: %zu more, see the tables", dr->strips->left_out);
	buf_add_str(p->out, "unset ytics\nset border 1\nset yrange [0:1]\n");
	for (size_t i = 0; i < dr->strips->n; i++)
		draw_panel(p, dr, &dr->strips->panels[i], &number);
}

bool render_pairs(const struct model *m, const char *scenario, const char *terminal,
		  const char *file, struct buf *out)
{
	struct drawing dr = { .r = m->result, .scenario = scenario };
	struct strips strips;
	bool any;

	strips_build(&strips, m, scenario);
	dr.strips = &strips;
	any = strips.n > 0;
	if (any)
		plot_script(out, terminal, file, draw, &dr);
	strips_release(&strips);
	return any;
}
