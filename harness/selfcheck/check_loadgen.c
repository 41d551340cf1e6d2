/*
 * The load generator against its goals, in live runs with the floor as the subject.
 * Rates beside redis-benchmark's are `make bench-loadgen`'s.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/selfcheck/job.h"

#define LATE_NS	     NS_PER_MS
#define FAST_HZ	     200000.0
#define DRAIN_EVENTS 300000

/* What is left of a generator when its run is closed. */
struct paced {
	size_t sent, planned;
	double p50_us, p99_us, core_pct, cpu_ns, little, late_frac, rate_error_pct;
	bool closed;
	char no_realtime[96]; /* why it did not run under SCHED_FIFO */
};

static double us(const struct hist *h, double q)
{
	int64_t v = h ? hist_quantile(h, q) : HIST_NONE;

	return v == HIST_NONE ? NAN : v == HIST_ABOVE ? INFINITY : (double)v / 1e3;
}

static void note(struct live *lv, const struct probe_sample *looks UNUSED, void *ctx)
{
	const struct gen_result *g = gen_result(lv->gen);
	const struct plan *plan = lv->plan;
	double planned_ns = (double)(plan->entries[plan->n - 1].due_ns - plan->entries[0].due_ns);
	struct paced *p = ctx;
	uint64_t n = g->pacing ? hist_count(g->pacing) : 0;

	*p = (struct paced){
		.sent = g->sent,
		.planned = g->planned,
		.p50_us = us(g->pacing, 0.5),
		.p99_us = us(g->pacing, 0.99),
		.core_pct = 100 * (double)g->cpu_ns / (double)(g->end_ns - g->first_sent_ns),
		.cpu_ns = (double)(g->cpu_ns - g->spin_ns) / (double)g->sent,
		.little = g->littles_law,
		.late_frac = n ? (double)hist_count_above(g->pacing, LATE_NS) / (double)n : NAN,
		.rate_error_pct =
			100 * fabs((double)(g->last_sent_ns - g->first_sent_ns) / planned_ns - 1),
		.closed = job_closed(lv->run),
	};
	snprintf(p->no_realtime, sizeof(p->no_realtime), "%s", g->no_realtime);
}

static int pace(struct selfcheck *sc, enum gen_mode mode, double rate_hz, double seconds,
		struct paced *out, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	struct subject subject;
	struct job job = { .subject = &subject,
			   .events = (size_t)(rate_hz * seconds),
			   .rate_hz = rate_hz,
			   .mode = mode,
			   .after = note,
			   .ctx = out };
	int rc = job_subject(&subject, sc, SUBJECT_ANY, "${bin}/null_subject");

	rc = rc ? rc : job_run(sc, &job, run, e);
	subject_release(&subject);
	free(run);
	return rc;
}

static void add(struct selfcheck *sc, const char *what, const char *goal, double value, size_t n,
		double most, const char *unit, int decimals)
{
	struct known_range range = { -INFINITY, most, KNOWN_MISSED, unit, decimals };

	known_value(known_add(&sc->table, KNOWN_LOADGEN, what, goal), value, n, &range);
}

static void add_sent(struct selfcheck *sc, const struct paced *p, double seconds)
{
	struct known_range exact = { (double)p->planned, (double)p->planned, KNOWN_WRONG, "events",
				     0 };
	char what[96];

	known_value(known_add(&sc->table, KNOWN_LOADGEN, "sent against planned at 1,000/s",
			      "exactly equal"),
		    (double)p->sent, p->planned, &exact);
	snprintf(what, sizeof(what), "mean rate over %g s against the plan's", seconds);
	add(sc, what, "within 0.01 % over 60 s", p->rate_error_pct, p->sent, 0.01, "% off", 5);
}

static int check_slow_paces(struct selfcheck *sc, struct err *e)
{
	double seconds = sc->quick ? 5 : 60, ten_s = sc->quick ? 3 : 20;
	struct paced p;
	int rc = pace(sc, GEN_OPEN_LOOP, 1000, seconds, &p, e);

	if (rc)
		return rc;
	add(sc, "pacing error at 1,000/s, p50", "≤ 5 µs", p.p50_us, p.sent, 5, "µs", 2);
	add(sc, "pacing error at 1,000/s, p99", "≤ 100 µs", p.p99_us, p.sent, 100, "µs", 1);
	add_sent(sc, &p, seconds);
	rc = pace(sc, GEN_OPEN_LOOP, 10000, ten_s, &p, e);
	if (rc)
		return rc;
	add(sc, "pacing error at 10,000/s, p50", "≤ 2 µs", p.p50_us, p.sent, 2, "µs", 2);
	add(sc, "pacing error at 10,000/s, p99", "≤ 60 µs", p.p99_us, p.sent, 60, "µs", 1);
	add(sc, "CPU at 10,000/s", "≤ 60 % of a core", p.core_pct, p.sent, 60, "% of a core", 1);
	add(sc, "own CPU per event, single, without spinning", "≤ 10 µs", p.cpu_ns / 1e3, p.sent,
	    10, "µs", 2);
	add(sc, "Little's law at 10,000/s, distance from 1", "within 3 %", 100 * fabs(p.little - 1),
	    p.sent, 3, "%", 2);
	return 0;
}

