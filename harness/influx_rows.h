/*
 * What a database answers, as rows: InfluxDB 1.x and VictoriaMetrics.
 *
 * Pure parsers of the answers' bytes.  Times are ns since the epoch, exact from
 * InfluxDB (which writes them as text), multiples of a millisecond from
 * VictoriaMetrics, which keeps no more.
 * Ownership: influx_rows_release() frees everything a struct influx_rows points to.
 */
#ifndef HARNESS_INFLUX_ROWS_H
#define HARNESS_INFLUX_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

struct influx_tag {
	const char *name, *value;
};

struct influx_field {
	const char *name;
	double value;	  /* booleans as 1 and 0; NAN for a text */
	const char *text; /* a string field; else NULL */
};

struct influx_row {
	int64_t time_ns;
	size_t order; /* in which the database gave it */
	size_t n_tags, n_fields;
	struct influx_tag *tags;     /* as many as the point has; shared by the rows of a series */
	struct influx_field *fields; /* sorted by name */
};

struct influx_rows {
	size_t n;
	struct influx_row *v; /* sorted by time; equal times keep the database's order */
	/* What the pointers above point into. */
	size_t n_documents, n_tag_sets;
	void **documents;
	struct influx_tag **tag_sets;
};

void influx_rows_release(struct influx_rows *r);
/* The field of that name, or NULL. */
const struct influx_field *influx_row_field(const struct influx_row *row, const char *name);
/* The value of that tag, or NULL. */
const char *influx_row_tag(const struct influx_row *row, const char *name);

/* InfluxDB 1.x /query: `SELECT * … GROUP BY *` with times as text. */
int influx_parse_select(struct influx_rows *rows, const char *json, size_t len,
			struct err *e) MUST_CHECK;
/* `SELECT COUNT(field) …`: the number, 0 when the measurement does not exist. */
int influx_parse_count(int64_t *count, const char *json, size_t len, struct err *e) MUST_CHECK;
/* `SHOW …`: the text of the first column, one a line. */
int influx_parse_names(struct buf *names, const char *json, size_t len, struct err *e) MUST_CHECK;
/* Any other statement: did it succeed? */
int influx_parse_status(const char *json, size_t len, struct err *e) MUST_CHECK;

/*
 * VictoriaMetrics /api/v1/export: one series a line, named measurement_field.
 * Points are put together again by their labels and time.
 */
int influx_parse_export(struct influx_rows *rows, const char *measurement, const char *lines,
			size_t len, struct err *e) MUST_CHECK;
/* How many values all lines hold. */
int influx_count_export(int64_t *count, const char *lines, size_t len, struct err *e) MUST_CHECK;

/* `2026-11-23T19:10:34.278528Z`, up to nine digits of a second. */
int influx_parse_time(const char *text, int64_t *ns) MUST_CHECK;

#endif
