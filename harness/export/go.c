/*
 * Go benchmark text, which benchstat compares: `BenchmarkName-N iterations value unit`.
 *
 * Source: golang.org/design/14313-benchmark-format, golang.org/design/43744 (lines `Unit`)
 * and golang.org/x/perf/benchfmt.  A line a run.  The name's parts are key=value, so that
 * `benchstat -col /impl` sets implementations side by side; the unit is the figure's key,
 * for each figure has a unit of its own then.  The last part, -1, is the number of cores a
 * subject has; without one a name ending in a number would be read as having it.
 */
#include "harness/export/export_form.h"

static void write_key(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "%s: ", key);
	text_line(out, value);
	buf_add_char(out, '\n');
}

static void write_head(struct buf *out, const struct export_session *s)
{
	buf_add_str(out, "goos: linux\npkg: seclyzer\n");
	write_key(out, "cpu", export_fact(s, "host.cpu_model"));
	write_key(out, "session", s->result->id);
	write_key(out, "profile", s->result->profile);
	write_key(out, "commit", s->commit);
	for (int i = 0; i < EXPORT_OBJECTIONS; i++) {
		const char *why = export_objection(s->result, (enum export_objection)i);

		if (why)
			write_key(out, export_objection_names[i], why);
	}
}

/* Of every key once, before its first line. */
static void write_units(struct buf *out, const struct export_values *all)
{
	static const char *const words[] = {
		[HIGHER_IS_BETTER] = "better=higher",
		[LOWER_IS_BETTER] = "better=lower",
		[NEITHER_IS_BETTER] = NULL,
	};

	for (size_t i = 0; i < all->n; i++) {
		const struct export_value *v = &all->v[i];

		if (!v->why && v->n_samples && words[v->better] && value_is_first_of_key(all, i))
			buf_printf(out, "Unit %s %s\n", v->key, words[v->better]);
	}
}

static void write_part(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "/%s=", key);
	text_part(out, value);
}

static void write_value(struct buf *out, const struct export_value *v)
{
	for (size_t i = 0; i < v->n_samples; i++) {
		buf_add_str(out, "BenchmarkSeclyzer");
		write_part(out, "scenario", v->scenario);
		write_part(out, "phase", v->phase);
		write_part(out, "extractor", event_type_names[v->type]);
		write_part(out, "impl", v->subject);
		buf_add_str(out, "-1 1 ");
		text_number(out, v->samples[i]);
		buf_printf(out, " %s\n", v->key);
	}
}

void export_go(const struct export_format *f, const struct export_session *s, size_t n UNUSED,
	       struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);

	write_head(text, s);
	write_units(text, &s->values);
	for (size_t i = 0; i < s->values.n; i++)
		if (export_take(out, &s->values.v[i], s->values.v[i].n_samples))
			write_value(text, &s->values.v[i]);
}
