/* The check over the borders of segments; see check_stream.h. */
#include "harness/check_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/oracle/oracle.h"

/*
 * A message is cut and received within moments, so one that is still to come was
 * cut at most this much before the last event told; and it stands on at most so
 * many own events fewer.
 */
#define LATE_US	    (60 * US_PER_S)
#define LATE_EVENTS 65536

struct check_stream {
	struct check_spec spec; /* own and sent_wall_us are ours */
	struct event *own;
	int64_t *sent;
	size_t cap, segments, messages;
	uint64_t last_events;
	/* app: one oracle goes with the messages, one with the events */
	struct oracle_app *app, *ahead;
	size_t app_at; /* the event that app has not seen yet */
	int64_t transitions;
	struct oracle_summary sum;
};

struct check_stream *check_stream_new(const struct check_stream_conf *conf)
{
	struct check_stream *c = mem_calloc(1, sizeof(*c));

	c->spec = (struct check_spec){ .type = conf->type,
				       .window_s = conf->window_s,
				       .max_buffer = conf->max_buffer,
				       .traced = conf->traced };
	if (conf->type == EVENT_APP) {
		c->app = oracle_app_new(false);
		c->ahead = oracle_app_new(false);
	}
	return c;
}

void check_stream_free(struct check_stream *c)
{
	if (!c)
		return;
	if (c->app) {
		oracle_app_free(c->app);
		oracle_app_free(c->ahead);
	}
	free(c->own);
	free(c->sent);
	free(c);
}

/* How many of the oldest events no message to come can stand on. */
static size_t n_out_of_reach(const struct check_stream *c)
{
	size_t n = c->spec.n_own, most = c->spec.max_buffer + LATE_EVENTS,
	       k = n > most ? n - most : 0;
	int64_t from_us;

	if (c->app)
		return c->app_at;
	if (!n)
		return 0;
	from_us = c->sent[n - 1] - (int64_t)(c->spec.window_s * 1e6) - LATE_US;
	while (k < n && c->own[k].ts_us <= from_us && c->sent[k] <= from_us)
		k++;
	return k;
}

static void forget(struct check_stream *c, size_t k)
{
	size_t left = c->spec.n_own - k;

	if (!k)
		return;
	memmove(c->own, c->own + k, left * sizeof(*c->own));
	memmove(c->sent, c->sent + k, left * sizeof(*c->sent));
	c->spec.n_own = left;
	c->spec.first += k;
	c->app_at -= c->app ? k : 0;
}

void check_stream_events(struct check_stream *c, const struct event *own,
			 const int64_t *sent_wall_us, size_t n)
{
	struct feature_msg unused;

	c->segments++;
	forget(c, n_out_of_reach(c));
	if (c->spec.n_own + n > c->cap) {
		c->cap = c->spec.n_own + n;
		c->own = mem_realloc(c->own, c->cap, sizeof(*c->own));
		c->sent = mem_realloc(c->sent, c->cap, sizeof(*c->sent));
	}
	for (size_t i = 0; i < n; i++) {
		c->own[c->spec.n_own] = own[i];
		c->sent[c->spec.n_own++] = sent_wall_us[i];
		c->transitions += c->ahead && oracle_app_event(c->ahead, &own[i], &unused);
	}
	c->spec.own = c->own;
	c->spec.sent_wall_us = c->sent;
}

static void judge(struct check_stream *c, const char *bad)
{
	c->sum.checked++;
	if (bad && !c->sum.wrong++)
		snprintf(c->sum.note, sizeof(c->sum.note), "message %zu, in segment %zu: %s",
			 c->messages, c->segments, bad);
}

/* App messages come one a transition, in order. */
static bool take_app(struct check_stream *c, const struct check_message *m, bool last)
{
	struct feature_msg expected;
	struct err why = ERR_INIT;
	bool any = false;

	while (!any && c->app_at < c->spec.n_own)
		any = oracle_app_event(c->app, &c->own[c->app_at++], &expected);
	if (!any && !last)
		return false;
	c->messages++;
	if (!any)
		judge(c, "no transition of the plan");
	else
		judge(c, oracle_compare(m->json, m->len, &expected, EVENT_APP, true, &why)
				 ? why.text
				 : NULL);
	return true;
}

static bool take_traced(struct check_stream *c, const struct check_message *m, bool last)
{
	struct feature_trace t;
	struct err why = ERR_INIT;

	/* Received before the last event told was sent, it cannot stand on a later one. */
	if (!last && oracle_read_trace(m->json, m->len, &t) &&
	    t.events > c->spec.first + c->spec.n_own &&
	    !(c->spec.n_own && m->received_wall_us < c->sent[c->spec.n_own - 1]))
		return false;
	c->messages++;
	judge(c, check_traced_message(&c->spec, m, &c->last_events, &why));
	return true;
}

bool check_stream_message(struct check_stream *c, const struct check_message *m, bool last)
{
	if (c->app)
		return take_app(c, m, last);
	if (c->spec.traced)
		return take_traced(c, m, last);
	c->messages++;
	c->sum.unchecked++;
	snprintf(c->sum.note, sizeof(c->sum.note), "%s",
		 "without trace nobody can tell which events a message stands on");
	return true;
}

const struct oracle_summary *check_stream_summary(const struct check_stream *c)
{
	return &c->sum;
}

int64_t check_stream_expected(const struct check_stream *c)
{
	return c->app ? c->transitions : -1;
}
