/* The form of signatures; see armor.h. */
#include "harness/armor.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END   "-----END SSH SIGNATURE-----\n"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The value of a digit, or -1. */
static int digit_value(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Do the padding and the last digit say what they must?  A digit before n `=` has 2n idle bits. */
static int check_end(size_t n_digits, size_t n_pads, int last, struct err *e)
{
	if ((n_digits + n_pads) % 4 || n_pads > 2)
		return err_set(e, -EINVAL, "is not whole base64");
	if (last & ((1 << 2 * n_pads) - 1))
		return err_set(e, -EINVAL, "has idle bits at its end that are not 0");
	return 0;
}

/* All lines are as long as the first, the last one may be shorter. */
static bool has_even_lines(const char *p, const char *end)
{
	const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	size_t width = nl ? (size_t)(nl - p) : 0;

	for (; nl; nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL) {
		size_t n = (size_t)(nl - p);

		if (!n || n > width || (n < width && nl + 1 < end))
			return false;
		p = nl + 1;
	}
	return width && p == end;
}

static int check_base64(const char *p, const char *end, struct err *e)
{
	size_t n_digits = 0, n_pads = 0;
	int last = 0;

	if (!has_even_lines(p, end))
		return err_set(e, -EINVAL, "has lines of several lengths");
	for (; p < end; p++) {
		if (*p == '\n')
			continue;
		if (*p == '=') {
			n_pads++;
		} else if (n_pads || digit_value(*p) < 0) {
			return err_set(e, -EINVAL, "has a character that is not base64");
		} else {
			last = digit_value(*p);
			n_digits++;
		}
	}
	return check_end(n_digits, n_pads, last, e);
}

int armor_check(const char *text, size_t len, struct err *e)
{
	size_t begin = strlen(BEGIN), end = strlen(END);

	if (len < begin + end || memcmp(text, BEGIN, begin) || memcmp(text + len - end, END, end))
		return err_set(e, -EINVAL, "does not begin and end as an SSH signature");
	return check_base64(text + begin, text + len - end, e);
}
