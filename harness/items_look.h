/*
 * The looks that the rows of items.c name, by what they look at; inside the items only.
 *
 * items_messages.c: channels, JSON, type, timestamp, trace.  items_members.c: members
 * against the oracle.  items_counters.c, items_database.c.  items_life.c: readiness,
 * end, log, short starts.
 */
#ifndef HARNESS_ITEMS_LOOK_H
#define HARNESS_ITEMS_LOOK_H

#include "harness/items.h"
#include "harness/message.h"

/* The outcome and its value. */
void item_passed(struct item_result *out, const char *fmt, ...) PRINTF(2, 3);
void item_failed(struct item_result *out, const char *fmt, ...) PRINTF(2, 3);
void item_untold(struct item_result *out, const char *fmt, ...) PRINTF(2, 3);

/* Were all of these visits made?  If not, it is untold, and says which was not and why. */
bool items_made(const struct evidence *x, const enum visit_id *visits, size_t n,
		struct item_result *out);
/* Were the connections of the plain visit cut?  If not, it is untold, and says why. */
bool items_cut(const struct evidence *x, struct item_result *out);
/* The extractor's own channel. */
const char *items_channel(const struct evidence *x);
/* For the oracle: the first n_own events of a visit. */
struct check_spec items_spec(const struct evidence *x, const struct visit_seen *v, size_t n_own,
			     bool traced);
/* With an attempt at every own event: how many messages must come. */
int64_t items_expected(const struct evidence *x, const struct visit_seen *v);
/* `timestamp`, "…+00:00", as ns since the epoch; false when it is nothing of the kind. */
bool items_timestamp(const struct message *m, int64_t *ns);
/* How much of a value to quote: for %.*s with its `raw.p`; 0 without one. */
int items_shown(const struct message_member *m);

void look_channel(const struct evidence *x, struct item_result *out);
void look_other_channels(const struct evidence *x, struct item_result *out);
void look_two_ears(const struct evidence *x, struct item_result *out);
void look_json(const struct evidence *x, struct item_result *out);
void look_type(const struct evidence *x, struct item_result *out);
void look_timestamp(const struct evidence *x, struct item_result *out);
void look_no_trace(const struct evidence *x, struct item_result *out);
void look_trace(const struct evidence *x, struct item_result *out);
void look_members(const struct evidence *x, struct item_result *out);
void look_types(const struct evidence *x, struct item_result *out);
void look_values(const struct evidence *x, struct item_result *out);
void look_after_bad(const struct evidence *x, struct item_result *out);
void look_after_cut(const struct evidence *x, struct item_result *out);
void look_interval(const struct evidence *x, struct item_result *out);
void look_counters(const struct evidence *x, struct item_result *out);
void look_closure(const struct evidence *x, struct item_result *out);
void look_rejected(const struct evidence *x, struct item_result *out);
void look_reasons(const struct evidence *x, struct item_result *out);
void look_reconnects(const struct evidence *x, struct item_result *out);
void look_ready(const struct evidence *x, struct item_result *out);
void look_stopping(const struct evidence *x, struct item_result *out);
void look_watchdog(const struct evidence *x, struct item_result *out);
void look_sigterm(const struct evidence *x, struct item_result *out);
void look_sigint(const struct evidence *x, struct item_result *out);
void look_cut_lines(const struct evidence *x, struct item_result *out);
void look_bad_lines(const struct evidence *x, struct item_result *out);
void look_private(const struct evidence *x, struct item_result *out);
void look_secret(const struct evidence *x, struct item_result *out);
void look_no_database(const struct evidence *x, struct item_result *out);
void look_points(const struct evidence *x, struct item_result *out);
void look_last_points(const struct evidence *x, struct item_result *out);
void look_measurement(const struct evidence *x, struct item_result *out);
void look_tags(const struct evidence *x, struct item_result *out);
void look_fields(const struct evidence *x, struct item_result *out);
void look_away(const struct evidence *x, struct item_result *out);
void look_back(const struct evidence *x, struct item_result *out);
void look_refused(const struct evidence *x, struct item_result *out);
void look_flags(const struct evidence *x, struct item_result *out);

#endif
