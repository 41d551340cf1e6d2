/*
 * google/benchmark's JSON: {"context", "benchmarks": [{"name", "run_type", "real_time", …}]}.
 *
 * Source: google/benchmark, src/json_reporter.cc and docs/tools.md; tools/compare.py reads
 * name, run_name, run_type, real_time, cpu_time and time_unit.  A run is an "iteration", the
 * median an "aggregate".  Only times have a place; the format wants a wall and a
 * CPU time of each, while a figure of ours is one or the other, as its name says: it stands
 * in both, and the label says so.  The context's members are all there, as readers may ask
 * for any; what no session knows is 0, which google/benchmark has for it, too.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/export/export_form.h"

static const char *time_unit(const struct export_value *v)
{
	return v->unit->per_base == 1e9 ? "ns" : v->unit->per_base == 1e6 ? "us" : "ms";
}

static void write_times(struct buf *out, const struct export_value *v, double value)
{
	buf_add_str(out, ",\"real_time\":");
	text_number(out, value);
	buf_add_str(out, ",\"cpu_time\":");
	text_number(out, value);
	buf_printf(out, ",\"time_unit\":\"%s\",\"label\":\"both times are %s\"}", time_unit(v),
		   v->key);
}

/* The members that an entry begins with. */
static void write_head(struct buf *out, const struct export_values *all,
		       const struct export_value *v, size_t family, const char *ending)
{
	struct buf name = { 0 };

	value_name(all, v, &name);
	buf_add_str(out, "{\"name\":");
	buf_add_str(&name, ending);
	text_json(out, buf_str(&name));
	buf_printf(out,
		   ",\"family_index\":%zu,\"per_family_instance_index\":0,\"run_name\":", family);
	buf_reset(&name);
	value_name(all, v, &name);
	text_json(out, buf_str(&name));
	buf_release(&name);
}

static void write_value(struct buf *out, const struct export_values *all,
			const struct export_value *v, size_t family)
{
	for (size_t i = 0; i < v->n_samples; i++) {
		write_head(out, all, v, family, "");
		buf_printf(out,
			   ",\"run_type\":\"iteration\",\"repetitions\":%zu,"
			   "\"repetition_index\":%zu,\"threads\":1,\"iterations\":1",
			   v->n_samples, i);
		write_times(out, v, v->samples[i]);
		buf_add_str(out, ",\n");
	}
	write_head(out, all, v, family, "_median");
	buf_printf(out,
		   ",\"run_type\":\"aggregate\",\"repetitions\":%zu,\"threads\":1,"
		   "\"aggregate_name\":\"median\",\"aggregate_unit\":\"time\",\"iterations\":%zu",
		   v->n_samples, v->n_samples);
	write_times(out, v, v->est.value);
}

/* As google/benchmark's sysinfo.cc: a governor that is not performance; no governor, no scaling. */
static bool is_scaling(const struct export_session *s)
{
	const char *governor = export_fact(s, "host.governor");

	return strncmp(governor, "unavailable", strlen("unavailable")) &&
	       strcmp(governor, "performance");
}

static void write_load(struct buf *out, const struct export_session *s)
{
	double load[3];
	int n = sscanf(export_fact(s, "load before"), "load average %lf %lf %lf", &load[0],
		       &load[1], &load[2]);

	buf_add_str(out, ",\"load_avg\":[");
	for (int i = 0; i < n && isfinite(load[i]); i++) {
		if (i)
			buf_add_char(out, ',');
		text_number(out, load[i]);
	}
	buf_add_char(out, ']');
}

static void write_context(struct buf *out, const struct export_session *s)
{
	char iso[CLOCK_ISO_MAX];
	long cpus = strtol(export_fact(s, "host.cpus"), NULL, 10); /* "2 online, 1 allowed" */

	clock_format_iso(iso, s->result->started_wall_us);
	buf_printf(out, "{\"date\":\"%s\",\"host_name\":\"unavailable: not recorded\",", iso);
	buf_printf(out,
		   "\"executable\":\"bench\",\"num_cpus\":%ld,\"mhz_per_cpu\":0,"
		   "\"cpu_scaling_enabled\":%s,\"caches\":[]",
		   cpus > 0 ? cpus : 0, is_scaling(s) ? "true" : "false");
	write_load(out, s);
	buf_add_str(out, ",\"library_build_type\":");
	text_json(out, export_fact(s, "build.variant"));
	buf_add_str(out, ",\"json_schema_version\":1,\"seclyzer_session\":");
	text_json(out, s->result->id);
	buf_add_str(out, ",\"seclyzer_commit\":");
	text_json(out, s->commit);
	for (int i = 0; i < EXPORT_OBJECTIONS; i++) {
		const char *why = export_objection(s->result, (enum export_objection)i);

		if (!why)
			continue;
		buf_printf(out, ",\"seclyzer_%s\":", export_objection_names[i]);
		text_json(out, why);
	}
	buf_add_char(out, '}');
}

void export_google(const struct export_format *f, const struct export_session *s, size_t n UNUSED,
		   struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);
	const char *sep = "\n";
	size_t family = 0;

	buf_add_str(text, "{\"context\":");
	write_context(text, s);
	buf_add_str(text, ",\"benchmarks\":[");
	for (size_t i = 0; i < s->values.n; i++) {
		const struct export_value *v = &s->values.v[i];

		if (!export_take(out, v, v->unit->kind == VALUE_TIME && v->n_samples))
			continue;
		buf_add_str(text, sep);
		write_value(text, &s->values, v, family++);
		sep = ",\n";
	}
	buf_add_str(text, "\n]}\n");
}
