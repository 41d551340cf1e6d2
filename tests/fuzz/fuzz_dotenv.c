/*
 * Any bytes as a .env file: keys are keys, values hold no line break, an error names a line
 * that exists and shows nothing of it; and what was read, written out again, reads the same.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/buf.h"
#include "extractors/base/dotenv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static bool is_key(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

static void check_error(const struct err *e, const char *text, size_t len)
{
	static const char *const texts[] = { "must be KEY=value, # comment or blank",
					     "the quote is not closed",
					     "text behind the closing quote",
					     "NUL byte in the value" };
	char *rest;
	long line, lines = 1;
	bool known = false;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	CHECK(!strncmp(e->text, "fuzz:", 5));
	line = strtol(e->text + 5, &rest, 10);
	CHECK(line >= 1 && line <= lines && !strncmp(rest, ": ", 2));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		known = known || !strcmp(rest + 2, texts[i]);
	CHECK(known);
}

/* In quotes that the value does not hold; a value with both kinds was written without any. */
static void write_pair(struct buf *b, const struct dotenv_pair *p)
{
	const char *quote = !strchr(p->value, '"') ? "\"" : !strchr(p->value, '\'') ? "'" : "";

	buf_printf(b, "export %s=%s%s%s # comment\r\n", p->key, quote, p->value, quote);
}

static void check_pairs(const struct dotenv *d)
{
	struct err e = ERR_INIT;
	struct dotenv again = { 0 };
	struct buf b = { 0 };

	for (size_t i = 0; i < d->n; i++) {
		CHECK(is_key(d->pairs[i].key));
		CHECK(!strchr(d->pairs[i].value, '\n'));
		CHECK(dotenv_get(d, d->pairs[i].key));
		write_pair(&b, &d->pairs[i]);
	}
	CHECK(!dotenv_parse(&again, buf_str(&b), b.len, "again", &e));
	CHECK(again.n == d->n);
	for (size_t i = 0; i < d->n; i++) {
		CHECK(!strcmp(again.pairs[i].key, d->pairs[i].key));
		CHECK(!strcmp(again.pairs[i].value, d->pairs[i].value));
	}
	dotenv_release(&again);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);
	struct err e = ERR_INIT;
	struct dotenv d = { 0 };

	memcpy(text, data, size);
	if (dotenv_parse(&d, text, size, "fuzz", &e))
		check_error(&e, text, size);
	else
		check_pairs(&d);
	dotenv_release(&d);
	free(text);
	return 0;
}
