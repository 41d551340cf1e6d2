/* Printing of latencies; see render_latency.h.  Nothing is computed here but scaling. */
#include "harness/report/render_latency.h"

#include <math.h>
#include <string.h>

#include "harness/report/render_split.h"
#include "harness/report/titles.h"

/* ---- Markdown ------------------------------------------------------------------------ */

static void add_us(struct buf *out, double us)
{
	if (isinf(us))
		buf_add_str(out, "above the range");
	else
		buf_printf(out, us < 1000 ? "%.1f" : "%.0f", us);
}

static void add_percentile(struct buf *out, const struct latency_percentile *p,
			   const struct hist *h)
{
	if (!p->there) {
		buf_printf(out, " unavailable: %llu samples, it needs %llu |",
			   (unsigned long long)hist_count(h), (unsigned long long)p->needs);
		return;
	}
	buf_add_char(out, ' ');
	add_us(out, p->value_us);
	buf_add_str(out, " [");
	add_us(out, p->low_us);
	buf_add_str(out, ", ");
	add_us(out, p->high_us);
	buf_add_str(out, "] |");
}

static void percentile_rows(struct buf *out, const struct latency_section *s, enum latency_time t)
{
	for (int k = 0; k < LATENCY_PERCENTILES; k++) {
		buf_printf(out, "| %s %s | µs |", latency_time_names[t],
			   latency_percentiles[k].title);
		for (size_t i = 0; i < s->n_cells; i++)
			add_percentile(out, &s->cells[i].p[t][k], s->cells[i].hist[t]);
		buf_add_char(out, '\n');
	}
	buf_printf(out, "| %s, largest | µs |", latency_time_names[t]);
	for (size_t i = 0; i < s->n_cells; i++) {
		const struct hist *h = s->cells[i].hist[t];

		if (hist_count(h)) {
			buf_add_char(out, ' ');
			add_us(out, (double)hist_max(h) / 1e3);
			buf_add_str(out, " |");
		} else {
			buf_add_str(out, " unavailable: no valid run |");
		}
	}
	buf_add_char(out, '\n');
}

static void count_rows(struct buf *out, const struct latency_section *s)
{
	buf_add_str(out, "| samples (runs) | |");
	for (size_t i = 0; i < s->n_cells; i++)
		buf_printf(out, " %llu (%zu) |",
			   (unsigned long long)hist_count(s->cells[i].hist[LATENCY_RESPONSE]),
			   s->cells[i].runs);
	buf_add_str(out, "\n| above the histogram's range of an hour | |");
	for (size_t i = 0; i < s->n_cells; i++)
		buf_printf(out, " %llu |",
			   (unsigned long long)hist_overflow(s->cells[i].hist[LATENCY_RESPONSE]));
	buf_add_char(out, '\n');
}

static void goal_line(struct buf *out, const struct latency_goal *g)
{
	buf_printf(out, "- Goal, %s: p99 of response time ", title_of(g->implementation));
	if (g->why) {
		buf_printf(out, "≤ the relay's + extraction + %.0f µs: unavailable: %s.\n",
			   LATENCY_GOAL_US, g->why);
		return;
	}
	add_us(out, g->p99.value_us);
	buf_add_str(out, " [");
	add_us(out, g->p99.low_us);
	buf_add_str(out, ", ");
	add_us(out, g->p99.high_us);
	buf_add_str(out, "] ≤ ");
	add_us(out, g->relay_p99.value_us);
	buf_add_str(out, " [");
	add_us(out, g->relay_p99.low_us);
	buf_add_str(out, ", ");
	add_us(out, g->relay_p99.high_us);
	buf_add_str(out, "] (relay) + ");
	add_us(out, g->extraction_us);
	if (!isnan(g->extraction_low_us)) {
		buf_add_str(out, " [");
		add_us(out, g->extraction_low_us);
		buf_add_str(out, ", ");
		add_us(out, g->extraction_high_us);
		buf_add_char(out, ']');
	}
	buf_printf(out, " (extraction) + %.0f µs: **%s**.\n", LATENCY_GOAL_US,
		   latency_verdict_names[g->verdict]);
}

