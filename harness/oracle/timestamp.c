/* The form by a pattern, the date by the calendar; see timestamp.h. */
#include "harness/oracle/timestamp.h"

#include <ctype.h>
#include <time.h>

#define SECONDS_FORM "dddd-dd-ddTdd:dd:dd"
#define ZONE	     "+00:00"

/* `d` stands for a digit. */
static bool matches(const char *text, const char *form, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

static int number_at(const char *text, size_t at, size_t digits)
{
	int v = 0;

	for (size_t i = at; i < at + digits; i++)
		v = v * 10 + (text[i] - '0');
	return v;
}

/* timegm() carries what is too large over: a date that stays as it is exists. */
static bool on_the_calendar(const char *text)
{
	struct tm tm = {
		.tm_year = number_at(text, 0, 4) - 1900,
		.tm_mon = number_at(text, 5, 2) - 1,
		.tm_mday = number_at(text, 8, 2),
		.tm_hour = number_at(text, 11, 2),
		.tm_min = number_at(text, 14, 2),
		.tm_sec = number_at(text, 17, 2),
	};
	struct tm kept = tm;

	timegm(&tm);
	return tm.tm_year == kept.tm_year && tm.tm_mon == kept.tm_mon &&
	       tm.tm_mday == kept.tm_mday && tm.tm_hour == kept.tm_hour &&
	       tm.tm_min == kept.tm_min && tm.tm_sec == kept.tm_sec;
}

bool timestamp_valid(struct span s)
{
	const size_t head = sizeof(SECONDS_FORM) - 1, zone = sizeof(ZONE) - 1;
	size_t fraction;

	if (s.len < head + zone || !matches(s.p, SECONDS_FORM, head) ||
	    !matches(s.p + s.len - zone, ZONE, zone))
		return false;
	fraction = s.len - head - zone; /* the dot included */
	return (fraction == 0 ||
		(fraction >= 2 && fraction <= 10 && matches(s.p + head, ".ddddddddd", fraction))) &&
	       on_the_calendar(s.p);
}
