/* Log lines; see log.h. */
#include "extractors/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "extractors/base/clock.h"

const char *const log_level_names[LOG_LEVELS] = { "DEBUG", "INFO", "WARNING", "ERROR" };

static const char *program_name = "?";
static enum log_level least_level = LOG_INFO;

void log_init(const char *program, enum log_level least)
{
	program_name = program;
	least_level = least;
}

#define STUCK_MS 1000 /* how long a full pipe may hold a line up before it is given up */

/*
 * A stderr that somebody has made non-blocking (it may be shared) says EAGAIN
 * when full; then wait for its reader instead of losing the line.
 */
static bool wait_for_room(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, STUCK_MS) > 0;
}

void log_raw(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room())))
			continue;
		if (n <= 0)
			return; /* nowhere left to complain */
		text += n;
		len -= (size_t)n;
	}
}

/* One line whatever the text holds: a line break in it could pass for a line of its own. */
static void blank_controls(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			text[i] = ' ';
}

void log_at(enum log_level level, const char *fmt, ...)
{
	char line[1024];
	int head, n;
	va_list ap;

	if (level < least_level)
		return;
	head = snprintf(line, sizeof(line), "%s %.64s: ", log_level_names[level], program_name);
	va_start(ap, fmt);
	n = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt, ap);
	va_end(ap);
	n = head + (n < 0 ? 0 : n);
	if ((size_t)n > sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	blank_controls(line, (size_t)n);
	line[n] = '\n';
	log_raw(line, (size_t)n + 1); /* one write, so that lines of several writers do not mix */
}

bool log_limit_due(struct log_limit *l, int64_t now_ns)
{
	l->since++;
	return now_ns >= l->next_ns;
}

void log_limit_said(struct log_limit *l, int64_t now_ns)
{
	l->since = 0;
	l->next_ns = now_ns + NS_PER_S;
}

void bug_at(const char *file, int line, const char *what)
{
	log_error("internal error at %s:%d: %s", file, line, what);
	_exit(70); /* the contract's code for it */
}
