/*
 * An extractor's configuration: the environment first, then `.env` in the
 * working directory, then the default.
 *
 * Source: spec/contract.md "Configuration"; the ranges are those of
 * extractors/README.md.  --help prints the table in conf.c.
 */
#ifndef EXTRACTORS_CONF_H
#define EXTRACTORS_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/feature/extractor.h"

enum conf_influx_api { INFLUX_API_V2, INFLUX_API_V1, INFLUX_API_AUTO };

struct conf {
	char *redis_host, *redis_socket, *redis_username, *redis_password, *redis_password_file;
	int64_t redis_port, redis_pool_size;
	char *influx_url, *influx_token, *influx_token_file, *influx_org, *influx_bucket;
	char *influx_user, *influx_password;
	int influx_api; /* enum conf_influx_api */
	int64_t influx_batch_size, influx_flush_ms;
	double window_s, update_interval_s;
	int64_t max_buffer_size; /* events; 0: the extractor's own default */
	char *spool_dir;
	int64_t spool_max_bytes;
	char *sqlite_db_path;
	bool dev_mode, trace;
	int log_level; /* enum log_level */
};

/*
 * Read the environment and `dotenv_path` (may be absent) into *c, and the
 * secrets named by *_FILE.  -EINVAL with one line that names the variable, the
 * value and what is allowed.  conf_release() frees in either case.
 */
int conf_load(struct conf *c, const char *dotenv_path, struct err *e) MUST_CHECK;
void conf_release(struct conf *c);
void conf_help(struct buf *out);

#endif
