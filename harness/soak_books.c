/* The books of a soak; see soak_books.h. */
#include "harness/soak_books.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/books.h"

#define SETTLE_NS      (2 * NS_PER_S) /* for the last events to be counted */
#define SETTLE_STEP_NS (5 * NS_PER_MS)
#define QUIET_NS       (500 * NS_PER_MS) /* of one that cannot be asked */
#define STOP_GRACE_NS  (5 * NS_PER_S)
#define TAP_AWAIT_NS   (5 * NS_PER_S)
#define NO_DEADLINE    INT64_MAX

/* ---- lines that the bus gives ----------------------------------------------------------- */

/* Another subject of the bus that was not there to the end, or NULL. */
static const struct soak_seat *absent(const struct soak_bus *b, const struct soak_seat *but)
{
	for (size_t i = 0; i < b->n_seats; i++)
		if (&b->seats[i] != but && (b->seats[i].ended || b->seats[i].lv.client_gone))
			return &b->seats[i];
	return NULL;
}

static void enter_total(struct ledger *l, const char *name, const struct soak_total *t)
{
	if (!t->segment)
		ledger_add(l, name, t->expected, t->got, "%s", "");
	else if (t->event == MATCH_NONE)
		ledger_add(l, name, t->expected, t->got, "first in segment %zu", t->segment);
	else
		ledger_add(l, name, t->expected, t->got, "first in segment %zu, its event %zu",
			   t->segment, t->event);
}

static void enter_bus(const struct soak_bus *b, const struct soak_seat *seat, struct ledger *l)
{
	const struct soak_seat *away = absent(b, seat);
	const struct soak_total *delivered = &b->totals[SOAK_DELIVERED];
	char name[48];

	enter_total(l, "sent", &b->totals[SOAK_SENT]);
	enter_total(l, "answered by Redis", &b->totals[SOAK_ANSWERED]);
	snprintf(name, sizeof(name), "delivered to exactly %zu", 1 + b->n_seats);
	if (away && delivered->segment)
		ledger_unavailable(l, name, "%.40s was not there to the end, as of segment %zu",
				   away->run->subject, delivered->segment);
	else
		enter_total(l, name, delivered);
	enter_total(l, "seen by the tap", &b->totals[SOAK_SEEN]);
	enter_total(l, "seen twice, altered or out of order", &b->totals[SOAK_STRANGE]);
	ledger_add(l, "messages on other extractors' channels", 0, b->foreign, "%s", "");
	ledger_add(l, "subscription held to the end", 1, !seat->lv.client_gone, "%s",
		   seat->lv.client_gone ? "Redis cut the subject off, or it reconnected" : "");
}

static void enter_oracle(struct soak_seat *seat)
{
	int64_t expected = check_stream_expected(seat->check);
	struct ledger *l = &seat->run->ledger;

	seat->run->oracle = *check_stream_summary(seat->check);
	if (seat->lv.is_floor)
		return;
	if (expected >= 0)
		ledger_add(l, "transitions expected", expected, seat->messages, "%s", "");
	if (seat->lv.subject->has_trace)
		ledger_add(l, "messages checked by the oracle: some", 1,
			   seat->run->oracle.checked > 0, "%s", "");
}

void soak_books_interim(const struct soak_bus *b, struct soak_seat *seat, double until_s)
{
	struct run *run = seat->run;

	run->books_until_s = until_s;
	if (seat->ended)
		return; /* its failure stands */
	run->ledger = (struct ledger){ 0 };
	enter_bus(b, seat, &run->ledger);
	run->oracle = *check_stream_summary(seat->check);
	run->plan_events = b->totals[SOAK_SENT].expected;
	run->plan_own_events = seat->own;
	snprintf(
		run->why, sizeof(run->why),
		"not stopped by the harness: books as of the last full segment, no final counters");
}

/* ---- the end of a subject ----------------------------------------------------------------- */

/* Until it has counted everything; one that cannot be asked gets a while without messages. */
static int settle(struct soak_bus *b, struct soak_seat *seat, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + SETTLE_NS, quiet_ns = clock_mono_ns();
	int64_t messages = -1, received, at_ns;
	int rc = -ETIMEDOUT;

	while (rc == -ETIMEDOUT && clock_mono_ns() < deadline_ns) {
		enum live_answer answer = live_counter(&seat->lv, "received", &received, &at_ns);

		soak_bus_listen(b);
		if (answer == LIVE_TOLD && received >= b->totals[SOAK_SENT].got)
			return 0;
		if (messages != seat->messages)
			quiet_ns = clock_mono_ns();
		messages = seat->messages;
		if (answer != LIVE_TOLD && clock_mono_ns() - quiet_ns > QUIET_NS)
			return 0;
		rc = proc_await_exit(seat->lv.proc, clock_mono_ns() + SETTLE_STEP_NS, NULL);
	}
	soak_seat_look(seat);
	return rc == -EINTR ? err_set(e, rc, "stopped by a signal") : 0;
}

static int look_at_points(struct soak_seat *seat, const struct counters *c, struct err *e)
{
	struct ledger *l = &seat->run->ledger;
	int rc = books_enter_points(&seat->lv, c, (size_t)seat->messages, e);

	if (rc || !seat->lv.database[0] || seat->lv.is_floor)
		return rc;
	if (sut_influx_target(seat->lv.session->sut)->dialect != INFLUX_V1) {
		ledger_unavailable(l, "points that differ from their message", "%s",
				   "this database keeps milliseconds, messages have microseconds");
		return 0;
	}
	rc = soak_seat_points(seat, 0, true, e);
	if (seat->points_unkept)
		snprintf(seat->first_differ, sizeof(seat->first_differ),
			 "%lld were not looked up: the database was too far behind",
			 (long long)seat->points_unkept);
	ledger_add(l, "points that differ from their message", 0,
		   seat->points_differ + seat->points_unkept, "%s", seat->first_differ);
	return rc;
}