/* The same under SCHED_FIFO: what a shared core can do for whom it serves first. */
static int check_realtime(struct selfcheck *sc, struct err *e)
{
	static const struct {
		double hz, p50_us, p99_us;
	} rows[] = { { 1000, 5, 100 }, { 10000, 2, 60 } };
	int rc = 0;

	sc->session->conf.realtime = true;
	for (size_t i = 0; !rc && i < ARRAY_SIZE(rows); i++) {
		char p50[64], p99[64], goal[2][24];
		struct paced p;

		snprintf(p50, sizeof(p50), "the same at %.0f/s, real-time, p50", rows[i].hz);
		snprintf(p99, sizeof(p99), "the same at %.0f/s, real-time, p99", rows[i].hz);
		snprintf(goal[0], sizeof(goal[0]), "≤ %g µs", rows[i].p50_us);
		snprintf(goal[1], sizeof(goal[1]), "≤ %g µs", rows[i].p99_us);
		rc = pace(sc, GEN_OPEN_LOOP, rows[i].hz, sc->quick ? 3 : 20, &p, e);
		if (rc || p.no_realtime[0]) {
			known_unavailable(&sc->table, KNOWN_LOADGEN, p99, goal[1], "%s",
					  rc ? e->text : p.no_realtime);
			continue;
		}
		add(sc, p50, goal[0], p.p50_us, p.sent, rows[i].p50_us, "µs", 2);
		add(sc, p99, goal[1], p.p99_us, p.sent, rows[i].p99_us, "µs", 1);
	}
	sc->session->conf.realtime = false;
	return rc;
}

int check_pacing(struct selfcheck *sc, struct err *e)
{
	double seconds = sc->quick ? 1.5 : 5;
	struct paced p;
	struct known *k;
	int rc = check_slow_paces(sc, e);

	rc = rc ? rc : check_realtime(sc, e);
	rc = rc ? rc : pace(sc, GEN_OPEN_LOOP, FAST_HZ, seconds, &p, e);
	if (rc)
		return rc;
	add(sc, "200,000/s paced: sends more than 1 ms late", "≤ 1 %, nothing lost",
	    100 * p.late_frac, p.sent, 1, "%", 2);
	k = &sc->table.v[sc->table.n - 1];
	snprintf(k->note, sizeof(k->note), "%s",
		 p.closed ? "the ledger closes" : "events were lost");
	if (!p.closed)
		k->verdict = KNOWN_MISSED;
	rc = pace(sc, GEN_DRAIN, DRAIN_EVENTS, 1, &p, e);
	if (!rc)
		add(sc, "own CPU per event, batched (a drain)", "≤ 150 ns", p.cpu_ns, p.sent, 150,
		    "ns", 0);
	return rc;
}

/* ---- the histogram -------------------------------------------------------------------------- */

#define RANGE_NS 3600000000000

/*
 * Every power of 1.01 from 1 us to an hour, each alone in a histogram: the error of
 * what it says is the resolution.  And one value above the range must be counted.
 */
int check_resolution(struct selfcheck *sc, struct err *e)
{
	static const struct known_range none = { 1, 1, KNOWN_WRONG, "counted", 0 };
	struct known_range digits = { 0, 0.1, KNOWN_WRONG, "% off at most", 4 };
	struct hist *h = hist_new(RANGE_NS, HIST_DIGITS, e);
	double worst = 0;
	size_t n = 0;

	if (!h)
		return e->code;
	for (double v = 1000; v < (double)RANGE_NS; v *= 1.01, n++) {
		hist_reset(h);
		hist_record(h, (int64_t)v);
		worst = fmax(worst, fabs((double)hist_quantile(h, 0.5) / floor(v) - 1));
	}
	known_value(
		known_add(&sc->table, KNOWN_LOADGEN, "latency resolution, 1 µs to 1 h", "3 digits"),
		100 * worst, n, &digits);
	hist_reset(h);
	hist_record(h, 2 * RANGE_NS);
	known_value(known_add(&sc->table, KNOWN_LOADGEN, "a latency above the range", "counted"),
		    (double)hist_overflow(h), 1, &none);
	hist_free(h);
	return 0;
}
