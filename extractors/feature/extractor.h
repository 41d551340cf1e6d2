/*
 * What the three extractors have in common: a table of functions each.
 *
 * The engine decodes a message and hands it to accept(); at an attempt it asks
 * extract() for the features of the window that ends at `now_us`.  Nothing here
 * reads a clock or does I/O: the same calls give the same numbers.
 * Source of every definition: spec/features.md.
 *
 * Ownership: new() gives, free() takes.  A message's labels point into the
 * extractor and are valid until it is called again.  Threads: one an extractor.
 * Memory grows with use up to what max_events allows; accept() allocates only
 * while a table is still growing.
 */
#ifndef FEATURE_EXTRACTOR_H
#define FEATURE_EXTRACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "extractors/wire/event.h"
#include "extractors/wire/feature.h"

struct extractor_params {
	size_t max_events; /* MAX_BUFFER_SIZE, 1 ... 1000000 */
	double window_s;   /* WINDOW_SECONDS */
	bool dev_mode;	   /* one value for the life of the extractor, so for every event of it */
};

struct extractor_ops {
	enum event_type type;	   /* the only type that accept() may be given */
	const char *program;	   /* "keystroke_extractor", ... */
	size_t default_max_events; /* 10000, 50000, 1000 */
	void *(*new)(const struct extractor_params *p);
	void (*free)(void *self);
	/* Store one own event; true when it made a message (app: a transition). */
	bool (*accept)(void *self, const struct event *ev, struct feature_msg *out);
	/* Features of the window that ends at now_us; false: too few.  NULL for app. */
	bool (*extract)(void *self, int64_t now_us, struct feature_msg *out);
	/* Events pushed out of the full buffer; app: see patterns.h. */
	uint64_t (*evicted)(const void *self);
	/*
	 * app only, else NULL: the usage patterns as a JSON object, as --extract prints
	 * them; the same with the counts behind them, to be saved (extractors/README.md
	 * "Saved patterns"); and what was saved read back, before the first event, all
	 * of it or nothing: -EINVAL leaves the patterns as they were.
	 */
	void (*patterns_write)(void *self, struct buf *json);
	void (*patterns_save)(void *self, struct buf *json);
	int (*patterns_load)(void *self, const char *json, size_t len, struct err *e);
};

extern const struct extractor_ops keystroke_ops, mouse_ops, app_ops;

#endif
