/*
 * Questions to the database by HTTP; see influx_query.h.
 *
 * Only the requests are here, the answers are read by influx_rows.c.
 */
#include "harness/influx_query.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "extractors/base/buf.h"
#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

struct influx_query {
	struct influx_target target;
	CURL *curl;
	struct curl_slist *headers;
	struct buf answer;
	bool too_large;
	char version[64]; /* header X-Influxdb-Version of the last answer */
	bool has_build;	  /* header X-Influxdb-Build: InfluxDB sends it, VictoriaMetrics does not */
};

/* libcurl's types: size is always 1. */
static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct influx_query *q = ctx;

	if (q->answer.len + size * n > INFLUX_ANSWER_MAX) {
		q->too_large = true;
		return 0; /* ends the transfer */
	}
	buf_add(&q->answer, data, size * n);
	return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
	static const char version[] = "X-Influxdb-Version:", build[] = "X-Influxdb-Build:";
	struct influx_query *q = ctx;
	size_t len = size * n;

	if (len > sizeof(version) && !strncasecmp(data, version, sizeof(version) - 1)) {
		const char *p = data + sizeof(version) - 1, *end = data + len;

		while (p < end && *p == ' ')
			p++;
		while (end > p && strchr("\r\n ", end[-1]))
			end--;
		snprintf(q->version, sizeof(q->version), "%.*s", (int)(end - p), p);
	}
	if (len > sizeof(build) && !strncasecmp(data, build, sizeof(build) - 1))
		q->has_build = true;
	return len;
}

/* Errors are one line; what the database says ends in a line break. */
static int words_len(const struct buf *answer)
{
	size_t len = answer->len < 200 ? answer->len : 200;

	while (len && strchr("\r\n ", answer->data[len - 1]))
		len--;
	return (int)len;
}

static int check_answer(struct influx_query *q, CURLcode code, const char *path, struct err *e)
{
	long status = 0;

	if (q->too_large)
		return err_set(e, -EFBIG, "%s%s: the answer is larger than %d bytes", q->target.url,
			       path, INFLUX_ANSWER_MAX);
	if (code != CURLE_OK)
		return err_set(e, code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -ECONNREFUSED,
			       "%s%s: %s", q->target.url, path, curl_easy_strerror(code));
	curl_easy_getinfo(q->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 || status > 299)
		return err_set(e, -EPROTO, "%s%s: HTTP %ld: %.*s", q->target.url, path, status,
			       words_len(&q->answer), buf_str(&q->answer));
	return 0;
}

/* One request; `form` (url-encoded) makes it a POST.  The body is in q->answer. */
static int request(struct influx_query *q, const char *path, const char *form, struct err *e)
{
	struct buf url = { 0 };
	CURLcode code;

	buf_reset(&q->answer);
	q->too_large = false;
	buf_printf(&url, "%s%s", q->target.url, path);
	curl_easy_setopt(q->curl, CURLOPT_URL, buf_str(&url));
	if (form)
		curl_easy_setopt(q->curl, CURLOPT_POSTFIELDS, form);
	else
		curl_easy_setopt(q->curl, CURLOPT_HTTPGET, 1L);
	code = curl_easy_perform(q->curl);
	buf_release(&url);
	return check_answer(q, code, path, e);
}

static void add_param(struct influx_query *q, struct buf *form, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(q->curl, value, 0);

	BUG_ON(!escaped);
	buf_printf(form, "%s%s=%s", form->len ? "&" : "", name, escaped);
	curl_free(escaped);
}

/* An InfluxQL identifier with its quotes: influxql's own rule, backslash before " and \. */
static void add_ident(struct buf *out, const char *name)
{
	buf_add_char(out, '"');
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *name);
	}
	buf_add_char(out, '"');
}

/* Run an InfluxQL statement; the answer is left in q->answer. */
static int run_influxql(struct influx_query *q, const char *statement, struct err *e)
{
	struct buf form = { 0 };
	int rc;

	add_param(q, &form, "db", q->target.database);
	add_param(q, &form, "q", statement);
	rc = request(q, "/query", buf_str(&form), e);
	buf_release(&form);
	return rc;
}

/* "<verb> DATABASE <name>" */
static int run_on_database(struct influx_query *q, const char *verb, struct err *e)
{
	struct buf s = { 0 };
	int rc;

	buf_printf(&s, "%s DATABASE ", verb);
	add_ident(&s, q->target.database);
	rc = run_influxql(q, buf_str(&s), e);
	if (!rc)
		rc = influx_parse_status(q->answer.data, q->answer.len, e);
	buf_release(&s);
	return rc;
}

