/* Timelines in memory and as CSV; see timeline.h.  A new column is a row of the table. */
#include "harness/timeline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/base/num.h"
#include "harness/csv.h"

#define TITLE	     "# seclyzer timeline 1, interval_s "
#define STAGES	     "# stages"
#define WHAT	     "a timeline"
#define HEAD_LINES   3
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/.+-_"

#define COLUMN(member) CSV_COLUMN(struct timeline_row, member)

static const struct csv_column columns[] = {
	COLUMN(elapsed_s),
	COLUMN(rss_fast_bytes),
	COLUMN(cpu_ns),
	COLUMN(runq_wait_ns),
};

void timeline_init(struct timeline *t, const char *run, double interval_s)
{
	/* Looks come when they can, about once an interval. */
	*t = (struct timeline){ .interval_s = interval_s,
				.slack_s = interval_s / 4,
				.cap = TIMELINE_ROWS };
	snprintf(t->run, sizeof(t->run), "%s", run);
	t->v = mem_calloc(t->cap, sizeof(*t->v));
}

void timeline_release(struct timeline *t)
{
	free(t->v);
	*t = (struct timeline){ 0 };
}

/* False: there is no place for such a stage. */
static bool add_stage(struct timeline *t, const char *name, double end_s)
{
	struct timeline_stage *stage = &t->stages[t->n_stages];

	if (t->n_stages == TIMELINE_STAGES_MAX || !name[0] || name[strspn(name, NAME_LETTERS)] ||
	    strlen(name) >= sizeof(stage->name) || !isfinite(end_s) ||
	    !(end_s > (t->n_stages ? stage[-1].end_s : 0)))
		return false;
	snprintf(stage->name, sizeof(stage->name), "%s", name);
	stage->end_s = end_s;
	t->n_stages++;
	return true;
}

void timeline_add_stage(struct timeline *t, const char *name, double end_s)
{
	BUG_ON(!add_stage(t, name, end_s));
}

bool timeline_is_due(const struct timeline *t, double elapsed_s)
{
	return elapsed_s >= 0 &&
	       (!t->n || elapsed_s - t->v[t->n - 1].elapsed_s >= t->interval_s - t->slack_s);
}

static void drop_every_other(struct timeline *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i += 2)
		t->v[kept++] = t->v[i];
	t->n = kept;
	t->interval_s *= 2;
}

void timeline_add(struct timeline *t, const struct timeline_row *row)
{
	if (t->n == t->cap)
		drop_every_other(t);
	t->v[t->n++] = *row;
}

/* ---- CSV ----------------------------------------------------------------------------- */

void timeline_write(const struct timeline *t, struct buf *out)
{
	buf_add_str(out, TITLE);
	buf_add_double(out, t->interval_s);
	buf_add_str(out, "\n" STAGES);
	for (size_t i = 0; i < t->n_stages; i++) {
		buf_printf(out, " %s ", t->stages[i].name);
		buf_add_double(out, t->stages[i].end_s);
	}
	buf_add_char(out, '\n');
	csv_write_names(columns, ARRAY_SIZE(columns), out);
	for (size_t i = 0; i < t->n; i++)
		csv_write_row(columns, ARRAY_SIZE(columns), &t->v[i], out);
}

static bool read_title(struct timeline *t, const char *line)
{
	return !strncmp(line, TITLE, strlen(TITLE)) &&
	       num_parse_double(line + strlen(TITLE), &t->interval_s) && t->interval_s > 0;
}

/* "# stages idle 0.5 fill 1.4": words in pairs. */
static bool read_stages(struct timeline *t, char *line)
{
	char *rest = line, *word = strtok_r(line, " ", &rest);
	double end_s;

	if (!word || strcmp(word, "#"))
		return false;
	word = strtok_r(NULL, " ", &rest);
	if (!word || strcmp(word, "stages"))
		return false;
	while ((word = strtok_r(NULL, " ", &rest))) {
		const char *end = strtok_r(NULL, " ", &rest);

		if (!end || !num_parse_double(end, &end_s) || !add_stage(t, word, end_s))
			return false;
	}
	return true;
}

/* Rows go forward in time, and there are no more than a recorder keeps. */
static bool read_row(struct timeline *t, const char *line)
{
	struct timeline_row row;

	if (t->n == TIMELINE_ROWS || !csv_read_row(columns, ARRAY_SIZE(columns), line, &row) ||
	    !isfinite(row.elapsed_s) || !(row.elapsed_s > (t->n ? t->v[t->n - 1].elapsed_s : -1)))
		return false;
	timeline_add(t, &row);
	return true;
}

static bool take_line(void *ctx, size_t number, const char *line)
{
	struct timeline *t = ctx;
	char words[CSV_LINE_MAX_BYTES];

	if (number == 1)
		return read_title(t, line);
	if (number == 2) {
		snprintf(words, sizeof(words), "%s", line);
		return read_stages(t, words);
	}
	if (number == HEAD_LINES)
		return csv_is_names(columns, ARRAY_SIZE(columns), line);
	return read_row(t, line);
}

int timeline_parse(struct timeline *t, const char *text, size_t len, struct err *e)
{
	size_t n_lines;
	int rc;

	timeline_init(t, "", 0);
	rc = csv_lines(text, len, WHAT, take_line, t, &n_lines, e);
	if (!rc && n_lines < HEAD_LINES)
		rc = err_set(e, -EINVAL, "not " WHAT);
	return rc;
}
