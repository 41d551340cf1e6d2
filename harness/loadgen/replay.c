/*
 * Reading of recordings; see replay.h.
 *
 * The lines go through the same decoder as live messages.  The one thing a
 * recording may have and a live message may not is the time 0: such a line is
 * decoded with a time of its own appended (the last of a repeated member counts).
 */
#include "harness/loadgen/replay.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/buf.h"
#include "extractors/base/mem.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Past the string that begins at p (its opening quote); `end` when it does not end. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p++;
	}
	return end;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* Is `"ts": 0` a member of the object?  The line is known to be JSON, one level deep or more. */
static bool time_is_zero(const char *p, const char *end)
{
	bool zero = false;
	int depth = 0;

	while (p < end) {
		const char *name = p;

		if (*p != '"') {
			depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
			p++;
			continue;
		}
		p = skip_string(p, end);
		if (depth != 1 || p - name != 4 || memcmp(name, "\"ts\"", 4))
			continue;
		p = skip_blanks(p, end);
		if (p == end || *p != ':')
			continue; /* a value of that text */
		p = skip_blanks(p + 1, end);
		zero = end - p >= 2 && *p == '0' && (is_blank(p[1]) || p[1] == ',' || p[1] == '}');
	}
	return zero;
}

static enum event_verdict decode_at_zero(struct span line, struct event *ev,
					 struct event_scratch *scratch, struct buf *tmp)
{
	enum event_verdict v;

	if (!line.len || line.p[line.len - 1] != '}' || !time_is_zero(line.p, line.p + line.len))
		return REJECT_BAD_TS;
	buf_reset(tmp);
	buf_add(tmp, line.p, line.len - 1);
	buf_add_str(tmp, ",\"ts\":1}");
	v = event_decode_any(tmp->data, tmp->len, ev, scratch);
	ev->ts_us = 0;
	return v;
}

/*
 * Put the event's name at the line's own beginning, which nobody needs any more:
 * a decoded name is never longer than the line it came from.
 */
static void keep_name(struct event *ev, char *line)
{
	if (!ev->has_name)
		return;
	memmove(line, ev->name.p, ev->name.len);
	ev->name.p = line;
}

static void append(struct recording *r, size_t *cap, const struct event *ev)
{
	if (r->n == *cap) {
		*cap = *cap ? *cap * 2 : 1024;
		r->events = mem_realloc(r->events, *cap, sizeof(*r->events));
	}
	r->per_type[ev->type]++;
	r->events[r->n++] = *ev;
}

static int parse_line(struct recording *r, size_t *cap, char *line, size_t len, struct buf *tmp,
		      struct err *e)
{
	struct span s = { line, len };
	struct event_scratch scratch;
	enum event_verdict v;
	struct event ev;

	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	if (!s.len)
		return 0;
	v = event_decode_any(s.p, s.len, &ev, &scratch);
	if (v == REJECT_BAD_TS)
		v = decode_at_zero(s, &ev, &scratch, tmp);
	if (v != EVENT_OWN)
		return err_set(e, -EINVAL, "no event: %s", event_verdict_names[v]);
	keep_name(&ev, line);
	append(r, cap, &ev);
	return 0;
}

static void times_from_zero(struct recording *r)
{
	int64_t first_us = r->events[0].ts_us, latest_us = 0;

	for (size_t i = 0; i < r->n; i++) {
		int64_t *ts_us = &r->events[i].ts_us;

		*ts_us -= first_us;
		r->out_of_order += *ts_us < latest_us;
		if (*ts_us < latest_us)
			*ts_us = latest_us;
		latest_us = *ts_us;
	}
	r->period_us = latest_us + (r->n > 1 ? latest_us / (int64_t)(r->n - 1) : 0);
	if (r->period_us < 1)
		r->period_us = 1;
}

int recording_parse(struct recording **out, const char *text, size_t len, struct err *e)
{
	struct recording *r = mem_calloc(1, sizeof(*r));
	struct buf tmp = { 0 };
	size_t cap = 0, at = 0;
	int rc = 0;

	r->text = mem_strndup(text, len);
	for (int line = 1; at < len && !rc; line++) {
		char *begin = r->text + at, *newline = memchr(begin, '\n', len - at);
		size_t n = newline ? (size_t)(newline - begin) : len - at;

		rc = parse_line(r, &cap, begin, n, &tmp, e);
		if (rc)
			err_wrap(e, "line %d", line);
		at += n + 1;
	}
	if (!rc && !r->n)
		rc = err_set(e, -EINVAL, "no event in the recording");
	buf_release(&tmp);
	if (rc) {
		recording_free(r);
		return rc;
	}
	times_from_zero(r);
	*out = r;
	return 0;
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	free(r->events);
	free(r->text);
	free(r);
}
