/*
 * Styles, axes and the frame of a script; see plot.h.
 *
 * Panels are placed in fractions of the picture's height, which is known only when all are
 * laid out: hence the two passes of plot_script().
 */
#include "harness/report/plot.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/report/titles.h"

#define TEXT_PX		 13
#define SMALL_PX	 12
#define HEADING_PX	 22 /* lines, with what is between them */
#define NOTE_PX		 16
#define GAP_PX		 6 /* above a heading */
#define EDGE_PX		 8
#define LEGEND_PX	 20
#define VALUE_MAX	 1e100 /* beyond, no figure of a measurement: only a made-up file has it */
#define PNG_PX_PER_POINT 0.75  /* pngcairo takes sizes as points, at 96 dpi */
#define PNG_DENSITY	 2     /* for dense screens, as a picture made of points cannot grow */

/* ---- who looks how ------------------------------------------------------------------ */

static const struct {
	const char *name;
	struct plot_style style;
} known[] = {
	{ "null", { "#767676", 5, 4 } },
	{ "relay", { "#767676", 5, 4 } },
	{ "c", { "#0072b2", 7, 6 } },
	{ "python", { "#d55e00", 9, 8 } },
};
static const struct plot_style others[] = {
	{ "#009e73", 13, 12 },
	{ "#aa4499", 11, 10 },
	{ "#000000", 15, 14 },
	{ "#8c564b", 5, 4 },
};

/* The length of what it is a variant of: of "c+batch=500" that of "c". */
static size_t family_len(const char *implementation)
{
	return strcspn(implementation, "+");
}

static bool same_family(const char *a, const char *b)
{
	size_t len = family_len(a);

	return len == family_len(b) && !strncmp(a, b, len);
}

static const struct plot_style *known_style(const char *implementation)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (same_family(known[i].name, implementation))
			return &known[i].style;
	return NULL;
}

/* Both sides of all comparisons, one after the other: does the family stand before the n-th? */
static const char *side(const struct result *r, size_t n)
{
	return n & 1 ? r->comparisons[n / 2].b : r->comparisons[n / 2].a;
}

static bool is_first(const struct result *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_family(side(r, i), side(r, n)))
			return false;
	return true;
}

struct plot_style plot_style_of(const struct result *r, const char *implementation)
{
	const struct plot_style *style = known_style(implementation);
	size_t number = 0;

	if (style)
		return *style;
	for (size_t n = 0; n < 2 * r->n_comparisons && !same_family(side(r, n), implementation);
	     n++)
		number += !known_style(side(r, n)) && is_first(r, n);
	return others[number % ARRAY_SIZE(others)];
}

void plot_list_name(const char **names, size_t *n, size_t max, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (!strcmp(names[i], name))
			return;
	if (*n < max)
		names[(*n)++] = name;
}

/* ---- axes ----------------------------------------------------------------------------- */

void plot_range_add(struct plot_range *range, double v)
{
	if (!(v >= 1 / VALUE_MAX && v <= VALUE_MAX)) /* NaN neither */
		return;
	range->low = fmin(range->low, v);
	range->high = fmax(range->high, v);
}

bool plot_range_is_empty(const struct plot_range *range)
{
	return !(range->low <= range->high);
}

void plot_range_pad(struct plot_range *range, double least)
{
	double room = pow(range->high / range->low, 0.06);
	double lacks = least / (range->high * room / (range->low / room));

	if (lacks > 1)
		room *= sqrt(lacks);
	range->low /= room;
	range->high *= room;
}

/* The smallest of 1, 2, 5, 10 ... times a power of ten that is not below v. */
static double round_step(double v)
{
	double unit = pow(10, floor(log10(v)));

	if (v <= unit * (1 + 1e-9))
		return unit;
	return v <= 2 * unit ? 2 * unit : v <= 5 * unit ? 5 * unit : 10 * unit;
}

static size_t even_ticks(const struct plot_range *range, size_t max, double *ticks)
{
	double step = round_step((range->high - range->low) / (double)max);
	double first = ceil(range->low / step);
	size_t n = 0;

	while (n < max && (first + (double)n) * step <= range->high) {
		ticks[n] = (first + (double)n) * step;
		n++;
	}
	return n;
}

