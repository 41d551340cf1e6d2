/*
 * What a process does, against what the probes say of it: events, calls, memory,
 * CPU, wakeups, faults, all of a fake subject whose figures are known.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/selfcheck/job.h"

/* ---- 23 events are 23 ------------------------------------------------------------------ */

#define EVENTS 23

struct counts {
	int64_t calls; /* of write(), by the probe; -1: unknown */
	char why[PROBE_REASON_MAX];
};

static void count_calls(struct live *lv UNUSED, const struct probe_sample *looks, void *ctx)
{
	struct counts *c = ctx;

	if (!probe_delta(&looks[0], &looks[1], PROBE_WRITE_CALLS, &c->calls)) {
		c->calls = -1;
		snprintf(c->why, sizeof(c->why), "%s", looks[1].reason[PROBE_WRITE_CALLS]);
	}
}

static int64_t line_got(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->ledger.n; i++)
		if (!strcmp(run->ledger.lines[i].name, name))
			return run->ledger.lines[i].got;
	return -1;
}

static void add_count(struct selfcheck *sc, const char *what, int64_t got, const char *why)
{
	static const struct known_range exact = { EVENTS, EVENTS, KNOWN_WRONG, "", 0 };
	struct known *k = known_add(&sc->table, KNOWN_TRUTHS, what, "exactly 23");

	snprintf(k->note, sizeof(k->note), "%s", why);
	known_value(k, got < 0 ? NAN : (double)got, 1, &exact);
}

int check_counts(struct selfcheck *sc, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	struct subject subject;
	struct counts c = { 0 };
	struct job job = { .subject = &subject,
			   .events = EVENTS,
			   .rate_hz = 1000,
			   .tail_s = 0.1,
			   .after = count_calls,
			   .ctx = &c };
	int rc = job_subject(&subject, sc, SUBJECT_ANY, "${bin}/fake_subject --calls 1");

	rc = rc ? rc : job_run(sc, &job, run, e);
	if (!rc) {
		add_count(sc, "23 events: seen by the tap", line_got(run, "seen by the tap"), "");
		add_count(sc, "23 events: the subject's own counter",
			  line_got(run, "received by the subject"), "");
		add_count(sc, "23 events, a write() each: the probe's count", c.calls, c.why);
	}
	subject_release(&subject);
	free(run);
	return rc;
}

/* ---- a known amount in a known time ------------------------------------------------------- */

#define GROWTH_MAX 4096
#define GROWTH_NS  (200 * NS_PER_MS)

/* One metric of the process, looked at again and again. */
struct growth {
	enum probe_metric metric;
	bool often;   /* during the run; else before and after only */
	double scale; /* of a growth per second (or of a growth, when `total`) */
	bool total;
	size_t n;
	double rate[GROWTH_MAX]; /* between two looks */
	double whole;		 /* from the first to the last */
	int64_t next_ns;
	struct probe_sample last;
	char why[PROBE_REASON_MAX];
};

static bool grown(const struct growth *s, const struct probe_sample *a,
		  const struct probe_sample *b, double *out)
{
	double seconds = (double)(b->at_ns - a->at_ns) / 1e9;

	if (!probe_has(a, s->metric) || !probe_has(b, s->metric))
		return false;
	*out = (double)(b->value[s->metric] - a->value[s->metric]) * s->scale /
	       (s->total ? 1 : seconds);
	return true;
}

static int look(struct live *lv, int64_t start_ns UNUSED, void *ctx, struct err *e)
{
	struct growth *s = ctx;
	struct probe_sample now;
	int rc;

	if (!s->often || clock_mono_ns() < s->next_ns)
		return 0;
	s->next_ns = clock_mono_ns() + GROWTH_NS;
	rc = live_sample(lv, PROBE_BIT(s->metric), &now, e);
	if (!rc && s->last.at_ns && s->n < GROWTH_MAX && grown(s, &s->last, &now, &s->rate[s->n]))
		s->n++;
	s->last = now;
	return rc;
}

