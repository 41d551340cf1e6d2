/*
 * Rows of numbers as CSV: a table of columns, each a double member of a struct.
 *
 * What could not be measured is an empty field, NaN in the struct.  No quoting: the
 * fields are numbers.  Pure.
 */
#ifndef HARNESS_CSV_H
#define HARNESS_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

#define CSV_LINE_MAX_BYTES 1024

struct csv_column {
	const char *name; /* ends in its unit */
	size_t offset;	  /* of the member */
};

#define CSV_COLUMN(type, member)                \
	{                                       \
#member, offsetof(type, member) \
	}

/* The line of names, and one of values. */
void csv_write_names(const struct csv_column *columns, size_t n, struct buf *out);
void csv_write_row(const struct csv_column *columns, size_t n, const void *row, struct buf *out);

/* Lines without their end.  False: other names; not n fields that are empty or finite numbers. */
bool csv_is_names(const struct csv_column *columns, size_t n, const char *line) MUST_CHECK;
bool csv_read_row(const struct csv_column *columns, size_t n, const char *line,
		  void *row) MUST_CHECK;

/*
 * Give every whole line of the text, without its end, to `take` (numbered from 1);
 * what follows the last line's end was cut off and is left out.  -EINVAL names the line
 * that was too long or that `take` refused: "line 3: not of `what`".  *n_lines: how many.
 */
int csv_lines(const char *text, size_t len, const char *what,
	      bool (*take)(void *ctx, size_t number, const char *line), void *ctx, size_t *n_lines,
	      struct err *e) MUST_CHECK;

#endif
