/* Series as CSV; see series.h.  A new column is a row of the table. */
#include "harness/series.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/csv.h"

#define FORMAT "# seclyzer soak series 1, page_bytes %lf, settle_s %lf"
#define WHAT   "a soak series"

#define COLUMN(member) CSV_COLUMN(struct series_row, member)

static const struct csv_column columns[] = {
	COLUMN(elapsed_s), COLUMN(wall_us),	    COLUMN(events),	     COLUMN(features),
	COLUMN(rss_bytes), COLUMN(pss_bytes),	    COLUMN(uss_bytes),	     COLUMN(cpu_ns),
	COLUMN(responses), COLUMN(response_p50_us), COLUMN(response_max_us),
};

void series_release(struct series *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

void series_write_head(const struct series *s, struct buf *out)
{
	buf_printf(out, "# seclyzer soak series 1, page_bytes %.0f, settle_s %.17g\n",
		   s->page_bytes, s->settle_s);
	csv_write_names(columns, ARRAY_SIZE(columns), out);
}

void series_write_row(const struct series_row *row, struct buf *out)
{
	csv_write_row(columns, ARRAY_SIZE(columns), row, out);
}

void series_add(struct series *s, const struct series_row *row)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->v = mem_realloc(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = *row;
}

/* Lines 1 and 2; a file of another version has other ones. */
static bool take_line(void *ctx, size_t number, const char *line)
{
	struct series *s = ctx;
	struct series_row row;

	if (number == 1)
		return sscanf(line, FORMAT, &s->page_bytes, &s->settle_s) == 2 &&
		       s->page_bytes > 0 && s->settle_s >= 0;
	if (number == 2)
		return csv_is_names(columns, ARRAY_SIZE(columns), line);
	if (s->n == SERIES_ROWS_MAX || !csv_read_row(columns, ARRAY_SIZE(columns), line, &row) ||
	    !isfinite(row.elapsed_s))
		return false;
	series_add(s, &row);
	return true;
}

int series_parse(struct series *s, const char *text, size_t len, struct err *e)
{
	size_t n_lines;
	int rc = csv_lines(text, len, WHAT, take_line, s, &n_lines, e);

	if (!rc && n_lines < 2)
		rc = err_set(e, -EINVAL, "not " WHAT);
	return rc;
}
