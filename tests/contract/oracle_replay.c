/*
 * Checks what `--replay` of a subject printed, message by message, with the oracle.
 *
 *	oracle_replay --type T --replay FILE --output SUBJECT_STDOUT [--update-interval S]
 *		[--window S] [--max-buffer N] [--dev-mode]
 *
 * The subject must have run with SECLYZER_TRACE=1.  When its messages, their
 * traces and their number are right, one line of JSON goes to stdout: how many
 * messages were compared, and the counters that the subject must have.  Else the
 * first difference goes to stderr, exit 1.  Clock and attempts are those of
 * extractors/README.md.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/err.h"
#include "extractors/base/opt.h"
#include "harness/oracle/event_log.h"
#include "harness/oracle/oracle.h"

struct options {
	int type;
	char *replay, *output;
	double update_interval_s, window_s;
	int64_t max_buffer;
	bool dev_mode;
};

static const char *const type_choices[] = { "keystroke", "mouse", "app", NULL };
static const struct opt opts[] = {
	OPT_CHOICE_ROW(struct options, type, "type", 't', "keystroke", type_choices, "extractor"),
	OPT_ROW(struct options, replay, OPT_STRING, "replay", 0, "FILE", NULL, 0, 0, "messages"),
	OPT_ROW(struct options, output, OPT_STRING, "output", 0, "FILE", NULL, 0, 0,
		"stdout of the subject"),
	OPT_ROW(struct options, update_interval_s, OPT_DOUBLE, "update-interval", 0, "S", "5", 0,
		86400, "UPDATE_INTERVAL"),
	OPT_ROW(struct options, window_s, OPT_DOUBLE, "window", 0, "S", "30", 0.001, 86400,
		"WINDOW_SECONDS"),
	OPT_ROW(struct options, max_buffer, OPT_INT, "max-buffer", 0, "N", "50000", 1, 1e6,
		"MAX_BUFFER_SIZE"),
	OPT_ROW(struct options, dev_mode, OPT_FLAG, "dev-mode", 0, NULL, "false", 0, 0,
		"as with SECLYZER_DEV_MODE=1"),
};

struct replay {
	const struct options *o;
	FILE *output;
	struct event_log own;
	struct oracle_app *app;
	bool started;	/* a valid message was seen: the clock runs */
	int64_t now_us; /* the last valid message's ts */
	double last_attempt_s;
	uint64_t received, verdicts[EVENT_VERDICTS], features, too_few;
	char *line; /* of the output */
	size_t cap;
};

/* The subject's next line must be the expected message, caused by this event. */
static int check_message(struct replay *r, const struct feature_msg *want, int64_t trigger_ts_us,
			 struct err *e)
{
	const char *channel = feature_routes[r->o->type].channel;
	size_t skip = strlen(channel) + 1;
	struct feature_trace trace;
	ssize_t len = getline(&r->line, &r->cap, r->output);

	r->features++;
	if (len <= (ssize_t)skip || strncmp(r->line, channel, skip - 1) || r->line[skip - 1] != ' ')
		return err_set(e, -EBADMSG, "no message on %s where one must be", channel);
	len -= r->line[len - 1] == '\n';
	if (!oracle_read_trace(r->line + skip, (size_t)len - skip, &trace))
		return err_set(e, -EBADMSG, "no trace");
	if (trace.trigger_ts_us != trigger_ts_us || trace.events != r->own.n ||
	    trace.now_us != r->now_us)
		return err_set(e, -EBADMSG, "trace %lld/%llu/%lld, expected %lld/%zu/%lld",
			       (long long)trace.trigger_ts_us, (unsigned long long)trace.events,
			       (long long)trace.now_us, (long long)trigger_ts_us, r->own.n,
			       (long long)r->now_us);
	return oracle_compare(r->line + skip, (size_t)len - skip, want, (enum event_type)r->o->type,
			      true, e);
}

