/*
 * Bencher Metric Format: {"benchmark": {"measure": {"value", "lower_value", "upper_value"}}}.
 *
 * Source: bencher.dev/docs/reference/bencher-metric-format and bencher.dev/bmf.json.
 * A benchmark's name has at most 1,024 characters, a measure's 64; the measure is the key
 * of the figure, which says the unit.
 */
#include "harness/export/export_form.h"

_Static_assert(VALUE_KEY_MAX <= 64 + 1, "a measure's name");

static void write_measure(struct buf *out, const struct export_value *v)
{
	text_json(out, v->key);
	buf_add_str(out, ":{\"value\":");
	text_number(out, v->est.value);
	if (value_has_interval(v)) {
		buf_add_str(out, ",\"lower_value\":");
		text_number(out, v->est.low);
		buf_add_str(out, ",\"upper_value\":");
		text_number(out, v->est.high);
	}
	buf_add_char(out, '}');
}

/* The figures of one group; false when it has none. */
static bool write_group(struct buf *out, const struct export_values *all, size_t group, bool first,
			struct export *count)
{
	bool any = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct export_value *v = &all->v[i];

		if (v->group != group || !export_take(count, v, true))
			continue;
		if (any) {
			buf_add_char(out, ',');
		} else {
			buf_add_str(out, first ? "\n" : ",\n");
			text_json(out, all->groups[group]);
			buf_add_str(out, ":{");
		}
		write_measure(out, v);
		any = true;
	}
	if (any)
		buf_add_char(out, '}');
	return any;
}

void export_bencher(const struct export_format *f, const struct export_session *s, size_t n UNUSED,
		    struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);
	bool first = true;

	buf_add_char(text, '{');
	for (size_t i = 0; i < s->values.n_groups; i++)
		if (write_group(text, &s->values, i, first, out))
			first = false;
	buf_add_str(text, "\n}\n");
}
