/* Signers' names; see signer.h. */
#include "harness/signer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "extractors/wire/utf8.h"

#define MAIL_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-"

/* The code point at *p, which is valid UTF-8; *p goes on behind it. */
static uint32_t next_point(const char **p)
{
	unsigned char c = (unsigned char)*(*p)++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	uint32_t point = more ? c & (0x3fU >> more) : c;

	while (more--)
		point = point << 6 | ((unsigned char)*(*p)++ & 0x3f);
	return point;
}

/*
 * Characters that are not seen, or make others be seen elsewhere: controls, and those of
 * Unicode's "General Punctuation" and "Specials" blocks that format, tags included.
 */
static bool is_odd(uint32_t point)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x1f },	    { 0x7f, 0xa0 },	   { 0xad, 0xad },     { 0x61c, 0x61c },
		{ 0x180e, 0x180e }, { 0x2000, 0x200f },	   { 0x2028, 0x202f }, { 0x205f, 0x206f },
		{ 0x3000, 0x3000 }, { 0xe000, 0xf8ff },	   { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
		{ 0xfff0, 0xffff }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (point >= ranges[i][0] && point <= ranges[i][1])
			return true;
	return false;
}

/* local@domain, n bytes */
static bool is_mail(const char *mail, size_t n)
{
	size_t local = strspn(mail, MAIL_CHARS), domain;

	if (!local || local >= n || mail[local] != '@' || mail[0] == '-')
		return false;
	domain = strspn(mail + local + 1, MAIL_CHARS);
	return domain && local + 1 + domain == n;
}

int signer_parse(struct signer *s, const char *text, struct err *e)
{
	size_t n = strlen(text);
	const char *open = strchr(text, '<');

	if (n > SIGNER_MAX || !utf8_valid(text, n))
		return err_set(e, -EINVAL, "signer: must be UTF-8 of at most %d bytes", SIGNER_MAX);
	for (const char *p = text; *p;)
		if (is_odd(next_point(&p)))
			return err_set(e, -EINVAL,
				       "signer: has a line end, control or invisible character");
	if (!open || open - text < 2 || open[-1] != ' ' || text[0] == ' ' || text[n - 1] != '>' ||
	    !is_mail(open + 1, n - (size_t)(open - text) - 2))
		return err_set(e, -EINVAL, "signer: must be written \"Name <mail@domain>\"");
	snprintf(s->text, sizeof(s->text), "%s", text);
	snprintf(s->mail, sizeof(s->mail), "%.*s", (int)(n - (size_t)(open - text) - 2), open + 1);
	return 0;
}
