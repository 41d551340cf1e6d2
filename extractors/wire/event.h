/*
 * One input event: the struct, and the way from and to its JSON message.
 *
 * Source: spec/contract.md "Events in"; the order and names of the reasons of
 * rejection are those of extractors/README.md, which the Python side shares.
 * Ownership: a decoded event points into the message or into the caller's
 * scratch; both must outlive it.  Threads: none of this has state.
 */
#ifndef WIRE_EVENT_H
#define WIRE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/compiler.h"

enum event_type { EVENT_KEYSTROKE, EVENT_MOUSE, EVENT_APP, EVENT_TYPES };

enum event_kind {
	KIND_PRESS,
	KIND_RELEASE,
	KIND_MOVE,
	KIND_SCROLL,
	KIND_CLICK, /* sent by older mouse senders */
	KIND_FOCUS,
	EVENT_KINDS
};

#define EVENT_MSG_MAX  65536		/* bytes of a message; longer ones are rejected */
#define EVENT_NAME_MAX 500		/* bytes of the longest name: app_name */
#define EVENT_TS_MAX   4102444800000000 /* 2100-01-01 in us */

struct span {
	const char *p; /* not NUL-terminated; may hold NUL bytes */
	size_t len;
};

struct event {
	enum event_type type;
	enum event_kind kind;
	int64_t ts_us;	  /* since the epoch, 1 ... EVENT_TS_MAX */
	struct span name; /* key, button or app_name; UTF-8 */
	bool has_name;	  /* false: a mouse event without a button */
	bool has_xy;	  /* both coordinates are numbers */
	bool has_x;	  /* x alone decides whether a move counts */
	bool has_scroll;
	int32_t scroll_delta; /* notches, up is positive; -10000 ... 10000 */
	double x, y;	      /* px, -1e6 ... 1e6; 0 where absent; y also where x is */
};

/* What became of a message.  The rejections are in the order of the checks. */
enum event_verdict {
	EVENT_OWN,
	EVENT_OTHER,
	EVENT_REJECTED, /* first reason: everything from here on is one */
	REJECT_TOO_LONG = EVENT_REJECTED,
	REJECT_NOT_UTF8,
	REJECT_NOT_JSON,
	REJECT_NOT_OBJECT,
	REJECT_BAD_TYPE,
	REJECT_BAD_TS,
	REJECT_BAD_EVENT,
	REJECT_BAD_KEY,
	REJECT_BAD_COORDINATE,
	REJECT_BAD_BUTTON,
	REJECT_BAD_SCROLL,
	REJECT_BAD_APP_NAME,
	EVENT_VERDICTS
};

/* Names with escapes are decoded into this. */
struct event_scratch {
	char name[EVENT_NAME_MAX + 8];
};

extern const char *const event_type_names[EVENT_TYPES];	      /* "keystroke" ... */
extern const char *const event_kind_names[EVENT_KINDS];	      /* "press" ... */
extern const char *const event_verdict_names[EVENT_VERDICTS]; /* "not_json" ... */

/*
 * Decode one message for the extractor of type `own`.  *ev is filled only when
 * EVENT_OWN is returned.  Never fails, never allocates.
 */
enum event_verdict event_decode(const char *msg, size_t len, enum event_type own, struct event *ev,
				struct event_scratch *scratch);

/*
 * The same without the short cut for other types: a message of any type is
 * checked whole and decoded; EVENT_OWN when it is valid.
 */
enum event_verdict event_decode_any(const char *msg, size_t len, struct event *ev,
				    struct event_scratch *scratch);

/* Append the message of an event, members in the contract's order, no spaces. */
void event_encode(struct buf *out, const struct event *ev);

#endif
