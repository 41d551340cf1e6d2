/* Vectors of strings; see strv.h. */
#include "harness/strv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/buf.h"
#include "extractors/base/mem.h"

/* Takes the heap string over. */
static void push(struct strv *s, char *text)
{
	s->v = mem_realloc(s->v, s->n + 2, sizeof(*s->v));
	s->v[s->n++] = text;
	s->v[s->n] = NULL;
}

void strv_add(struct strv *s, const char *text)
{
	push(s, mem_strdup(text));
}

void strv_addf(struct strv *s, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	BUG_ON(n < 0);
	push(s, text);
}

void strv_release(struct strv *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* Where NAME=… stands, or n. */
static size_t env_index(const struct strv *s, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < s->n; i++)
		if (!strncmp(s->v[i], name, len) && s->v[i][len] == '=')
			break;
	return i;
}

void strv_set_env(struct strv *s, const char *name, const char *value)
{
	size_t i = env_index(s, name);
	char *text;

	BUG_ON(asprintf(&text, "%s=%s", name, value) < 0);
	if (i == s->n) {
		push(s, text);
		return;
	}
	free(s->v[i]);
	s->v[i] = text;
}

void strv_put_env(struct strv *s, const char *pair)
{
	const char *equals = strchr(pair, '=');
	char *name;

	BUG_ON(!equals);
	name = mem_strndup(pair, (size_t)(equals - pair));
	strv_set_env(s, name, equals + 1);
	free(name);
}

void strv_override(struct strv *s, const struct strv *with)
{
	for (size_t i = 0; i < with->n; i++)
		strv_put_env(s, with->v[i]);
}

const char *strv_get_env(const struct strv *s, const char *name)
{
	size_t i = env_index(s, name);

	return i == s->n ? NULL : strchr(s->v[i], '=') + 1;
}

/* One character, or one quoted part, of a word; returns behind it, or NULL with *e set. */
static const char *take_part(const char *p, struct buf *word, struct err *e)
{
	char quote = *p;

	if (quote != '\'' && quote != '"') {
		if (*p == '\\' && !*++p)
			goto open_end;
		buf_add_char(word, *p);
		return p + 1;
	}
	for (p++; *p && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		buf_add_char(word, *p);
	}
	if (*p)
		return p + 1;
open_end:
	err_set(e, -EINVAL, "%s at the end of the command",
		quote == '\\' ? "a backslash stands alone" : "a quote is still open");
	return NULL;
}

int strv_split(struct strv *s, const char *text, struct err *e)
{
	static const char blanks[] = " \t\r\n";
	struct buf word = { 0 };
	const char *p = text + strspn(text, blanks);

	while (p && *p) {
		buf_reset(&word);
		while (p && *p && !strchr(blanks, *p)) {
			if (strchr("|&;<>`()", *p)) {
				err_set(e, -EINVAL,
					"`%c` means something to a shell only, and there is none: quote it",
					*p);
				p = NULL;
				break;
			}
			p = take_part(p, &word, e);
		}
		if (!p)
			break;
		strv_add(s, buf_str(&word));
		p += strspn(p, blanks);
	}
	buf_release(&word);
	return p ? 0 : -EINVAL;
}
