/*
 * The promises of the contract, one row each; see items.h.  What a row looks at is in
 * items_*.c (items_look.h).  Of several things that are wrong an item names the first.
 */
#include "harness/items.h"

#include <stdarg.h>
#include <stdio.h>

#include "extractors/wire/feature.h"
#include "harness/items_look.h"

void item_passed(struct item_result *out, const char *fmt, ...)
{
	va_list ap;

	out->outcome = ITEM_PASS;
	va_start(ap, fmt);
	vsnprintf(out->value, sizeof(out->value), fmt, ap);
	va_end(ap);
}

void item_failed(struct item_result *out, const char *fmt, ...)
{
	va_list ap;

	out->outcome = ITEM_FAIL;
	va_start(ap, fmt);
	vsnprintf(out->value, sizeof(out->value), fmt, ap);
	va_end(ap);
}

void item_untold(struct item_result *out, const char *fmt, ...)
{
	va_list ap;

	out->outcome = ITEM_UNAVAILABLE;
	va_start(ap, fmt);
	vsnprintf(out->value, sizeof(out->value), fmt, ap);
	va_end(ap);
}

bool items_made(const struct evidence *x, const enum visit_id *visits, size_t n,
		struct item_result *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct visit_seen *v = &x->visits[visits[i]];

		if (!v->made) {
			item_untold(out, "visit `%s` could not be made: %s", visit_names[visits[i]],
				    v->why);
			return false;
		}
	}
	return true;
}

bool items_cut(const struct evidence *x, struct item_result *out)
{
	const char *why = x->visits[VISIT_PLAIN].uncut_why;

	if (why[0])
		item_untold(out, "its connections were not cut: %s", why);
	return !why[0];
}

const char *items_channel(const struct evidence *x)
{
	return feature_routes[x->type].channel;
}

struct check_spec items_spec(const struct evidence *x, const struct visit_seen *v, size_t n_own,
			     bool traced)
{
	static const size_t buffers[EVENT_TYPES] = { 10000, 50000, 1000 }; /* the contract's */

	return (struct check_spec){
		.type = x->type,
		.own = v->own,
		.sent_wall_us = v->sent_wall_us,
		.n_own = n_own,
		.window_s = x->window_s,
		.max_buffer = buffers[x->type],
		.traced = traced,
	};
}

/* With an attempt at every own event: how many messages must come. */
int64_t items_expected(const struct evidence *x, const struct visit_seen *v)
{
	static const size_t fewest[EVENT_TYPES] = { 10, 50, 0 }; /* features.md */
	struct check_spec spec = items_spec(x, v, v->n_own, x->has_trace);

	if (x->type == EVENT_APP)
		return check_expected_messages(&spec);
	return v->n_own < fewest[x->type] ? 0 : (int64_t)(v->n_own - fewest[x->type] + 1);
}

