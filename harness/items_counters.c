/* What the counters say against what was sent and seen; see items_look.h. */
#include <inttypes.h>
#include <stdio.h>

#include "harness/items_look.h"

static int64_t counter_or(const struct counters *c, const char *name, int64_t none)
{
	int64_t v;

	return counters_get(c, name, &v) ? v : none;
}

/* The first counter that differs; false when one does. */
struct expected_counter {
	const char *name;
	int64_t value;
};

static bool counters_are(const struct counters *c, const struct expected_counter *v, size_t n,
			 struct item_result *out)
{
	for (size_t i = 0; i < n; i++) {
		int64_t got;

		if (!counters_get(c, v[i].name, &got)) {
			item_failed(out, "no counter `%s`", v[i].name);
			return false;
		}
		if (got != v[i].value) {
			item_failed(out, "%s: got %" PRId64 ", expected %" PRId64, v[i].name, got,
				    v[i].value);
			return false;
		}
	}
	return true;
}

void look_counters(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	const struct expected_counter expected[] = {
		{ "received", v->sent },
		{ "accepted", (int64_t)v->n_own },
		{ "other_type", v->sent_other },
		{ "features", items_expected(x, v) },
		{ "publish_errors", 0 },
		{ "evicted", 0 },
		{ "reconnects", 0 },
	};
	int64_t rejected = 0;

	if (!v->has_asked)
		item_failed(out, "no answer to SIGUSR1");
	else if (!counters_are(&v->asked, expected, ARRAY_SIZE(expected), out))
		return;
	else if (!counters_sum(&v->asked, "rejected", &rejected) || rejected)
		item_failed(out, "rejected: got %" PRId64 ", expected 0", rejected);
	else
		item_passed(out, "%s", "");
}

/* The two sums that always hold.  A visit that lies tells, even where another was not made. */
void look_closure(const struct evidence *x, struct item_result *out)
{
	static const enum visit_id visits[] = { VISIT_TRACED, VISIT_PLAIN, VISIT_AWAY, VISIT_BACK };

	for (size_t i = 0; i < ARRAY_SIZE(visits); i++) {
		enum visit_id k = visits[i];
		const struct visit_seen *v = &x->visits[k];
		const struct counters *c = &v->final;
		int64_t rejected = 0, received, queued, kept;

		if (!v->made)
			continue;
		if (!v->has_final) {
			item_failed(out, "%s: no final counters", visit_names[k]);
			return;
		}
		received = counter_or(c, "received", -1);
		(void)!counters_sum(c, "rejected", &rejected);
		kept = counter_or(c, "accepted", 0) + counter_or(c, "other_type", 0) + rejected;
		if (received != kept) {
			item_failed(out,
				    "%s: received %" PRId64
				    ", accepted + other_type + rejected %" PRId64,
				    visit_names[k], received, kept);
			return;
		}
		queued = counter_or(c, "points_queued", 0);
		kept = counter_or(c, "points_written", 0) + counter_or(c, "points_spooled", 0) +
		       counter_or(c, "points_dropped", 0) + counter_or(c, "points_pending", 0);
		if (queued != kept) {
			item_failed(out,
				    "%s: points_queued %" PRId64
				    ", written + spooled + dropped + pending %" PRId64,
				    visit_names[k], queued, kept);
			return;
		}
	}
	if (items_made(x, visits, ARRAY_SIZE(visits), out))
		item_passed(out, "%s", "");
}

void look_rejected(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	int64_t rejected = 0;
	const struct expected_counter expected[] = {
		{ "received", v->sent },
		{ "accepted", (int64_t)v->n_own },
	};

	if (!v->has_asked)
		item_failed(out, "no answer to SIGUSR1");
	else if (!counters_are(&v->asked, expected, ARRAY_SIZE(expected), out))
		return;
	else if (!counters_sum(&v->asked, "rejected", &rejected) || rejected != v->sent_bad)
		item_failed(out, "rejected: got %" PRId64 ", expected %" PRId64, rejected,
			    v->sent_bad);
	else
		item_passed(out, "%" PRId64 " messages", rejected);
}

void look_reasons(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];

	if (!v->has_asked) {
		item_failed(out, "no answer to SIGUSR1");
		return;
	}
	for (int i = EVENT_REJECTED; i < EVENT_VERDICTS; i++) {
		char name[COUNTERS_NAME_MAX];
		struct expected_counter expected = { name, v->bad_by_reason[i] };

		snprintf(name, sizeof(name), "rejected.%s", event_verdict_names[i]);
		if (!counters_are(&v->asked, &expected, 1, out))
			return;
	}
	item_passed(out, "%s", "");
}

void look_reconnects(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	const struct expected_counter expected = { "reconnects", 1 };

	if (!items_cut(x, out))
		return;
	if (!v->has_asked)
		item_failed(out, "no answer to SIGUSR1");
	else if (counters_are(&v->asked, &expected, 1, out))
		item_passed(out, "%s", "");
}