/* Those of digit * 10^k that are inside, k every `every`; SIZE_MAX: more than max. */
static size_t decade_ticks(const struct plot_range *range, const int *digits, int every, size_t max,
			   double *ticks)
{
	int from = (int)floor(log10(range->low)), to = (int)ceil(log10(range->high));
	size_t n = 0;

	for (int k = from; k <= to; k++)
		for (const int *digit = digits; *digit; digit++) {
			double v = *digit * pow(10, k);

			if (k % every || v < range->low || v > range->high)
				continue;
			if (n == max)
				return SIZE_MAX;
			ticks[n++] = v;
		}
	return n;
}

size_t plot_ticks(const struct plot_range *range, size_t max, double ticks[PLOT_TICKS_MAX])
{
	static const int digits[][4] = { { 1, 2, 5 }, { 1, 3 }, { 1 } };
	double decades = log10(range->high / range->low);
	size_t n;

	if (decades < 0.7)
		return even_ticks(range, max, ticks);
	for (size_t i = 0; i < ARRAY_SIZE(digits); i++) {
		n = decade_ticks(range, digits[i], 1, max, ticks);
		if (n != SIZE_MAX)
			return n;
	}
	n = decade_ticks(range, digits[2], (int)ceil(decades / (double)(max - 1)), max, ticks);
	return n == SIZE_MAX ? 0 : n;
}

/* ---- the script ------------------------------------------------------------------------- */

/* The SVG's title and the beginning of its ids, which must not meet another picture's in one page. */
static void add_name(struct buf *out, const char *file)
{
	buf_add_str(out, " name \"");
	for (size_t i = 0; file[i] && file[i] != '.'; i++)
		buf_add_char(out, isalnum((unsigned char)file[i]) ? file[i] : '_');
	buf_add_char(out, '"');
}

static void open_script(struct plot *p, const char *terminal, const char *file)
{
	bool svg = !strcmp(terminal, "svg");
	int density = svg ? 1 : PNG_DENSITY;

	p->font = svg ? "sans-serif" : "sans";
	buf_printf(p->out,
		   "reset\nset encoding utf8\nset terminal %s enhanced size %d,%d font \"%s,%d\"",
		   terminal, density * PLOT_WIDTH_PX, density * p->height_px, p->font, TEXT_PX);
	if (svg)
		add_name(p->out, file);
	else
		buf_printf(p->out, " fontscale %g linewidth %d pointscale %d",
			   density * PNG_PX_PER_POINT, density, density);
	buf_printf(p->out,
		   "\nset output \"%s\"\nunset key\nset border 3 lc rgb \"#808080\"\n"
		   "set tics nomirror noenhanced font \"%s,%d\" textcolor rgb \"#000000\"\n"
		   "set grid lt 1 lw 0.5 lc rgb \"#d8d8d8\"\nset multiplot\n",
		   file, p->font, SMALL_PX);
}

void plot_script(struct buf *out, const char *terminal, const char *file,
		 void (*draw)(struct plot *p, const void *ctx), const void *ctx)
{
	struct buf unused = { 0 };
	struct plot p = { .out = &unused, .font = "", .height_px = 1 };

	draw(&p, ctx);
	buf_release(&unused);
	p = (struct plot){ .out = out, .height_px = p.y_px + EDGE_PX };
	open_script(&p, terminal, file);
	draw(&p, ctx);
	BUG_ON(p.y_px + EDGE_PX != p.height_px);
	buf_add_str(out, "unset multiplot\nset output\n");
}

static double from_left(int x_px)
{
	return (double)x_px / PLOT_WIDTH_PX;
}

static double from_bottom(const struct plot *p, int y_px)
{
	return 1 - (double)y_px / p->height_px;
}

static void add_label(struct plot *p, int x_px, int y_px, const char *text, int font_px,
		      bool enhanced)
{
	buf_printf(p->out, "set label \"%s\" at screen %.5f,%.5f font \"%s,%d\" %s\n", text,
		   from_left(x_px), from_bottom(p, y_px), p->font, font_px,
		   enhanced ? "enhanced" : "noenhanced");
}

