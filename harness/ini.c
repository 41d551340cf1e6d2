/* The strict .ini reader; see ini.h for the grammar. */
#include "harness/ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/file.h"

/* What was met where: a line number, 0 when not yet. */
struct seen {
	int section;
	int *keys; /* one an option of the section; NULL when it is open */
};

struct reader {
	const char *name;
	int line;
	const struct ini_section *sections;
	size_t n;
	struct seen *seen;
	const struct ini_section *current; /* NULL before the first */
	struct err *e;
};

static int fail(struct reader *r, const char *fmt, ...) PRINTF(2, 3);
static int fail(struct reader *r, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(r->e, -EINVAL, "%s:%d: %s", r->name, r->line, text);
}

static int unknown(struct reader *r, const char *what, const char *name, const struct opt *opts,
		   size_t n)
{
	const char *near = opt_nearest(opts, n, name);

	if (near)
		return fail(r, "unknown %s \"%s\" (did you mean \"%s\"?)", what, name, near);
	return fail(r, "unknown %s \"%s\"", what, name);
}

static int unknown_section(struct reader *r, const char *name)
{
	struct opt *names =
		mem_calloc(r->n, sizeof(*names)); /* opt_nearest() looks at names only */
	int rc;

	for (size_t i = 0; i < r->n; i++)
		names[i].name = r->sections[i].name;
	rc = unknown(r, "section", name, names, r->n);
	free(names);
	return rc;
}

static struct seen *seen_of(struct reader *r)
{
	return &r->seen[r->current - r->sections];
}

static int enter_section(struct reader *r, const char *name)
{
	size_t i = 0;

	while (i < r->n && strcmp(r->sections[i].name, name))
		i++;
	if (i == r->n)
		return unknown_section(r, name);
	if (r->seen[i].section)
		return fail(r, "section [%s] repeated (first on line %d)", name,
			    r->seen[i].section);
	r->current = &r->sections[i];
	r->seen[i].section = r->line;
	return 0;
}

static int add_pair(struct reader *r, const char *key, const char *value)
{
	struct ini_pairs *p = r->current->target;

	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].key, key))
			return fail(r, "key \"%s\" repeated (first on line %d)", key, p->v[i].line);
	if (p->n == INI_PAIRS_MAX)
		return fail(r, "more than %d keys in [%s]", INI_PAIRS_MAX, r->current->name);
	p->v = mem_realloc(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = (struct ini_pair){ mem_strdup(key), mem_strdup(value), r->line };
	return 0;
}

static int set_key(struct reader *r, const char *key, const char *value)
{
	const struct ini_section *s = r->current;
	const struct opt *o;
	int *first;

	if (!s)
		return fail(r, "key \"%s\" stands before the first [section]", key);
	if (s->flags & INI_OPEN)
		return add_pair(r, key, value);
	o = opt_find(s->opts, s->n_opts, key);
	if (!o)
		return unknown(r, "key", key, s->opts, s->n_opts);
	first = &seen_of(r)->keys[o - s->opts];
	if (*first)
		return fail(r, "key \"%s\" repeated (first on line %d)", key, *first);
	*first = r->line;
	if (opt_set(o, s->target, value, r->e))
		return err_wrap(r->e, "%s:%d", r->name, r->line);
	return 0;
}

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n && strchr(" \t\r", s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

/* Many readers would cut a comment off here: be asked rather than guess. */
static bool has_inline_comment(const char *value)
{
	for (const char *p = value; *p; p++)
		if ((*p == ' ' || *p == '\t') && (p[1] == ';' || p[1] == '#'))
			return true;
	return false;
}

static int read_line(struct reader *r, char *text)
{
	char *s = trim(text), *eq, *end;

	if (!*s || *s == ';' || *s == '#')
		return 0;
	if (*s == '[') {
		end = strchr(s, ']');
		if (!end || end[1])
			return fail(r, "a section is written [name], alone on its line");
		*end = '\0';
		s = trim(s + 1);
		if (strlen(s) > INI_KEY_MAX)
			return fail(r, "the section's name is longer than %d bytes", INI_KEY_MAX);
		return enter_section(r, s);
	}
	eq = strchr(s, '=');
	if (!eq)
		return fail(r, "neither [section] nor key = value: \"%.60s\"", s);
	*eq = '\0';
	s = trim(s);
	if (!*s || strlen(s) > INI_KEY_MAX)
		return fail(r, "a key has 1 to %d bytes", INI_KEY_MAX);
	eq = trim(eq + 1);
	if (has_inline_comment(eq))
		return fail(r, "%s: a comment stands on a line of its own", s);
	return set_key(r, s, eq);
}

static int read_lines(struct reader *r, const char *text, size_t len)
{
	char line[INI_LINE_MAX + 1];
	const char *end;

	if (!len)
		return 0;
	end = text + len;
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		r->line = 1;
		return fail(r, "begins with a byte order mark: save it without one");
	}
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		int rc;

		r->line++;
		if (n > INI_LINE_MAX)
			return fail(r, "longer than %d bytes", INI_LINE_MAX);
		if (memchr(text, '\0', n))
			return fail(r, "holds a NUL byte");
		memcpy(line, text, n);
		line[n] = '\0';
		rc = read_line(r, line);
		if (rc)
			return rc;
		text = nl ? nl + 1 : end;
	}
	return 0;
}

static int check_missing(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct ini_section *s = &r->sections[i];

		if (!r->seen[i].section) {
			if (s->flags & INI_OPTIONAL)
				continue;
			return err_set(r->e, -EINVAL, "%s: section [%s] is missing", r->name,
				       s->name);
		}
		for (const char *const *k = s->required; k && *k; k++) {
			const struct opt *o = opt_find(s->opts, s->n_opts, *k);

			BUG_ON(!o);
			if (!r->seen[i].keys[o - s->opts])
				return err_set(r->e, -EINVAL, "%s: [%s]: key \"%s\" is missing",
					       r->name, s->name, *k);
		}
	}
	return 0;
}

int ini_parse(const char *text, size_t len, const char *name, const struct ini_section *sections,
	      size_t n, struct err *e)
{
	struct reader r = { .name = name, .sections = sections, .n = n, .e = e };
	int rc;

	r.seen = mem_calloc(n, sizeof(*r.seen));
	for (size_t i = 0; i < n; i++) {
		const struct ini_section *s = &sections[i];

		if (s->flags & INI_OPEN)
			continue;
		r.seen[i].keys = mem_calloc(s->n_opts, sizeof(*r.seen[i].keys));
		opt_defaults(s->opts, s->n_opts, s->target);
	}
	rc = read_lines(&r, text, len);
	if (!rc)
		rc = check_missing(&r);
	for (size_t i = 0; i < n; i++)
		free(r.seen[i].keys);
	free(r.seen);
	return rc;
}

int ini_load(const char *path, const struct ini_section *sections, size_t n, struct err *e)
{
	struct buf text = { 0 };
	int rc = file_read(path, INI_FILE_MAX, &text, e);

	if (!rc)
		rc = ini_parse(text.data, text.len, path, sections, n, e);
	buf_release(&text);
	return rc;
}

void ini_pairs_release(struct ini_pairs *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].key);
		free(p->v[i].value);
	}
	free(p->v);
	memset(p, 0, sizeof(*p));
}
