/* The JSON scanner; see json.h.  Read json_scan_value() first. */
#include "extractors/wire/json.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/num.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind \u; -1 when they are not. */
static int hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

#define EACH_BYTE(b) (0x0101010101010101ULL * (b))

/* The next eight bytes, the first one lowest. */
static inline uint64_t load8(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w);
}

/*
 * The high bit of each byte that ends the plain run of a string: the quote, the
 * backslash, control characters.  Only the lowest bit set is to be trusted: the
 * subtraction borrows from the bytes above a hit.
 * Source: the test for a zero byte, Anderson, "Bit Twiddling Hacks".
 */
static inline uint64_t special_bytes(uint64_t w)
{
	uint64_t quote = w ^ EACH_BYTE('"'), slash = w ^ EACH_BYTE('\\');

	return (((quote - EACH_BYTE(1)) & ~quote) | ((slash - EACH_BYTE(1)) & ~slash) |
		((w - EACH_BYTE(0x20)) & ~w)) &
	       EACH_BYTE(0x80);
}

/* The first such byte from p on, or the end. */
static inline const char *skip_plain(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t hits = special_bytes(load8(p));

		if (hits)
			return p + __builtin_ctzll(hits) / 8;
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

/* The rest of a string from its first backslash on: what ends it, or NULL for a wrong escape. */
static const char *skip_escapes(const char *p, const char *end)
{
	while (p < end && *p == '\\') {
		if (++p == end)
			return NULL;
		if (*p == 'u') {
			if (hex4(p + 1, end) < 0)
				return NULL;
			p += 4;
		} else if (!*p || !strchr("\"\\/bfnrt", *p)) {
			return NULL;
		}
		p = skip_plain(p + 1, end);
	}
	return p;
}

bool json_scan_string(struct json_scan *s, struct json_value *out)
{
	const char *start = s->p + 1, *p = skip_plain(start, s->end);

	out->type = JSON_STRING;
	out->escaped = p < s->end && *p == '\\';
	if (unlikely(out->escaped))
		p = skip_escapes(p, s->end);
	if (!p || p == s->end || *p != '"') /* cut off, or a control character */
		return false;
	out->raw = (struct span){ start, (size_t)(p - start) };
	s->p = p + 1;
	return true;
}

static inline bool is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/*
 * Eight digits at once; false when one of the bytes is none.
 * Source: Lemire, "Quickly parsing eight digits" (2018): neighbours are joined
 * to pairs, pairs to fours, fours to eight, by one multiplication each.
 */
static inline bool eight_digits(const char *p, uint64_t *out)
{
	uint64_t w = load8(p), high = EACH_BYTE(0xF0);

	if (((w & high) | ((w + EACH_BYTE(6)) & high) >> 4) != EACH_BYTE(0x33))
		return false;
	w = (w & EACH_BYTE(0x0F)) * 2561 >> 8;			      /* 10 * 256 + 1 */
	w = (w & 0x00FF00FF00FF00FFULL) * 6553601 >> 16;	      /* 100 * 2^16 + 1 */
	*out = (w & 0x0000FFFF0000FFFFULL) * 42949672960001ULL >> 32; /* 10^4 * 2^32 + 1 */
	return true;
}

#define DIGITS_MAX 19 /* of any value fit into 64 bits */

/* The digits of a number, its point left out; leading zeros take no room. */
struct digits {
	uint64_t value;
	int n;
	bool exact; /* there were not more than DIGITS_MAX */
};

static inline const char *scan_digits(const char *p, const char *end, struct digits *d)
{
	uint64_t eight;

	while (d->n <= DIGITS_MAX - 8 && end - p >= 8 && (d->n || *p != '0') &&
	       eight_digits(p, &eight)) {
		d->value = d->value * 100000000 + eight;
		d->n += 8;
		p += 8;
	}
	for (; is_digit(p, end); p++) {
		if (d->n == DIGITS_MAX) {
			d->exact = false;
			continue;
		}
		d->value = d->value * 10 + (uint64_t)(*p - '0');
		d->n += d->value != 0;
	}
	return p;
}

#define EXP_MAX 1000000 /* beyond any double; json_double() then asks strtod */

/* Behind the `e`: sign and digits; NULL when there is no digit. */
static const char *scan_exponent(const char *p, const char *end, int *exp)
{
	bool minus = p < end && *p == '-';
	const char *from;

	p += p < end && (*p == '-' || *p == '+');
	for (from = p; is_digit(p, end); p++)
		if (*exp < EXP_MAX)
			*exp = *exp * 10 + (*p - '0');
	if (minus)
		*exp = -*exp;
	return p == from ? NULL : p;
}

/* number = [-] (0 | 1-9 digits) [. digits] [e [+-] digits], RFC 8259 section 6 */
static bool scan_number(struct json_scan *s, struct json_value *out)
{
	const char *p = s->p, *end = s->end, *from;
	struct digits d = { .exact = true };
	int exp = 0;

	out->type = JSON_NUMBER;
	out->whole = true;
	out->exp10 = 0;
	out->negative = *p == '-';
	p += out->negative;
	if (!is_digit(p, end) || (*p == '0' && is_digit(p + 1, end)))
		return false;
	p = scan_digits(p, end, &d);
	if (p < end && *p == '.') {
		from = ++p;
		p = scan_digits(p, end, &d);
		if (p == from)
			return false;
		out->whole = false;
		out->exp10 = -(int)(p - from);
	}
	if (p < end && (*p | 0x20) == 'e') {
		p = scan_exponent(p + 1, end, &exp);
		if (!p)
			return false;
		out->whole = false;
		out->exp10 += exp;
	}
	out->digits = d.value;
	out->exact = d.exact;
	out->raw = (struct span){ s->p, (size_t)(p - s->p) };
	s->p = p;
	return true;
}

static bool scan_word(struct json_scan *s, const char *word, enum json_type type,
		      struct json_value *out)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n))
		return false;
	out->type = type;
	out->raw = (struct span){ s->p, n };
	s->p += n;
	return true;
}

