/*
 * Any bytes as JSON: the scanner against a recursive reading of RFC 8259's grammar, rule by
 * rule, and its numbers and texts against the C library and a plain decoder.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/buf.h"
#include "extractors/wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

/* ---- the grammar: each function steps over its rule, or returns NULL ---------------------------- */

static const char *end; /* of the text */

static const char *blanks(const char *p)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static const char *literal(const char *p, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && !memcmp(p, word, n) ? p + n : NULL;
}

static const char *digits(const char *p)
{
	const char *from = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > from ? p : NULL;
}

static const char *number(const char *p)
{
	if (p < end && *p == '-')
		p++;
	if (end - p > 1 && *p == '0' && p[1] >= '0' && p[1] <= '9')
		return NULL;
	p = digits(p);
	if (p && p < end && *p == '.')
		p = digits(p + 1);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p = digits(p < end && (*p == '+' || *p == '-') ? p + 1 : p);
	}
	return p;
}

static const char *string(const char *p)
{
	if (p == end || *p++ != '"')
		return NULL;
	for (; p < end && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\')
			continue;
		if (++p == end)
			return NULL;
		if (*p == 'u') {
			if (end - p < 5)
				return NULL;
			for (int i = 0; i < 4; i++)
				if (!p[1] || !strchr("0123456789abcdefABCDEF", *++p))
					return NULL;
		} else if (!*p || !strchr("\"\\/bfnrt", *p)) {
			return NULL;
		}
	}
	return p < end ? p + 1 : NULL;
}

static const char *value(const char *p, int depth);

/* `[ value, value ]` or `{ name : value, … }`, p behind the opening bracket. */
static const char *items(const char *p, int depth, bool named, char close)
{
	if (depth > JSON_DEPTH_MAX)
		return NULL;
	p = blanks(p);
	if (p < end && *p == close)
		return p + 1;
	for (;;) {
		if (named) {
			p = string(blanks(p));
			if (!p)
				return NULL;
			p = blanks(p);
			if (p == end || *p++ != ':')
				return NULL;
		}
		p = value(p, depth);
		if (!p)
			return NULL;
		p = blanks(p);
		if (p == end || (*p != ',' && *p != close))
			return NULL;
		if (*p++ == close)
			return p;
	}
}

static const char *value(const char *p, int depth)
{
	p = blanks(p);
	if (p == end)
		return NULL;
	switch (*p) {
	case '{':
		return items(p + 1, depth + 1, true, '}');
	case '[':
		return items(p + 1, depth + 1, false, ']');
	case '"':
		return string(p);
	case 't':
		return literal(p, "true");
	case 'f':
		return literal(p, "false");
	case 'n':
		return literal(p, "null");
	default:
		return number(p);
	}
}

/* ---- what the value is ------------------------------------------------------------------------------ */

static enum json_type type_of(char c)
{
	return c == '{'		      ? JSON_OBJECT
	       : c == '['	      ? JSON_ARRAY
	       : c == '"'	      ? JSON_STRING
	       : c == 'n'	      ? JSON_NULL
	       : c == 't' || c == 'f' ? JSON_BOOL
				      : JSON_NUMBER;
}

static void check_number(const struct json_value *v)
{
	struct buf b = { 0 };
	int64_t n;
	const char *text;

	buf_add(&b, v->raw.p, v->raw.len);
	text = buf_str(&b);
	CHECK(json_double(v) == strtod(text, NULL));
	if (json_i64(v, &n)) {
		CHECK(!strpbrk(text, ".eE"));
		CHECK(n == strtoll(text, NULL, 10));
	}
	buf_release(&b);
}

/* The code unit behind "\u" as a number. */
static unsigned int unit(const char *p)
{
	char hex[5] = { p[0], p[1], p[2], p[3], '\0' };

	return (unsigned int)strtoul(hex, NULL, 16);
}

static void add_code_point(struct buf *b, unsigned int cp)
{
	if (cp < 0x80) {
		buf_add_char(b, (char)cp);
		return;
	}
	if (cp >= 0x10000) {
		buf_add_char(b, (char)(0xF0 + (cp >> 18)));
		buf_add_char(b, (char)(0x80 + ((cp >> 12) & 63)));
	} else if (cp >= 0x800) {
		buf_add_char(b, (char)(0xE0 + (cp >> 12)));
	}
	if (cp >= 0x800)
		buf_add_char(b, (char)(0x80 + ((cp >> 6) & 63)));
	else
		buf_add_char(b, (char)(0xC0 + (cp >> 6)));
	buf_add_char(b, (char)(0x80 + (cp & 63)));
}

/* False for half a pair. */
static bool decode(const struct span *raw, struct buf *out)
{
	static const char names[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char *p = raw->p, *stop = p + raw->len;

	for (; p < stop; p++) {
		unsigned int high, low;
		const char *name;

		if (*p != '\\') {
			buf_add_char(out, *p);
			continue;
		}
		p++;
		name = strchr(names, *p);
		if (*p != 'u') {
			buf_add_char(out, name ? bytes[name - names] : *p);
			continue;
		}
		high = unit(p + 1);
		p += 4;
		if (high < 0xD800 || high > 0xDFFF) {
			add_code_point(out, high);
			continue;
		}
		low = stop - p > 6 && p[1] == '\\' && p[2] == 'u' ? unit(p + 3) : 0;
		if (high > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
			return false;
		add_code_point(out, 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF));
		p += 6;
	}
	return true;
}

static void check_text(const struct json_value *v)
{
	struct buf expected = { 0 };
	char *room = malloc(v->raw.len + 1);
	struct span got;
	bool ok = decode(&v->raw, &expected);

	CHECK(json_text(v, room, v->raw.len, &got) == ok);
	if (ok) {
		CHECK(got.len == expected.len);
		CHECK(!got.len || !memcmp(got.p, expected.data, got.len));
		CHECK(json_text(v, room, got.len, &got));
		CHECK(!got.len || !json_text(v, room, got.len - 1, &got));
	}
	free(room);
	buf_release(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);
	struct json_scan s = { text, text + size };
	struct json_value v;
	const char *expected;
	bool ok;

	memcpy(text, data, size);
	end = text + size;
	expected = value(text, 0);
	ok = json_scan_value(&s, 0, &v);
	CHECK(ok == !!expected);
	if (ok) {
		CHECK(s.p == expected);
		CHECK(v.type == type_of(*blanks(text)));
		/* As in an object: behind a number stands what no number goes on with. */
		if (v.type == JSON_NUMBER && s.p < s.end && !strchr("0123456789.eExXpP+-", *s.p))
			check_number(&v);
		if (v.type == JSON_STRING)
			check_text(&v);
	}
	free(text);
	return 0;
}