static void close_growth(struct live *lv UNUSED, const struct probe_sample *looks, void *ctx)
{
	struct growth *s = ctx;

	s->whole = NAN;
	if (!grown(s, &looks[0], &looks[1], &s->whole))
		snprintf(s->why, sizeof(s->why), "%s", looks[1].reason[s->metric]);
}

struct amount {
	const char *what, *goal, *options;
	struct known_range range;
	enum probe_metric metric;
	double scale;
	bool often, total;
};

/*
 * Tolerances: the leak comes in ticks of 20 ms, so two looks 200 ms apart see one
 * tick in ten more or less and only the median is asked for; a tick's burning ends
 * within a microsecond of its share; the event itself is one wakeup more, and the
 * program's own first steps after READY=1 are a few faults.
 */
static const struct amount amounts[] = {
	{ "leak of 1,024 KiB/s (median slope of USS)",
	  "1,024 ± 52 KiB/s",
	  "--leak 1MiB",
	  { 972, 1076, KNOWN_WRONG, "KiB/s", 1 },
	  PROBE_USS_BYTES,
	  1.0 / 1024,
	  true,
	  false },
	{ "no leak",
	  "0 ± 8 KiB/s",
	  "--tick 50",
	  { -8, 8, KNOWN_WRONG, "KiB/s", 1 },
	  PROBE_USS_BYTES,
	  1.0 / 1024,
	  true,
	  false },
	{ "busy 30 % of a core (CPU clock)",
	  "30 ± 0.5 %",
	  "--busy 0.3",
	  { 29.5, 30.5, KNOWN_WRONG, "%", 2 },
	  PROBE_CPU_NS,
	  100 / 1e9,
	  false,
	  false },
	{ "busy 30 % of a core (schedstat)",
	  "30 ± 0.5 %",
	  "--busy 0.3",
	  { 29.5, 30.5, KNOWN_WRONG, "%", 2 },
	  PROBE_SCHED_CPU_NS,
	  100 / 1e9,
	  false,
	  false },
	{ "50 wakeups/s (voluntary switches)",
	  "50 ± 1.5 /s",
	  "--tick 50",
	  { 48.5, 51.5, KNOWN_WRONG, "/s", 2 },
	  PROBE_VOL_SWITCHES,
	  1,
	  false,
	  false },
	{ "1,000 fresh pages (minor faults)",
	  "1,000 … 1,010",
	  "--pages-at 1 --pages 1000",
	  { 1000, 1010, KNOWN_WRONG, "", 0 },
	  PROBE_MINOR_FAULTS,
	  1,
	  false,
	  true },
};

static void add_amount(struct selfcheck *sc, const struct amount *a, struct growth *s)
{
	struct known *k = known_add(&sc->table, KNOWN_TRUTHS, a->what, a->goal);
	struct estimate est;

	snprintf(k->note, sizeof(k->note), "%s", s->why);
	if (!s->often) {
		known_value(k, s->whole, 1, &a->range);
		return;
	}
	est = stats_estimate_median(s->rate, s->n, 0.95, 1);
	known_estimate(k, &est, &a->range);
}

static int check_amount(struct selfcheck *sc, const struct amount *a, struct err *e)
{
	struct growth *s = mem_calloc(1, sizeof(*s));
	struct run *run = mem_calloc(1, sizeof(*run));
	struct subject subject;
	struct job job = { .subject = &subject,
			   .events = 1,
			   .rate_hz = 1,
			   .start_s = sc->quick ? 2.5 : 10,
			   .tail_s = 0.1,
			   .during = look,
			   .after = close_growth,
			   .ctx = s };
	char command[128];
	int rc;

	s->metric = a->metric;
	s->scale = a->scale;
	s->often = a->often;
	s->total = a->total;
	snprintf(command, sizeof(command), "${bin}/fake_subject %s", a->options);
	rc = job_subject(&subject, sc, SUBJECT_ANY, command);
	rc = rc ? rc : job_run(sc, &job, run, e);
	if (!rc)
		add_amount(sc, a, s);
	subject_release(&subject);
	free(run);
	free(s);
	return rc;
}

int check_process(struct selfcheck *sc, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(amounts); i++)
		rc = check_amount(sc, &amounts[i], e);
	return rc;
}
