/* Decode, store, attempt, count; see engine.h. */
#include "extractors/engine.h"

#include <string.h>

void engine_init(struct engine *en, const struct extractor_ops *ops, const struct engine_conf *conf,
		 double start_s)
{
	memset(en, 0, sizeof(*en));
	en->ops = ops;
	en->conf = *conf;
	en->core = ops->new (&conf->params);
	en->last_attempt_s = start_s;
}

void engine_release(struct engine *en)
{
	if (en->core)
		en->ops->free(en->core);
	en->core = NULL;
}

static const struct engine_output *made(struct engine *en, const struct event *ev, int64_t now_us)
{
	en->count.features++;
	en->out.trace = (struct feature_trace){
		.trigger_ts_us = ev->ts_us,
		.events = en->count.verdicts[EVENT_OWN],
		.now_us = now_us,
	};
	return &en->out;
}

static enum event_verdict decode(struct engine *en, const char *msg, size_t len, struct event *ev)
{
	enum event_verdict v = event_decode(msg, len, en->ops->type, ev, &en->scratch);

	en->count.received++;
	en->count.verdicts[v]++;
	return v;
}

/* True when an attempt is due; it then counts as made. */
static bool attempt_due(struct engine *en, double now_s)
{
	if (!(now_s - en->last_attempt_s >= en->conf.update_interval_s))
		return false;
	en->last_attempt_s = now_s;
	return true;
}

static const struct engine_output *attempt(struct engine *en, const struct event *ev,
					   int64_t now_us)
{
	if (!en->ops->extract(en->core, now_us, &en->out.msg)) {
		en->count.no_features_too_few++;
		return NULL;
	}
	en->out.msg.time_us = now_us;
	return made(en, ev, now_us);
}

const struct engine_output *engine_live(struct engine *en, const char *msg, size_t len,
					double now_s, int64_t (*wall_us)(void),
					enum event_verdict *verdict)
{
	struct event ev;

	*verdict = decode(en, msg, len, &ev);
	if (*verdict != EVENT_OWN)
		return NULL;
	if (en->ops->accept(en->core, &ev, &en->out.msg))
		return made(en, &ev, wall_us());
	if (!en->ops->extract || !attempt_due(en, now_s))
		return NULL;
	return attempt(en, &ev, wall_us());
}

/* The clock of a replay is set by every valid message, another extractor's too. */
static void replay_clock(struct engine *en, int64_t ts_us)
{
	en->now_s = (double)ts_us / 1e6;
	if (!en->started)
		en->last_attempt_s = en->now_s;
	en->started = true;
}

const struct engine_output *engine_replay(struct engine *en, const char *msg, size_t len,
					  enum event_verdict *verdict)
{
	struct event ev;

	*verdict = decode(en, msg, len, &ev);
	if (*verdict == EVENT_OTHER) {
		if (event_decode_any(msg, len, &ev, &en->scratch) == EVENT_OWN)
			replay_clock(en, ev.ts_us);
		return NULL;
	}
	if (*verdict != EVENT_OWN)
		return NULL;
	replay_clock(en, ev.ts_us);
	if (en->ops->accept(en->core, &ev, &en->out.msg))
		return made(en, &ev, ev.ts_us);
	if (!en->ops->extract || !attempt_due(en, en->now_s))
		return NULL;
	return attempt(en, &ev, ev.ts_us);
}
