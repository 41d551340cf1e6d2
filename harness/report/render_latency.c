/* Printing of latencies; see render_latency.h.  Nothing is computed here but scaling. */
#include "harness/report/render_latency.h"

#include <math.h>
#include <string.h>

#include "harness/report/render_split.h"
#include "harness/report/titles.h"

/* ---- tables -------------------------------------------------------------------------- */

static void add_us(struct doc *d, double us)
{
	if (isinf(us))
		doc_text(d, "above the range");
	else
		doc_text(d, us < 1000 ? "%.1f" : "%.0f", us);
}

static void add_interval(struct doc *d, double low_us, double high_us)
{
	doc_text(d, " [");
	add_us(d, low_us);
	doc_text(d, ", ");
	add_us(d, high_us);
	doc_text(d, "]");
}

static void percentile_cell(struct doc *d, const struct latency_percentile *p, const struct hist *h)
{
	if (!p->there) {
		doc_number_cell(d, NAN, "unavailable: %llu samples, it needs %llu",
				(unsigned long long)hist_count(h), (unsigned long long)p->needs);
		return;
	}
	doc_cell(d);
	doc_sort_key(d, p->value_us);
	add_us(d, p->value_us);
	add_interval(d, p->low_us, p->high_us);
}

static void largest_cell(struct doc *d, const struct hist *h)
{
	double us = (double)hist_max(h) / 1e3;

	if (!hist_count(h)) {
		doc_number_cell(d, NAN, "unavailable: no valid run");
		return;
	}
	doc_cell(d);
	doc_sort_key(d, us);
	add_us(d, us);
}

static void percentile_rows(struct doc *d, const struct latency_section *s, enum latency_time t)
{
	for (int k = 0; k < LATENCY_PERCENTILES; k++) {
		doc_row(d);
		doc_text_cell(d, "%s %s", latency_time_names[t], latency_percentiles[k].title);
		doc_text_cell(d, "µs");
		for (size_t i = 0; i < s->n_cells; i++)
			percentile_cell(d, &s->cells[i].p[t][k], s->cells[i].hist[t]);
	}
	doc_row(d);
	doc_text_cell(d, "%s, largest", latency_time_names[t]);
	doc_text_cell(d, "µs");
	for (size_t i = 0; i < s->n_cells; i++)
		largest_cell(d, s->cells[i].hist[t]);
}

static void count_rows(struct doc *d, const struct latency_section *s)
{
	doc_row(d);
	doc_text_cell(d, "samples (runs)");
	doc_cell(d);
	for (size_t i = 0; i < s->n_cells; i++) {
		uint64_t n = hist_count(s->cells[i].hist[LATENCY_RESPONSE]);

		doc_number_cell(d, (double)n, "%llu (%zu)", (unsigned long long)n,
				s->cells[i].runs);
	}
	doc_row(d);
	doc_text_cell(d, "above the histogram's range of an hour");
	doc_cell(d);
	for (size_t i = 0; i < s->n_cells; i++) {
		uint64_t n = hist_overflow(s->cells[i].hist[LATENCY_RESPONSE]);

		doc_number_cell(d, (double)n, "%llu", (unsigned long long)n);
	}
}

static void goal_sides(struct doc *d, const struct latency_goal *g)
{
	static const enum doc_mark marks[LATENCY_VERDICTS] = {
		[LATENCY_MET] = DOC_GOOD,
		[LATENCY_MISSED] = DOC_BAD,
		[LATENCY_UNDECIDED] = DOC_NEUTRAL,
	};

	add_us(d, g->p99.value_us);
	add_interval(d, g->p99.low_us, g->p99.high_us);
	doc_text(d, " ≤ ");
	add_us(d, g->relay_p99.value_us);
	add_interval(d, g->relay_p99.low_us, g->relay_p99.high_us);
	doc_text(d, " (relay) + ");
	add_us(d, g->extraction_us);
	if (!isnan(g->extraction_low_us))
		add_interval(d, g->extraction_low_us, g->extraction_high_us);
	doc_text(d, " (extraction) + %.0f µs: ", LATENCY_GOAL_US);
	doc_badge(d, marks[g->verdict], "%s", latency_verdict_names[g->verdict]);
	doc_text(d, ".");
}

static void goal_item(struct doc *d, const struct latency_goal *g)
{
	doc_item(d);
	doc_text(d, "Goal, %s: p99 of response time ", title_of(g->implementation));
	if (g->why)
		doc_text(d, "≤ the relay's + extraction + %.0f µs: unavailable: %s.",
			 LATENCY_GOAL_US, g->why);
	else
		goal_sides(d, g);
}

static void section_table(struct doc *d, const struct latency_section *s)
{
	doc_heading(d, 3, "%s, %s: %s", s->section->scenario, s->section->phase,
		    event_type_names[s->section->type]);
	doc_table(d);
	doc_column(d, DOC_TEXT, "time");
	doc_column(d, DOC_TEXT, "unit");
	for (size_t i = 0; i < s->n_cells; i++)
		doc_column(d, DOC_NUMBER, "%s", title_of(s->cells[i].implementation));
	percentile_rows(d, s, LATENCY_RESPONSE);
	percentile_rows(d, s, LATENCY_SERVICE);
	count_rows(d, s);
	for (size_t i = 0; i < s->n_goals; i++)
		goal_item(d, &s->goals[i]);
}

void render_latency_intro(struct doc *d)
{
	doc_paragraph(d);
	doc_text(
		d,
		"Response time runs from a trigger's intended time, service time from its sending, to the receipt of "
		"its features. Percentiles are of the merged histograms of all valid runs (nearest rank, 3 digits), "
		"with an interval at 95 %% from order statistics that takes the samples as independent; one that the "
		"samples have no interval for is not stated. ");
	doc_emphasis(d, "Extraction");
	doc_text(d, " is the CPU time per trigger above the relay's, alone with a full buffer. The "
		    "histograms are in ");
	doc_code(d, "hist/");
	doc_text(d, ".");
}

void render_latency(const struct latency_report *l, struct doc *d)
{
	for (size_t i = 0; i < l->n; i++)
		section_table(d, &l->sections[i]);
	render_split(&l->split, d);
}
