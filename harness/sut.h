/*
 * The servers beside a subject: Redis, and a database or none.
 *
 * Private ones are started on a socket and ports of 127.0.0.1 that the kernel
 * chose, with their files in a temporary directory, pinned to the given CPUs, and
 * are ready when they answer.  Redis keeps the limits it is shipped with: a slow
 * subscriber is cut off at client-output-buffer-limit pubsub 32mb 8mb 60.
 * URLs take existing servers instead; these are asked, never started or stopped.
 *
 * Ownership: sut_start()/sut_stop(); directory, loop and hooks must outlive it.
 * Threads: one.  Errors say which server, and what to install when there is none.
 */
#ifndef HARNESS_SUT_H
#define HARNESS_SUT_H

#include <sched.h>
#include <stdbool.h>

#include "extractors/base/err.h"
#include "harness/influx_query.h"
#include "harness/proc.h"
#include "harness/redis_query.h"

enum sut_db { SUT_DB_NONE, SUT_DB_INFLUXD, SUT_DB_VICTORIA };

struct sut_conf {
	const char *dir;		/* private, exists, removed by the caller afterwards */
	const cpu_set_t *cpus;		/* of both servers; NULL: ours */
	const struct proc_hooks *hooks; /* or NULL */
	struct loop *loop;
	enum sut_db db;
	bool redis_tcp;			    /* listen on a port of 127.0.0.1, too */
	const char *redis_url, *influx_url; /* existing servers; NULL or "": private ones */
	const char *influx_user, *influx_password,
		*influx_token; /* of an existing one; NULL: none */
	const char *database;  /* is created */
	double ready_timeout_s;
};

struct sut;

int sut_start(struct sut **out, const struct sut_conf *conf, struct err *e) MUST_CHECK;
/* Ends what was started, by its own process; *e says which had to be killed.  NULL is allowed. */
int sut_stop(struct sut *s, struct err *e) MUST_CHECK;

const struct redis_addr *sut_redis_addr(const struct sut *s);
/* For questions between measurements. */
struct redis_query *sut_redis(struct sut *s);
/* NULL without a database. */
const struct influx_target *sut_influx_target(const struct sut *s);
struct influx_query *sut_influx(struct sut *s);

/* What the servers say of themselves: "7.0.15", "1.6.7~rc0". */
const char *sut_redis_version(const struct sut *s);
/* NULL without a database.  VictoriaMetrics states the InfluxDB version that it imitates. */
const char *sut_db_version(const struct sut *s);
/* The servers' processes, for probes; NULL when they are not ours. */
const struct proc *sut_redis_proc(const struct sut *s);
const struct proc *sut_db_proc(const struct sut *s);

#endif
