/*
 * github-action-benchmark, tools customSmallerIsBetter and customBiggerIsBetter:
 * [{"name", "unit", "value", "range", "extra"}], a file a direction.
 *
 * Source: README.md of benchmark-action/github-action-benchmark, "Examples", and its
 * src/extract.ts: name, unit and value are read, range and extra shown beside them.
 */
#include "harness/export/export_form.h"

static void write_extra(struct buf *out, const struct export_value *v)
{
	struct buf extra = { 0 };

	buf_printf(&extra, "n = %zu", v->est.n);
	if (value_has_interval(v))
		buf_printf(&extra, "\nthe range is the interval at %.4g %%", 100 * v->est.level);
	text_json(out, buf_str(&extra));
	buf_release(&extra);
}

static void write_value(struct buf *out, const struct export_values *all,
			const struct export_value *v)
{
	struct buf name = { 0 };

	value_name(all, v, &name);
	buf_add_str(out, "{\"name\":");
	text_json(out, buf_str(&name));
	buf_add_str(out, ",\"unit\":");
	text_json(out, v->unit->name);
	buf_add_str(out, ",\"value\":");
	text_number(out, v->est.value);
	if (value_has_interval(v)) {
		buf_add_str(out, ",\"range\":\"");
		text_number(out, v->est.low);
		buf_add_str(out, " .. ");
		text_number(out, v->est.high);
		buf_add_char(out, '"');
	}
	buf_add_str(out, ",\"extra\":");
	write_extra(out, v);
	buf_add_char(out, '}');
	buf_release(&name);
}

static void write_direction(const struct export_format *f, const struct export_values *all,
			    enum metric_better better, struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);
	const char *sep = "\n";

	buf_add_char(text, '[');
	for (size_t i = 0; i < all->n; i++)
		if (export_take(out, &all->v[i], all->v[i].better == better)) {
			buf_add_str(text, sep);
			write_value(text, all, &all->v[i]);
			sep = ",\n";
		}
	buf_add_str(text, "\n]\n");
}

void export_github_smaller(const struct export_format *f, const struct export_session *s,
			   size_t n UNUSED, struct export *out)
{
	write_direction(f, &s->values, LOWER_IS_BETTER, out);
}

void export_github_bigger(const struct export_format *f, const struct export_session *s,
			  size_t n UNUSED, struct export *out)
{
	write_direction(f, &s->values, HIGHER_IS_BETTER, out);
}
