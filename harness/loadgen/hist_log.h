/*
 * Histograms as an HdrHistogram interval log (".hlog"), written, read and merged.
 *
 * Any HdrHistogram reads what is written here, and the reader takes what those
 * write: log format 1.0 ... 1.3 (1.2 is written), one line an interval, `Tag=x,` in
 * front when it has one; the histogram is V2 compressed (zlib) in base64.
 * Sources: HdrHistogramLogProcessor's format and AbstractHistogram.java
 * (encodeIntoCompressedByteBuffer, ZigZagLEB128-64b9B), Tene, hdrhistogram.org;
 * HdrHistogram_c, hdr_histogram_log.c.
 *
 * That format has no exact minimum, maximum and sums, and no counts of values
 * above the range or negative; they stand in comments, in the order of the intervals,
 * which others skip and this reader takes back, so nothing is lost between the two.
 * HdrHistogram_c knows comments of up to 127 bytes above the line of column names and none
 * below it: that is why an interval has two, and a log is put together at its end.
 * Values above the range are missing to another reader: the comment says how many.
 *
 * Units: values and Interval_Max ns, as HdrHistogram_c writes it; the log's times are seconds.
 * Pure.  Threads: no state.  Errors name the line.
 */
#ifndef LOADGEN_HIST_LOG_H
#define LOADGEN_HIST_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/loadgen/hist.h"

#define HIST_LOG_TAG_MAX 64

/* A log that is being written. */
struct hist_log {
	struct buf head, rows;
};

/* Its times count from start_wall_us. */
void hist_log_begin(struct hist_log *log, int64_t start_wall_us);
/* One interval; tag NULL or without comma, space and line break, at most HIST_LOG_TAG_MAX - 1. */
int hist_log_add(struct hist_log *log, const char *tag, double start_s, double length_s,
		 const struct hist *h, struct err *e) MUST_CHECK;

/* Append the whole log, and release it. */
void hist_log_end(struct hist_log *log, struct buf *out);

struct hist_log_entry {
	char tag[HIST_LOG_TAG_MAX]; /* "" when there is none */
	double start_s, length_s;
	struct hist *hist; /* the reader's, gone after the callback */
};
/* Not 0 ends the reading, and is its result. */
typedef int (*hist_log_fn)(const struct hist_log_entry *entry, void *ctx);
int hist_log_read(const char *text, size_t len, hist_log_fn fn, void *ctx,
		  struct err *e) MUST_CHECK;
/*
 * Add every interval with this tag ("" or NULL: those without) to `into`; *n is
 * how many.  -EINVAL when one has another range or other digits.
 */
int hist_log_merge(struct hist *into, const char *text, size_t len, const char *tag, size_t *n,
		   struct err *e) MUST_CHECK;

/* The histogram alone, as base64 text: "HISTFAAAA…". */
int hist_encode(const struct hist *h, struct buf *out, struct err *e) MUST_CHECK;
int hist_decode(struct hist **out, const char *base64, size_t len, struct err *e) MUST_CHECK;

#endif
