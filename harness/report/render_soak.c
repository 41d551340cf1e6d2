/* Table and plot of a soak; see render_soak.h.  Nothing is computed here but scaling. */
#include "harness/report/render_soak.h"

#include <math.h>
#include <string.h>

#include "harness/report/soak.h"

#define PLOT_POINTS_MAX 600 /* of one line: more than the picture has columns */

static void number(struct buf *out, double v, int decimals)
{
	if (isfinite(v))
		buf_printf(out, "%.*f", decimals, v);
	else
		buf_add_str(out, "–");
}

/* "12.3 [4.5, 20.1], n 60", or why not */
static void estimate(struct buf *out, const struct estimate *e, double scale, int decimals,
		     const char *why)
{
	if (!e->n) {
		buf_printf(out, " unavailable: %s |", why);
		return;
	}
	if (!isfinite(e->low)) {
		buf_printf(out, " unavailable: n %zu is too few for an interval |", e->n);
		return;
	}
	buf_add_char(out, ' ');
	number(out, e->value * scale, decimals);
	buf_add_str(out, " [");
	number(out, e->low * scale, decimals);
	buf_add_str(out, ", ");
	number(out, e->high * scale, decimals);
	buf_printf(out, "], n %zu |", e->n);
}

static void memory_line(struct buf *out, const struct model_soak *x, const struct model_slopes *s,
			const char *which)
{
	const char *none = s->stretches	  ? "too few samples"
			   : x->disturbed ? "the host disturbed every stretch"
					  : "no stretch counts";
	const char *no_response =
		s->stretches ? "too few samples with features (or no trace)" : none;

	buf_printf(out, "| %s | %s%s | ", event_type_names[x->type], x->implementation, which);
	number(out, s->hours, 2);
	buf_printf(out, " h, %zu | %zu |", s->stretches, s->samples);
	estimate(out, &s->leak_bytes_per_h, 1e-3, 1, none);
	buf_printf(out, " %s%s%s | ", model_leak_names[s->leak], s->leak_why ? ": " : "",
		   s->leak_why ? s->leak_why : "");
	number(out, s->uss_first_bytes / 1e6, 2);
	buf_add_str(out, " → ");
	number(out, s->uss_last_bytes / 1e6, 2);
	buf_add_str(out, " |");
	estimate(out, &s->response_drift_us_per_h, 1, 0, no_response);
	estimate(out, &s->response_us, 1, 0, no_response);
	estimate(out, &s->cpu_drift_ns_per_h, 1, 0, none);
	estimate(out, &s->cpu_ns_per_event, 1, 0, none);
	buf_add_char(out, '\n');
}

static void memory_lines(struct buf *out, const struct model_soak *x)
{
	memory_line(out, x, &x->slopes, "");
	if (x->disturbed)
		memory_line(out, x, &x->with_disturbed, ", **with disturbed stretches**");
}

static void work_line(struct buf *out, const struct model_soak *x)
{
	buf_printf(out, "| %s | %s | %lld | %lld, %lld wrong | ", event_type_names[x->type],
		   x->implementation, (long long)x->events, (long long)x->checked,
		   (long long)x->wrong);
	if (x->reconnects_unknown)
		buf_printf(out, "unavailable: %zu stretch(es) without final counters | ",
			   x->reconnects_unknown);
	else
		buf_printf(out, "%.0f | ", x->reconnects);
	buf_printf(out, "%zu of %zu stretches count", x->counted, x->stretches);
	if (x->unfinished)
		buf_printf(out, "; %zu cut off: books as of its last segment", x->unfinished);
	if (x->disturbed)
		buf_printf(out, "; %zu left out, on a disturbed host", x->disturbed);
	if (x->why)
		buf_printf(out, "; **%s**", x->why);
	buf_add_str(out, " |\n");
}

/* How intervals were made, by the first that has one. */
static enum stats_method method_of(const struct model *m)
{
	for (size_t i = 0; i < m->n_soaks; i++) {
		const struct model_soak *x = &m->soaks[i];

		if (isfinite(x->slopes.leak_bytes_per_h.low))
			return x->slopes.leak_bytes_per_h.method;
		if (x->disturbed && isfinite(x->with_disturbed.leak_bytes_per_h.low))
			return x->with_disturbed.leak_bytes_per_h.method;
	}
	return STATS_GROWTHS; /* of none, what it would have been */
}