/* Export the series whose name matches `name` ("=" or "=~" and a quoted text). */
static int run_export(struct influx_query *q, const char *op, const char *name, struct err *e)
{
	struct buf match = { 0 }, form = { 0 };
	/* What was written less than a second ago is not searchable before this. */
	int rc = request(q, "/internal/force_flush", NULL, e);

	buf_printf(&match, "{__name__%s", op);
	add_ident(&match, name); /* PromQL quotes as InfluxQL does */
	buf_add_char(&match, '}');
	add_param(q, &form, "match[]", buf_str(&match));
	add_param(q, &form, "start", "0"); /* the default is the last five minutes */
	if (!rc)
		rc = request(q, "/api/v1/export", buf_str(&form), e);
	buf_release(&match);
	buf_release(&form);
	return rc;
}

static int count_v1(struct influx_query *q, const char *measurement, const char *field, int64_t *n,
		    struct err *e)
{
	struct buf s = { 0 };
	int rc;

	buf_add_str(&s, "SELECT COUNT(");
	add_ident(&s, field);
	buf_add_str(&s, ") FROM ");
	add_ident(&s, measurement);
	rc = run_influxql(q, buf_str(&s), e);
	if (!rc)
		rc = influx_parse_count(n, q->answer.data, q->answer.len, e);
	buf_release(&s);
	return rc;
}

static int count_victoria(struct influx_query *q, const char *measurement, const char *field,
			  int64_t *n, struct err *e)
{
	struct buf name = { 0 };
	int rc;

	buf_printf(&name, "%s_%s", measurement, field);
	rc = run_export(q, "=", buf_str(&name), e);
	if (!rc)
		rc = influx_count_export(n, q->answer.data, q->answer.len, e);
	buf_release(&name);
	return rc;
}

static int select_rows(struct influx_query *q, const char *measurement, const char *where,
		       struct influx_rows *rows, struct err *e)
{
	struct buf s = { 0 };
	int rc;

	buf_add_str(&s, "SELECT * FROM ");
	add_ident(&s, measurement);
	buf_add_str(&s, where);
	buf_add_str(&s, " GROUP BY *"); /* tells tags from fields */
	rc = run_influxql(q, buf_str(&s), e);
	if (!rc)
		rc = influx_parse_select(rows, q->answer.data, q->answer.len, e);
	buf_release(&s);
	return rc;
}

static int rows_v1(struct influx_query *q, const char *measurement, struct influx_rows *rows,
		   struct err *e)
{
	return select_rows(q, measurement, "", rows, e);
}

int influx_query_rows_between(struct influx_query *q, const char *measurement, int64_t from_ns,
			      int64_t to_ns, struct influx_rows *rows, struct err *e)
{
	char where[96];

	if (q->target.dialect != INFLUX_V1)
		return err_set(e, -ENOTSUP, "%s: only InfluxDB is asked for a span of time",
			       q->target.url);
	snprintf(where, sizeof(where), " WHERE time >= %lld AND time <= %lld", (long long)from_ns,
		 (long long)to_ns);
	return select_rows(q, measurement, where, rows, e);
}

static int rows_victoria(struct influx_query *q, const char *measurement, struct influx_rows *rows,
			 struct err *e)
{
	struct buf pattern = { 0 };
	int rc;

	buf_printf(&pattern, "%s_.+", measurement);
	rc = run_export(q, "=~", buf_str(&pattern), e);
	if (!rc)
		rc = influx_parse_export(rows, measurement, q->answer.data, q->answer.len, e);
	buf_release(&pattern);
	return rc;
}

static int create_victoria(struct influx_query *q UNUSED, const char *verb UNUSED,
			   struct err *e UNUSED)
{
	return 0;
}

static int drop_victoria(struct influx_query *q, const char *verb UNUSED, struct err *e)
{
	return err_set(e, -ENOTSUP, "%s: VictoriaMetrics has no databases to drop", q->target.url);
}

static const struct {
	int (*create)(struct influx_query *q, const char *verb, struct err *e);
	int (*drop)(struct influx_query *q, const char *verb, struct err *e);
	int (*count)(struct influx_query *q, const char *measurement, const char *field, int64_t *n,
		     struct err *e);
	int (*rows)(struct influx_query *q, const char *measurement, struct influx_rows *rows,
		    struct err *e);
} dialects[] = {
	[INFLUX_V1] = { run_on_database, run_on_database, count_v1, rows_v1 },
	[INFLUX_VICTORIA] = { create_victoria, drop_victoria, count_victoria, rows_victoria },
};