static void section_table(struct buf *out, const struct latency_section *s)
{
	buf_printf(out, "\n### %s, %s: %s\n\n| | unit |", s->section->scenario, s->section->phase,
		   event_type_names[s->section->type]);
	for (size_t i = 0; i < s->n_cells; i++)
		buf_printf(out, " %s |", title_of(s->cells[i].implementation));
	buf_add_str(out, "\n|---|---|");
	for (size_t i = 0; i < s->n_cells; i++)
		buf_add_str(out, "---|");
	buf_add_char(out, '\n');
	percentile_rows(out, s, LATENCY_RESPONSE);
	percentile_rows(out, s, LATENCY_SERVICE);
	count_rows(out, s);
	if (s->n_goals)
		buf_add_char(out, '\n');
	for (size_t i = 0; i < s->n_goals; i++)
		goal_line(out, &s->goals[i]);
}

void render_latency_md(const struct latency_report *l, const char *plot, struct buf *out)
{
	buf_add_str(
		out,
		"\n## Latency by percentile\n\nResponse time runs from a trigger's intended time, service time from its "
		"sending, to the receipt of its features. Percentiles are of the merged histograms of all valid runs "
		"(nearest rank, 3 digits), with an interval at 95 % from order statistics that takes the samples as "
		"independent; one that the samples have no interval for is not stated. *Extraction* is the CPU time "
		"per trigger above the relay's, alone with a full buffer. The histograms are in `hist/`.\n");
	if (plot)
		buf_printf(out, "\n![response time by percentile](%s)\n", plot);
	for (size_t i = 0; i < l->n; i++)
		section_table(out, &l->sections[i]);
	render_split_md(&l->split, out);
}

/* ---- gnuplot ---------------------------------------------------------------------------- */

/* Value against how many samples there are to one above it; the largest stands at n. */
static void add_line(struct buf *out, const struct hist *h, size_t panel, size_t line)
{
	double n = (double)hist_count(h);
	uint64_t below = 0;
	struct hist_bucket b;

	buf_printf(out, "$l_%zu_%zu << EOD\n", panel, line);
	for (size_t it = 0; hist_next(h, &it, &b);) {
		below += b.count;
		buf_printf(out, "%.6g %.9g\n", n / fmax(n - (double)below, 1),
			   (double)(b.highest_ns == HIST_ABOVE ? hist_max(h) : b.highest_ns) / 1e3);
	}
	buf_add_str(out, "EOD\n");
}

static void add_panel(struct buf *out, const struct latency_section *s, size_t panel)
{
	static const char *const colours[] = { "#7f7f7f", "#1f77b4", "#d62728", "#2ca02c",
					       "#9467bd", "#ff7f0e", "#17becf", "#8c564b" };
	bool any = false;

	for (size_t i = 0; i < s->n_cells; i++) {
		if (!hist_count(s->cells[i].hist[LATENCY_RESPONSE]))
			continue;
		add_line(out, s->cells[i].hist[LATENCY_RESPONSE], panel, i);
		any = true;
	}
	if (!any) {
		buf_add_str(out, "set multiplot next\n");
		return;
	}
	buf_printf(out, "set title \"%s, %s\"\nplot ", event_type_names[s->section->type],
		   s->section->phase);
	any = false;
	for (size_t i = 0; i < s->n_cells; i++) {
		if (!hist_count(s->cells[i].hist[LATENCY_RESPONSE]))
			continue;
		buf_printf(out, "%s$l_%zu_%zu using 1:2 with steps lw 2 lc rgb '%s' title \"%s\"",
			   any ? ", " : "", panel, i, colours[i % ARRAY_SIZE(colours)],
			   title_of(s->cells[i].implementation));
		any = true;
	}
	buf_add_char(out, '\n');
}

void render_latency_gnuplot(const struct latency_report *l, const char *terminal, const char *file,
			    struct buf *out)
{
	size_t rows = (l->n + EVENT_TYPES - 1) / EVENT_TYPES;

	buf_printf(
		out,
		"set encoding utf8\nset terminal %s size 1200,%zu font \"sans,10\"\nset output \"%s\"\n"
		"set logscale xy\nset grid\nset key below horizontal\nset xlabel \"percentile\"\n"
		"set ylabel \"response time (µs)\"\nset format y \"%%g\"\n"
		"set xtics (\"0\" 1, \"50\" 2, \"90\" 10, \"99\" 100, \"99.9\" 1000, \"99.99\" 10000)\n"
		"set multiplot layout %zu,%d title \"Response time from the intended time, "
		"all valid runs merged\"\n",
		terminal, 60 + 360 * rows, file, rows, EVENT_TYPES);
	for (size_t i = 0; i < l->n; i++)
		add_panel(out, &l->sections[i], i);
	buf_add_str(out, "unset multiplot\n");
}
