/* Feature messages against the oracle; see check.h. */
#include "harness/check.h"

#include <stdio.h>

#include "harness/oracle/oracle.h"

static void wrong(struct oracle_summary *out, size_t index, const char *what)
{
	if (!out->wrong++)
		snprintf(out->note, sizeof(out->note), "message %zu: %s", index + 1, what);
}

static void unchecked(struct oracle_summary *out, const char *why)
{
	out->unchecked++;
	if (!out->note[0])
		snprintf(out->note, sizeof(out->note), "%s", why);
}

/* ---- app: the sequence of transitions is known ------------------------------------ */

static void check_app(const struct check_spec *spec, const struct check_message *msgs, size_t n,
		      struct oracle_summary *out)
{
	struct oracle_app *app = oracle_app_new(false);
	size_t k = 0;

	for (size_t i = 0; i < spec->n_own; i++) {
		struct feature_msg expected;
		struct err why = ERR_INIT;

		if (!oracle_app_event(app, &spec->own[i], &expected) || k >= n)
			continue; /* one that is missing is found by the ledger's count */
		out->checked++;
		if (oracle_compare(msgs[k].json, msgs[k].len, &expected, EVENT_APP, true, &why))
			wrong(out, k, why.text);
		k++;
	}
	for (; k < n; k++)
		wrong(out, k, "no transition of the plan");
	oracle_app_free(app);
}

/* ---- keystroke, mouse ---------------------------------------------------------------- */

static bool matches(const struct check_spec *spec, size_t events, int64_t now_us,
		    const struct check_message *m, struct err *why)
{
	struct oracle_params p = {
		.now_us = now_us,
		.window_s = spec->window_s,
		.max_buffer = spec->max_buffer,
	};
	struct feature_msg expected;

	if (!oracle_features(spec->type, spec->own, events, &p, &expected)) {
		err_set(why, -1, "features of a window that has too few events");
		return false;
	}
	return !oracle_compare(m->json, m->len, &expected, spec->type, spec->traced, why);
}

/* NULL when the trace can be true, else what is wrong with it. */
static const char *implausible(const struct check_spec *spec, const struct feature_trace *t,
			       uint64_t last_events, const struct check_message *m)
{
	uint64_t own = t->events - spec->first; /* in spec->own; wraps when it is before that */

	if (own < 1 || own > spec->n_own)
		return "trace.events is outside the plan";
	if (t->events <= last_events)
		return "trace.events did not grow";
	if (t->trigger_ts_us != spec->own[own - 1].ts_us)
		return "trace.trigger_ts is not that of event number trace.events";
	if (t->now_us < spec->sent_wall_us[own - 1] - CHECK_CLOCK_SLACK_US)
		return "trace.now_us is before the event was sent";
	if (t->now_us > m->received_wall_us + CHECK_CLOCK_SLACK_US)
		return "trace.now_us is after the message was received";
	return NULL;
}

const char *check_traced_message(const struct check_spec *spec, const struct check_message *m,
				 uint64_t *last_events, struct err *why)
{
	struct feature_trace t;
	const char *bad;

	if (!oracle_read_trace(m->json, m->len, &t))
		return "no trace although the subject is said to send one";
	bad = implausible(spec, &t, *last_events, m);
	if (bad)
		return bad;
	*last_events = t.events;
	return matches(spec, (size_t)(t.events - spec->first), t.now_us, m, why) ? NULL : why->text;
}

static void check_traced(const struct check_spec *spec, const struct check_message *msgs, size_t n,
			 struct oracle_summary *out)
{
	uint64_t last_events = spec->first;

	for (size_t i = 0; i < n; i++) {
		struct err why = ERR_INIT;
		const char *bad = check_traced_message(spec, &msgs[i], &last_events, &why);

		out->checked++;
		if (bad)
			wrong(out, i, bad);
	}
}

/* The window changes only where an event falls out of it: those instants are the candidates. */
static bool matches_some_cut(const struct check_spec *spec, const struct check_message *m,
			     struct err *why)
{
	int64_t from = spec->sent_wall_us[spec->n_own - 1], to = m->received_wall_us;
	int64_t window_us = (int64_t)(spec->window_s * 1e6);

	if (matches(spec, spec->n_own, to, m, why))
		return true;
	for (size_t i = 0; i < spec->n_own; i++) {
		int64_t leaves_us = spec->own[i].ts_us + window_us;
		struct err ignored = ERR_INIT;

		if (leaves_us >= from && leaves_us <= to &&
		    (matches(spec, spec->n_own, leaves_us - 1, m, &ignored) ||
		     matches(spec, spec->n_own, leaves_us, m, &ignored)))
			return true;
	}
	return false;
}

static void check_untraced(const struct check_spec *spec, const struct check_message *msgs,
			   size_t n, struct oracle_summary *out)
{
	for (size_t i = 0; i < n; i++) {
		struct err why = ERR_INIT;

		if (!spec->n_own ||
		    msgs[i].received_wall_us < spec->sent_wall_us[spec->n_own - 1]) {
			unchecked(
				out,
				"without trace nobody can tell which events an early message stands on");
			continue;
		}
		out->checked++;
		if (!matches_some_cut(spec, &msgs[i], &why))
			wrong(out, i, why.text);
	}
}

void check_features(const struct check_spec *spec, const struct check_message *messages, size_t n,
		    struct oracle_summary *out)
{
	*out = (struct oracle_summary){ 0 };
	if (spec->type == EVENT_APP)
		check_app(spec, messages, n, out);
	else if (spec->traced)
		check_traced(spec, messages, n, out);
	else
		check_untraced(spec, messages, n, out);
}

bool check_has_last(const struct check_spec *spec, const struct check_message *messages, size_t n)
{
	struct feature_trace t;

	if (!n || !spec->n_own)
		return false;
	if (spec->type == EVENT_APP)
		return (int64_t)n >= check_expected_messages(spec);
	if (spec->traced)
		return oracle_read_trace(messages[n - 1].json, messages[n - 1].len, &t) &&
		       t.events >= spec->n_own;
	return messages[n - 1].received_wall_us >= spec->sent_wall_us[spec->n_own - 1];
}

int64_t check_expected_messages(const struct check_spec *spec)
{
	struct oracle_app *app;
	struct feature_msg unused;
	int64_t n = 0;

	if (spec->type != EVENT_APP)
		return -1;
	app = oracle_app_new(false);
	for (size_t i = 0; i < spec->n_own; i++)
		n += oracle_app_event(app, &spec->own[i], &unused);
	oracle_app_free(app);
	return n;
}
