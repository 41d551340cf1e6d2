/* The progress line; see progress.h. */
#include "harness/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"

#define CLEAR_LINE "\r\033[K"

void progress_start(struct progress *p, bool quiet)
{
	*p = (struct progress){ .terminal = isatty(STDERR_FILENO) && !quiet,
				.quiet = quiet,
				.started_ns = clock_mono_ns() };
}

static int columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
}

/* By the cost done so far; nothing is said before one percent is. */
static void add_time_left(const struct progress *p, char *out, size_t size)
{
	double spent = (double)(clock_mono_ns() - p->started_ns) / 1e9, left;

	out[0] = '\0';
	if (!(p->total > 0) || p->done < p->total / 100)
		return;
	left = p->done < p->total ? spent * (p->total - p->done) / p->done : 0;
	snprintf(out, size, "%3.0f %%  %d:%02d left  ", fmin(100 * p->done / p->total, 100),
		 (int)left / 60, (int)left % 60);
}

void progress_step(struct progress *p, const char *fmt, ...)
{
	char text[256], left[48], line[400];
	va_list ap;
	int n;

	if (p->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_time_left(p, left, sizeof(left));
	if (p->terminal)
		n = snprintf(line, sizeof(line), CLEAR_LINE "%s%.*s", left,
			     columns() - 1 - (int)strlen(left), text);
	else
		n = snprintf(line, sizeof(line), "%s%s\n", left, text);
	log_raw(line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void progress_add(struct progress *p, double cost)
{
	p->done += cost;
}

void progress_note(struct progress *p, const char *fmt, ...)
{
	char text[640], line[700];
	va_list ap;
	int n;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = snprintf(line, sizeof(line), "%s%s\n", p->terminal ? CLEAR_LINE : "", text);
	log_raw(line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void progress_end(struct progress *p)
{
	if (p->terminal)
		log_raw(CLEAR_LINE, strlen(CLEAR_LINE));
}
