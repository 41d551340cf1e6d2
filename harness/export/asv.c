/*
 * Results of airspeed velocity: benchmarks.json, MACHINE/machine.json and
 * MACHINE/COMMIT-ENV.json, a folder that is its results_dir or is merged into it.
 *
 * Source: airspeed-velocity/asv, docs/source/dev.rst "Benchmark suite layout and file
 * formats", asv/results.py (version 2) and asv/machine.py (version 1).  asv calls what grows
 * a regression, so only figures of which less is better have a place.  Its date is the
 * commit's; a session knows its own time alone and gives that (asv publish asks the
 * repository).  stats_ci_99 is an interval at 99 % of the same runs where they have one.
 * The last column, profile, is cut from the rows, as asv cuts what is not there.
 * Its files are named after the commit, so one that is not known or was dirty is refused.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/export/export_form.h"
#include "harness/stats/quantile.h"

#define CI_LEVEL    0.99
#define MACHINE_MAX 100 /* the name of a folder */

static bool fits(const struct export_value *v)
{
	return v->n_samples && v->better == LOWER_IS_BETTER;
}

/* Dots tell the parts here: those within one are %2E. */
static void write_name(struct buf *out, const struct export_values *all,
		       const struct export_value *v)
{
	struct buf path = { 0 }, name = { 0 };

	value_name(all, v, &path);
	for (const char *p = buf_str(&path); *p; p++)
		if (*p == '.')
			buf_add_str(&name, "%2E");
		else
			buf_add_char(&name, *p == '/' ? '.' : *p);
	text_json(out, buf_str(&name));
	buf_release(&path);
	buf_release(&name);
}

/* ---- benchmarks.json --------------------------------------------------------------- */

static void write_benchmark(struct buf *out, const struct export_values *all,
			    const struct export_value *v)
{
	write_name(out, all, v);
	buf_add_str(out, ":{\"code\":");
	text_json(out, v->what);
	buf_add_str(out, ",\"name\":");
	write_name(out, all, v);
	buf_add_str(out, ",\"param_names\":[],\"params\":[],\"type\":\"track\",\"unit\":");
	text_json(out, v->unit->name);
	buf_add_str(out, ",\"version\":\"1\"},\n");
}

static void write_benchmarks(struct buf *out, const struct export_values *all)
{
	buf_add_str(out, "{\n");
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].why && fits(&all->v[i]))
			write_benchmark(out, all, &all->v[i]);
	buf_add_str(out, "\"version\":2\n}\n");
}

/* ---- machine.json -------------------------------------------------------------------- */

/* The folder's name is the machine's too. */
static void machine_name(const struct export_session *s, struct buf *out)
{
	text_file_part(out, export_fact(s, "host.cpu_model"));
	if (out->len > MACHINE_MAX)
		out->len = MACHINE_MAX;
}

static void write_machine(struct buf *out, const struct export_session *s)
{
	static const struct {
		const char *name, *fact;
	} rows[] = { { "cpu", "host.cpu_model" },
		     { "num_cpu", "host.cpus" },
		     { "os", "host.kernel" },
		     { "ram", "host.memory" } };
	const char *arch = strrchr(export_fact(s, "host.kernel"), ' '); /* "Linux … x86_64" */
	struct buf name = { 0 };

	machine_name(s, &name);
	buf_add_str(out, "{\"arch\":");
	text_json(out, arch ? arch + 1 : "unavailable");
	buf_add_str(out, ",\"machine\":");
	text_json(out, buf_str(&name));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		buf_printf(out, ",\"%s\":", rows[i].name);
		text_json(out, export_fact(s, rows[i].fact));
	}
	buf_release(&name);
}

/* ---- MACHINE/COMMIT-ENV.json ----------------------------------------------------------- */

/* A column that is a list with one item, since no benchmark has parameters. */
static void write_column(struct buf *out, bool known, double value)
{
	if (!known || !isfinite(value)) { /* the sum of two finite ones need not be */
		buf_add_str(out, ",null");
		return;
	}
	buf_add_str(out, ",[");
	text_number(out, value);
	buf_add_char(out, ']');
}

