/*
 * pyperf's JSON, version 1.0: {"version", "metadata", "benchmarks": [{"metadata", "runs"}]}.
 *
 * Source: psf/pyperf, pyperf/_bench.py (Run, Benchmark, BenchmarkSuite) and
 * pyperf/_metadata.py: values are numbers above 0 in the unit second, byte or integer;
 * texts have one line and are not empty; benchmarks have different names.  A run of ours is
 * a run with one value and no warm-ups.
 */
#include <math.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/export/export_form.h"

/* NULL: pyperf has no unit for it. */
static const char *unit_of(const struct export_value *v)
{
	static const char *const names[] = {
		[VALUE_TIME] = "second",
		[VALUE_BYTES] = "byte",
		[VALUE_COUNT] = "integer",
		[VALUE_OTHER] = NULL,
	};

	return v->unit->kind == VALUE_PERCENT ? NULL : names[v->unit->kind];
}

static bool fits(const struct export_value *v)
{
	for (size_t i = 0; i < v->n_samples; i++)
		if (!(v->samples[i] / v->unit->per_base > 0) ||
		    (v->unit->kind == VALUE_COUNT && v->samples[i] != floor(v->samples[i])))
			return false;
	return v->n_samples && unit_of(v);
}

/* As pyperf writes it: "2026-11-24 11:23:45.801986", without the time zone. */
static void write_date(struct buf *out, int64_t wall_us)
{
	char iso[CLOCK_ISO_MAX];

	clock_format_iso(iso, wall_us);
	iso[strcspn(iso, "+")] = '\0';
	iso[strcspn(iso, "T")] = ' ';
	buf_printf(out, "\"date\":\"%s\"", iso);
}

static void write_run(struct buf *out, const struct export_value *v, size_t i)
{
	const struct run *run = v->runs ? v->runs[i] : NULL;

	buf_add_char(out, '{');
	if (run) {
		buf_add_str(out, "\"metadata\":{");
		write_date(out, run->started_wall_us);
		if (isfinite(run->seconds) && run->seconds >= 0) {
			buf_add_str(out, ",\"duration\":");
			text_number(out, run->seconds);
		}
		buf_add_str(out, "},");
	}
	buf_add_str(out, "\"values\":[");
	text_number(out, v->samples[i] / v->unit->per_base);
	buf_add_str(out, "]}");
}

static void write_benchmark(struct buf *out, const struct export_values *all,
			    const struct export_value *v)
{
	struct buf name = { 0 };

	value_name(all, v, &name);
	buf_add_str(out, "{\"metadata\":{\"name\":");
	text_json(out, buf_str(&name));
	buf_printf(out, ",\"unit\":\"%s\",\"description\":", unit_of(v));
	text_json_line(out, v->what);
	buf_add_str(out, "},\"runs\":[");
	for (size_t i = 0; i < v->n_samples; i++) {
		if (i)
			buf_add_char(out, ',');
		write_run(out, v, i);
	}
	buf_add_str(out, "]}");
	buf_release(&name);
}

/* What all runs have in common. */
static void write_metadata(struct buf *out, const struct export_session *s)
{
	const struct {
		const char *name, *value; /* NULL: not there */
	} rows[] = {
		{ "seclyzer_session", s->result->id },
		{ "cpu_model_name", export_fact(s, "host.cpu_model") },
		{ "platform", export_fact(s, "host.kernel") },
		{ "seclyzer_commit", s->commit },
		{ "seclyzer_unfit", export_objection(s->result, EXPORT_UNFIT) },
		{ "seclyzer_incomplete", export_objection(s->result, EXPORT_INCOMPLETE) },
	};
	const char *sep = "{";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].value)
			continue;
		buf_printf(out, "%s\"%s\":", sep, rows[i].name);
		text_json_line(out, rows[i].value);
		sep = ",";
	}
	buf_add_char(out, '}');
}

void export_pyperf(const struct export_format *f, const struct export_session *s, size_t n UNUSED,
		   struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);
	const char *sep = "\n";

	buf_add_str(text, "{\"version\":\"1.0\",\"metadata\":");
	write_metadata(text, s);
	buf_add_str(text, ",\"benchmarks\":[");
	for (size_t i = 0; i < s->values.n; i++) {
		const struct export_value *v = &s->values.v[i];

		if (!export_take(out, v, fits(v)))
			continue;
		buf_add_str(text, sep);
		write_benchmark(text, &s->values, v);
		sep = ",\n";
	}
	buf_add_str(text, "\n]}\n");
}
