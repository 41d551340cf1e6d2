/*
 * InfluxDB line protocol, for Grafana: a point a figure, and a point a run.
 *
 * Source: InfluxData, "InfluxDB line protocol reference" (1.x): tags and fields after the
 * measurement, nanoseconds.  seclyzer_bench has the figures, at the session's time:
 * value, low and high (where there is an interval) and n; the tag `metric` is the key.  Tags
 * `unfit` and `incomplete` are there when that is so of the session, with the reason.
 * seclyzer_bench_run has the raw values of every run that counts, at the run's time, a
 * field a key.
 */
#include <inttypes.h>
#include <math.h>

#include "harness/export/export_form.h"

static void write_tag(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, ",%s=", name);
	text_tag(out, value);
}

static void write_tags(struct buf *out, const struct export_session *s, const char *scenario,
		       const char *phase, enum event_type type, const char *implementation)
{
	write_tag(out, "extractor", event_type_names[type]);
	write_tag(out, "implementation", implementation);
	write_tag(out, "phase", phase);
	write_tag(out, "profile", s->result->profile);
	write_tag(out, "scenario", scenario);
	write_tag(out, "session", s->result->id);
	for (int i = 0; i < EXPORT_OBJECTIONS; i++) {
		const char *why = export_objection(s->result, (enum export_objection)i);

		if (why)
			write_tag(out, export_objection_names[i], why);
	}
}

static void write_number(struct buf *out, const char *name, double value)
{
	buf_printf(out, ",%s=", name);
	text_number(out, value);
}

/* ns since the epoch; a time that no session has is 0. */
static void write_time(struct buf *out, int64_t wall_us)
{
	bool sane = wall_us > 0 && wall_us < INT64_MAX / 1000;

	buf_printf(out, " %" PRId64 "\n", sane ? wall_us * 1000 : 0);
}

static void write_value(struct buf *out, const struct export_session *s,
			const struct export_value *v)
{
	buf_add_str(out, "seclyzer_bench");
	write_tag(out, "metric", v->key);
	write_tags(out, s, v->scenario, v->phase, v->type, v->subject);
	buf_printf(out, " n=%zui", v->est.n);
	write_number(out, "value", v->est.value);
	if (value_has_interval(v)) {
		write_number(out, "low", v->est.low);
		write_number(out, "high", v->est.high);
	}
	buf_add_str(out, ",unit=");
	text_field(out, v->unit->name);
	buf_add_str(out, ",commit=");
	text_field(out, s->commit);
	write_time(out, s->result->started_wall_us);
}

static void write_run(struct buf *out, const struct export_session *s, const struct run *run)
{
	bool any = false;

	for (int id = 0; id < METRICS; id++) {
		if (!run->metrics[id].there || !isfinite(run->metrics[id].value))
			continue;
		if (!any) {
			buf_add_str(out, "seclyzer_bench_run");
			write_tag(out, "run", run->id);
			write_tags(out, s, run->scenario, run->phase, run->extractor,
				   run->implementation);
		}
		buf_printf(out, "%c%s=", any ? ',' : ' ', metrics[id].key);
		text_number(out, run->metrics[id].value);
		any = true;
	}
	if (any)
		write_time(out, run->started_wall_us);
}

void export_line_protocol(const struct export_format *f, const struct export_session *s,
			  size_t n UNUSED, struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);

	for (size_t i = 0; i < s->values.n; i++)
		if (export_take(out, &s->values.v[i], true))
			write_value(text, s, &s->values.v[i]);
	for (size_t i = 0; i < s->result->n_runs; i++)
		if (s->result->runs[i].status == RUN_OK)
			write_run(text, s, &s->result->runs[i]);
}
