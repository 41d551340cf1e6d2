/*
 * `--extract` of the contract, done by the oracle: the third voice in
 * test_contract.py.
 *
 *	oracle_extract --type keystroke|mouse|app --extract FILE [--max-buffer N] [--dev-mode]
 *
 * A line of FILE is a case as in tests/fixtures/golden.  Every event goes as its
 * own bytes through event_decode_any(); what is invalid or of another type is
 * skipped.  A line that is no case ends the program, exit 2.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/err.h"
#include "extractors/base/opt.h"
#include "extractors/wire/json.h"
#include "harness/oracle/event_log.h"
#include "harness/oracle/oracle.h"

struct options {
	int type;
	char *extract;
	int64_t max_buffer;
	bool dev_mode;
};

static const char *const type_choices[] = { "keystroke", "mouse", "app", NULL };
static const struct opt opts[] = {
	OPT_CHOICE_ROW(struct options, type, "type", 't', "keystroke", type_choices, "extractor"),
	OPT_ROW(struct options, extract, OPT_STRING, "extract", 0, "FILE", NULL, 0, 0, "cases"),
	OPT_ROW(struct options, max_buffer, OPT_INT, "max-buffer", 0, "N", "50000", 1, 1e6,
		"events kept"),
	OPT_ROW(struct options, dev_mode, OPT_FLAG, "dev-mode", 0, NULL, "false", 0, 0,
		"as with SECLYZER_DEV_MODE=1"),
};

struct test_case {
	struct json_scan events; /* stands on its value */
	double now_us, window_s;
};

static void take_event(struct event_log *own, const char *msg, size_t len, enum event_type type)
{
	struct event_scratch scratch;
	struct event ev;

	if (event_decode_any(msg, len, &ev, &scratch) == EVENT_OWN && ev.type == type)
		event_log_add(own, &ev);
}

static bool read_events(struct json_scan s, enum event_type type, struct event_log *own)
{
	if (!json_take(&s, '['))
		return false;
	if (json_take(&s, ']'))
		return true;
	do {
		struct json_value value = { 0 };
		const char *from = (json_next(&s), s.p);

		if (!json_scan_value(&s, 2, &value))
			return false;
		take_event(own, from, (size_t)(s.p - from), type);
	} while (json_take(&s, ','));
	return json_take(&s, ']');
}

static bool read_case(const char *line, size_t len, struct test_case *c)
{
	struct json_scan s = { line, line + len };

	*c = (struct test_case){ .window_s = 30 };
	if (!json_take(&s, '{'))
		return false;
	do {
		struct json_value name = { 0 }, value = { 0 };
		struct json_scan at;
		char room[16];
		struct span text;

		if (json_next(&s) != '"' || !json_scan_string(&s, &name) || !json_take(&s, ':'))
			return false;
		json_next(&s);
		at = s;
		if (!json_text(&name, room, sizeof(room), &text))
			text = name.raw; /* none of ours */
		if (!json_scan_value(&s, 1, &value))
			return false;
		if (text.len == 6 && !memcmp(text.p, "events", 6))
			c->events = at;
		else if (text.len == 6 && !memcmp(text.p, "now_us", 6))
			c->now_us = json_double(&value);
		else if (text.len == 6 && !memcmp(text.p, "window", 6))
			c->window_s = json_double(&value);
	} while (json_take(&s, ','));
	return json_take(&s, '}') && c->events.p;
}

static void print_features(const struct event_log *own, const struct test_case *c,
			   const struct options *o, struct buf *out)
{
	struct oracle_params p = { .now_us = (int64_t)c->now_us,
				   .window_s = c->window_s,
				   .max_buffer = (size_t)o->max_buffer,
				   .dev_mode = o->dev_mode };
	struct feature_msg msg;

	if (!oracle_features((enum event_type)o->type, own->v, own->n, &p, &msg)) {
		buf_add_str(out, "null");
		return;
	}
	buf_add_char(out, '{');
	feature_write_members(out, &msg);
	buf_add_char(out, '}');
}

static void print_app(const struct event_log *own, const struct options *o, struct buf *out)
{
	struct oracle_app *app = oracle_app_new(o->dev_mode);
	struct feature_msg msg;
	bool first = true;

	buf_add_str(out, "{\"transitions\":[");
	for (size_t i = 0; i < own->n; i++) {
		if (!oracle_app_event(app, &own->v[i], &msg))
			continue;
		if (!first)
			buf_add_char(out, ',');
		feature_write_json(out, &msg, EVENT_APP, NULL);
		first = false;
	}
	buf_add_str(out, "],\"patterns\":");
	oracle_app_patterns(app, out);
	buf_add_char(out, '}');
	oracle_app_free(app);
}

static int run_line(const char *line, size_t len, const struct options *o, struct buf *out)
{
	struct event_log own = { 0 };
	struct test_case c;
	bool ok = read_case(line, len, &c) && read_events(c.events, (enum event_type)o->type, &own);

	if (ok && o->type == EVENT_APP)
		print_app(&own, o, out);
	else if (ok)
		print_features(&own, &c, o, out);
	buf_add_char(out, '\n');
	event_log_release(&own);
	return ok ? 0 : -EINVAL;
}

static int run(const struct options *o, struct err *e)
{
	FILE *f = o->extract ? fopen(o->extract, "r") : NULL;
	struct buf out = { 0 };
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = 0;

	if (!f)
		return err_set(e, -ENOENT, "--extract %s: %s", o->extract ? o->extract : "",
			       strerror(errno));
	for (int n = 1; !rc && (len = getline(&line, &cap, f)) >= 0; n++) {
		buf_reset(&out);
		rc = run_line(line, (size_t)len, o, &out);
		if (rc)
			err_set(e, rc, "%s: line %d: not a case", o->extract, n);
		else
			fwrite(out.data, 1, out.len, stdout);
	}
	free(line);
	buf_release(&out);
	fclose(f);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct err e = ERR_INIT;
	int rc;

	opt_defaults(opts, ARRAY_SIZE(opts), &o);
	rc = opt_parse_args(opts, ARRAY_SIZE(opts), &o, argc, argv, &e);
	if (rc >= 0)
		rc = run(&o, &e);
	if (rc < 0)
		fprintf(stderr, "oracle_extract: %s\n", e.text);
	opt_release(opts, ARRAY_SIZE(opts), &o);
	return rc < 0 ? 2 : 0;
}
