/*
 * Answers of a database as rows; see influx_rows.h.
 *
 * cJSON's documents are kept, as names and texts point into them.  cJSON holds
 * numbers as doubles: right for fields, too coarse for ns since the epoch, which
 * is why InfluxDB is asked for times as text.
 */
#include "harness/influx_rows.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

void influx_rows_release(struct influx_rows *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].fields);
	for (size_t i = 0; i < r->n_documents; i++)
		cJSON_Delete(r->documents[i]);
	for (size_t i = 0; i < r->n_tag_sets; i++)
		free(r->tag_sets[i]);
	free(r->v);
	free(r->documents);
	free(r->tag_sets);
	memset(r, 0, sizeof(*r));
}

const struct influx_field *influx_row_field(const struct influx_row *row, const char *name)
{
	for (size_t i = 0; i < row->n_fields; i++)
		if (!strcmp(row->fields[i].name, name))
			return &row->fields[i];
	return NULL;
}

const char *influx_row_tag(const struct influx_row *row, const char *name)
{
	for (size_t i = 0; i < row->n_tags; i++)
		if (!strcmp(row->tags[i].name, name))
			return row->tags[i].value;
	return NULL;
}

/* Exactly n digits. */
static bool take_digits(const char **p, int n, int *out)
{
	*out = 0;
	for (; n; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

static bool take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

int influx_parse_time(const char *text, int64_t *ns)
{
	struct tm tm = { 0 };
	const char *p = text;
	int64_t frac_ns = 0, unit_ns = NS_PER_S / 10;

	if (!take_digits(&p, 4, &tm.tm_year) || !take_char(&p, '-') ||
	    !take_digits(&p, 2, &tm.tm_mon) || !take_char(&p, '-') ||
	    !take_digits(&p, 2, &tm.tm_mday) || !take_char(&p, 'T') ||
	    !take_digits(&p, 2, &tm.tm_hour) || !take_char(&p, ':') ||
	    !take_digits(&p, 2, &tm.tm_min) || !take_char(&p, ':') ||
	    !take_digits(&p, 2, &tm.tm_sec))
		return -EINVAL;
	/* Years whose ns do not fit 64 bits are none of ours. */
	if (tm.tm_year < 1900 || tm.tm_year > 2200 || tm.tm_mon < 1 || tm.tm_mon > 12 ||
	    tm.tm_mday < 1 || tm.tm_mday > 31)
		return -EINVAL;
	if (take_char(&p, '.'))
		for (; *p >= '0' && *p <= '9' && unit_ns; p++, unit_ns /= 10)
			frac_ns += (*p - '0') * unit_ns;
	if (strcmp(p, "Z"))
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ns = (int64_t)timegm(&tm) * NS_PER_S + frac_ns;
	return 0;
}

static int wrong(struct err *e, const char *what)
{
	return err_set(e, -EPROTO, "the database's answer: %s", what);
}

static void keep_document(struct influx_rows *r, cJSON *doc)
{
	r->documents = mem_realloc(r->documents, r->n_documents + 1, sizeof(*r->documents));
	r->documents[r->n_documents++] = doc;
}

/* Text members of an object as tags, but for two names; empty ones are absent in the database. */
static struct influx_tag *take_tags(struct influx_rows *r, const cJSON *object, const char *skip_1,
				    const char *skip_2, size_t *n)
{
	struct influx_tag *tags = mem_calloc((size_t)cJSON_GetArraySize(object), sizeof(*tags));
	const cJSON *m;

	*n = 0;
	cJSON_ArrayForEach(m, object)
	{
		if (!cJSON_IsString(m) || !*m->valuestring || !strcmp(m->string, skip_1) ||
		    !strcmp(m->string, skip_2))
			continue;
		tags[(*n)++] = (struct influx_tag){ m->string, m->valuestring };
	}
	r->tag_sets = mem_realloc(r->tag_sets, r->n_tag_sets + 1, sizeof(struct influx_tag *));
	r->tag_sets[r->n_tag_sets++] = tags;
	return tags;
}

static struct influx_row *add_row(struct influx_rows *r, size_t *cap)
{
	if (r->n == *cap) {
		*cap = *cap ? *cap * 2 : 64;
		r->v = mem_realloc(r->v, *cap, sizeof(*r->v));
	}
	memset(&r->v[r->n], 0, sizeof(r->v[r->n]));
	r->v[r->n].order = r->n;
	return &r->v[r->n++];
}

static int by_name(const void *a, const void *b)
{
	const struct influx_field *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_time(const void *a, const void *b)
{
	const struct influx_row *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void sort_rows(struct influx_rows *r)
{
	if (r->n)
		qsort(r->v, r->n, sizeof(*r->v), by_time);
}

static bool take_field(struct influx_field *f, const char *name, const cJSON *v)
{
	*f = (struct influx_field){ .name = name, .value = NAN };
	if (cJSON_IsNumber(v))
		f->value = v->valuedouble;
	else if (cJSON_IsBool(v))
		f->value = cJSON_IsTrue(v);
	else if (cJSON_IsString(v))
		f->text = v->valuestring;
	else
		return false; /* null: the point has no such field */
	return true;
}

/* One array of a series' `values`, column by column. */
static int take_values(struct influx_row *row, const cJSON *columns, const cJSON *values,
		       struct err *e)
{
	const cJSON *c = columns->child, *v = values->child;

	row->fields = mem_calloc((size_t)cJSON_GetArraySize(columns), sizeof(*row->fields));
	for (; c && v; c = c->next, v = v->next) {
		if (!cJSON_IsString(c))
			return wrong(e, "a column without a name");
		if (strcmp(c->valuestring, "time")) {
			row->n_fields += take_field(&row->fields[row->n_fields], c->valuestring, v);
			continue;
		}
		if (!cJSON_IsString(v) || influx_parse_time(v->valuestring, &row->time_ns))
			return wrong(e, "a time that is none");
	}
	if (c || v)
		return wrong(e, "a row with more or fewer values than columns");
	qsort(row->fields, row->n_fields, sizeof(*row->fields), by_name);
	return 0;
}

/* results[0], after looking for the error that comes with status 200. */
static int first_result(const cJSON *doc, const cJSON **out, struct err *e)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(doc, "error");
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(doc, "results");
	const cJSON *first = cJSON_IsArray(results) ? results->child : NULL;

	if (!error)
		error = cJSON_GetObjectItemCaseSensitive(first, "error");
	if (cJSON_IsString(error))
		return wrong(e, error->valuestring);
	if (!cJSON_IsObject(first))
		return wrong(e, "no result");
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(first, "partial")))
		return wrong(e, "only a part of the rows");
	*out = first;
	return 0;
}

static int take_series(struct influx_rows *r, const cJSON *series, size_t *cap, struct err *e)
{
	const cJSON *columns = cJSON_GetObjectItemCaseSensitive(series, "columns");
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(series, "values");
	const cJSON *tag_object = cJSON_GetObjectItemCaseSensitive(series, "tags");
	struct influx_tag *tags;
	const cJSON *row;
	size_t n_tags;
	int rc = 0;

	if (!cJSON_IsArray(columns) || !cJSON_IsArray(values))
		return wrong(e, "a series without columns or values");
	tags = take_tags(r, tag_object, "", "", &n_tags);
	cJSON_ArrayForEach(row, values)
	{
		struct influx_row *to;

		if (!cJSON_IsArray(row))
			return wrong(e, "a row that is no array");
		to = add_row(r, cap);
		to->tags = tags;
		to->n_tags = n_tags;
		rc = take_values(to, columns, row, e);
		if (rc)
			return rc;
	}
	return 0;
}

int influx_parse_select(struct influx_rows *rows, const char *json, size_t len, struct err *e)
{
	cJSON *doc = cJSON_ParseWithLength(json, len);
	const cJSON *result, *series;
	size_t cap = 0;
	int rc;

	memset(rows, 0, sizeof(*rows));
	if (!doc)
		return wrong(e, "not JSON");
	keep_document(rows, doc);
	rc = first_result(doc, &result, e);
	if (!rc) {
		const cJSON *all = cJSON_GetObjectItemCaseSensitive(result, "series");

		cJSON_ArrayForEach(series, all)
		{
			rc = take_series(rows, series, &cap, e);
			if (rc)
				break;
		}
	}
	if (rc)
		influx_rows_release(rows);
	else
		sort_rows(rows);
	return rc;
}

int influx_parse_count(int64_t *count, const char *json, size_t len, struct err *e)
{
	struct influx_rows rows;
	const struct influx_field *f;
	int rc = influx_parse_select(&rows, json, len, e);

	if (rc)
		return rc;
	f = rows.n ? influx_row_field(&rows.v[0], "count") : NULL;
	if (rows.n > 1 || (rows.n && (!f || !(f->value >= 0 && f->value < 9e15))))
		rc = wrong(e, "not one count");
	else
		*count = f ? (int64_t)f->value : 0;
	influx_rows_release(&rows);
	return rc;
}

int influx_parse_names(struct buf *names, const char *json, size_t len, struct err *e)
{
	struct influx_rows rows;
	int rc = influx_parse_select(&rows, json, len, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < rows.n && !rc; i++) {
		if (rows.v[i].n_fields && rows.v[i].fields[0].text)
			buf_printf(names, "%s\n", rows.v[i].fields[0].text);
		else
			rc = wrong(e, "a name that is no text");
	}
	influx_rows_release(&rows);
	return rc;
}

int influx_parse_status(const char *json, size_t len, struct err *e)
{
	cJSON *doc = cJSON_ParseWithLength(json, len);
	const cJSON *result;
	int rc = doc ? first_result(doc, &result, e) : wrong(e, "not JSON");

	cJSON_Delete(doc);
	return rc;
}

/* ---- VictoriaMetrics ------------------------------------------------------------ */

/* A line of an export: {"metric":{…},"values":[…],"timestamps":[…]}. */
struct export_line {
	cJSON *doc;
	const cJSON *metric, *values, *timestamps;
	const char *name;
};

/* The next line of the text; 1 with *l filled (its doc is the caller's), 0 at the end. */
static int next_export(const char **p, const char *end, struct export_line *l, struct err *e)
{
	const char *nl;
	const cJSON *name;

	while (*p < end && **p == '\n')
		(*p)++;
	if (*p == end)
		return 0;
	nl = memchr(*p, '\n', (size_t)(end - *p));
	l->doc = cJSON_ParseWithLength(*p, (size_t)((nl ? nl : end) - *p));
	*p = nl ? nl + 1 : end;
	l->metric = cJSON_GetObjectItemCaseSensitive(l->doc, "metric");
	l->values = cJSON_GetObjectItemCaseSensitive(l->doc, "values");
	l->timestamps = cJSON_GetObjectItemCaseSensitive(l->doc, "timestamps");
	name = cJSON_GetObjectItemCaseSensitive(l->metric, "__name__");
	if (cJSON_IsString(name) && cJSON_IsArray(l->values) && cJSON_IsArray(l->timestamps) &&
	    cJSON_GetArraySize(l->values) == cJSON_GetArraySize(l->timestamps)) {
		l->name = name->valuestring;
		return 1;
	}
	cJSON_Delete(l->doc);
	return wrong(e, "not a line of an export");
}

int influx_count_export(int64_t *count, const char *lines, size_t len, struct err *e)
{
	const char *p = lines, *end = len ? lines + len : lines;
	struct export_line l;
	int rc;

	*count = 0;
	while ((rc = next_export(&p, end, &l, e)) > 0) {
		*count += cJSON_GetArraySize(l.values);
		cJSON_Delete(l.doc);
	}
	return rc;
}

static bool same_tags(const struct influx_row *row, const struct influx_tag *tags, size_t n)
{
	if (row->n_tags != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *v = influx_row_tag(row, tags[i].name);

		if (!v || strcmp(v, tags[i].value))
			return false;
	}
	return true;
}

static bool any_with_tags(const struct influx_rows *r, const struct influx_tag *tags, size_t n)
{
	for (size_t i = 0; i < r->n; i++)
		if (same_tags(&r->v[i], tags, n))
			return true;
	return false;
}

/*
 * The row this value belongs to: the first of that time and those tags that lacks
 * the field.  The lines of one measurement mostly hold the same times in the same
 * order, so the search begins behind the last one found.
 */
static struct influx_row *find_row(struct influx_rows *r, size_t *hint, int64_t time_ns,
				   const struct influx_tag *tags, size_t n_tags, const char *field)
{
	for (size_t tried = 0; tried < r->n; tried++) {
		struct influx_row *row = &r->v[(*hint + tried) % r->n];

		if (row->time_ns == time_ns && !influx_row_field(row, field) &&
		    same_tags(row, tags, n_tags)) {
			*hint = (size_t)(row - r->v) + 1;
			return row;
		}
	}
	return NULL;
}

static void add_export_field(struct influx_row *row, const char *name, const cJSON *v)
{
	row->fields = mem_realloc(row->fields, row->n_fields + 1, sizeof(*row->fields));
	row->n_fields += take_field(&row->fields[row->n_fields], name, v);
	qsort(row->fields, row->n_fields, sizeof(*row->fields), by_name);
}

static int take_export(struct influx_rows *r, const struct export_line *l, const char *field,
		       size_t *cap, struct err *e)
{
	const cJSON *v = l->values->child, *t = l->timestamps->child;
	size_t n_tags, hint = 0;
	struct influx_tag *tags = take_tags(r, l->metric, "__name__", "db", &n_tags);
	bool fresh = !any_with_tags(r, tags, n_tags);

	for (; v && t; v = v->next, t = t->next) {
		struct influx_row *row;
		int64_t time_ns;

		if (!cJSON_IsNumber(t) || fabs(t->valuedouble) > 9e12)
			return wrong(e, "a time that is none");
		time_ns = (int64_t)t->valuedouble * NS_PER_MS;
		row = fresh ? NULL : find_row(r, &hint, time_ns, tags, n_tags, field);
		if (!row) {
			row = add_row(r, cap);
			row->time_ns = time_ns;
			row->tags = tags;
			row->n_tags = n_tags;
		}
		add_export_field(row, field, v);
	}
	return 0;
}

int influx_parse_export(struct influx_rows *rows, const char *measurement, const char *lines,
			size_t len, struct err *e)
{
	const char *p = lines, *end = len ? lines + len : lines;
	size_t prefix = strlen(measurement), cap = 0;
	struct export_line l;
	int rc;

	memset(rows, 0, sizeof(*rows));
	while ((rc = next_export(&p, end, &l, e)) > 0) {
		keep_document(rows, l.doc);
		if (strncmp(l.name, measurement, prefix) || l.name[prefix] != '_')
			continue; /* another measurement whose name the pattern matched, too */
		rc = take_export(rows, &l, l.name + prefix + 1, &cap, e);
		if (rc)
			break;
	}
	if (rc)
		influx_rows_release(rows);
	else
		sort_rows(rows);
	return rc;
}
