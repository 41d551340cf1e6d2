/* Markdown; see render_md.h.  Nothing is computed here but the scaling to the printed unit. */
#include "harness/report/render_md.h"

#include <math.h>
#include <stdio.h>

#include "extractors/base/clock.h"
#include "harness/report/render_aa.h"
#include "harness/report/render_gnuplot.h"
#include "harness/report/render_items.h"
#include "harness/report/render_latency.h"
#include "harness/report/render_soak.h"
#include "harness/report/render_tuning.h"
#include "harness/report/titles.h"

static void add_number(struct buf *out, double v, int decimals)
{
	if (isnan(v))
		buf_add_str(out, "–");
	else
		buf_printf(out, "%.*f", decimals, v);
}

/* "of 3 things" and "of 1 thing" */
static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* What another program said, as one tidy line. */
static void add_line_of(struct buf *out, const char *text)
{
	static const char space[] = " \t\r\n\v\f";

	for (text += strspn(text, space); *text; text += strspn(text, space)) {
		size_t n = strcspn(text, space);

		buf_add(out, text, n);
		text += n;
		if (text[strspn(text, space)])
			buf_add_char(out, ' ');
	}
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
	buf_add_str(out, c->n_bounds ? " ≥ " : " ");
	add_estimate(out, &c->est, mi->scale, mi->decimals);
	buf_printf(out, " (n %zu", c->est.n);
	if (c->est.n >= 2 && c->est.level < MODEL_LEVEL)
		buf_printf(out, ", %.3g %%", 100 * c->est.level);
	if (c->n_bounds)
		buf_printf(out, ", %zu only lower bound%s", c->n_bounds, plural(c->n_bounds));
	buf_add_str(out, ") |");
}

/* "Intervals: 95 % where no level is given, by range, percentile bootstrap." */
static void methods_line(struct buf *out, const struct model_section *x)
{
	bool used[STATS_METHODS] = { false }, any = false;

	for (size_t k = 0; k < x->n_rows; k++)
		for (size_t i = 0; i < x->rows[k].n_cells; i++)
			if (x->rows[k].cells[i].est.n >= 2)
				used[x->rows[k].cells[i].est.method] = true;
	for (int i = 0; i < STATS_METHODS; i++) {
		if (!used[i])
			continue;
		if (!any)
			buf_printf(out,
				   "\nMedians; intervals at %.3g %% where no level is given, by ",
				   100 * MODEL_LEVEL);
		buf_printf(out, "%s%s", any ? ", " : "", stats_method_names[i]);
		any = true;
	}
	buf_add_str(out, any ? ".\n" : "");
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
	methods_line(out, x);
}

static bool is_aa(const struct model_ratio *r)
{
	return !strcmp(r->a, r->b);
}

static const char *const bound_marks[] = {
	[BOUND_NONE] = "",
	[BOUND_BELOW] = "≥ ",
	[BOUND_ABOVE] = "≤ ",
};

static void ratio_value(struct buf *out, const struct model_ratio *r)
{
	if (!r->est.n) {
		buf_printf(out, "unavailable: %s",
			   r->why ? r->why : "no pair with both sides valid");
		return;
	}
	buf_add_str(out, bound_marks[r->bound]);
	add_estimate(out, &r->est, 1, ratio_decimals(r->est.value));
}

/* "0.970 … 1.040 (n 8, 99 %)" */
static void noise_range(struct buf *out, const struct estimate *e)
{
	if (e->n < 2)
		buf_printf(out, "not measured (n %zu)", e->n);
	else
		buf_printf(out, "%.3f … %.3f (n %zu, %.3g %%)", e->low, e->high, e->n,
			   100 * e->level);
}

static void verdict_words(struct buf *out, const struct model_ratio *r)
{
	if (is_aa(r)) {
		buf_add_str(out, "A/A");
		return;
	}
	buf_add_str(out, verdict_names[r->verdict]);
	if (r->est.n && r->verdict == VERDICT_TOO_FEW && r->why)
		buf_printf(out, ": %s", r->why);
}