int influx_query_create_db(struct influx_query *q, struct err *e)
{
	return dialects[q->target.dialect].create(q, "CREATE", e);
}

int influx_query_drop_db(struct influx_query *q, struct err *e)
{
	return dialects[q->target.dialect].drop(q, "DROP", e);
}

int influx_query_count(struct influx_query *q, const char *measurement, const char *field,
		       int64_t *n, struct err *e)
{
	return dialects[q->target.dialect].count(q, measurement, field, n, e);
}

int influx_query_rows(struct influx_query *q, const char *measurement, struct influx_rows *rows,
		      struct err *e)
{
	return dialects[q->target.dialect].rows(q, measurement, rows, e);
}

/* Whole lines, as many as a request may have; one that is longer goes alone. */
static size_t batch_len(const char *lines, size_t len)
{
	const char *last =
		len > INFLUX_WRITE_BYTES ? memrchr(lines, '\n', INFLUX_WRITE_BYTES) : NULL;

	if (len > INFLUX_WRITE_BYTES && !last)
		last = memchr(lines, '\n', len);
	return last ? (size_t)(last - lines) + 1 : len;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

int influx_query_write(struct influx_query *q, const char *lines, size_t len, size_t *written,
		       struct err *e)
{
	struct buf path = { 0 };
	int rc = 0;

	*written = 0;
	buf_add_str(&path, "/write?precision=ns");
	add_param(q, &path, "db", q->target.database);
	while (len && !rc) {
		size_t n = batch_len(lines, len);

		curl_easy_setopt(q->curl, CURLOPT_POSTFIELDSIZE, (long)n);
		rc = request(q, buf_str(&path), lines, e);
		if (!rc)
			*written += count_lines(lines, n);
		lines += n;
		len -= n;
	}
	curl_easy_setopt(q->curl, CURLOPT_POSTFIELDSIZE, -1L); /* by strlen again */
	buf_release(&path);
	return rc;
}

int influx_query_measurements(struct influx_query *q, struct buf *names, struct err *e)
{
	int rc;

	if (q->target.dialect != INFLUX_V1)
		return err_set(e, -ENOTSUP, "VictoriaMetrics keeps no names of measurements");
	rc = run_influxql(q, "SHOW MEASUREMENTS", e);
	return rc ? rc : influx_parse_names(names, q->answer.data, q->answer.len, e);
}

enum influx_dialect influx_query_dialect(const struct influx_query *q)
{
	return q->target.dialect;
}

const char *influx_query_version(const struct influx_query *q)
{
	return q->version;
}

static void set_options(struct influx_query *q, int64_t timeout_ns)
{
	struct buf auth = { 0 };

	curl_easy_setopt(q->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(q->curl, CURLOPT_TIMEOUT_MS, (long)(timeout_ns / NS_PER_MS));
	curl_easy_setopt(q->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(q->curl, CURLOPT_NOPROXY, "*"); /* a measured database is near */
	curl_easy_setopt(q->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(q->curl, CURLOPT_WRITEDATA, q);
	curl_easy_setopt(q->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(q->curl, CURLOPT_HEADERDATA, q);
	if (*q->target.username) {
		curl_easy_setopt(q->curl, CURLOPT_USERNAME, q->target.username);
		curl_easy_setopt(q->curl, CURLOPT_PASSWORD, q->target.password);
	}
	if (*q->target.token) {
		buf_printf(&auth, "Authorization: Token %s", q->target.token);
		q->headers = curl_slist_append(NULL, buf_str(&auth));
		curl_easy_setopt(q->curl, CURLOPT_HTTPHEADER, q->headers);
		explicit_bzero(auth.data, auth.cap);
	}
	buf_release(&auth);
}

int influx_query_open(struct influx_query **out, const struct influx_target *t, int64_t timeout_ns,
		      struct err *e)
{
	struct influx_query *q = mem_calloc(1, sizeof(*q));
	int rc;

	q->target = *t;
	q->curl = curl_easy_init();
	BUG_ON(!q->curl);
	set_options(q, timeout_ns);
	rc = request(q, "/ping", NULL, e);
	if (rc) {
		influx_query_close(q);
		return rc;
	}
	if (q->target.dialect == INFLUX_ASK)
		q->target.dialect = q->has_build ? INFLUX_V1 : INFLUX_VICTORIA;
	*out = q;
	return 0;
}

void influx_query_close(struct influx_query *q)
{
	if (!q)
		return;
	curl_easy_cleanup(q->curl);
	curl_slist_free_all(q->headers);
	buf_release(&q->answer);
	explicit_bzero(&q->target, sizeof(q->target));
	free(q);
}
