/*
 * What all pictures have in common: how gnuplot is spoken to, and who has which colour.
 *
 * A picture is one column of panels, PLOT_WIDTH_PX wide, so that it is read on a telephone
 * as it is on a desk: more panels make it longer, not smaller.  The same bytes come of the
 * same values: a script names no time, no path, no locale.
 * Units: px from the picture's top left corner (a PNG has twice as many).
 * Pure.  Threads: one writer a picture.
 */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "harness/result.h"

#define PLOT_WIDTH_PX	 400
#define PLOT_RIGHT_PX	 14  /* what is left free right of a frame */
#define PLOT_LETTER_PX	 7.0 /* of small text, on average: for what must fit */
#define PLOT_LETTERS_MAX 54  /* of a line of small text */

/* ---- who looks how ------------------------------------------------------------------ */

/*
 * Colours are told apart by the colour-blind (Okabe and Ito, "Color Universal Design",
 * 2008: blue, vermilion, bluish green, reddish purple), points in black and white, too.
 */
struct plot_style {
	const char *rgb;
	int point, hollow_point; /* gnuplot's "pt" */
};
/* "c+batch=500" looks like "c".  Others than the known come in the order of the comparisons. */
struct plot_style plot_style_of(const struct result *r, const char *implementation);

/* Put a name on a list of at most `max`, once; for legends. */
void plot_list_name(const char **names, size_t *n, size_t max, const char *name);

/* ---- axes ----------------------------------------------------------------------------- */

/* Of a logarithmic axis; from PLOT_RANGE_NONE on. */
struct plot_range {
	double low, high;
};
#define PLOT_RANGE_NONE                    \
	(struct plot_range)                \
	{                                  \
		.low = INFINITY, .high = 0 \
	}
/* What has no place on such an axis is left out. */
void plot_range_add(struct plot_range *range, double v);
bool plot_range_is_empty(const struct plot_range *range);
/* A little room at the ends; high / low becomes at least `least`. */
void plot_range_pad(struct plot_range *range, double least);
/* Round values inside, at most `max` (2 ... PLOT_TICKS_MAX); how many. */
#define PLOT_TICKS_MAX 8
size_t plot_ticks(const struct plot_range *range, size_t max, double ticks[PLOT_TICKS_MAX]);

/* ---- the script ------------------------------------------------------------------------- */

struct plot {
	struct buf *out;
	const char *font;
	int height_px;
	int y_px; /* where the next thing goes */
};

/*
 * The script of one picture into `file`.  `draw` is called twice, the first time to see
 * how high it gets, so it must do the same both times.  `terminal`: "pngcairo" or "svg".
 */
void plot_script(struct buf *out, const char *terminal, const char *file,
		 void (*draw)(struct plot *p, const void *ctx), const void *ctx);

/*
 * Lines of text at the cursor, at the next plot drawn: of a panel, small, and anywhere.
 * Text must be plain (model_check()): it stands between double quotes.
 */
void plot_heading(struct plot *p, const char *fmt, ...) PRINTF(2, 3);
void plot_note(struct plot *p, const char *fmt, ...) PRINTF(2, 3);
void plot_text_at(struct plot *p, int x_px, int y_px, const char *fmt, ...) PRINTF(4, 5);
/* The points of some implementations and their names. */
void plot_legend(struct plot *p, const struct result *r, const char *const *implementations,
		 size_t n);
/* The frame of the next plot: at the cursor, left_px for what stands left of it. */
void plot_frame(struct plot *p, int left_px, int height_px);
/* One axis ('x' or 'y'), logarithmic, with its round values. */
void plot_log_axis(struct plot *p, char axis, const struct plot_range *range, size_t max_ticks);
/* The same where smaller values (0, too) are drawn at its lower end, which is labelled "≤". */
void plot_floor_axis(struct plot *p, char axis, const struct plot_range *range, size_t max_ticks);
/* After a plot command: its texts, frames and arrows are not the next one's. */
void plot_drawn(struct plot *p);

#endif
