/*
 * OpenMetrics text: a family a key, the median and its interval as gauges, at the session's
 * time.
 *
 * Source: the OpenMetrics specification 1.0 (prometheus.io/docs/specs/om/open_metrics_spec):
 * TYPE, UNIT, HELP, then the family's samples together; the unit is the name's ending; in
 * base units: seconds, bytes, ratios; "# EOF" ends it.  The time of each sample is what
 * `promtool tsdb create-blocks-from openmetrics` needs.
 */
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/export/export_form.h"

/* "ready_ms" is seclyzer_ready_seconds. */
static void write_family_name(struct buf *out, const struct export_value *v)
{
	const struct value_unit *u = v->unit;
	size_t len = strlen(v->key) - (u->base ? strlen(u->suffix) : 0);

	buf_add_str(out, "seclyzer_");
	buf_add(out, v->key, len);
	if (u->base)
		buf_add_str(out, u->base_suffix);
}

static void write_descriptor(struct buf *out, const struct export_value *v)
{
	struct buf name = { 0 };
	const char *family;

	write_family_name(&name, v);
	family = buf_str(&name);
	buf_printf(out, "# TYPE %s gauge\n", family);
	if (v->unit->base)
		buf_printf(out, "# UNIT %s %s\n", family, v->unit->base);
	buf_printf(out, "# HELP %s ", family);
	text_label(out, v->what);
	buf_add_char(out, '\n');
	buf_release(&name);
}

/* Labels of texts, which are escaped. */
static void write_label(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=\"", name);
	text_label(out, value);
	buf_add_char(out, '"');
}

static void write_time(struct buf *out, const struct export_session *s)
{
	int64_t us = s->result->started_wall_us > 0 ? s->result->started_wall_us : 0;

	buf_printf(out, " %lld.%06lld\n", (long long)(us / US_PER_S), (long long)(us % US_PER_S));
}

static void write_sample(struct buf *out, const struct export_session *s,
			 const struct export_value *v, const char *estimate, double value)
{
	/* A percentage is a ratio: the same number, 100 times less. */
	double base = v->unit->base ? value / v->unit->per_base : value;

	write_family_name(out, v);
	buf_add_char(out, '{');
	write_label(out, "scenario", v->scenario);
	buf_add_char(out, ',');
	write_label(out, "phase", v->phase);
	buf_printf(out, ",extractor=\"%s\",", event_type_names[v->type]);
	write_label(out, "implementation", v->subject);
	buf_printf(out, ",estimate=\"%s\"} ", estimate);
	text_number(out, base);
	write_time(out, s);
}

static void write_value(struct buf *out, const struct export_session *s,
			const struct export_value *v)
{
	write_sample(out, s, v, "value", v->est.value);
	if (value_has_interval(v)) {
		write_sample(out, s, v, "low", v->est.low);
		write_sample(out, s, v, "high", v->est.high);
	}
}

static void write_session(struct buf *out, const struct export_session *s)
{
	buf_add_str(out, "# TYPE seclyzer_session info\n# HELP seclyzer_session What was run.\n"
			 "seclyzer_session_info{");
	write_label(out, "session", s->result->id);
	buf_add_char(out, ',');
	write_label(out, "profile", s->result->profile);
	buf_add_char(out, ',');
	write_label(out, "commit", s->commit);
	for (int i = 0; i < EXPORT_OBJECTIONS; i++) {
		const char *why = export_objection(s->result, (enum export_objection)i);

		if (!why)
			continue;
		buf_add_char(out, ',');
		write_label(out, export_objection_names[i], why);
	}
	buf_add_str(out, "} 1");
	write_time(out, s);
	buf_add_str(out, "# TYPE seclyzer_runs gauge\n# HELP seclyzer_runs Runs by what became of "
			 "them.\n");
	for (int i = 0; i < RUN_STATUSES; i++) {
		buf_printf(out, "seclyzer_runs{status=\"%s\"} %zu", run_status_names[i],
			   s->model->by_status[i]);
		write_time(out, s);
	}
}

void export_openmetrics(const struct export_format *f, const struct export_session *s,
			size_t n UNUSED, struct export *out)
{
	const struct export_values *all = &s->values;
	struct buf *text = export_file(out, "%s", f->file);

	write_session(text, s);
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].why || !value_is_first_of_key(all, i))
			continue;
		write_descriptor(text, &all->v[i]);
		for (size_t k = i; k < all->n; k++)
			if (!strcmp(all->v[k].key, all->v[i].key) &&
			    export_take(out, &all->v[k], true))
				write_value(text, s, &all->v[k]);
	}
	buf_add_str(text, "# EOF\n");
}
