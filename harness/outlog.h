/*
 * What a child wrote on one of its pipes, in bounded memory.
 *
 * Kept are the last OUTLOG_TAIL bytes for error reports, the last line that
 * begins with `stats ` with the time it was received, and on request the first
 * `keep_max` bytes whole.  Pure: the owner reads the pipe and gives the time.
 * Ownership: the struct is the caller's; outlog_release() frees the buffers.
 */
#ifndef HARNESS_OUTLOG_H
#define HARNESS_OUTLOG_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"

#define OUTLOG_TAIL	8192
#define OUTLOG_LINE_MAX 16384 /* a `stats ` line has 700 bytes; longer lines are counted */

struct outlog {
	struct buf tail;  /* at most OUTLOG_TAIL bytes */
	struct buf line;  /* of which the end has not come yet */
	struct buf stats; /* the last stats line, without its prefix */
	struct buf kept;
	size_t keep_max;
	int64_t stats_ns; /* monotonic, when the last stats line was complete */
	uint64_t n_bytes, n_lines, n_stats;
	uint64_t n_overlong;	 /* lines over OUTLOG_LINE_MAX: not looked at for stats */
	uint64_t n_unkept_bytes; /* beyond keep_max */
};

void outlog_feed(struct outlog *o, const char *data, size_t len, int64_t now_ns);
/* The writer is gone: an unfinished last line counts as a line. */
void outlog_end(struct outlog *o, int64_t now_ns);
/* The last words on one line, for an error: at most `size` - 1 bytes, line ends as " | ". */
void outlog_last_words(const struct outlog *o, char *out, size_t size);
void outlog_release(struct outlog *o);

#endif
