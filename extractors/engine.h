/*
 * The extractor without its surroundings: message bytes in, feature messages
 * and counters out.
 *
 * Live and --replay run this same code; they differ in where the clock comes
 * from.  Pure: no I/O, no clock of its own.
 * Source: spec/contract.md; extractors/README.md for what it leaves open.
 */
#ifndef EXTRACTORS_ENGINE_H
#define EXTRACTORS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/feature/extractor.h"
#include "extractors/wire/event.h"
#include "extractors/wire/feature.h"

struct engine_conf {
	struct extractor_params params;
	double update_interval_s; /* 0: an attempt on every own event */
};

/* received = verdicts[EVENT_OWN] + verdicts[EVENT_OTHER] + every rejection, always. */
struct engine_counters {
	uint64_t received;
	uint64_t verdicts[EVENT_VERDICTS];
	uint64_t features, no_features_too_few;
};

struct engine_output {
	struct feature_msg msg;
	struct feature_trace trace;
};

struct engine {
	const struct extractor_ops *ops;
	void *core; /* the ops' state */
	struct engine_conf conf;
	struct engine_counters count;
	double last_attempt_s;
	double now_s; /* replay: the clock of the messages so far */
	bool started; /* replay: now_s is set */
	struct event_scratch scratch;
	struct engine_output out;
};

/* `start_s`: process start on the clock of engine_live(); ignored by engine_replay(). */
void engine_init(struct engine *en, const struct extractor_ops *ops, const struct engine_conf *conf,
		 double start_s);
void engine_release(struct engine *en);

/*
 * One message; `now_s` is the monotonic clock in seconds, `wall_us` is asked
 * for the window's cut-off, once for each attempt.  Returns the feature message
 * it caused (valid until the next call), or NULL.  *verdict says what became of it.
 */
const struct engine_output *engine_live(struct engine *en, const char *msg, size_t len,
					double now_s, int64_t (*wall_us)(void),
					enum event_verdict *verdict);

/* The same with the message's own ts as both clocks. */
const struct engine_output *engine_replay(struct engine *en, const char *msg, size_t len,
					  enum event_verdict *verdict);

#endif