static bool scan_scalar(struct json_scan *s, char c, struct json_value *out)
{
	if (c == '"')
		return json_scan_string(s, out);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s, out);
	if (c == 't')
		return scan_word(s, "true", JSON_BOOL, out);
	if (c == 'f')
		return scan_word(s, "false", JSON_BOOL, out);
	return c == 'n' && scan_word(s, "null", JSON_NULL, out);
}

/* Which of the open brackets are objects: one bit a level. */
struct nesting {
	int depth, base;
	uint64_t is_object[JSON_DEPTH_MAX / 64];
};

static bool push(struct nesting *n, bool object)
{
	int i = n->depth;

	if (i >= JSON_DEPTH_MAX)
		return false;
	n->is_object[i / 64] &= ~(1ULL << (i % 64));
	n->is_object[i / 64] |= (uint64_t)object << (i % 64);
	n->depth++;
	return true;
}

static bool top_is_object(const struct nesting *n)
{
	int i = n->depth - 1;

	return n->is_object[i / 64] >> (i % 64) & 1;
}

static bool member_name(struct json_scan *s)
{
	struct json_value name;

	return json_next(s) == '"' && json_scan_string(s, &name) && json_take(s, ':');
}

/* Behind a complete value: close what closes, step over a comma.  True: another value follows. */
static bool next_item(struct json_scan *s, struct nesting *n, bool *ok)
{
	while (n->depth > n->base) {
		bool object = top_is_object(n);

		if (json_take(s, ',')) {
			*ok = !object || member_name(s);
			return *ok;
		}
		if (!json_take(s, object ? '}' : ']')) {
			*ok = false;
			return false;
		}
		n->depth--;
	}
	*ok = true;
	return false;
}

/* An object or array; apart, so that scalars do not pay for its frame. */
static bool __attribute__((noinline)) scan_nested(struct json_scan *s, int depth)
{
	struct nesting n = { .depth = depth, .base = depth };
	struct json_value inner;
	bool ok;

	do {
		char c = json_next(s);

		if (c == '{' || c == '[') {
			s->p++;
			if (!push(&n, c == '{'))
				return false;
			if (json_next(s) != (c == '{' ? '}' : ']')) {
				if (c == '{' && !member_name(s))
					return false;
				ok = true;
				continue; /* its first value */
			}
		} else if (!scan_scalar(s, c, &inner)) {
			return false;
		}
		if (!next_item(s, &n, &ok))
			return ok;
	} while (ok);
	return false;
}

bool json_scan_value(struct json_scan *s, int depth, struct json_value *out)
{
	char c = json_next(s);

	if (c != '{' && c != '[')
		return scan_scalar(s, c, out);
	out->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
	return scan_nested(s, depth);
}

double json_double(const struct json_value *v)
{
	double d;

	if (v->exact && num_exact_double(v->digits, v->exp10, &d))
		return v->negative ? -d : d;
	/* Inside an object a byte that no number goes on with always follows, so strtod stops. */
	return strtod(v->raw.p, NULL);
}

bool json_i64(const struct json_value *v, int64_t *out)
{
	if (v->type != JSON_NUMBER || !v->whole || !v->exact || v->digits > INT64_MAX)
		return false;
	*out = v->negative ? -(int64_t)v->digits : (int64_t)v->digits;
	return true;
}

static size_t encode_utf8(char *to, unsigned int cp)
{
	if (cp < 0x80) {
		to[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		to[0] = (char)(0xC0 | cp >> 6);
		to[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		to[0] = (char)(0xE0 | cp >> 12);
		to[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		to[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | cp >> 18);
	to[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	to[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	to[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

/* *p stands behind "\u"; the code point, a surrogate pair joined; -1 for half a pair. */
static int unicode_escape(const char **p, const char *end)
{
	int u = hex4(*p, end), low;

	*p += 4;
	if (u < 0xD800 || u > 0xDFFF)
		return u;
	if (u > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return -1;
	low = hex4(*p + 2, end);
	if (low < 0xDC00 || low > 0xDFFF)
		return -1;
	*p += 6;
	return 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
}

bool json_text(const struct json_value *v, char *room, size_t cap, struct span *out)
{
	static const char forms[] = "b\bf\fn\nr\rt\t";
	const char *p = v->raw.p, *end = p + v->raw.len;
	size_t n = 0;

	if (!v->escaped) {
		*out = v->raw;
		return v->raw.len <= cap;
	}
	while (p < end) {
		char unit[4];
		size_t len = 1;

		unit[0] = *p++;
		if (unit[0] == '\\') {
			char c = *p++;
			const char *form = strchr(forms, c);

			if (c == 'u') {
				int cp = unicode_escape(&p, end);

				if (cp < 0)
					return false;
				len = encode_utf8(unit, (unsigned int)cp);
			} else {
				unit[0] = form ? form[1] : c; /* else \" \\ \/ */
			}
		}
		if (cap - n < len)
			return false;
		memcpy(room + n, unit, len);
		n += len;
	}
	*out = (struct span){ room, n };
	return true;
}
