/*
 * The live extractor: Redis -> engine -> Redis and InfluxDB, in one event loop.
 *
 * Source: spec/contract.md "Life cycle".  The three programs differ only in the
 * ops they hand over.
 */
#ifndef EXTRACTORS_DAEMON_H
#define EXTRACTORS_DAEMON_H

#include <stdbool.h>

#include "extractors/base/err.h"
#include "extractors/conf.h"
#include "extractors/engine.h"

/*
 * Run until SIGTERM or SIGINT, or, with `exit_when_ready`, until subscribed.
 * 0 when asked to stop; -EINVAL when the configuration cannot work, another
 * negative errno when it could not start.
 */
int daemon_run(const struct extractor_ops *ops, const struct engine_conf *engine_conf,
	       const struct conf *conf, bool exit_when_ready, struct err *e) MUST_CHECK;

#endif