/* Bold is gnuplot's enhanced text, in which an underscore would lower what follows. */
void plot_heading(struct plot *p, const char *fmt, ...)
{
	struct buf bold = { 0 };
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_add_str(&bold, "{/:Bold ");
	for (const char *c = text; *c; c++) {
		if (*c == '_')
			buf_add_str(&bold, "\\\\");
		buf_add_char(&bold, *c);
	}
	buf_add_char(&bold, '}');
	p->y_px += GAP_PX;
	add_label(p, EDGE_PX, p->y_px + HEADING_PX / 2, buf_str(&bold), TEXT_PX, true);
	p->y_px += HEADING_PX;
	buf_release(&bold);
}

VPRINTF(4)
static void add_small(struct plot *p, int x_px, int y_px, const char *fmt, va_list ap)
{
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	add_label(p, x_px, y_px, text, SMALL_PX, false);
}

void plot_note(struct plot *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_small(p, EDGE_PX, p->y_px + NOTE_PX / 2, fmt, ap);
	va_end(ap);
	p->y_px += NOTE_PX;
}

void plot_text_at(struct plot *p, int x_px, int y_px, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_small(p, x_px, y_px, fmt, ap);
	va_end(ap);
}

void plot_legend(struct plot *p, const struct result *r, const char *const *implementations,
		 size_t n)
{
	int x_px = EDGE_PX + 6;

	for (size_t i = 0; i < n; i++) {
		struct plot_style style = plot_style_of(r, implementations[i]);
		const char *title = title_of(implementations[i]);
		int width_px = 36 + (int)(PLOT_LETTER_PX * (double)strlen(title));

		if (x_px > EDGE_PX + 6 && x_px + width_px > PLOT_WIDTH_PX) {
			x_px = EDGE_PX + 6;
			p->y_px += LEGEND_PX;
		}
		buf_printf(
			p->out,
			"set label \"%s\" at screen %.5f,%.5f point pt %d ps 0.9 lc rgb \"%s\" offset "
			"1,-0.25 font \"%s,%d\" noenhanced\n",
			title, from_left(x_px), from_bottom(p, p->y_px + LEGEND_PX / 2),
			style.point, style.rgb, p->font, SMALL_PX);
		x_px += width_px;
	}
	p->y_px += LEGEND_PX;
}

void plot_frame(struct plot *p, int left_px, int height_px)
{
	buf_printf(
		p->out,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\nset tmargin at screen %.5f\n"
		"set bmargin at screen %.5f\n",
		from_left(left_px), from_left(PLOT_WIDTH_PX - PLOT_RIGHT_PX),
		from_bottom(p, p->y_px), from_bottom(p, p->y_px + height_px));
	p->y_px += height_px;
}

static void log_axis(struct plot *p, char axis, const struct plot_range *range, size_t max_ticks,
		     bool ends_low)
{
	double ticks[PLOT_TICKS_MAX];
	size_t n = plot_ticks(range, max_ticks, ticks);

	buf_printf(p->out, "set logscale %c\nset %crange [%.9g:%.9g]\nset %ctics (", axis, axis,
		   range->low, range->high, axis);
	if (ends_low)
		buf_printf(p->out, "\"≤ %.6g\" %.9g", range->low, range->low);
	for (size_t i = 0; i < n; i++)
		if (!ends_low || ticks[i] > range->low)
			buf_printf(p->out, "%s\"%.6g\" %.9g", i || ends_low ? ", " : "", ticks[i],
				   ticks[i]);
	buf_add_str(p->out, ")\n");
}

void plot_log_axis(struct plot *p, char axis, const struct plot_range *range, size_t max_ticks)
{
	log_axis(p, axis, range, max_ticks, false);
}

void plot_floor_axis(struct plot *p, char axis, const struct plot_range *range, size_t max_ticks)
{
	log_axis(p, axis, range, max_ticks, true);
}

void plot_drawn(struct plot *p)
{
	buf_add_str(p->out, "unset label\nunset arrow\nunset object\n");
}
