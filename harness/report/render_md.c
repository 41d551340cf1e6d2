/* Markdown; see render_md.h.  Nothing is computed here but the scaling to the printed unit. */
#include "harness/report/render_md.h"

#include <math.h>
#include <stdio.h>

#include "extractors/base/clock.h"

static const char *title_of(const char *implementation)
{
	static const struct {
		const char *name, *title;
	} known[] = { { "null", "floor" }, { "c", "C" }, { "python", "Python" } };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].name, implementation))
			return known[i].title;
	return implementation;
}

static void add_number(struct buf *out, double v, int decimals)
{
	if (isnan(v))
		buf_add_str(out, "–");
	else
		buf_printf(out, "%.*f", decimals, v);
}

/* "0.52 [0.50, 0.55]" */
static void add_estimate(struct buf *out, const struct estimate *e, double scale, int decimals)
{
	add_number(out, e->value * scale, decimals);
	if (e->n < 2)
		return;
	buf_add_str(out, " [");
	add_number(out, e->low * scale, decimals);
	buf_add_str(out, ", ");
	add_number(out, e->high * scale, decimals);
	buf_add_char(out, ']');
}

/* How many decimals a ratio needs: three digits that mean something. */
static int ratio_decimals(double v)
{
	return v >= 100 ? 0 : v >= 10 ? 1 : v >= 1 ? 2 : v >= 0.1 ? 3 : 4;
}

static void add_interval_words(struct buf *out, const struct estimate *e)
{
	if (e->n < 2)
		buf_printf(out, "n = %zu, no interval", e->n);
	else
		buf_printf(out, "n = %zu, %.4g %% by %s", e->n, 100 * e->level,
			   stats_method_names[e->method]);
}

static void add_cell(struct buf *out, const struct model_cell *c, const struct metric_info *mi)
{
	if (!c->est.n) {
		buf_printf(out, " unavailable: %s |", c->why);
		return;
	}
	buf_add_char(out, ' ');
	add_estimate(out, &c->est, mi->scale, mi->decimals);
	buf_printf(out, " (n %zu) |", c->est.n);
}

static void values_table(struct buf *out, const struct model_section *x)
{
	buf_add_str(out, "\n| metric | unit |");
	for (size_t i = 0; i < x->n_implementations; i++)
		buf_printf(out, " %s |", title_of(x->implementations[i]));
	buf_add_str(out, "\n|---|---|");
	for (size_t i = 0; i < x->n_implementations; i++)
		buf_add_str(out, "---|");
	buf_add_char(out, '\n');
	for (size_t k = 0; k < x->n_rows; k++) {
		const struct metric_info *mi = &metrics[x->rows[k].metric];

		buf_printf(out, "| %s | %s |", mi->title, mi->unit);
		for (size_t i = 0; i < x->rows[k].n_cells; i++)
			add_cell(out, &x->rows[k].cells[i], mi);
		buf_add_char(out, '\n');
	}
}

static bool is_aa(const struct model_ratio *r)
{
	return !strcmp(r->a, r->b);
}

static void ratio_line(struct buf *out, const struct model_ratio *r, const struct metric_info *mi)
{
	buf_printf(out, "| %s / %s | %s | ", title_of(r->b), title_of(r->a), mi->title);
	if (r->est.n)
		add_estimate(out, &r->est, 1, ratio_decimals(r->est.value));
	else
		buf_add_str(out, "unavailable: no pair with both sides valid");
	buf_add_str(out, " | ");
	add_interval_words(out, &r->est);
	buf_add_str(out, " | ");
	if (r->noise.n < 2)
		buf_add_str(out, "not measured");
	else
		buf_printf(out, "%.3f … %.3f", r->noise.low, r->noise.high);
	buf_printf(out, " | %s", is_aa(r) ? "A/A" : verdict_names[r->verdict]);
	if (r->with_disturbed.n != r->est.n) {
		buf_add_str(out, "; with disturbed pairs ");
		add_estimate(out, &r->with_disturbed, 1, ratio_decimals(r->with_disturbed.value));
		buf_printf(out, " (n = %zu)", r->with_disturbed.n);
	}
	buf_add_str(out, " |\n");
}

