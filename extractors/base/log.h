/*
 * One line a message on stderr: `<level> <program>: <text>`.
 *
 * No time stamp: the journal has one.  The only place that writes stderr.
 * State: one level and name per process, set once by main.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/compiler.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_LEVELS };
extern const char *const log_level_names[LOG_LEVELS]; /* "DEBUG" ... */

void log_init(const char *program, enum log_level least);
void log_at(enum log_level level, const char *fmt, ...) PRINTF(2, 3);
#define log_debug(...)	 log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)	 log_at(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_error(...)	 log_at(LOG_ERROR, __VA_ARGS__)

/* Write bytes to stderr as they are, in one write: usage errors, the stats line, progress. */
void log_raw(const char *text, size_t len);

/* At most one line a second for a thing that can happen a million times. */
struct log_limit {
	int64_t next_ns; /* monotonic */
	uint64_t since;	 /* happened since the last line, this one included */
};
/* Count one; true when a line is due: write it with l->since, then log_limit_said(). */
bool log_limit_due(struct log_limit *l, int64_t now_ns);
void log_limit_said(struct log_limit *l, int64_t now_ns);

#endif
