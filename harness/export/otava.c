/*
 * Apache Otava: otava.csv, a row a session, and otava.yaml, the configuration that reads it.
 *
 * Source: apache/otava, docs "Getting started" and otava/importer.py (CsvImporter: one
 * header, a time column, attributes copied, metrics that must all be numbers) and
 * otava/test_config.py.  It wants many sessions to find a change in: rows stand in the order
 * of time, and a column is a figure that every one of them has; the others are left out.
 */
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/export/export_form.h"

static int by_time(const void *a, const void *b)
{
	const struct export_session *const *x = a, *const *y = b;
	int64_t t = (*x)->result->started_wall_us, u = (*y)->result->started_wall_us;

	return t != u ? (t > u) - (t < u) : strcmp((*x)->result->id, (*y)->result->id);
}

/* The same figure in another session; NULL: it is not there. */
static const struct export_value *find(const struct export_session *s, const char *group,
				       const char *key)
{
	for (size_t i = 0; i < s->values.n; i++) {
		const struct export_value *v = &s->values.v[i];

		if (!v->why && !strcmp(v->key, key) && !strcmp(s->values.groups[v->group], group))
			return v;
	}
	return NULL;
}

/* One figure of one session makes a column. */
struct column {
	const char *group;
	const struct export_value *v; /* of the first session */
};

static bool in_all(const struct export_session *const *rows, size_t n, const struct column *c)
{
	for (size_t i = 1; i < n; i++)
		if (!find(rows[i], c->group, c->v->key))
			return false;
	return true;
}

static void write_name(struct buf *out, const struct column *c)
{
	struct buf name = { 0 };

	buf_printf(&name, "%s/%s", c->group, c->v->key);
	text_csv(out, buf_str(&name));
	buf_release(&name);
}

static void write_row(struct buf *out, const struct export_session *s, const struct column *columns,
		      size_t n)
{
	struct buf objections = { 0 };
	char iso[CLOCK_ISO_MAX];

	clock_format_iso(iso, s->result->started_wall_us / US_PER_S * US_PER_S);
	buf_printf(out, "%s,", iso);
	text_csv(out, s->result->id);
	buf_add_char(out, ',');
	text_csv(out, s->commit);
	buf_add_char(out, ',');
	export_objections(s->result, &objections);
	text_csv(out, buf_str(&objections));
	buf_release(&objections);
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, ',');
		text_number(out, find(s, columns[i].group, columns[i].v->key)->est.value);
	}
	buf_add_char(out, '\n');
}

static void write_csv(struct buf *out, const struct export_session *const *rows, size_t n_rows,
		      const struct column *columns, size_t n)
{
	buf_add_str(out, "time,session,commit,objections");
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, ',');
		write_name(out, &columns[i]);
	}
	buf_add_char(out, '\n');
	for (size_t i = 0; i < n_rows; i++)
		write_row(out, rows[i], columns, n);
}

/* JSON strings are YAML. */
static void write_yaml(struct buf *out, const struct column *columns, size_t n)
{
	buf_add_str(out, "tests:\n"
			 "  seclyzer:\n"
			 "    type: csv\n"
			 "    file: otava.csv\n"
			 "    time_column: time\n"
			 "    attributes: [session, commit, objections]\n"
			 "    metrics:\n");
	for (size_t i = 0; i < n; i++) {
		struct buf name = { 0 };

		buf_printf(&name, "%s/%s", columns[i].group, columns[i].v->key);
		buf_add_str(out, "      ");
		text_json(out, buf_str(&name));
		buf_printf(out, ": {scale: 1, direction: %d}\n",
			   columns[i].v->better == HIGHER_IS_BETTER ? 1 : -1);
		buf_release(&name);
	}
}

void export_otava(const struct export_format *f UNUSED, const struct export_session *s, size_t n,
		  struct export *out)
{
	const struct export_session **rows = mem_calloc(n, sizeof(struct export_session *));
	const struct export_values *all;
	struct column *columns;
	size_t n_columns = 0;

	for (size_t i = 0; i < n; i++)
		rows[i] = &s[i];
	qsort(rows, n, sizeof(struct export_session *), by_time);
	all = &rows[0]->values;
	columns = mem_calloc(all->n + 1, sizeof(*columns));
	for (size_t i = 0; i < all->n; i++) {
		struct column c = { all->groups[all->v[i].group], &all->v[i] };

		if (export_take(out, c.v, c.v->better != NEITHER_IS_BETTER && in_all(rows, n, &c)))
			columns[n_columns++] = c;
	}
	write_csv(export_file(out, "otava/otava.csv"), rows, n, columns, n_columns);
	write_yaml(export_file(out, "otava/otava.yaml"), columns, n_columns);
	free(columns);
	free(rows);
}