static void ratios_table(struct buf *out, const struct model_section *x)
{
	buf_add_str(out, "\n| ratio | of | value [interval] | n, method | A/A at 99 % | verdict |\n"
			 "|---|---|---|---|---|---|\n");
	for (size_t k = 0; k < x->n_rows; k++) {
		const struct metric_info *mi = &metrics[x->rows[k].metric];

		for (size_t i = 0; i < x->rows[k].n_ratios; i++) {
			const struct model_ratio *r = &x->rows[k].ratios[i];

			if (mi->better != NEITHER_IS_BETTER &&
			    !(is_aa(r) && x->rows[k].metric == METRIC_SUSTAINED_RATE))
				ratio_line(out, r, mi);
		}
	}
}

/* ---- the top: what came out ------------------------------------------------------ */

/* What a reader looks for first. */
static const enum metric_id headline_metrics[] = { METRIC_DRAIN_RATE, METRIC_SUSTAINED_RATE,
						   METRIC_CPU_PER_EVENT, METRIC_RSS };

static const struct model_row *find_row(const struct model_section *x, enum metric_id id)
{
	for (size_t k = 0; k < x->n_rows; k++)
		if (x->rows[k].metric == id)
			return &x->rows[k];
	return NULL;
}

static void headline_figure(struct buf *out, const struct model_row *row, size_t comparison)
{
	const struct model_ratio *r = &row->ratios[comparison];

	buf_printf(out, "%s ", metrics[row->metric].title);
	if (r->est.n)
		buf_printf(out, "%.*f× (%s)", ratio_decimals(r->est.value), r->est.value,
			   verdict_names[r->verdict]);
	else
		buf_printf(out, "unavailable (%s)", verdict_names[r->verdict]);
}

/* "**mouse**, C / Python: drained 6.5× (better), …": one line a comparison. */
static void headlines(struct buf *out, const struct model_section *x)
{
	for (size_t i = 0; x->n_rows && i < x->rows[0].n_ratios; i++) {
		const struct model_ratio *r = &x->rows[0].ratios[i];
		bool first = true;

		if (is_aa(r))
			continue;
		buf_printf(out, "- %s, %s: **%s**, %s / %s: ", x->scenario, x->phase,
			   event_type_names[x->type], title_of(r->b), title_of(r->a));
		for (size_t k = 0; k < ARRAY_SIZE(headline_metrics); k++) {
			const struct model_row *row = find_row(x, headline_metrics[k]);

			if (!row)
				continue;
			buf_add_str(out, first ? "" : ", ");
			headline_figure(out, row, i);
			first = false;
		}
		buf_add_str(out, ".\n");
	}
}

static void add_date(struct buf *out, int64_t wall_us)
{
	char iso[CLOCK_ISO_MAX];
	size_t n = clock_format_iso(iso, wall_us / US_PER_S * US_PER_S);

	buf_add(out, iso, n);
}

static void top(struct buf *out, const struct model *m)
{
	const struct result *r = m->result;
	size_t bad = r->n_runs - m->by_status[RUN_OK];

	buf_printf(out, "# %s\n\nSession `%s`, profile %s, started ", "Extractors compared", r->id,
		   r->profile);
	add_date(out, r->started_wall_us);
	buf_printf(out, ", seed %llu.\n\n", (unsigned long long)r->seed);
	if (!r->complete)
		buf_printf(out, "**Not complete: %s.** What was measured until then is below.\n\n",
			   r->stopped_by);
	for (size_t i = 0; i < m->n_sections; i++)
		headlines(out, &m->sections[i]);
	buf_printf(out, "- %zu runs: %zu ok, %zu void, %zu failed, %zu disturbed. ", r->n_runs,
		   m->by_status[RUN_OK], m->by_status[RUN_VOID], m->by_status[RUN_FAILED],
		   m->by_status[RUN_DISTURBED]);
	buf_printf(out, "%s\n",
		   bad ? "Runs that are not ok have no score; their reasons are under \"Ledger\"."
		       : "Every ledger closed.");
	buf_printf(
		out,
		"- The oracle checked %lld feature messages, member by member: %lld wrong, %lld could not be checked.\n",
		(long long)m->messages_checked, (long long)m->messages_wrong,
		(long long)m->messages_unchecked);
}

