/* The `.env` reader; see dotenv.h. */
#include "extractors/base/dotenv.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extractors/base/buf.h"
#include "extractors/base/mem.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* A line's blanks at both ends, and the carriage return that some editors leave. */
static void trim_line(const char **p, const char **end)
{
	while (*p < *end && (is_blank(**p) || **p == '\r'))
		(*p)++;
	while (*p < *end && (is_blank((*end)[-1]) || (*end)[-1] == '\r'))
		(*end)--;
}

static bool is_key_char(char c, bool first)
{
	return c == '_' || (first ? isalpha((unsigned char)c) : isalnum((unsigned char)c));
}

/* Behind an opening quote: the value's bounds; NULL or what is wrong with it. */
static const char *parse_quoted(const char *p, const char *end, const char **from, const char **to)
{
	const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));

	if (!close)
		return "the quote is not closed";
	*from = p + 1;
	*to = close;
	p = skip_blanks(close + 1, end);
	return p == end || *p == '#' ? NULL : "text behind the closing quote";
}

/* From behind `=`.  A `#` begins a comment only behind white space: `KEY=#1` is a value. */
static const char *parse_value(const char *p, const char *end, const char **from, const char **to)
{
	const char *first = skip_blanks(p, end);

	if (first < end && (*first == '"' || *first == '\''))
		return parse_quoted(first, end, from, to);
	for (*to = p; *to < end; (*to)++)
		if (**to == '#' && *to > p && is_blank((*to)[-1]))
			break;
	*from = first < *to ? first : *to;
	while (*to > *from && is_blank((*to)[-1]))
		(*to)--;
	return NULL;
}

/* One line; NULL or what is wrong with it. */
static const char *parse_line(struct dotenv *d, const char *p, const char *end)
{
	const char *key, *key_end, *behind, *from = NULL, *to = NULL, *wrong;

	trim_line(&p, &end);
	if (p == end || *p == '#')
		return NULL;
	if (end - p > 7 && !memcmp(p, "export", 6) && is_blank(p[6])) {
		behind = skip_blanks(p + 7, end);
		if (*behind != '=') /* else it is a key of that name; the line ends with no blank */
			p = behind;
	}
	for (key = p; p < end && is_key_char(*p, p == key);)
		p++;
	key_end = p;
	p = skip_blanks(p, end);
	if (key == key_end || p == end || *p != '=')
		return "must be KEY=value, # comment or blank";
	wrong = parse_value(p + 1, end, &from, &to);
	if (wrong)
		return wrong;
	if (memchr(from, '\0', (size_t)(to - from)))
		return "NUL byte in the value";
	d->pairs = mem_realloc(d->pairs, d->n + 1, sizeof(*d->pairs));
	d->pairs[d->n].key = mem_strndup(key, (size_t)(key_end - key));
	d->pairs[d->n++].value = mem_strndup(from, (size_t)(to - from));
	return NULL;
}

int dotenv_parse(struct dotenv *d, const char *text, size_t len, const char *name, struct err *e)
{
	const char *p = text, *end = text + len;

	for (int line = 1; p < end; line++) {
		const char *eol = memchr(p, '\n', (size_t)(end - p)), *wrong;

		if (!eol)
			eol = end;
		wrong = parse_line(d, p, eol);
		if (wrong) /* without the line itself: it may hold a secret */
			return err_set(e, -EINVAL, "%s:%d: %s", name, line, wrong);
		p = eol + (eol < end);
	}
	return 0;
}

int dotenv_load(struct dotenv *d, const char *path, struct err *e)
{
	struct buf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n = 1;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (n > 0 && text.len <= DOTENV_MAX_BYTES) {
		n = read(fd, buf_reserve(&text, 4096), 4096);
		if (n > 0)
			text.len += (size_t)n;
	}
	if (n < 0)
		rc = err_set(e, -errno, "%s: %s", path, strerror(errno));
	else if (text.len > DOTENV_MAX_BYTES)
		rc = err_set(e, -EINVAL, "%s: larger than %d bytes", path, DOTENV_MAX_BYTES);
	else
		rc = dotenv_parse(d, text.data, text.len, path, e);
	close(fd);
	buf_release(&text);
	return rc;
}

const char *dotenv_get(const struct dotenv *d, const char *key)
{
	for (size_t i = d->n; i-- > 0;)
		if (!strcmp(d->pairs[i].key, key))
			return d->pairs[i].value;
	return NULL;
}

void dotenv_release(struct dotenv *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->pairs[i].key);
		free(d->pairs[i].value);
	}
	free(d->pairs);
	memset(d, 0, sizeof(*d));
}
