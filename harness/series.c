/* Series as CSV; see series.h.  A new column is a row of the table. */
#include "harness/series.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

#define FORMAT	       "# seclyzer soak series 1, page_bytes %lf, settle_s %lf"
#define LINE_MAX_BYTES 1024

#define COLUMN(member)                                       \
	{                                                    \
#member, offsetof(struct series_row, member) \
	}

static const struct {
	const char *name;
	size_t offset;
} columns[] = {
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
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		buf_printf(out, "%s%s", i ? "," : "", columns[i].name);
	buf_add_char(out, '\n');
}

void series_write_row(const struct series_row *row, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		double v = *(const double *)((const char *)row + columns[i].offset);

		buf_add_str(out, i ? "," : "");
		if (isfinite(v))
			buf_add_double(out, v);
	}
	buf_add_char(out, '\n');
}

void series_add(struct series *s, const struct series_row *row)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->v = mem_realloc(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = *row;
}

/* One field up to a comma or the end; empty is NaN. */
static bool read_field(const char **p, bool last, double *out)
{
	size_t n = strcspn(*p, ",");
	char *end;

	*out = NAN;
	if (n) {
		*out = strtod(*p, &end);
		if (end != *p + n || !isfinite(*out))
			return false;
	}
	*p += n;
	if (last)
		return !**p;
	return *(*p)++ == ',';
}

static bool read_row(const char *line, struct series_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!read_field(&line, i + 1 == ARRAY_SIZE(columns),
				(double *)((char *)row + columns[i].offset)))
			return false;
	return isfinite(row->elapsed_s);
}

/* Lines 1 and 2; a file of another version has other ones. */
static bool read_head(struct series *s, size_t number, const char *line)
{
	struct series mine = { 0 };
	struct buf head = { 0 };
	bool same;

	if (number == 1)
		return sscanf(line, FORMAT, &s->page_bytes, &s->settle_s) == 2 &&
		       s->page_bytes > 0 && s->settle_s >= 0;
	series_write_head(&mine, &head);
	same = !strncmp(strchr(buf_str(&head), '\n') + 1, line, strlen(line)) &&
	       strlen(line) + 1 == strlen(strchr(buf_str(&head), '\n') + 1);
	buf_release(&head);
	return same;
}

int series_parse(struct series *s, const char *text, size_t len, struct err *e)
{
	const char *end;
	size_t number = 0;

	for (; (end = memchr(text, '\n', len)); len -= (size_t)(end + 1 - text), text = end + 1) {
		char line[LINE_MAX_BYTES];
		struct series_row row;

		if ((size_t)(end - text) >= sizeof(line) || s->n == SERIES_ROWS_MAX)
			return err_set(e, -EINVAL, "line %zu: too much", number + 1);
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
		if (++number <= 2 ? !read_head(s, number, line) : !read_row(line, &row))
			return err_set(e, -EINVAL, "line %zu: not of a soak series", number);
		if (number > 2)
			series_add(s, &row);
	}
	return number >= 2 ? 0 : err_set(e, -EINVAL, "not a soak series");
}