static int attempt(struct replay *r, const struct event *ev, struct err *e)
{
	struct oracle_params p = { .now_us = r->now_us,
				   .window_s = r->o->window_s,
				   .max_buffer = (size_t)r->o->max_buffer,
				   .dev_mode = r->o->dev_mode };
	double now_s = (double)r->now_us / 1e6;
	struct feature_msg msg;

	if (now_s - r->last_attempt_s < r->o->update_interval_s)
		return 0;
	r->last_attempt_s = now_s;
	if (oracle_features(ev->type, r->own.v, r->own.n, &p, &msg))
		return check_message(r, &msg, ev->ts_us, e);
	r->too_few++;
	return 0;
}

static int own_event(struct replay *r, const struct event *ev, struct err *e)
{
	struct feature_msg msg;

	event_log_add(&r->own, ev);
	if (ev->type != EVENT_APP)
		return attempt(r, ev, e);
	return oracle_app_event(r->app, ev, &msg) ? check_message(r, &msg, ev->ts_us, e) : 0;
}

static int message(struct replay *r, const char *msg, size_t len, struct err *e)
{
	enum event_verdict verdict;
	struct event_scratch scratch;
	struct event ev;

	verdict = event_decode(msg, len, (enum event_type)r->o->type, &ev, &scratch);
	r->received++;
	r->verdicts[verdict]++;
	if (event_decode_any(msg, len, &ev, &scratch) != EVENT_OWN)
		return 0;
	r->now_us = ev.ts_us;
	if (!r->started)
		r->last_attempt_s = (double)ev.ts_us / 1e6;
	r->started = true;
	/* Not by ev.type: a repeated `type` can hide an own event behind the short cut. */
	return verdict == EVENT_OWN ? own_event(r, &ev, e) : 0;
}

static void print_result(const struct replay *r)
{
	size_t kept = (size_t)r->o->max_buffer;

	printf("{\"received\":%llu,\"accepted\":%llu,\"other_type\":%llu,\"rejected\":{",
	       (unsigned long long)r->received, (unsigned long long)r->verdicts[EVENT_OWN],
	       (unsigned long long)r->verdicts[EVENT_OTHER]);
	for (int v = EVENT_REJECTED; v < EVENT_VERDICTS; v++)
		printf("%s\"%s\":%llu", v == EVENT_REJECTED ? "" : ",", event_verdict_names[v],
		       (unsigned long long)r->verdicts[v]);
	printf("},\"evicted\":%zu,\"features\":%llu,\"no_features\":{\"too_few\":%llu}}\n",
	       r->own.n > kept ? r->own.n - kept : 0, (unsigned long long)r->features,
	       (unsigned long long)r->too_few);
}

static int run(struct replay *r, FILE *f, struct err *e)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = 0;

	for (int n = 1; !rc && (len = getline(&line, &cap, f)) >= 0; n++) {
		len -= len && line[len - 1] == '\n';
		rc = message(r, line, (size_t)len, e);
		if (rc)
			err_wrap(e, "%s: line %d: message %llu", r->o->replay, n,
				 (unsigned long long)r->features);
	}
	if (!rc && getline(&r->line, &r->cap, r->output) >= 0)
		rc = err_set(e, -EBADMSG, "%s: message %llu and on: nothing was expected",
			     r->o->output, (unsigned long long)r->features + 1);
	if (!rc)
		print_result(r);
	free(line);
	return rc;
}

static int open_and_run(const struct options *o, struct err *e)
{
	struct replay r = { .o = o, .app = oracle_app_new(o->dev_mode) };
	FILE *f = o->replay ? fopen(o->replay, "r") : NULL;
	int rc;

	r.output = o->output ? fopen(o->output, "r") : NULL;
	if (f && r.output)
		rc = run(&r, f, e);
	else
		rc = err_set(e, -ENOENT, "--replay or --output: %s", strerror(errno));
	if (f)
		fclose(f);
	if (r.output)
		fclose(r.output);
	free(r.line);
	event_log_release(&r.own);
	oracle_app_free(r.app);
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
		rc = open_and_run(&o, &e);
	if (rc < 0)
		fprintf(stderr, "oracle_replay: %s\n", e.text);
	opt_release(opts, ARRAY_SIZE(opts), &o);
	return rc < 0 ? 1 : 0;
}
