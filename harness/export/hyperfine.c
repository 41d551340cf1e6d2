/*
 * hyperfine's JSON: {"results": [{"command", "mean", … "times", "exit_codes", "parameters"}]}.
 *
 * Source: sharkdp/hyperfine, src/benchmark/benchmark_result.rs, and its scripts, which
 * read it; Bencher's adapter reads it, too, and takes no null for user and system.  Seconds.
 * A time has a place there when the CPU time that it took is known: that of exec to ready
 * is, of the same runs.  `user` is its median and holds both modes together, so that
 * `system` is 0: the kernel tells them apart by ticks of 10 ms only, which is more than a
 * start in C takes.  Exit codes are null, which the format has for those that are not known.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/export/export_form.h"
#include "harness/stats/quantile.h"

static double mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

static void write_member(struct buf *out, const char *name, double seconds)
{
	buf_printf(out, ",\"%s\":", name);
	if (isfinite(seconds))
		text_number(out, seconds);
	else
		buf_add_str(out, "null");
}

/* Of a sample of one the spread is not known; hyperfine has null for it. */
static double stddev(const double *v, size_t n)
{
	return n < 2 ? NAN : stats_spread(v, n) * sqrt((double)n / (double)(n - 1));
}

/* The CPU time of the run that gave sample i, in ms; NAN: none is known of that very time. */
static double cpu_ms(const struct export_value *v, size_t i)
{
	const struct metric_value *cpu;

	if (!v->runs || strcmp(v->key, metrics[METRIC_READY].key))
		return NAN;
	cpu = &v->runs[i]->metrics[METRIC_EXEC_CPU];
	return cpu->there && isfinite(cpu->value) && cpu->value >= 0 ? cpu->value : NAN;
}

/* A median over some of the runs would stand beside statistics of all. */
static bool fits(const struct export_value *v)
{
	for (size_t i = 0; i < v->n_samples; i++)
		if (isnan(cpu_ms(v, i)))
			return false;
	return v->n_samples;
}

static double median_cpu_s(const struct export_value *v)
{
	double *sorted = mem_calloc(v->n_samples, sizeof(*sorted));
	double median;

	for (size_t i = 0; i < v->n_samples; i++)
		sorted[i] = cpu_ms(v, i) / 1e3;
	stats_sort(sorted, v->n_samples);
	median = stats_quantile_sorted(sorted, v->n_samples, 0.5);
	free(sorted);
	return median;
}

static void write_statistics(struct buf *out, const struct export_value *v)
{
	double *sorted = mem_calloc(v->n_samples, sizeof(*sorted));
	size_t n = v->n_samples;

	for (size_t i = 0; i < n; i++)
		sorted[i] = v->samples[i] / v->unit->per_base;
	stats_sort(sorted, n);
	write_member(out, "mean", mean(sorted, n));
	write_member(out, "stddev", stddev(sorted, n));
	write_member(out, "median", stats_quantile_sorted(sorted, n, 0.5));
	write_member(out, "user", median_cpu_s(v));
	write_member(out, "system", 0);
	write_member(out, "min", sorted[0]);
	write_member(out, "max", sorted[n - 1]);
	free(sorted);
}

static void write_parameters(struct buf *out, const struct export_value *v)
{
	buf_add_str(out, ",\"parameters\":{\"scenario\":");
	text_json(out, v->scenario);
	buf_add_str(out, ",\"phase\":");
	text_json(out, v->phase);
	buf_printf(out, ",\"extractor\":\"%s\",\"implementation\":", event_type_names[v->type]);
	text_json(out, v->subject);
	buf_printf(out, ",\"metric\":\"%s\"}}", v->key);
}

static void write_result(struct buf *out, const struct export_values *all,
			 const struct export_value *v)
{
	struct buf name = { 0 };

	value_name(all, v, &name);
	buf_add_str(out, "{\"command\":");
	text_json(out, buf_str(&name));
	write_statistics(out, v);
	buf_add_str(out, ",\"times\":");
	export_samples(out, v, v->unit->per_base);
	buf_add_str(out, ",\"exit_codes\":[");
	for (size_t i = 0; i < v->n_samples; i++)
		buf_add_str(out, i ? ",null" : "null");
	buf_add_char(out, ']');
	write_parameters(out, v);
	buf_release(&name);
}

void export_hyperfine(const struct export_format *f, const struct export_session *s,
		      size_t n UNUSED, struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);
	const char *sep = "\n";

	buf_add_str(text, "{\"results\":[");
	for (size_t i = 0; i < s->values.n; i++) {
		const struct export_value *v = &s->values.v[i];

		if (!export_take(out, v, fits(v)))
			continue;
		buf_add_str(text, sep);
		write_result(text, &s->values, v);
		sep = ",\n";
	}
	buf_add_str(text, "\n]}\n");
}
