/* Which pairs are drawn where; see strips.h. */
#include "harness/report/strips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/paired.h"

#define METRICS_MAX_OF_SECTION 2
#define LEAST_RATIO	       1.02 /* what an axis spans: 1 % is no wall */

/*
 * What a scenario is run for, that first; readiness is seen in all of them.  Sustained rates and
 * counted figures have no pairs.
 */
static const enum metric_id of_interest[] = {
	METRIC_DRAIN_RATE,   METRIC_STORED_RATE,     METRIC_CPU_PER_EVENT, METRIC_FIRST_FEATURE,
	METRIC_RSS,	     METRIC_RSS_IDLE,	     METRIC_CPU_HUMAN,	   METRIC_RESPONSE_P99,
	METRIC_RESPONSE_P50, METRIC_CPU_PER_TRIGGER, METRIC_READY,	   METRIC_EXEC_CPU,
};
/* Phases that go first where there is no room for all. */
static const char *const phases_first[] = { "alone-full", "busy-full" };

/* ---- one strip -------------------------------------------------------------------------- */

static void set_dots(struct strip *s, const struct paired_value *pairs, size_t n)
{
	size_t step = (n + STRIPS_DOTS_MAX - 1) / STRIPS_DOTS_MAX;

	s->n_pairs = n;
	s->dots = mem_calloc(n / step + 1, sizeof(*s->dots));
	for (size_t i = 0; i < n; i += step) {
		struct strip_dot *dot = &s->dots[s->n_dots++];

		*dot = (struct strip_dot){ pairs[i].b / pairs[i].a, pairs[i].disturbed };
		plot_range_add(&s->range, dot->ratio);
	}
}

static void set_range(struct strip *s)
{
	const struct model_ratio *ratio = s->ratio;

	plot_range_add(&s->range, 1);
	plot_range_add(&s->range, ratio->est.low);
	plot_range_add(&s->range, ratio->est.high);
	plot_range_add(&s->range, ratio->noise.low);
	plot_range_add(&s->range, ratio->noise.high);
	plot_range_pad(&s->range, LEAST_RATIO);
}

/* False: no pair of it has a ratio, or some have none and what the others say is not what all do. */
static bool build_strip(struct strip *s, const struct result *r, const struct model_ratio *ratio,
			enum metric_id id)
{
	int comparison = (int)(ratio->comparison - r->comparisons);
	struct paired_value *pairs;
	size_t n;

	if (paired_without_ratio(r, comparison, id, true))
		return false;
	n = paired_list(r, comparison, id, &pairs);
	*s = (struct strip){ .ratio = ratio, .range = PLOT_RANGE_NONE };
	if (n) {
		set_dots(s, pairs, n);
		set_range(s);
	}
	free(pairs);
	return n;
}

/* ---- panels ------------------------------------------------------------------------------ */

static void release_panel(struct strip_panel *panel)
{
	for (size_t i = 0; i < panel->n; i++)
		free(panel->strips[i].dots);
	panel->n = 0;
}

static bool build_panel(struct strip_panel *panel, const struct result *r,
			const struct model_section *x, enum metric_id id)
{
	const struct model_row *row = model_row(x, id);

	panel->section = x;
	panel->metric = id;
	panel->n = 0;
	for (size_t i = 0; row && i < row->n_ratios; i++)
		panel->n += build_strip(&panel->strips[panel->n], r, &row->ratios[i], id);
	return panel->n;
}

/* All that could be drawn: section by section, the metrics of each in the order of interest. */
static void build_all(struct strips *s, const struct model *m, const char *scenario)
{
	s->panels = mem_calloc(METRICS_MAX_OF_SECTION * m->n_sections + 1, sizeof(*s->panels));
	for (size_t i = 0; i < m->n_sections; i++) {
		const struct model_section *x = &m->sections[i];
		size_t of_section = 0;

		for (size_t k = 0; k < ARRAY_SIZE(of_interest) && !strcmp(x->scenario, scenario) &&
				   of_section < METRICS_MAX_OF_SECTION;
		     k++)
			if (build_panel(&s->panels[s->n], m->result, x, of_interest[k])) {
				s->n++;
				of_section++;
			}
	}
}

/* ---- room --------------------------------------------------------------------------------- */

/* Its place among the metrics of its section. */
static int rank_of(const struct strips *s, size_t panel)
{
	return panel && s->panels[panel - 1].section == s->panels[panel].section;
}

static bool is_first_phase(const struct strip_panel *panel)
{
	for (size_t i = 0; i < ARRAY_SIZE(phases_first); i++)
		if (!strcmp(phases_first[i], panel->section->phase))
			return true;
	return false;
}

static bool same_group(const struct strips *s, size_t a, size_t b)
{
	return rank_of(s, a) == rank_of(s, b) &&
	       !strcmp(s->panels[a].section->phase, s->panels[b].section->phase);
}

/*
 * Panels of a phase and metric are taken together or not at all, so that extractors stay
 * comparable; only a group that has no room even alone loses its last ones.
 */
static void take_group(const struct strips *s, size_t first, bool *taken, size_t *room)
{
	size_t wants = 0;

	for (size_t i = first; i < s->n; i++)
		wants += same_group(s, first, i) ? s->panels[i].n : 0;
	if (wants > *room && *room < STRIPS_MAX)
		return;
	for (size_t i = first; i < s->n; i++)
		if (same_group(s, first, i) && s->panels[i].n <= *room) {
			taken[i] = true;
			*room -= s->panels[i].n;
		}
}

static bool is_first_of_group(const struct strips *s, size_t panel)
{
	for (size_t i = 0; i < panel; i++)
		if (same_group(s, i, panel))
			return false;
	return true;
}

static void choose(const struct strips *s, bool *taken)
{
	size_t room = STRIPS_MAX;

	for (int rank = 0; rank < METRICS_MAX_OF_SECTION; rank++)
		for (int later = 0; later < 2; later++)
			for (size_t i = 0; i < s->n; i++)
				if (rank_of(s, i) == rank &&
				    is_first_phase(&s->panels[i]) == !later &&
				    is_first_of_group(s, i))
					take_group(s, i, taken, &room);
}

void strips_build(struct strips *s, const struct model *m, const char *scenario)
{
	bool *taken;
	size_t kept = 0;

	*s = (struct strips){ 0 };
	build_all(s, m, scenario);
	taken = mem_calloc(s->n + 1, sizeof(*taken));
	choose(s, taken);
	for (size_t i = 0; i < s->n; i++) {
		if (taken[i])
			s->panels[kept++] = s->panels[i];
		else
			release_panel(&s->panels[i]);
	}
	s->left_out = s->n - kept;
	s->n = kept;
	free(taken);
}

void strips_release(struct strips *s)
{
	for (size_t i = 0; i < s->n; i++)
		release_panel(&s->panels[i]);
	free(s->panels);
	*s = (struct strips){ 0 };
}
