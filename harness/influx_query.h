/*
 * Reading back from the database what a subject wrote; and writing a session's figures.
 *
 * Speaks InfluxDB 1.x (/query) and VictoriaMetrics (/api/v1/export).  Outside of
 * any measurement: blocking, one request at a time, answers bounded by
 * INFLUX_ANSWER_MAX, every request by the time-out.
 * Ownership: influx_query_open()/influx_query_close().  Threads: one a handle, and
 * the first open before other threads use libcurl.
 * Password and token never appear in an error.
 */
#ifndef HARNESS_INFLUX_QUERY_H
#define HARNESS_INFLUX_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/influx_rows.h"

#define INFLUX_ANSWER_MAX  (256 * 1048576) /* 100,000 keystroke points */
#define INFLUX_WRITE_BYTES 100000	   /* below nginx' default body limit of 1 MiB */

enum influx_dialect { INFLUX_ASK, INFLUX_V1, INFLUX_VICTORIA };

struct influx_target {
	enum influx_dialect dialect; /* INFLUX_ASK: decided by /ping at open */
	char url[256];		     /* http://host:port */
	char database[128];
	char username[128], password[128]; /* "": none */
	char token[256];		   /* "": none */
};

struct influx_query;

/* Asks /ping: fails when nobody answers. */
int influx_query_open(struct influx_query **out, const struct influx_target *t, int64_t timeout_ns,
		      struct err *e) MUST_CHECK;
void influx_query_close(struct influx_query *q);
enum influx_dialect influx_query_dialect(const struct influx_query *q);
/* What /ping states; VictoriaMetrics states the InfluxDB version that it imitates. */
const char *influx_query_version(const struct influx_query *q);

/* The target's database.  VictoriaMetrics has none: create does nothing, drop is -ENOTSUP. */
int influx_query_create_db(struct influx_query *q, struct err *e) MUST_CHECK;
int influx_query_drop_db(struct influx_query *q, struct err *e) MUST_CHECK;

/*
 * Write points in line protocol, times in ns, into the target's database, in requests of
 * INFLUX_WRITE_BYTES at most.  *written: lines that the database has taken, also after a failure.
 */
int influx_query_write(struct influx_query *q, const char *lines, size_t len, size_t *written,
		       struct err *e) MUST_CHECK;

/*
 * The names of all measurements, one a line.  -ENOTSUP from VictoriaMetrics, which
 * keeps no measurements but one name for each of their fields.
 */
int influx_query_measurements(struct influx_query *q, struct buf *names, struct err *e) MUST_CHECK;

/* Points of a measurement, counted by a field that all of them have. */
int influx_query_count(struct influx_query *q, const char *measurement, const char *field,
		       int64_t *n, struct err *e) MUST_CHECK;
/* All points of a measurement; influx_rows_release() afterwards. */
int influx_query_rows(struct influx_query *q, const char *measurement, struct influx_rows *rows,
		      struct err *e) MUST_CHECK;
/* Those of a span of time, both ends included.  -ENOTSUP by VictoriaMetrics, which keeps no more than ms. */
int influx_query_rows_between(struct influx_query *q, const char *measurement, int64_t from_ns,
			      int64_t to_ns, struct influx_rows *rows, struct err *e) MUST_CHECK;

#endif
