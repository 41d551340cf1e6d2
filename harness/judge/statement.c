/* Statements as text; see statement.h. */
#include "harness/judge/statement.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

#define TITLE "SecLyzer performance checklist: sign-off 1"

const char *const statement_keys[STATEMENT_FIELDS] = {
	[STATEMENT_SIGNER] = "signer",
	[STATEMENT_SIGNED] = "signed",
	[STATEMENT_JUDGED_BY] = "judged by bench of commit",
	[STATEMENT_IN_SPITE_OF] = "in spite of",
	[STATEMENT_SESSION] = "session",
	[STATEMENT_MEASURED] = "measured",
	[STATEMENT_COMMIT] = "commit",
	[STATEMENT_VARIANT] = "build",
	[STATEMENT_TREE] = "tree",
	[STATEMENT_HOST] = "host",
	[STATEMENT_VERDICT] = "verdict",
	[STATEMENT_COUNTS] = "items",
	[STATEMENT_BAD_RUNS] = "void or failed runs",
	[STATEMENT_RESULTS] = "results.json",
	[STATEMENT_RULES] = "checklist.ini",
	[STATEMENT_JSON] = "checklist.json",
	[STATEMENT_MARKDOWN] = "checklist.md",
	[STATEMENT_HTML] = "checklist.html",
};

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

void statement_set(struct statement *s, enum statement_field field, const char *fmt, ...)
{
	char text[STATEMENT_VALUE_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if (is_control(*p))
			*p = '?';
	free(s->values[field]);
	s->values[field] = mem_strdup(text);
}

static const char *fact(const struct checklist *c, const char *key)
{
	const char *value = result_fact(c->model->result, key);

	return value ? value : "unavailable: not on record";
}

void statement_describe(struct statement *s, const struct checklist *c)
{
	const struct result *r = c->model->result;
	char at[CLOCK_ISO_MAX];
	size_t bad = 0;

	clock_format_iso(at, r->started_wall_us);
	for (size_t i = 0; i < c->n_bad; i++)
		bad += c->bad[i].voids + c->bad[i].failed;
	statement_set(s, STATEMENT_SESSION, "%s, profile %s", r->id, r->profile);
	statement_set(s, STATEMENT_MEASURED, "%s", at);
	statement_set(s, STATEMENT_COMMIT, "%s", fact(c, "build.commit"));
	statement_set(s, STATEMENT_VARIANT, "%s", fact(c, "build.variant"));
	statement_set(s, STATEMENT_TREE, "%s", fact(c, "git.state"));
	statement_set(s, STATEMENT_HOST, "%.300s; %.200s; CPUs %.200s", fact(c, "host.kernel"),
		      fact(c, "host.cpu_model"), fact(c, "host.cpus"));
	statement_set(s, STATEMENT_VERDICT, "%s", checklist_verdict_names[c->verdict]);
	statement_set(s, STATEMENT_COUNTS,
		      "%zu PASS, %zu FAIL, %zu UNDECIDED, %zu without a target",
		      c->by_verdict[CHECKLIST_PASS], c->by_verdict[CHECKLIST_FAIL],
		      c->by_verdict[CHECKLIST_UNDECIDED], c->by_verdict[CHECKLIST_NO_TARGET]);
	statement_set(s, STATEMENT_BAD_RUNS, "%zu", bad);
}

static void object(struct buf *out, const char *fmt, ...) PRINTF(2, 3);
static void object(struct buf *out, const char *fmt, ...)
{
	char text[480];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(out, "%s%s", out->len ? "; " : "", text);
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && !strcmp(text + n - k, end);
}

bool statement_objections(const struct checklist *c, struct buf *out)
{
	const char *commit = fact(c, "build.commit"), *tree = fact(c, "git.state");

	if (c->by_verdict[CHECKLIST_FAIL])
		object(out, "%zu failed", c->by_verdict[CHECKLIST_FAIL]);
	if (!c->by_verdict[CHECKLIST_PASS])
		object(out, "nothing passed");
	if (!strncmp(commit, "unavailable", 11))
		object(out, "the commit of the build is not known");
	if (ends_in(commit, "-dirty"))
		object(out, "the build was dirty");
	/* The Python side runs from the tree itself. */
	if (strcmp(tree, "clean"))
		object(out, "the tree was not clean: %.200s", tree);
	if (c->unfit[0])
		object(out, "%s", c->unfit);
	if (c->cut[0])
		object(out, "%s", c->cut);
	return out->len;
}

void statement_write(const struct statement *s, struct buf *out)
{
	buf_add_str(out, TITLE "\n");
	for (int i = 0; i < STATEMENT_FIELDS; i++)
		buf_printf(out, "%s: %s\n", statement_keys[i], s->values[i]);
}

static int parse_line(struct statement *s, int field, const char *line, size_t len, struct err *e)
{
	const char *key = statement_keys[field];
	size_t n = strlen(key);

	if (len < n + 2 || memcmp(line, key, n) || memcmp(line + n, ": ", 2))
		return err_set(e, -EINVAL, "line %d: \"%s: \" expected", field + 2, key);
	len -= n + 2;
	if (len > STATEMENT_VALUE_MAX)
		return err_set(e, -EINVAL, "line %d: longer than %d bytes", field + 2,
			       STATEMENT_VALUE_MAX);
	for (size_t i = 0; i < len; i++)
		if (is_control(line[n + 2 + i]))
			return err_set(e, -EINVAL, "line %d: holds a control character", field + 2);
	s->values[field] = mem_strndup(line + n + 2, len);
	return 0;
}

int statement_parse(struct statement *s, const char *text, size_t len, struct err *e)
{
	const char *end = text + len, *p = text + strlen(TITLE "\n");
	int rc = 0;

	*s = (struct statement){ { NULL } };
	if (len < strlen(TITLE "\n") || memcmp(text, TITLE "\n", strlen(TITLE "\n")))
		return err_set(e, -EINVAL, "line 1: \"%s\" expected", TITLE);
	for (int i = 0; !rc && i < STATEMENT_FIELDS; i++) {
		const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

		if (!nl)
			return err_set(e, -EINVAL, "line %d: \"%s: \" expected", i + 2,
				       statement_keys[i]);
		rc = parse_line(s, i, p, (size_t)(nl - p), e);
		p = nl + 1;
	}
	if (!rc && p != end)
		rc = err_set(e, -EINVAL, "line %d: nothing may stand behind the last one",
			     STATEMENT_FIELDS + 2);
	return rc;
}

void statement_release(struct statement *s)
{
	for (int i = 0; i < STATEMENT_FIELDS; i++)
		free(s->values[i]);
	*s = (struct statement){ { NULL } };
}

enum statement_field statement_differs(const struct statement *a, const struct statement *b)
{
	int i = 0;

	while (i < STATEMENT_FIELDS && !strcmp(a->values[i], b->values[i]))
		i++;
	return (enum statement_field)i;
}
