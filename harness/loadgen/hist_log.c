/* Interval logs of histograms; see hist_log.h. */
#include "harness/loadgen/hist_log.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/hist_internal.h"

#define EXACT "#[Exact: "
#define EXACT_FORM \
	"min=%" SCNd64 " max=%" SCNd64 " sum=%lf squares=%lf above=%" SCNu64 " negative=%" SCNu64
#define LINE_MAX 512 /* of what is not base64 */

/* ---- writing ----------------------------------------------------------------------- */

void hist_log_begin(struct buf *out, int64_t start_wall_us)
{
	char iso[CLOCK_ISO_MAX];

	clock_format_iso(iso, start_wall_us);
	buf_printf(out,
		   "#[Histogram log format version 1.3]\n"
		   "#[StartTime: %.3f (seconds since epoch), %s]\n"
		   "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
		   "\"Interval_Compressed_Histogram\"\n",
		   (double)start_wall_us / (double)US_PER_S, iso);
}

static bool is_tag(const char *tag)
{
	return strlen(tag) < HIST_LOG_TAG_MAX && !strpbrk(tag, ", \t\r\n");
}

int hist_log_add(struct buf *out, const char *tag, double start_s, double length_s,
		 const struct hist *h, struct err *e)
{
	double max_ms = hist_count(h) ? (double)h->seen_max / (double)NS_PER_MS : 0;
	int rc;

	if (tag && !is_tag(tag))
		return err_set(e, -EINVAL, "%s: no tag for a histogram", tag);
	buf_printf(out,
		   EXACT "min=%" PRId64 " max=%" PRId64 " sum=%.17g squares=%.17g above=%" PRIu64
			 " negative=%" PRIu64 "]\n",
		   h->seen_min, h->seen_max, h->sum, h->squares, h->overflow, h->negative);
	if (tag && tag[0])
		buf_printf(out, "Tag=%s,", tag);
	buf_printf(out, "%.3f,%.3f,%.6f,", start_s, length_s, max_ms);
	rc = hist_encode(h, out, e);
	buf_add_char(out, '\n');
	return rc;
}

/* ---- reading ------------------------------------------------------------------------ */

struct exact {
	bool given;
	int64_t min, max;
	double sum, squares;
	uint64_t above, negative;
};

static int read_exact(struct exact *x, const char *line)
{
	*x = (struct exact){ .given = true };
	if (sscanf(line, EXACT EXACT_FORM, &x->min, &x->max, &x->sum, &x->squares, &x->above,
		   &x->negative) != 6)
		return -EINVAL;
	return isfinite(x->sum) && isfinite(x->squares) && x->min >= HIST_NONE && x->max >= x->min
		       ? 0
		       : -EINVAL;
}

/* What the buckets could not tell, when the comment fits them. */
static int apply_exact(struct hist *h, const struct exact *x)
{
	bool empty = !h->within && !x->above;

	if (empty != (x->min == HIST_NONE) || (x->above && x->max <= h->max_ns))
		return -EINVAL;
	h->overflow = x->above;
	h->negative = x->negative;
	h->seen_min = x->min;
	h->seen_max = x->max;
	h->sum = x->sum;
	h->squares = x->squares;
	return 0;
}

/* `Tag=x,start,length,max,` up to the histogram; its offset in the line, 0 when it is no such line. */
static size_t read_head(const char *line, struct hist_log_entry *out)
{
	const char *p = line;
	double max_ms;
	int at = 0;

	memset(out, 0, sizeof(*out));
	if (!strncmp(p, "Tag=", 4)) {
		size_t len = strcspn(p + 4, ",");

		if (len >= HIST_LOG_TAG_MAX || p[4 + len] != ',')
			return 0;
		memcpy(out->tag, p + 4, len);
		p += 4 + len + 1;
	}
	if (sscanf(p, "%lf,%lf,%lf,%n", &out->start_s, &out->length_s, &max_ms, &at) != 3 || !at ||
	    !isfinite(out->start_s) || !isfinite(out->length_s))
		return 0;
	return (size_t)(p - line) + (size_t)at;
}

static int read_interval(const char *line, size_t len, const char *head, struct exact *x,
			 hist_log_fn fn, void *ctx, struct err *e)
{
	struct hist_log_entry entry;
	size_t at = read_head(head, &entry);
	int rc;

	if (!at)
		return err_set(e, -EINVAL, "neither a comment nor an interval");
	rc = hist_decode(&entry.hist, line + at, len - at, e);
	if (rc)
		return rc;
	if (x->given && apply_exact(entry.hist, x))
		rc = err_set(e, -EINVAL, "the comment before it does not fit the histogram");
	if (!rc)
		rc = fn(&entry, ctx);
	hist_free(entry.hist);
	x->given = false;
	return rc;
}

static int read_line(const char *line, size_t len, struct exact *x, hist_log_fn fn, void *ctx,
		     struct err *e)
{
	char head[LINE_MAX];

	snprintf(head, sizeof(head), "%.*s", (int)(len < LINE_MAX ? len : LINE_MAX - 1), line);
	if (!strncmp(head, EXACT, sizeof(EXACT) - 1))
		return read_exact(x, head) ? err_set(e, -EINVAL, "a damaged comment") : 0;
	if (!len || head[0] == '#' || head[0] == '"')
		return 0;
	return read_interval(line, len, head, x, fn, ctx, e);
}

int hist_log_read(const char *text, size_t len, hist_log_fn fn, void *ctx, struct err *e)
{
	struct exact exact = { 0 };
	size_t number = 1;

	for (size_t at = 0; at < len; number++) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t n = nl ? (size_t)(nl - text) - at : len - at;
		size_t bare = n && text[at + n - 1] == '\r' ? n - 1 : n;
		int rc = read_line(text + at, bare, &exact, fn, ctx, e);

		if (rc) {
			if (e && e->code)
				err_wrap(e, "line %zu", number);
			return rc;
		}
		at += n + 1;
	}
	return 0;
}

struct merging {
	struct hist *into;
	const char *tag;
	size_t n;
	struct err *err;
};

static int merge_entry(const struct hist_log_entry *entry, void *ctx)
{
	struct merging *m = ctx;

	if (strcmp(entry->tag, m->tag))
		return 0;
	m->n++;
	return hist_merge(m->into, entry->hist)
		       ? err_set(m->err, -EINVAL, "a histogram of another range or precision")
		       : 0;
}

int hist_log_merge(struct hist *into, const char *text, size_t len, const char *tag, size_t *n,
		   struct err *e)
{
	struct merging m = { .into = into, .tag = tag ? tag : "", .err = e };
	int rc = hist_log_read(text, len, merge_entry, &m, e);

	*n = m.n;
	return rc;
}