static int pairs_made(const struct result *r, const struct comparison *c)
{
	int n = 0;

	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].comparison == c - r->comparisons && r->runs[i].pair >= n)
			n = r->runs[i].pair + 1;
	return n;
}

/* "Pairs made: C / Python 12 of 40 (decided), C / floor 40 of 40 (undecided)." */
static void pairs_line(struct buf *out, const struct result *r, const struct model_section *x)
{
	const struct model_row *row = x->n_rows ? &x->rows[0] : NULL;

	for (size_t i = 0; row && i < row->n_ratios; i++) {
		const struct model_ratio *ratio = &row->ratios[i];
		const struct comparison *c = ratio->comparison;

		buf_printf(out, "%s%s / %s %d of %d",
			   i ? ", " : "\nPairs made: ", title_of(ratio->b), title_of(ratio->a),
			   pairs_made(r, c), c->pairs_planned);
		if (!is_aa(ratio) || c->end == COMPARISON_OUT_OF_BUDGET ||
		    c->end == COMPARISON_STOPPED)
			buf_printf(out, " (%s)", comparison_end_names[c->end]);
	}
	if (row && row->n_ratios)
		buf_add_str(out, ".\n");
}

/* "What as many pairs show in 95 % of sessions, by the A/A: drained 4.1 %, CPU per event 2.2 %." */
static void power_line(struct buf *out, const struct model_section *x)
{
	bool any = false;

	for (size_t k = 0; k < x->n_rows; k++)
		for (size_t i = 0; i < x->rows[k].n_ratios; i++) {
			const struct model_ratio *r = &x->rows[k].ratios[i];

			if (is_aa(r) || isnan(r->smallest))
				continue;
			buf_printf(
				out, "%s%s (%s / %s) %.1f %%",
				any ? ", "
				    : "\nSmallest difference that these pairs show in 95 % of sessions, by "
				      "the spread of A/A: ",
				metrics[x->rows[k].metric].title, title_of(r->b), title_of(r->a),
				100 * (r->smallest - 1));
			any = true;
		}
	buf_add_str(out, any ? ".\n" : "");
}

static void ratio_line(struct buf *out, const struct model_ratio *r, const struct metric_info *mi)
{
	buf_printf(out, "| %s / %s | %s | ", title_of(r->b), title_of(r->a), mi->title);
	ratio_value(out, r);
	buf_add_str(out, " | ");
	add_interval_words(out, &r->est);
	buf_add_str(out, " | ");
	noise_range(out, &r->noise);
	buf_add_str(out, " | ");
	verdict_words(out, r);
	if (r->with_disturbed.n != r->est.n) {
		buf_add_str(out, "; with disturbed pairs ");
		add_estimate(out, &r->with_disturbed, 1, ratio_decimals(r->with_disturbed.value));
		buf_printf(out, " (n = %zu)", r->with_disturbed.n);
	}
	buf_add_str(out, " |\n");
}

