/* Numbers as CSV; see csv.h. */
#include "harness/csv.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void csv_write_names(const struct csv_column *columns, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_str(out, i ? "," : "");
		buf_add_str(out, columns[i].name);
	}
	buf_add_char(out, '\n');
}

void csv_write_row(const struct csv_column *columns, size_t n, const void *row, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		double v = *(const double *)((const char *)row + columns[i].offset);

		buf_add_str(out, i ? "," : "");
		if (isfinite(v))
			buf_add_double(out, v);
	}
	buf_add_char(out, '\n');
}

bool csv_is_names(const struct csv_column *columns, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(columns[i].name);

		if (strncmp(line, columns[i].name, len) || line[len] != (i + 1 < n ? ',' : '\0'))
			return false;
		line += len + 1;
	}
	return true;
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

bool csv_read_row(const struct csv_column *columns, size_t n, const char *line, void *row)
{
	for (size_t i = 0; i < n; i++)
		if (!read_field(&line, i + 1 == n, (double *)((char *)row + columns[i].offset)))
			return false;
	return true;
}

int csv_lines(const char *text, size_t len, const char *what,
	      bool (*take)(void *ctx, size_t number, const char *line), void *ctx, size_t *n_lines,
	      struct err *e)
{
	const char *end;

	*n_lines = 0;
	for (; len && (end = memchr(text, '\n', len));
	     len -= (size_t)(end + 1 - text), text = end + 1) {
		char line[CSV_LINE_MAX_BYTES];
		size_t n = (size_t)(end - text);

		++*n_lines;
		if (n >= sizeof(line))
			return err_set(e, -EINVAL, "line %zu: too much", *n_lines);
		memcpy(line, text, n);
		line[n] = '\0';
		if (strlen(line) != n || !take(ctx, *n_lines, line))
			return err_set(e, -EINVAL, "line %zu: not of %s", *n_lines, what);
	}
	return 0;
}
