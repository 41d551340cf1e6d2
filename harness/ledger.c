/* The ledger; see ledger.h. */
#include "harness/ledger.h"

#include <stdarg.h>
#include <stdio.h>

const char *const ledger_state_names[LEDGER_STATES] = { "closed", "open", "unavailable" };

static PRINTF(3, 0) struct ledger_line *new_line(struct ledger *l, const char *name,
						 const char *fmt, va_list ap)
{
	struct ledger_line *line = &l->lines[l->n++];

	BUG_ON(l->n > LEDGER_LINES_MAX);
	*line = (struct ledger_line){ 0 };
	snprintf(line->name, sizeof(line->name), "%s", name);
	vsnprintf(line->note, sizeof(line->note), fmt, ap);
	return line;
}

void ledger_add(struct ledger *l, const char *name, int64_t expected, int64_t got,
		const char *note_fmt, ...)
{
	struct ledger_line *line;
	va_list ap;

	va_start(ap, note_fmt);
	line = new_line(l, name, note_fmt, ap);
	va_end(ap);
	line->expected = expected;
	line->got = got;
	line->state = got == expected ? LEDGER_CLOSED : LEDGER_OPEN;
}

void ledger_unavailable(struct ledger *l, const char *name, const char *why_fmt, ...)
{
	va_list ap;

	va_start(ap, why_fmt);
	new_line(l, name, why_fmt, ap)->state = LEDGER_UNAVAILABLE;
	va_end(ap);
}

const struct ledger_line *ledger_first_open(const struct ledger *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->lines[i].state == LEDGER_OPEN)
			return &l->lines[i];
	return NULL;
}

void ledger_line_words(const struct ledger_line *line, char *out, size_t size)
{
	if (line->state == LEDGER_UNAVAILABLE)
		snprintf(out, size, "%s: unavailable: %s", line->name, line->note);
	else
		snprintf(out, size, "%s: expected %lld, got %lld, off by %lld%s%s", line->name,
			 (long long)line->expected, (long long)line->got,
			 (long long)(line->got - line->expected), line->note[0] ? "; " : "",
			 line->note);
}