static void write_statistics(struct buf *out, const struct export_value *v, uint64_t seed)
{
	struct estimate ci = stats_estimate_median(v->samples, v->n_samples, CI_LEVEL, seed);
	bool has_ci = ci.n >= 2 && ci.level >= CI_LEVEL;
	double *sorted = mem_calloc(v->n_samples, sizeof(*sorted));

	memcpy(sorted, v->samples, v->n_samples * sizeof(*sorted));
	stats_sort(sorted, v->n_samples);
	write_column(out, has_ci, ci.low);
	write_column(out, has_ci, ci.high);
	write_column(out, true, stats_quantile_sorted(sorted, v->n_samples, 0.25));
	write_column(out, true, stats_quantile_sorted(sorted, v->n_samples, 0.75));
	buf_printf(out, ",[1],[%zu],[", v->n_samples);
	free(sorted);
}

/* Of all runs together; of searches, whose runs are not listed, it is not known. */
static void write_duration(struct buf *out, const struct export_value *v)
{
	double seconds = v->runs ? 0 : NAN;

	for (size_t i = 0; v->runs && i < v->n_samples; i++)
		seconds += v->runs[i]->seconds;
	buf_add_char(out, ',');
	if (isfinite(seconds))
		text_number(out, seconds);
	else
		buf_add_str(out, "null");
}

static void write_row(struct buf *out, const struct export_session *s, const struct export_value *v)
{
	int64_t started_ms =
		(v->runs ? v->runs[0]->started_wall_us : s->result->started_wall_us) / 1000;

	write_name(out, &s->values, v);
	buf_add_str(out, ":[[");
	text_number(out, v->est.value);
	buf_printf(out, "],[],\"1\",%lld", (long long)started_ms);
	write_duration(out, v);
	write_statistics(out, v, s->result->seed);
	export_samples(out, v, 1);
	buf_add_str(out, "]]");
}

static void write_results(struct buf *out, const struct export_session *s, const char *env,
			  struct export *count)
{
	const char *sep = "\n";

	buf_printf(out,
		   "{\"version\":2,\"commit_hash\":\"%s\",\"env_name\":\"%s\",\"date\":%lld,"
		   "\"params\":",
		   s->commit, env, (long long)s->result->started_wall_us / 1000);
	write_machine(out, s);
	buf_add_str(
		out,
		",\"python\":\"\"},\"python\":\"\",\"requirements\":{},\"env_vars\":{},"
		"\"durations\":{},\n\"result_columns\":[\"result\",\"params\",\"version\","
		"\"started_at\",\"duration\",\"stats_ci_99_a\",\"stats_ci_99_b\",\"stats_q_25\","
		"\"stats_q_75\",\"stats_number\",\"stats_repeat\",\"samples\",\"profile\"],\n"
		"\"results\":{");
	for (size_t i = 0; i < s->values.n; i++)
		if (export_take(count, &s->values.v[i], fits(&s->values.v[i]))) {
			buf_add_str(out, sep);
			write_row(out, s, &s->values.v[i]);
			sep = ",\n";
		}
	buf_add_str(out, "\n}}\n");
}

/* NULL: none. */
static const char *refusal(const struct export_session *s)
{
	if (!strcmp(s->commit, "unavailable"))
		return "its files are named after the commit, and the build's is not known";
	return strchr(s->commit, '-')
		       ? "its files are named after the commit, and the build or the tree was dirty"
		       : NULL;
}

void export_asv(const struct export_format *f UNUSED, const struct export_session *s,
		size_t n UNUSED, struct export *out)
{
	struct buf machine = { 0 }, env = { 0 }, *text;

	out->refused = refusal(s);
	if (out->refused)
		return;
	machine_name(s, &machine);
	buf_add_str(&env, "seclyzer-");
	text_file_part(&env, s->result->profile);
	write_benchmarks(export_file(out, "asv/benchmarks.json"), &s->values);
	text = export_file(out, "asv/%s/machine.json", buf_str(&machine));
	write_machine(text, s);
	buf_add_str(text, ",\"version\":1}\n");
	text = export_file(out, "asv/%s/%.8s-%s.json", buf_str(&machine), s->commit, buf_str(&env));
	write_results(text, s, buf_str(&env), out);
	buf_release(&machine);
	buf_release(&env);
}
