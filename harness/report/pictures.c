/*
 * The table of pictures, and the list of those that were drawn; see pictures.h.
 *
 * What is in a picture is decided by the file that its row names.
 */
#include "harness/report/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/render_gnuplot.h"
#include "harness/report/render_pairs.h"
#include "harness/report/render_percentiles.h"
#include "harness/report/render_soak_plot.h"
#include "harness/report/render_timeline.h"

const struct picture_kind picture_kinds[] = {
	{ "runs", PICTURE_OF_SCENARIO, "every run as a dot", render_gnuplot },
	{ "pairs", PICTURE_OF_SCENARIO,
	  "the ratio of every pair as a dot, its estimate with its interval, and the noise of A/A",
	  render_pairs },
	{ "timeline", PICTURE_OF_SCENARIO,
	  "memory, CPU and run-queue wait over one run of each, the median one", render_timeline },
	{ "latency", PICTURE_OF_LATENCY, "response and service time by percentile, triggers alone",
	  render_percentiles_alone },
	{ "latency-busy", PICTURE_OF_LATENCY,
	  "response and service time by percentile, triggers among other events",
	  render_percentiles_busy },
	{ "soak", PICTURE_OF_SOAK, "private memory over time", render_soak_plot },
};
const size_t n_picture_kinds = ARRAY_SIZE(picture_kinds);

void picture_name(const struct picture_kind *kind, const char *scenario, char *file, size_t size)
{
	snprintf(file, size, "%s%s%s", kind->name, scenario ? "-" : "", scenario ? scenario : "");
}

void pictures_add(struct pictures *p, const struct picture_kind *kind, const char *scenario,
		  struct buf *svg)
{
	struct picture *x;

	p->list = mem_realloc(p->list, p->n + 1, sizeof(*p->list));
	x = &p->list[p->n++];
	*x = (struct picture){ .kind = kind, .scenario = scenario, .svg = *svg };
	*svg = (struct buf){ 0 };
	picture_name(kind, scenario, x->file, sizeof(x->file));
}

void pictures_release(struct pictures *p)
{
	for (size_t i = 0; i < p->n; i++)
		buf_release(&p->list[i].svg);
	free(p->list);
	*p = (struct pictures){ 0 };
}

static bool stands_here(const struct picture *x, enum picture_place place, const char *scenario)
{
	return x->kind->place == place &&
	       (place != PICTURE_OF_SCENARIO || !strcmp(x->scenario, scenario));
}

void pictures_show(const struct pictures *p, enum picture_place place, const char *scenario,
		   struct doc *d)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct picture *x = &p->list[i];
		struct buf caption = { 0 };

		if (!stands_here(x, place, scenario))
			continue;
		buf_printf(&caption, "%s%s%s", x->scenario ? x->scenario : "",
			   x->scenario ? ": " : "", x->kind->caption);
		doc_figure(d, x->file, x->svg.len ? &x->svg : NULL, buf_str(&caption));
		buf_release(&caption);
	}
}
