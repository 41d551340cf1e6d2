/*
 * How a database is spoken to: URLs, credentials, what its answers mean.
 *
 * Source: spec/contract.md "InfluxDB"; the InfluxDB 1.x /write and /ping and 2.x
 * /api/v2/write references.  Pure: influx.c does the talking.
 * Secrets stay out of every URL and of every text made here: a header or basic
 * authentication carries them, and a reason that repeats one is blanked.
 * Ownership: the target copies the configuration; requests point into it.
 */
#ifndef IO_INFLUX_TARGET_H
#define IO_INFLUX_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/io/http.h"

/* In the order of INFLUX_API's words. */
enum influx_version { INFLUX_V2, INFLUX_V1, INFLUX_AUTO };

enum influx_verdict {
	INFLUX_WRITTEN, /* 2xx */
	INFLUX_REFUSED, /* 4xx but 408 and 429: the same again would be refused again */
	INFLUX_AGAIN,	/* no answer, 408, 429, 5xx and whatever else it may be */
};

struct influx_target {
	char *shown; /* scheme, host, port, path: for log lines */
	char *ping_url, *v1_url, *v2_url;
	char *token, *user, *password; /* NULL: none */
	char *token_header;
	const char *headers[3]; /* content type, token, NULL */
};

struct influx_conf;
/* -EINVAL, with the variable's name but no value, for what cannot be sent as it is. */
int influx_target_init(struct influx_target *t, const struct influx_conf *conf,
		       struct err *e) MUST_CHECK;
void influx_target_release(struct influx_target *t);

/* Fill what depends on the version; the body and the time-outs are the caller's. */
void influx_target_write(const struct influx_target *t, enum influx_version v,
			 struct http_request *r);
void influx_target_ping(const struct influx_target *t, struct http_request *r);

/* What /ping says: INFLUX_V1 when X-Influxdb-Version begins with `1.`, else INFLUX_V2. */
enum influx_version influx_version_of(const char *version_header);

enum influx_verdict influx_verdict_of(int status);

#define INFLUX_REASON_MAX 300
/* An answer in one line: `HTTP 400: partial write: …`, printable and without secrets. */
void influx_target_reason(const struct influx_target *t, const struct http_reply *reply,
			  char out[INFLUX_REASON_MAX]);

#endif
