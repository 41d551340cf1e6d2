/* Interval logs of histograms; see hist_log.h. */
#include "harness/loadgen/hist_log.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/loadgen/hist_internal.h"

#define EXACT	     "#[Exact: "
#define EXACT_FORM   "min=%" SCNd64 " max=%" SCNd64 " sum=%lf squares=%lf"
#define OUTSIDE	     "#[Outside: " /* of the interval of the comment before it */
#define OUTSIDE_FORM "above=%" SCNu64 " negative=%" SCNu64
#define LINE_MAX     512 /* of what is not base64 */

/* ---- writing ----------------------------------------------------------------------- */

void hist_log_begin(struct hist_log *log, int64_t start_wall_us)
{
	char iso[CLOCK_ISO_MAX];

	*log = (struct hist_log){ 0 };
	clock_format_iso(iso, start_wall_us);
	buf_printf(&log->head,
		   "#[Histogram log format version 1.2]\n"
		   "#[StartTime: %.3f (seconds since epoch), %s]\n",
		   (double)start_wall_us / (double)US_PER_S, iso);
}

void hist_log_end(struct hist_log *log, struct buf *out)
{
	buf_add(out, log->head.data, log->head.len);
	buf_add_str(out, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
			 "\"Interval_Compressed_Histogram\"\n");
	buf_add(out, log->rows.data, log->rows.len);
	buf_release(&log->head);
	buf_release(&log->rows);
}

static bool is_tag(const char *tag)
{
	return strlen(tag) < HIST_LOG_TAG_MAX && !strpbrk(tag, ", \t\r\n");
}

int hist_log_add(struct hist_log *log, const char *tag, double start_s, double length_s,
		 const struct hist *h, struct err *e)
{
	struct buf encoded = { 0 };
	int rc;

	if (tag && !is_tag(tag))
		return err_set(e, -EINVAL, "%s: no tag for a histogram", tag);
	/* first: a comment without its interval would be taken for the next one's */
	rc = hist_encode(h, &encoded, e);
	if (!rc) {
		buf_printf(&log->head,
			   EXACT "min=%" PRId64 " max=%" PRId64
				 " sum=%.17g squares=%.17g]\n" OUTSIDE "above=%" PRIu64
				 " negative=%" PRIu64 "]\n",
			   h->seen_min, h->seen_max, h->sum, h->squares, h->overflow, h->negative);
		if (tag && tag[0])
			buf_printf(&log->rows, "Tag=%s,", tag);
		buf_printf(&log->rows, "%.3f,%.3f,%" PRId64 ".0,%s\n", start_s, length_s,
			   hist_count(h) ? h->seen_max : 0, buf_str(&encoded));
	}
	buf_release(&encoded);
	return rc;
}

/* ---- reading ------------------------------------------------------------------------ */

struct exact {
	int64_t min, max;
	double sum, squares;
	uint64_t above, negative;
};

/* Those read so far; the next interval takes `next`. */
struct exacts {
	size_t n, next;
	struct exact *v;
};

static int read_exact(struct exacts *all, const char *line)
{
	struct exact x = { 0 };

	if (sscanf(line, EXACT EXACT_FORM, &x.min, &x.max, &x.sum, &x.squares) != 4 ||
	    !isfinite(x.sum) || !isfinite(x.squares) || x.min < HIST_NONE || x.max < x.min)
		return -EINVAL;
	all->v = mem_realloc(all->v, all->n + 1, sizeof(*all->v));
	all->v[all->n++] = x;
	return 0;
}

static int read_outside(struct exacts *all, const char *line)
{
	struct exact *x = all->n > all->next ? &all->v[all->n - 1] : NULL;

	return x && sscanf(line, OUTSIDE OUTSIDE_FORM, &x->above, &x->negative) == 2 ? 0 : -EINVAL;
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

static int read_interval(const char *line, size_t len, const char *head, struct exacts *all,
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
	if (all->next < all->n && apply_exact(entry.hist, &all->v[all->next++]))
		rc = err_set(e, -EINVAL, "its comment does not fit the histogram");
	if (!rc)
		rc = fn(&entry, ctx);
	hist_free(entry.hist);
	return rc;
}

static int read_line(const char *line, size_t len, struct exacts *all, hist_log_fn fn, void *ctx,
		     struct err *e)
{
	char head[LINE_MAX];

	snprintf(head, sizeof(head), "%.*s", (int)(len < LINE_MAX ? len : LINE_MAX - 1), line);
	if (!strncmp(head, EXACT, sizeof(EXACT) - 1))
		return read_exact(all, head) ? err_set(e, -EINVAL, "a damaged comment") : 0;
	if (!strncmp(head, OUTSIDE, sizeof(OUTSIDE) - 1))
		return read_outside(all, head) ? err_set(e, -EINVAL, "a damaged comment") : 0;
	if (!len || head[0] == '#' || head[0] == '"')
		return 0;
	return read_interval(line, len, head, all, fn, ctx, e);
}

int hist_log_read(const char *text, size_t len, hist_log_fn fn, void *ctx, struct err *e)
{
	struct exacts exacts = { 0 };
	size_t number = 1;
	int rc = 0;

	for (size_t at = 0; !rc && at < len; number++) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t n = nl ? (size_t)(nl - text) - at : len - at;
		size_t bare = n && text[at + n - 1] == '\r' ? n - 1 : n;

		rc = read_line(text + at, bare, &exacts, fn, ctx, e);
		if (rc && e && e->code)
			err_wrap(e, "line %zu", number);
		at += n + 1;
	}
	free(exacts.v);
	return rc;
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