static void ratios_table(struct buf *out, const struct model_section *x)
{
	buf_add_str(out,
		    "\n| ratio | of | value [interval] | n, method | A/A (n, level) | verdict |\n"
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
static const enum metric_id headline_metrics[] = { METRIC_DRAIN_RATE,	 METRIC_SUSTAINED_RATE,
						   METRIC_CPU_PER_EVENT, METRIC_RSS,
						   METRIC_RSS_IDLE,	 METRIC_CPU_HUMAN,
						   METRIC_FIRST_FEATURE, METRIC_EXEC_CPU,
						   METRIC_RESPONSE_P50 };

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
		buf_printf(out, "%s%.*f× (%s)", bound_marks[r->bound], ratio_decimals(r->est.value),
			   r->est.value, verdict_names[r->verdict]);
	else
		buf_printf(out, "unavailable (%s)", r->why ? r->why : verdict_names[r->verdict]);
}

static bool has_headline(const struct model_section *x)
{
	for (size_t k = 0; k < ARRAY_SIZE(headline_metrics); k++)
		if (find_row(x, headline_metrics[k]))
			return true;
	return false;
}

/* "**mouse**, C / Python: drained 6.5× (better), …": one line a comparison. */
static void headlines(struct buf *out, const struct model_section *x)
{
	for (size_t i = 0; x->n_rows && i < x->rows[0].n_ratios; i++) {
		const struct model_ratio *r = &x->rows[0].ratios[i];
		bool first = true;

		if (is_aa(r) || !has_headline(x))
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

/* Only what is wrong, so that "every" stays a claim about all of them. */
static void ledger_words(struct buf *out, const struct model *m)
{
	const struct model_ledger_sum *l = &m->lines;

	if (!l->open && !l->unavailable && !l->runs_without) {
		buf_add_str(out, l->closed ? "Every ledger closed." : "No ledger was kept.");
		return;
	}
	if (l->open)
		buf_printf(out, "Ledger: **%zu line%s open**", l->open, plural(l->open));
	else
		buf_add_str(out, "Ledger: no line open");
	buf_printf(out, ", %zu closed", l->closed);
	if (l->unavailable)
		buf_printf(out, ", %zu line%s could not be told", l->unavailable,
			   plural(l->unavailable));
	if (l->runs_without)
		buf_printf(out, ", %zu run%s ended before the ledger", l->runs_without,
			   plural(l->runs_without));
	buf_add_char(out, '.');
}

static void run_words(struct buf *out, const struct model *m)
{
	const struct model_trials *t = &m->trials;
	size_t n = m->result->n_runs;

	buf_printf(out, "- %zu run%s", n, plural(n));
	if (t->n)
		buf_printf(out, ", %zu of them trial%s of searches", t->n - t->without_run,
			   plural(t->n - t->without_run));
	buf_printf(out, ": %zu ok, %zu void, %zu failed, %zu disturbed", m->by_status[RUN_OK],
		   m->by_status[RUN_VOID], m->by_status[RUN_FAILED], m->by_status[RUN_DISTURBED]);
	if (m->by_status[RUN_STOPPED])
		buf_printf(out, ", %zu stopped as the rate was too high",
			   m->by_status[RUN_STOPPED]);
	buf_add_str(out, ". ");
	if (m->by_status[RUN_OK] + m->by_status[RUN_STOPPED] != n)
		buf_add_str(out, "Runs that are not ok have no score; their reasons are under "
				 "\"Ledger\". ");
	ledger_words(out, m);
	buf_add_char(out, '\n');
}

static void trials_words(struct buf *out, const struct model *m)
{
	const struct model_trials *t = &m->trials;

	buf_printf(out, "%zu trial%s: %zu held; %zu void, %zu failed, %zu disturbed", t->n,
		   plural(t->n), t->held, t->by_status[RUN_VOID], t->by_status[RUN_FAILED],
		   t->by_status[RUN_DISTURBED]);
	if (t->without_run)
		buf_printf(out, ", %zu without a run", t->without_run);
	buf_add_str(out, ", which do not count as held.\n");
}

/* ", took 2 min 49 s" */
static void add_duration(struct buf *out, int64_t us)
{
	int s = (int)(us / US_PER_S);

	if (s >= 60)
		buf_printf(out, ", took %d min %d s", s / 60, s % 60);
	else
		buf_printf(out, ", took %d s", s);
}

static void top(struct buf *out, const struct model *m)
{
	const struct result *r = m->result;

	buf_printf(out, "# %s\n\nSession `%s`, profile %s, started ", "Extractors compared", r->id,
		   r->profile);
	add_date(out, r->started_wall_us);
	if (r->finished_wall_us > r->started_wall_us)
		add_duration(out, r->finished_wall_us - r->started_wall_us);
	buf_printf(out, ", seed %llu.\n\n", (unsigned long long)r->seed);
	if (result_fact(r, RESULT_FACT_UNFIT))
		buf_printf(out,
			   "**The host was unfit to measure: %s.** The session was told to go on "
			   "anyway; its figures are not for decisions.\n\n",
			   result_fact(r, RESULT_FACT_UNFIT));
	if (!r->complete)
		buf_printf(out, "**Not complete: %s.** What was measured until then is below.\n\n",
			   r->stopped_by);
	for (size_t i = 0; i < m->n_sections; i++)
		if (!m->sections[i].of_tuning)
			headlines(out, &m->sections[i]);
	run_words(out, m);
	render_items_line(&m->items, out);
	render_tuning_lines(m, out);
	if (m->trials.n) {
		buf_add_str(out, "- Searches: ");
		trials_words(out, m);
	}
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
		if (r->runs[i].status != RUN_OK && r->runs[i].status != RUN_STOPPED)
			buf_printf(out, "- `%s` %s: %s\n",
				   r->runs[i].id[0] ? r->runs[i].id : r->runs[i].subject,
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

static void add_ms(struct buf *out, double ms)
{
	if (isnan(ms))
		buf_add_str(out, "unavailable | ");
	else
		buf_printf(out, "%.1f ms | ", ms);
}

static void trial_line(struct buf *out, const struct result *r, const struct trial *t)
{
	const struct run *run = model_trial_run(r, t);
	bool held = model_trial_held(r, t);

	buf_printf(out, "| %s | %d | %.1f | %.3g s | ", t->subject, t->search + 1,
		   t->rate_per_s / 1e3, t->hold_s);
	add_ms(out, t->max_lag_ms);
	add_ms(out, t->pacing_p99_us / 1e3);
	buf_printf(out, "%s | ", run ? run_status_names[run->status] : "none");
	buf_printf(out, "%s%s%s |\n", held ? "yes" : "no", t->why[0] ? ": " : "", t->why);
}

static void trials_section(struct buf *out, const struct model *m)
{
	const struct result *r = m->result;

	if (!r->n_trials)
		return;
	buf_add_str(out, "\n## Search for the highest sustained rate\n\n");
	trials_words(out, m);
	buf_add_str(out, "\n| subject | search | k events/s | held for | largest lag | generator "
			 "late, p99 | run | held |\n|---|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < r->n_trials; i++)
		trial_line(out, r, &r->trials[i]);
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

/* What the oracle could not pin down (rule 4). */
static void untraced_lines(struct buf *out, const struct model *m)
{
	for (size_t i = 0; i < m->n_untraced; i++) {
		const struct model_untraced *u = &m->untraced[i];

		buf_printf(
			out,
			"\n%s, %zu run%s without trace: every possible cut-off was allowed, %lld "
			"messages unchecked%s%s.\n",
			title_of(u->implementation), u->runs, plural(u->runs),
			(long long)u->unchecked, u->note[0] ? ": " : "", u->note);
	}
}

static void share_line(struct buf *out, const char *what, const struct model_share *x)
{
	buf_printf(out, "| %s | %zu of %zu [%.0f, %.0f] | runs [%%] | 95 %% by Clopper-Pearson |\n",
		   what, x->k, x->n, 100 * x->low, 100 * x->high);
}

/* Two instruments on one process: how far they differ. */
static void ebpf_lines(struct buf *out, const struct model *m)
{
	if (!m->ebpf_cpu_us.n) {
		buf_printf(out, "| eBPF against /proc | unavailable: %s | | |\n",
			   m->ebpf_why ? m->ebpf_why : "nothing of the kind in this session");
		return;
	}
	instrument_line(out, "eBPF − /proc, CPU time, per 10 s", &m->ebpf_cpu_us, 1, 1, "µs");
	share_line(out, "within 0.5 % or 1 ms per 10 s", &m->ebpf_cpu_within);
	instrument_line(out, "eBPF − /proc, CPU time and run-queue wait together, per 10 s",
			&m->ebpf_cpu_and_wait_us, 1, 1, "µs");
	share_line(out, "within 0.5 % or 1 ms per 10 s", &m->ebpf_cpu_and_wait_within);
	instrument_line(out, "eBPF − /proc, context switches a run", &m->ebpf_switches, 1, 1, "");
	instrument_line(out, "eBPF − /proc, page faults a run", &m->ebpf_faults, 1, 1, "");
	instrument_line(out, "time slices whose beginning eBPF did not see", &m->ebpf_unseen_frac,
			100, 2, "%");
}

static void instrument_section(struct buf *out, const struct model *m)
{
	buf_add_str(
		out,
		"\n## The instrument's own cost\n\n| what | value [interval] | unit | n, method |\n|---|---|---|---|\n");
	instrument_line(out, "generator CPU per event", &m->generator_cpu_ns, 1, 0, "ns");
	instrument_line(out, "tap CPU per event", &m->tap_cpu_ns, 1, 0, "ns");
	instrument_line(out, "prober, samples a run", &m->prober_samples, 1, 0, "");
	instrument_line(out, "prober CPU per sample", &m->prober_cpu_us_per_sample, 1, 1, "µs");
	instrument_line(out, "questions asked to the subject a run", &m->stats_asked, 1, 0, "");
	instrument_line(out, "share of a drain in which the generator was held back",
			&m->held_back_frac, 100, 1, "%");
	instrument_line(out, "pacing error, p99 of paced runs and trials", &m->pacing_p99_us, 1, 1,
			"µs");
	instrument_line(out, "Little's law, outstanding / (rate × latency)", &m->little_ratio, 1, 3,
			"");
	instrument_line(out, "generator CPU per event without spinning", &m->generator_work_ns, 1,
			0, "ns");
	instrument_line(out, "generator, late wake-ups, p99", &m->wake_p99_us, 1, 1, "µs");
	instrument_line(out, "generator, time behind the plan a run", &m->behind_ms, 1, 1, "ms");
	instrument_line(out, "generator, events a write", &m->events_per_write, 1, 1, "");
	instrument_line(out, "generator, connections", &m->connections, 1, 0, "");
	ebpf_lines(out, m);
	instrument_line(out, "stolen CPU time", &m->steal_frac, 100, 2, "%");
	instrument_line(out, "CPU time of foreign programs", &m->foreign_frac, 100, 2, "%");
	buf_printf(
		out,
		"\nLargest output that Redis held for a subject: %.2f MB (it cuts off at 32 MiB).\n",
		(double)m->outstanding_max_bytes / 1e6);
	untraced_lines(out, m);
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
		"estimate over the log ratios of pairs of adjacent runs (in a duet: runs at the same time) under the same load plan. "
		"A comparison has no more pairs once they decide about its first metric; the "
		"interval's level is raised so that all looks together are wrong in 5 % (A/A: "
		"1 %) of sessions. "
		"A difference smaller than what A/A shows at 99 % is \"no difference seen\"; fewer "
		"than six pairs, or than eight of A/A, leave it \"undecided\".\n"
		"- Searches are not pairs of adjacent runs: each gives the highest rate that was "
		"held, the k-th search of A is set against the k-th of B, and as no search "
		"measures A against A there is no verdict. ≥ marks a search in which no rate was "
		"too high. Where a search held no rate there is no median of the others.\n"
		"- The raw values of every run are in `results.json` beside this file; "
		"`bench report ID` makes this report from it again, byte for byte.\n");
}

static void opinion_line(struct buf *out, const struct model_opinion *mo)
{
	const struct opinion *o = mo->theirs;

	buf_printf(out, "| %s | %s | ", event_type_names[o->extractor],
		   title_of(o->implementation));
	if (o->n)
		buf_printf(out, "%.2f (%.2f … %.2f, n %lld) | %.2f ± %.2f | ", o->median, o->min,
			   o->max, (long long)o->n, o->mean, o->stddev);
	else
		buf_printf(out, "unavailable: %s | – | ", o->why);
	if (mo->ours_ms.n) {
		add_estimate(out, &mo->ours_ms, 1, 2);
		buf_printf(out, " (n %zu) | ", mo->ours_ms.n);
	} else {
		buf_add_str(out, "unavailable: no valid warm run | ");
	}
	add_number(out, mo->ratio, 2);
	buf_add_str(out, " |\n");
}

/* Below the last section of a scenario: what another tool says of its subjects. */
static void opinions_table(struct buf *out, const struct model *m, const char *scenario)
{
	bool begun = false;

	for (size_t i = 0; i < m->n_opinions; i++) {
		const struct opinion *o = m->opinions[i].theirs;

		if (strcmp(o->scenario, scenario))
			continue;
		if (!begun)
			buf_printf(
				out,
				"\n## %s: hyperfine's opinion\n\nBy %s, from before fork to the end "
				"of the process, which connects, subscribes and exits; ours is from "
				"exec to the receipt of READY=1. Theirs has fork, exit and reaping on "
				"top, but starts at once after the last run, with the core's caches "
				"warm; ours starts after a pause, as a service does. On a 2-core VM a "
				"pause of 0.3 s before each run raised hyperfine's 1.1 ms to 1.8 ms. So "
				"the ratio need not be 1, but should be alike for all "
				"implementations that start as fast.\n\n| extractor | implementation | "
				"median, ms (min … max) | mean ± standard deviation | ours: exec to "
				"ready, warm, ms [interval] | theirs / ours "
				"|\n|---|---|---|---|---|---|\n",
				scenario, o->tool);
		begun = true;
		opinion_line(out, &m->opinions[i]);
	}
}

static void add_no_plot(struct buf *out, const char *why)
{
	buf_add_str(out, "\nPlot unavailable: ");
	add_line_of(out, why);
	buf_add_char(out, '\n');
}

static bool begins_scenario(const struct model *m, size_t section)
{
	return !section || strcmp(m->sections[section - 1].scenario, m->sections[section].scenario);
}

static void scenario_picture(struct buf *out, const struct model *m, const char *scenario)
{
	if (render_gnuplot_can(m, scenario))
		buf_printf(out, "\n![%s: every run as a dot](runs-%s.png)\n", scenario, scenario);
}

void render_md(const struct model *m, bool plots, const char *no_plot, struct buf *out)
{
	top(out, m);
	if (!plots)
		add_no_plot(out, no_plot);
	for (size_t i = 0; i < m->n_sections; i++) {
		if (plots && begins_scenario(m, i))
			scenario_picture(out, m, m->sections[i].scenario);
		buf_printf(out, "\n## %s, %s: %s\n", m->sections[i].scenario, m->sections[i].phase,
			   event_type_names[m->sections[i].type]);
		values_table(out, &m->sections[i]);
		ratios_table(out, &m->sections[i]);
		pairs_line(out, m->result, &m->sections[i]);
		power_line(out, &m->sections[i]);
		if (i + 1 == m->n_sections || begins_scenario(m, i + 1))
			opinions_table(out, m, m->sections[i].scenario);
	}
	if (m->latency)
		render_latency_md(m->latency, m->latency_plot, out);
	render_aa_md(m, out);
	render_soak_md(m, plots ? "soak.png" : NULL, out);
	render_items(&m->items, out);
	render_tuning(m, out);
	trials_section(out, m);
	ledger_section(out, m);
	instrument_section(out, m);
	host_section(out, m->result);
	method_section(out);
}