void render_soak_md(const struct model *m, const char *plot, struct buf *out)
{
	if (!m->n_soaks)
		return;
	buf_add_str(out, "\n## soak: everything at once under people's rates\n\n");
	if (plot)
		buf_printf(out, "![private memory over time](%s)\n\n", plot);
	buf_add_str(out,
		    "| extractor | of | load, stretches | samples | leak, kB/h | leaks at 99 % | "
		    "USS, MB | response drift, µs/h | response, µs | CPU drift, ns/event/h | "
		    "CPU, ns/event |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < m->n_soaks; i++)
		memory_lines(out, &m->soaks[i]);
	buf_add_str(out,
		    "\n| extractor | of | events sent | messages checked | reconnects | ledger "
		    "and oracle |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < m->n_soaks; i++)
		work_line(out, &m->soaks[i]);
	buf_printf(
		out,
		"\nSlopes are common to the stretches, each with its own level; intervals at %.0f %% by "
		"%s, that of memory widened by one page "
		"over the time seen. *Leaks*: *no* when the whole interval is below %.0f kB/h, *yes* "
		"when it reaches above that and is wholly above 0, in the later half alone, too; else, and "
		"always below %.0f s of load, *undecided*. Stretches on a disturbed host are left out; a "
		"line beside has them in. Responses are "
		"medians of each sample, from the intended time of the event that triggers a feature "
		"message to its receipt. CPU is of all events, those of other types too. The "
		"medians of both are of a slope's points, their intervals (%.0f %%, as if points "
		"were independent) by bootstrap or wider by order statistics. Every "
		"sample is in `soak/*.csv`.\n",
		100 * VERDICT_NOISE_LEVEL, stats_method_names[method_of(m)],
		MODEL_LEAK_LIMIT_BYTES_PER_H / 1e3, MODEL_LEAK_SPAN_MIN_S,
		100 * VERDICT_NOISE_LEVEL);
}

/* ---- the plot --------------------------------------------------------------------------- */

static void add_points(struct buf *out, const struct series *s)
{
	size_t step = s->n / PLOT_POINTS_MAX + 1;

	for (size_t i = 0; i < s->n; i += step)
		if (isfinite(s->v[i].uss_bytes))
			buf_printf(out, "%.6g %.6g\n", s->v[i].elapsed_s / 60,
				   s->v[i].uss_bytes / 1e6);
	buf_add_str(out, "\n"); /* the next stretch is not joined to it */
}

static void add_data(struct buf *out, const struct model *m, size_t k)
{
	const struct result *r = m->result;

	buf_printf(out, "$d_%zu << EOD\n", k);
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct series *s = result_series(r, &r->runs[i]);

		if (s && r->runs[i].extractor == m->soaks[k].type &&
		    !strcmp(r->runs[i].implementation, m->soaks[k].implementation))
			add_points(out, s);
	}
	buf_add_str(out, "EOD\n");
}

static bool is_first_of_type(const struct model *m, size_t k)
{
	return !k || m->soaks[k - 1].type != m->soaks[k].type;
}

void render_soak_gnuplot(const struct model *m, const char *terminal, const char *file,
			 struct buf *out)
{
	size_t panels = 0;

	for (size_t k = 0; k < m->n_soaks; k++)
		panels += is_first_of_type(m, k);
	buf_printf(out,
		   "set terminal %s size 1000,%zu font \"sans,10\"\nset output \"%s\"\n"
		   "set multiplot layout %zu,1\nset grid\nset key outside right\n"
		   "set ylabel \"USS, MB\"\nset xlabel \"minutes of load\"\nset yrange [0:*]\n",
		   terminal, 260 * panels, file, panels);
	for (size_t k = 0; k < m->n_soaks; k++)
		add_data(out, m, k);
	for (size_t k = 0; k < m->n_soaks; k++) {
		if (is_first_of_type(m, k))
			buf_printf(out, "set title \"%s\"\nplot ",
				   event_type_names[m->soaks[k].type]);
		buf_printf(out, "$d_%zu using 1:2 with lines lw 1.5 title \"%s\"", k,
			   m->soaks[k].implementation);
		buf_add_str(out, k + 1 < m->n_soaks && !is_first_of_type(m, k + 1) ? ", " : "\n");
	}
	buf_add_str(out, "unset multiplot\n");
}
