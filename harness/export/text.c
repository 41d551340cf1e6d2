/* Quoting and escaping; see text.h. */
#include "harness/export/text.h"

#include <math.h>
#include <stdbool.h>

#include "extractors/wire/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Bytes of the character that begins at s; 0: none does. */
static size_t char_len(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	/* strnlen: a text may end in the middle of a character */
	return strnlen(s, len) == len && utf8_valid(s, len) ? len : 0;
}

/* One character; the function that is given writes those that need more than copying. */
typedef bool special_fn(struct buf *out, char c);

static void add(struct buf *out, const char *s, special_fn *special)
{
	while (*s) {
		size_t len = char_len(s);

		if (!len)
			buf_add_str(out, REPLACEMENT);
		else if (len > 1 || !special(out, *s))
			buf_add(out, s, len);
		s += len ? len : 1;
	}
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool nothing(struct buf *out UNUSED, char c UNUSED)
{
	return false;
}

static bool for_line(struct buf *out, char c)
{
	if (is_control(c))
		buf_add_char(out, ' ');
	return is_control(c);
}

void text_line(struct buf *out, const char *s)
{
	add(out, s, for_line);
}

static void add_json(struct buf *out, const char *s, special_fn *special)
{
	struct buf clean = { 0 };

	add(&clean, s, special);
	buf_add_json_string(out, clean.data, clean.len);
	buf_release(&clean);
}

void text_json(struct buf *out, const char *s)
{
	add_json(out, s, nothing);
}

void text_json_line(struct buf *out, const char *s)
{
	add_json(out, s[strspn(s, " \t\r\n")] ? s : "-", for_line);
}

/*
 * Tab and line breaks as references, since an attribute's value would lose them (XML 1.0,
 * 3.3.3); no other control character may stand in a document (2.2), escaped or not.
 */
static bool for_xml(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_add_str(out, "&amp;");
		return true;
	case '<':
		buf_add_str(out, "&lt;");
		return true;
	case '>':
		buf_add_str(out, "&gt;");
		return true;
	case '"':
		buf_add_str(out, "&quot;");
		return true;
	case '\t':
	case '\n':
	case '\r':
		buf_printf(out, "&#%d;", c);
		return true;
	default:
		if (is_control(c))
			buf_add_str(out, REPLACEMENT);
		return is_control(c);
	}
}

void text_xml(struct buf *out, const char *s)
{
	for (const char *p = s; *p;) {
		/* U+FFFE and U+FFFF are UTF-8 and no XML */
		const char *bad = strstr(p, "\xef\xbf\xbe"), *worse = strstr(p, "\xef\xbf\xbf");
		const char *at = !bad || (worse && worse < bad) ? worse : bad;
		struct buf part = { 0 };

		buf_add(&part, p, at ? (size_t)(at - p) : strlen(p));
		add(out, buf_str(&part), for_xml);
		buf_release(&part);
		if (!at)
			return;
		buf_add_str(out, REPLACEMENT);
		p = at + 3;
	}
}

static bool for_label(struct buf *out, char c)
{
	if (c == '\n')
		buf_add_str(out, "\\n");
	else if (c == '\\' || c == '"')
		buf_printf(out, "\\%c", c);
	else
		return for_line(out, c);
	return true;
}

void text_label(struct buf *out, const char *s)
{
	add(out, s, for_label);
}

static bool for_csv(struct buf *out, char c)
{
	if (c == '"')
		buf_add_char(out, '"');
	return for_line(out, c);
}

void text_csv(struct buf *out, const char *s)
{
	bool quoted = strpbrk(s, ",\"\r\n");

	if (quoted)
		buf_add_char(out, '"');
	add(out, s, for_csv);
	if (quoted)
		buf_add_char(out, '"');
}

static bool for_tag(struct buf *out, char c)
{
	if (c == ',' || c == '=' || c == ' ' || is_control(c))
		buf_printf(out, "\\%c", is_control(c) ? ' ' : c);
	else if (c == '\\') /* there is no escape for it: before a comma it would be one */
		buf_add_char(out, '/');
	else
		return false;
	return true;
}

void text_tag(struct buf *out, const char *s)
{
	add(out, *s ? s : "-", for_tag);
}

static bool for_field(struct buf *out, char c)
{
	if (c == '"' || c == '\\') {
		buf_printf(out, "\\%c", c);
		return true;
	}
	return for_line(out, c);
}

void text_field(struct buf *out, const char *s)
{
	buf_add_char(out, '"');
	add(out, s, for_field);
	buf_add_char(out, '"');
}

void text_part(struct buf *out, const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '%' || *s == '/') /* char is signed or not */
			buf_printf(out, "%%%02X", (unsigned char)*s);
		else
			buf_add_char(out, *s);
}

void text_file_part(struct buf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._+=-";

	for (size_t i = 0; s[i]; i++)
		buf_add_char(out, !strchr(plain, s[i]) || (!i && s[i] == '.') ? '_' : s[i]);
}

void text_number(struct buf *out, double v)
{
	BUG_ON(!isfinite(v));
	buf_add_double(out, v);
}
