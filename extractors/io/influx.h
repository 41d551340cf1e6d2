/*
 * Points to InfluxDB, in batches, from the process's event loop.
 *
 * Source: spec/contract.md "InfluxDB".  Adding a point never blocks and never fails.  A batch
 * becomes due at batch_size points or flush_ms of age and then travels as a request.  Under
 * load it takes along what came meanwhile: requests that are not full are 10 ms apart, full
 * ones have INFLUX_REQUEST_POINTS or INFLUX_REQUEST_BYTES.  One request is on
 * the way at a time, and points leave in the order they came: the batch
 * that is being sent, then the spool file, then memory.
 *
 * Away database: backoff of 100 ms to 5 s with jitter, Retry-After honoured up to a minute.
 * Points wait in memory, bounded in bytes of line protocol (queue_max_bytes); above that
 * the oldest batches go to the spool, and without one, or when it is full, they are
 * dropped and counted.
 *
 * Nothing to send: no timer is armed.  libcurl is loaded by the first request.
 * Ownership: influx_new() copies the configuration.  Threads: the loop's.
 */
#ifndef IO_INFLUX_H
#define IO_INFLUX_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "extractors/base/loop.h"
#include "extractors/wire/feature.h"

#define INFLUX_REQUEST_POINTS 5000    /* InfluxData's advice for a batch */
#define INFLUX_REQUEST_BYTES  1000000 /* below nginx' default body limit of 1 MiB */
#define INFLUX_QUEUE_BYTES    (8U << 20)

struct influx_conf {
	const char *url;	     /* not empty */
	int api;		     /* enum influx_version: v2, v1, auto */
	const char *token, *org;     /* v2 */
	const char *user, *password; /* v1 */
	const char *bucket;	     /* v2 bucket, v1 database */
	size_t batch_size;	     /* points */
	int64_t flush_ms;
	const char *spool_dir;	 /* NULL or empty: no spool */
	int64_t spool_max_bytes; /* and as much again for refused batches */
	const char *program;	 /* names the spool file */
	/* 0: the defaults, INFLUX_QUEUE_BYTES, 3 s and 10 s; tests want less. */
	size_t queue_max_bytes;
	int64_t connect_timeout_ms, request_timeout_ms;
};

/* queued = written + spooled + dropped + pending, at all times. */
struct influx_counters {
	uint64_t queued;  /* added, and found in the spool at start */
	uint64_t written; /* acknowledged by the database */
	uint64_t spooled; /* in the spool file now */
	uint64_t dropped; /* kept nowhere, refused ones included */
	uint64_t pending; /* in memory now */
	uint64_t refused; /* the part of dropped that the database answered with a 4xx */
	uint64_t retries; /* requests that failed and are made again */
};

struct influx;

/* Fails on a configuration that cannot work and on a spool file that is not ours or in use. */
struct influx *influx_new(struct loop *loop, const struct influx_conf *conf,
			  struct err *e) MUST_CHECK;
/* What is still in memory goes to the spool (or is lost), as at the end of influx_stop(). */
void influx_free(struct influx *x);

/*
 * Memory only, so that it can be called before the feature is on its way to Redis.
 * A message without a finite number is no point and is not counted.
 */
void influx_add(struct influx *x, const struct feature_msg *m, enum event_type type,
		int64_t time_ns);

/*
 * Give the spool what is more than queue_max_bytes, which writes files: to be called before
 * every sleep, behind what is more urgent.  Until then memory holds what one turn has added.
 */
void influx_shed(struct influx *x);

/*
 * Send what is there while the database takes it, until the deadline; spool the rest;
 * then call `done`, maybe before this returns.  It may free `x`.
 */
void influx_stop(struct influx *x, int64_t deadline_ns, loop_cb done, void *ctx);

void influx_counters(const struct influx *x, struct influx_counters *out);

#endif