static void note_instrument(const struct soak_bus *b, struct soak_seat *seat)
{
	struct instrument *in = &seat->run->instrument;
	double sent = (double)b->totals[SOAK_SENT].got;
	struct tap_counts t;

	tap_counts(b->tap, &t);
	in->generator_cpu_ns_per_event = sent > 0 ? (double)b->generator_cpu_ns / sent : NAN;
	in->tap_cpu_ns_per_event = t.received ? (double)t.cpu_ns / (double)t.received : NAN;
	in->pacing_p50_us = books_hist_us(b->pacing, 0.5);
	in->pacing_p99_us = books_hist_us(b->pacing, 0.99);
	in->pacing_max_us = books_hist_us(b->pacing, 1);
	in->stats_asked = seat->lv.asked;
	in->prober_cpu_us = seat->lv.prober_us;
	in->prober_samples = seat->lv.samples;
}

static void set_metrics(struct soak_seat *seat, const struct counters *c)
{
	double events = seat->latest.events - seat->at_start.events;
	double cpu_ns = seat->latest.cpu_ns - seat->at_start.cpu_ns;
	struct run *run = seat->run;
	int64_t n;

	if (events > 0 && isfinite(cpu_ns))
		run_set(run, METRIC_CPU_PER_EVENT, cpu_ns / events);
	else
		run_unavailable(run, METRIC_CPU_PER_EVENT, "no two samples with CPU time");
	run_set(run, METRIC_EXTRACT_FEATURES, (double)seat->messages);
	if (c && counters_get(c, "reconnects", &n))
		run_set(run, METRIC_RECONNECTS, (double)n);
	else
		run_unavailable(run, METRIC_RECONNECTS, "the subject has no counter `reconnects`");
}

/* The counters that its end printed; NULL when it printed none. */
static struct counters *final_counters(struct soak_seat *seat)
{
	struct counters *c = mem_calloc(1, sizeof(*c));
	struct ledger *l = &seat->run->ledger;
	struct err none = ERR_INIT;

	if (!proc_last_stats(seat->lv.proc, c, NULL, &none))
		return c;
	if (seat->lv.subject->has_counters == SUBJECT_YES)
		ledger_add(l, "final counters printed", 1, 0, "%.100s", none.text);
	else
		ledger_unavailable(l, "received by the subject", "%s", none.text);
	free(c);
	return NULL;
}

static int fill(struct soak_bus *b, struct soak_seat *seat, const char *killed, struct err *e)
{
	struct run *run = seat->run;
	struct counters *c;
	int rc;

	run->ledger = (struct ledger){ 0 };
	run->why[0] = '\0';
	run->plan_events = b->totals[SOAK_SENT].expected;
	run->plan_own_events = seat->own;
	enter_bus(b, seat, &run->ledger);
	enter_oracle(seat);
	c = final_counters(seat);
	if (c)
		books_enter_counters(&seat->lv, c,
				     &(struct books_expected){ .events = run->plan_events,
							       .own = seat->own,
							       .messages = seat->messages });
	rc = look_at_points(seat, c, e);
	set_metrics(seat, c);
	note_instrument(b, seat);
	if (!rc)
		books_judge(&seat->lv, killed);
	free(c);
	return rc;
}

/* ---- the end of all ------------------------------------------------------------------------ */

static void await_tap(struct soak_bus *b)
{
	struct err late = ERR_INIT;
	uint64_t features = 0;

	for (size_t i = 0; i < b->n_seats; i++) {
		struct counters *c = mem_calloc(1, sizeof(*c));
		int64_t n;

		if (soak_seat_lives(&b->seats[i]) &&
		    !proc_last_stats(b->seats[i].lv.proc, c, NULL, &late) &&
		    counters_get(c, "features", &n) && n > 0)
			features += (uint64_t)n;
		free(c);
	}
	/* What does not come is a line of the ledger, not an error. */
	(void)!tap_await(b->tap, 0, features, clock_mono_ns() + TAP_AWAIT_NS, &late);
}

int soak_books_close(struct soak_bus *b, struct err *e)
{
	struct err slow[EVENT_TYPES] = { ERR_INIT, ERR_INIT, ERR_INIT };
	struct err failed = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; !rc && i < b->n_seats; i++)
		if (soak_seat_lives(&b->seats[i]))
			rc = settle(b, &b->seats[i], e);
	for (size_t i = 0; !rc && i < b->n_seats; i++)
		if (soak_seat_lives(&b->seats[i]))
			(void)!proc_stop(b->seats[i].lv.proc, STOP_GRACE_NS, &slow[i]);
	if (rc)
		return rc;
	await_tap(b);
	rc = tap_stop(b->tap, &failed) ? err_set(e, -EIO, "tap: %s", failed.text) : 0;
	soak_bus_listen(b);
	for (size_t i = 0; !rc && i < b->n_seats; i++) {
		struct soak_seat *seat = &b->seats[i];

		seat->run->books_until_s = NAN; /* of one that failed, too: that is booked */
		if (!soak_seat_lives(seat))
			continue;
		(void)soak_seat_check(seat, NO_DEADLINE, true);
		rc = fill(b, seat, slow[i].code ? slow[i].text : NULL, e);
	}
	return rc;
}