const struct item items[] = {
	{ "ready when subscribed", "READY=1 comes, and the subscription stands when it does",
	  VISIT_TRACED, NEEDS_NOTIFY | TOLD_EVEN_IF_CUT_SHORT, look_ready },
	{ "own channel, every message",
	  "UPDATE_INTERVAL=0: one message on the extractor's channel for each attempt that has "
	  "enough events",
	  VISIT_TRACED, 0, look_channel },
	{ "no other channel", "a subscription to every channel hears the subject on no other one",
	  VISIT_TRACED, 0, look_other_channels },
	{ "two subscriptions agree",
	  "the tap and an independent subscription hold the same messages, byte by byte",
	  VISIT_TRACED, 0, look_two_ears },
	{ "valid JSON", "every message is one JSON object by RFC 8259", VISIT_TRACED, 0,
	  look_json },
	{ "exact members", "the members that the contract names and no other", VISIT_PLAIN, 0,
	  look_members },
	{ "member types", "numbers finite, booleans booleans, names strings", VISIT_PLAIN, 0,
	  look_types },
	{ "member values", "every member as the oracle computes it", VISIT_TRACED, 0, look_values },
	{ "type", "`type` is the extractor's", VISIT_TRACED, 0, look_type },
	{ "timestamp", "ISO 8601 in UTC, between sending and receipt; for app the event's own time",
	  VISIT_TRACED, 0, look_timestamp },
	{ "no trace unasked", "without SECLYZER_TRACE no message has `trace`", VISIT_PLAIN, 0,
	  look_no_trace },
	{ "trace when asked", "with SECLYZER_TRACE=1 every message has a whole one", VISIT_TRACED,
	  NEEDS_TRACE, look_trace },
	{ "UPDATE_INTERVAL kept", "messages are never closer than the interval", VISIT_PLAIN, 0,
	  look_interval },
	{ "counters on SIGUSR1", "they say what was sent and what came out", VISIT_TRACED,
	  NEEDS_COUNTERS, look_counters },
	{ "counters add up",
	  "received = accepted + other_type + rejected; points queued = written + spooled + "
	  "dropped + pending, at the end of every visit",
	  VISIT_TRACED, NEEDS_COUNTERS, look_closure },
	{ "malformed events counted", "each of them as rejected, none as accepted", VISIT_PLAIN,
	  NEEDS_COUNTERS, look_rejected },
	{ "malformed events by reason", "each under the reason of extractors/README.md",
	  VISIT_PLAIN, NEEDS_COUNTERS, look_reasons },
	{ "features after malformed events", "as if those had not been sent", VISIT_PLAIN, 0,
	  look_after_bad },
	{ "malformed events in the log", "a line a second at most, with the count since",
	  VISIT_PLAIN, 0, look_bad_lines },
	{ "log without content", "no line quotes a malformed event: key names are private",
	  VISIT_PLAIN, 0, look_private },
	{ "features after lost connections",
	  "all its connections to Redis were cut (CLIENT KILL): it subscribes again and the next "
	  "features are right",
	  VISIT_PLAIN, 0, look_after_cut },
	{ "lost connections counted", "`reconnects` is 1 after one cut", VISIT_PLAIN,
	  NEEDS_COUNTERS, look_reconnects },
	{ "lost connections in the log", "one line when it goes and one when it is back",
	  VISIT_PLAIN, 0, look_cut_lines },
	{ "no database said once", "INFLUX_URL unset: one line of the log says so", VISIT_PLAIN, 0,
	  look_no_database },
	{ "points = messages", "as many points in the measurement as messages on the channel",
	  VISIT_TRACED, NEEDS_DATABASE, look_points },
	{ "measurement", "the extractor's measurement and no other in its database", VISIT_TRACED,
	  NEEDS_DATABASE, look_measurement },
	{ "tags", "user_id and the extractor's others, with their values, and no further one",
	  VISIT_TRACED, NEEDS_DATABASE, look_tags },
	{ "fields = members", "each point has its message's time, numbers and no other field",
	  VISIT_TRACED, NEEDS_DATABASE, look_fields },
	{ "last points at the end",
	  "INFLUX_FLUSH_MS=60000, INFLUX_BATCH_SIZE=10000: what is pending is written when it is told to stop",
	  VISIT_TRACED, NEEDS_DATABASE, look_last_points },
	{ "features without the database", "it does not answer: every message comes all the same",
	  VISIT_AWAY, NEEDS_DATABASE, look_away },
	{ "points kept and replayed",
	  "those made while the database was away are in it after a restart on the same SPOOL_DIR",
	  VISIT_BACK, NEEDS_DATABASE, look_back },
	{ "watchdog", "WATCHDOG=1 comes again and again when WATCHDOG_USEC is set", VISIT_TRACED,
	  NEEDS_NOTIFY, look_watchdog },
	{ "STOPPING=1 in order", "after READY=1 and the signal, before the end", VISIT_TRACED,
	  NEEDS_NOTIFY, look_stopping },
	{ "end on SIGTERM",
	  "exit 0 within 2 s, also after a cut and while the database does not answer",
	  VISIT_TRACED, 0, look_sigterm },
	{ "end on SIGINT", "the same", VISIT_BACK, NEEDS_DATABASE, look_sigint },
	{ "secret kept", "INFLUX_TOKEN is in no line of the log and not in the process title",
	  VISIT_TRACED, NEEDS_DATABASE, look_secret },
	{ "wrong configuration refused",
	  "exit 2 and one line on stderr that names the variable, flag or line", VISIT_COMMANDS, 0,
	  look_refused },
	{ "other commands", "--help, --version, --exit-when-ready; waiting for an absent Redis",
	  VISIT_COMMANDS, 0, look_flags },
};
const size_t items_n = ARRAY_SIZE(items);

/* Why it cannot be told for this subject, or NULL. */
static const char *missing_need(const struct item *item, const struct evidence *x)
{
	const struct {
		unsigned int need;
		bool there;
		const char *why;
	} needs[] = {
		{ NEEDS_DATABASE, x->database, "the scenario has no database" },
		{ NEEDS_DATABASE, x->influx, "its file says that it writes no points" },
		{ NEEDS_COUNTERS, x->has_counters, "its file says that it has no counters" },
		{ NEEDS_NOTIFY, x->notifies, "its file says that it does not notify" },
		{ NEEDS_TRACE, x->has_trace, "its file says that it sends no trace" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if ((item->needs & needs[i].need) && !needs[i].there)
			return needs[i].why;
	return NULL;
}

void item_judge(const struct item *item, const struct evidence *x, struct item_result *out)
{
	const char *why = missing_need(item, x);

	*out = (struct item_result){ .extractor = x->type };
	snprintf(out->item, sizeof(out->item), "%s", item->name);
	snprintf(out->what, sizeof(out->what), "%s", item->what);
	snprintf(out->run, sizeof(out->run), "%s", x->visits[item->visit].run);
	if (why)
		item_untold(out, "%s", why);
	else if ((item->needs & TOLD_EVEN_IF_CUT_SHORT) || items_made(x, &item->visit, 1, out))
		item->look(x, out);
}