/* ---- ledger ------------------------------------------------------------------------- */

static void bad_runs(struct buf *out, const struct model *m)
{
	const struct result *r = m->result;

	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].status != RUN_OK)
			buf_printf(out, "- `%s` %s: %s\n", r->runs[i].id,
				   run_status_names[r->runs[i].status], r->runs[i].why);
}

static void ledger_line(struct buf *out, const struct model_line *l, size_t runs)
{
	if (!l) {
		buf_add_str(out, " not asked of it |");
		return;
	}
	if (l->unavailable == runs) {
		buf_printf(out, " unavailable: %s |", l->why);
		return;
	}
	if (l->open)
		buf_printf(out, " **open in %zu of %zu runs**: expected %lld, got %lld", l->open,
			   runs, (long long)l->expected, (long long)l->got);
	else
		buf_printf(out, " %lld closed in %zu of %zu", (long long)l->got, l->closed, runs);
	if (l->unavailable)
		buf_printf(out, ", unavailable in %zu: %s", l->unavailable, l->why);
	buf_add_str(out, " |");
}

static const struct model_line *find_line(const struct model_ledger *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->lines[i].name, name))
			return &l->lines[i];
	return NULL;
}

/* The implementation with the most lines gives their order; the others have some of them. */
static const struct model_ledger *longest(const struct model_section *x)
{
	const struct model_ledger *most = &x->ledgers[0];

	for (size_t i = 1; i < x->n_implementations; i++)
		if (x->ledgers[i].n > most->n)
			most = &x->ledgers[i];
	return most;
}

static void ledger_table(struct buf *out, const struct model_section *x)
{
	const struct model_ledger *lines = longest(x);

	buf_printf(out, "\n| %s, %s: %s, sums over runs |", x->scenario, x->phase,
		   event_type_names[x->type]);
	for (size_t i = 0; i < x->n_implementations; i++)
		buf_printf(out, " %s |", title_of(x->implementations[i]));
	buf_add_str(out, "\n|---|");
	for (size_t i = 0; i < x->n_implementations; i++)
		buf_add_str(out, "---|");
	for (size_t k = 0; k < lines->n; k++) {
		buf_printf(out, "\n| %s |", lines->lines[k].name);
		for (size_t i = 0; i < x->n_implementations; i++)
			ledger_line(out, find_line(&x->ledgers[i], lines->lines[k].name),
				    x->ledgers[i].runs);
	}
	buf_add_char(out, '\n');
}

static void ledger_section(struct buf *out, const struct model *m)
{
	buf_add_str(out,
		    "\n## Ledger\n\nplanned = sent = answered by Redis = seen by the harness' own "
		    "subscription = received by the subject; feature messages and database points "
		    "expected = found. A run in which a line does not close is void.\n\n");
	bad_runs(out, m);
	for (size_t x = 0; x < m->n_sections; x++)
		ledger_table(out, &m->sections[x]);
}

/* ---- the rest -------------------------------------------------------------------------- */

