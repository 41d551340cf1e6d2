/*
 * Files through the engine; see offline.h.
 *
 * A case line is walked with wire/json, which keeps each event's own bytes, so
 * that events are decoded from exactly the bytes that the file holds.
 */
#include "extractors/offline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/io/line_protocol.h"
#include "extractors/stats.h"
#include "extractors/wire/json.h"
#include "extractors/wire/utf8.h"

/* ---- reading lines ----------------------------------------------------------- */

struct lines {
	FILE *f;
	const char *path;
	char *text;
	size_t cap;
	long number;
};

static int lines_open(struct lines *in, const char *path, struct err *e)
{
	memset(in, 0, sizeof(*in));
	in->path = path;
	in->f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	if (!in->f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* The next line without its newline; false at the end. */
static bool lines_next(struct lines *in, size_t *len)
{
	ssize_t n = getline(&in->text, &in->cap, in->f);

	if (n < 0)
		return false;
	in->number++;
	*len = (size_t)n - (in->text[n - 1] == '\n');
	return true;
}

static int lines_close(struct lines *in, struct err *e)
{
	int rc = 0;

	if (ferror(in->f))
		rc = err_set(e, -EIO, "%s: cannot be read to its end", in->path);
	if (in->f != stdin)
		fclose(in->f);
	free(in->text);
	return rc;
}

/* ---- --extract ------------------------------------------------------------------ */

struct extract_case {
	struct span events; /* the array's text */
	int64_t now_us;
	bool has_now;
	double window_s; /* 0: not given */
};

static bool member_is(const struct json_value *name, const char *what)
{
	return name->raw.len == strlen(what) && !memcmp(name->raw.p, what, name->raw.len);
}

/* One member of a case; false when it has a form that no case has. */
static bool take_member(struct extract_case *c, const struct json_value *name,
			const struct json_value *v, struct span text)
{
	if (member_is(name, "events")) {
		c->events = text;
		return v->type == JSON_ARRAY;
	}
	if (member_is(name, "now_us"))
		return c->has_now = json_i64(v, &c->now_us);
	if (member_is(name, "window")) {
		c->window_s = v->type == JSON_NUMBER ? json_double(v) : -1;
		return c->window_s > 0 && c->window_s <= 1e9;
	}
	return true;
}

static bool parse_case(const char *line, size_t len, struct extract_case *c)
{
	struct json_scan s = { line, line + len };

	memset(c, 0, sizeof(*c));
	if (!utf8_valid(line, len) || !json_take(&s, '{'))
		return false;
	do {
		struct json_value name, value = { 0 };
		const char *from;

		if (json_next(&s) != '"' || !json_scan_string(&s, &name) || !json_take(&s, ':'))
			return false;
		json_next(&s);
		from = s.p;
		if (!json_scan_value(&s, 1, &value) ||
		    !take_member(c, &name, &value, (struct span){ from, (size_t)(s.p - from) }))
			return false;
	} while (json_take(&s, ','));
	return json_take(&s, '}') && (json_next(&s), s.p == s.end) && c->events.p;
}

/* Every event of the array, as text, until `each` has seen all. */
static void for_events(struct span array, void (*each)(void *ctx, const char *msg, size_t len),
		       void *ctx)
{
	struct json_scan s = { array.p, array.p + array.len };
	struct json_value v;

	if (!json_take(&s, '[') || json_take(&s, ']'))
		return;
	do {
		const char *from;

		json_next(&s);
		from = s.p;
		if (!json_scan_value(&s, 2, &v))
			return; /* cannot be: the line was scanned before */
		each(ctx, from, (size_t)(s.p - from));
	} while (json_take(&s, ','));
}

struct extract_run {
	const struct extractor_ops *ops;
	void *core;
	struct event_scratch scratch;
	struct feature_msg msg;
	struct buf transitions, points; /* app */
};

static void extract_event(void *ctx, const char *msg, size_t len)
{
	struct extract_run *run = ctx;
	const struct feature_route *route = &feature_routes[run->ops->type];
	struct buf line = { 0 };
	struct event ev;

	if (event_decode(msg, len, run->ops->type, &ev, &run->scratch) != EVENT_OWN ||
	    !run->ops->accept(run->core, &ev, &run->msg))
		return;
	buf_add_str(&run->transitions, run->transitions.len ? "," : "");
	feature_write_json(&run->transitions, &run->msg, run->ops->type, NULL);
	buf_add_str(&run->points, run->points.len ? "," : "");
	if (line_protocol_write(&line, &run->msg, route, run->msg.time_us * NS_PER_US))
		buf_add_json_string(&run->points, line.data,
				    line.len - 1); /* without its newline */
	buf_release(&line);
}

static void write_result(struct extract_run *run, const struct extract_case *c, struct buf *out)
{
	if (!run->ops->extract) {
		buf_add_str(out, "{\"transitions\":[");
		buf_add(out, run->transitions.data, run->transitions.len);
		buf_add_str(out, "],\"points\":[");
		buf_add(out, run->points.data, run->points.len);
		buf_add_str(out, "],\"patterns\":");
		run->ops->patterns_write(run->core, out);
		buf_add_char(out, '}');
	} else if (run->ops->extract(run->core, c->now_us, &run->msg)) {
		buf_add_char(out, '{');
		feature_write_members(out, &run->msg);
		buf_add_char(out, '}');
	} else {
		buf_add_str(out, "null");
	}
	buf_add_char(out, '\n');
}

static int write_out(struct buf *out, struct err *e)
{
	size_t n = fwrite(out->data, 1, out->len, stdout);

	if (n != out->len)
		return err_set(e, -EIO, "standard output: %s", strerror(errno));
	buf_reset(out);
	return 0;
}

static void extract_one(const struct extractor_ops *ops, const struct extractor_params *params,
			const struct extract_case *c, struct buf *out)
{
	struct extractor_params p = *params;
	struct extract_run run = { .ops = ops };

	if (c->window_s > 0)
		p.window_s = c->window_s;
	run.core = ops->new (&p);
	for_events(c->events, extract_event, &run);
	write_result(&run, c, out);
	ops->free(run.core);
	buf_release(&run.transitions);
	buf_release(&run.points);
}

int offline_extract(const struct extractor_ops *ops, const struct extractor_params *params,
		    const char *path, struct err *e)
{
	struct lines in;
	struct buf out = { 0 };
	size_t len;
	int rc = lines_open(&in, path, e);

	if (rc)
		return rc;
	while (!rc && lines_next(&in, &len)) {
		struct extract_case c;

		/* An extractor that extracts on demand (not app) has to know when. */
		if (!parse_case(in.text, len, &c) || (ops->extract && !c.has_now)) {
			rc = err_set(
				e, -EINVAL,
				"%s:%ld: must be an object with `events`, `now_us` (a whole "
				"number; may be absent for app) and perhaps `window` (a number)",
				path, in.number);
			break;
		}
		extract_one(ops, params, &c, &out);
		rc = write_out(&out, e);
	}
	if (lines_close(&in, e) && !rc)
		rc = -EIO;
	buf_release(&out);
	return rc;
}

/* ---- --replay --------------------------------------------------------------------- */

int offline_replay(const struct extractor_ops *ops, const struct engine_conf *conf, bool trace,
		   const char *path, struct err *e)
{
	const char *channel = feature_routes[ops->type].channel;
	struct stats_outside none = { 0 };
	struct lines in;
	struct engine en;
	struct buf out = { 0 };
	size_t len;
	int rc = lines_open(&in, path, e);

	if (rc)
		return rc;
	engine_init(&en, ops, conf, 0);
	while (!rc && lines_next(&in, &len)) {
		enum event_verdict v;
		const struct engine_output *o = engine_replay(&en, in.text, len, &v);

		if (!o)
			continue;
		buf_add_str(&out, channel);
		buf_add_char(&out, ' ');
		feature_write_json(&out, &o->msg, ops->type, trace ? &o->trace : NULL);
		buf_add_char(&out, '\n');
		rc = write_out(&out, e);
	}
	if (lines_close(&in, e) && !rc)
		rc = -EIO;
	if (fflush(stdout) && !rc)
		rc = err_set(e, -EIO, "standard output: %s", strerror(errno));
	stats_print(&en, &none);
	engine_release(&en);
	buf_release(&out);
	return rc;
}
