/*
 * --extract and --replay: the engine on files, without Redis, database or clock.
 *
 * Source: spec/contract.md "Offline"; extractors/README.md for the details.
 */
#ifndef EXTRACTORS_OFFLINE_H
#define EXTRACTORS_OFFLINE_H

#include <stdbool.h>

#include "extractors/base/err.h"
#include "extractors/engine.h"

/* `path` "-" is standard input; results go to standard output.  -EINVAL with `file:line: …`. */
int offline_extract(const struct extractor_ops *ops, const struct extractor_params *params,
		    const char *path, struct err *e) MUST_CHECK;
/* Feature messages to standard output, the counters to stderr at the end. */
int offline_replay(const struct extractor_ops *ops, const struct engine_conf *conf, bool trace,
		   const char *path, struct err *e) MUST_CHECK;

#endif