static void trials_section(struct buf *out, const struct result *r)
{
	if (!r->n_trials)
		return;
	buf_add_str(
		out,
		"\n## Search for the highest sustained rate\n\n| subject | search | k events/s | "
		"held for | largest lag | held |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < r->n_trials; i++) {
		const struct trial *t = &r->trials[i];

		buf_printf(out, "| %s | %d | %.1f | %.3g s | ", t->subject, t->search + 1,
			   t->rate_per_s / 1e3, t->hold_s);
		if (isnan(t->max_lag_ms))
			buf_add_str(out, "unavailable");
		else
			buf_printf(out, "%.1f ms", t->max_lag_ms);
		buf_printf(out, " | %s%s%s |\n", t->held ? "yes" : "no", t->why[0] ? ": " : "",
			   t->why);
	}
}

static void instrument_line(struct buf *out, const char *what, const struct estimate *e,
			    double scale, int decimals, const char *unit)
{
	buf_printf(out, "| %s | ", what);
	if (e->n)
		add_estimate(out, e, scale, decimals);
	else
		buf_add_str(out, "unavailable: nothing of the kind in this session");
	buf_printf(out, " | %s | ", unit);
	add_interval_words(out, e);
	buf_add_str(out, " |\n");
}

static void instrument_section(struct buf *out, const struct model *m)
{
	buf_add_str(
		out,
		"\n## The instrument's own cost\n\n| what | value [interval] | unit | n, method |\n|---|---|---|---|\n");
	instrument_line(out, "generator CPU per event", &m->generator_cpu_ns, 1, 0, "ns");
	instrument_line(out, "tap CPU per event", &m->tap_cpu_ns, 1, 0, "ns");
	instrument_line(out, "pacing error, p99 of paced runs", &m->pacing_p99_us, 1, 1, "µs");
	instrument_line(out, "Little's law, outstanding / (rate × latency)", &m->little_ratio, 1, 3,
			"");
	instrument_line(out, "stolen CPU time", &m->steal_frac, 100, 2, "%");
	instrument_line(out, "CPU time of foreign programs", &m->foreign_frac, 100, 2, "%");
	buf_printf(
		out,
		"\nLargest output that Redis held for a subject: %.2f MB (it cuts off at 32 MiB).\n",
		(double)m->outstanding_max_bytes / 1e6);
}

static void host_section(struct buf *out, const struct result *r)
{
	buf_add_str(out, "\n## Host and configuration\n\n| what | value |\n|---|---|\n");
	for (size_t i = 0; i < r->n_facts; i++)
		buf_printf(out, "| %s | %s |\n", r->facts[i].key, r->facts[i].value);
}

static void method_section(struct buf *out)
{
	buf_add_str(out, "\n## How the figures were made\n\n");
	for (int i = 0; i < METRICS; i++)
		buf_printf(out, "- *%s*: %s.\n", metrics[i].title, metrics[i].what);
	buf_add_str(
		out,
		"- Values are medians with their interval; ratios are the Hodges-Lehmann "
		"estimate over the log ratios of pairs of adjacent runs under the same load plan. "
		"A difference smaller than what A/A shows at 99 % is \"no difference seen\"; fewer "
		"than six pairs leave it \"undecided\".\n"
		"- The raw values of every run are in `results.json` beside this file; "
		"`bench report ID` makes this report from it again, byte for byte.\n");
}

void render_md(const struct model *m, const char *plot, const char *no_plot, struct buf *out)
{
	top(out, m);
	if (plot)
		buf_printf(out, "\n![every run as a dot](%s)\n", plot);
	else
		buf_printf(out, "\nPlot unavailable: %s\n", no_plot);
	for (size_t i = 0; i < m->n_sections; i++) {
		buf_printf(out, "\n## %s, %s: %s\n", m->sections[i].scenario, m->sections[i].phase,
			   event_type_names[m->sections[i].type]);
		values_table(out, &m->sections[i]);
		ratios_table(out, &m->sections[i]);
	}
	trials_section(out, m->result);
	ledger_section(out, m);
	instrument_section(out, m);
	host_section(out, m->result);
	method_section(out);
}
