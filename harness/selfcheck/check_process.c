/*
 * What a process does, against what the probes say of it: events, calls, memory,
 * CPU, wakeups, faults, all of a fake subject whose figures are known.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/probes/reconcile.h"
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

#define SERIES_MAX 256
#define SERIES_NS  (200 * NS_PER_MS)

/* What is looked at of one run: everything before and after, USS also meanwhile. */
struct looked {
	struct probe_sample ends[2];
	size_t n;
	double uss_kib_per_s[SERIES_MAX]; /* between two looks */
	int64_t next_ns, last_ns, last_bytes;
};

static int look(struct live *lv, int64_t start_ns UNUSED, void *ctx, struct err *e)
{
	struct looked *l = ctx;
	struct probe_sample *now;
	int rc;

	if (clock_mono_ns() < l->next_ns)
		return 0;
	l->next_ns = clock_mono_ns() + SERIES_NS;
	now = mem_calloc(1, sizeof(*now));
	rc = live_sample(lv, PROBE_BIT(PROBE_USS_BYTES), now, e);
	if (!rc && probe_has(now, PROBE_USS_BYTES)) {
		if (l->last_ns && l->n < SERIES_MAX)
			l->uss_kib_per_s[l->n++] =
				(double)(now->value[PROBE_USS_BYTES] - l->last_bytes) / 1024 /
				((double)(now->at_ns - l->last_ns) / 1e9);
		l->last_ns = now->at_ns;
		l->last_bytes = now->value[PROBE_USS_BYTES];
	}
	free(now);
	return rc;
}

static void keep_ends(struct live *lv UNUSED, const struct probe_sample *looks, void *ctx)
{
	struct looked *l = ctx;

	l->ends[0] = looks[0];
	l->ends[1] = looks[1];
}

static int look_at(struct selfcheck *sc, const char *options, struct looked *l, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	struct subject subject;
	struct job job = { .subject = &subject,
			   .events = 1,
			   .rate_hz = 1,
			   .start_s = sc->quick ? 2.5 : 10,
			   .tail_s = 0.1,
			   .during = look,
			   .after = keep_ends,
			   .ctx = l };
	char command[128];
	int rc;

	snprintf(command, sizeof(command), "${bin}/fake_subject %s", options);
	rc = job_subject(&subject, sc, SUBJECT_ANY, command);
	rc = rc ? rc : job_run(sc, &job, run, e);
	subject_release(&subject);
	free(run);
	return rc;
}

#define SLOPE PROBE_METRICS /* of USS, from the looks meanwhile */

struct amount {
	const char *options; /* neighbours with the same share a run */
	const char *what, *goal;
	int metric; /* enum probe_metric or SLOPE */
	double scale;
	bool total; /* a growth, not one per second */
	struct known_range range;
};

/*
 * Tolerances: the leak comes in ticks of 20 ms, so two looks 200 ms apart see one
 * tick in ten more or less and only the median is asked for; a tick's burning ends
 * within a microsecond of its share; the event itself and the question at the end are
 * a wakeup each, and the program's first steps after READY=1 are a few faults.
 */
static const struct amount amounts[] = {
	{ "--leak 1MiB",
	  "leak of 1,024 KiB/s (median slope of USS)",
	  "1,024 ± 52 KiB/s",
	  SLOPE,
	  1,
	  false,
	  { 972, 1076, KNOWN_WRONG, "KiB/s", 1 } },
	{ "--busy 0.3",
	  "busy 30 % of a core (CPU clock)",
	  "30 ± 0.5 %",
	  PROBE_CPU_NS,
	  100 / 1e9,
	  false,
	  { 29.5, 30.5, KNOWN_WRONG, "%", 2 } },
	{ "--busy 0.3",
	  "busy 30 % of a core (schedstat)",
	  "30 ± 0.5 %",
	  PROBE_SCHED_CPU_NS,
	  100 / 1e9,
	  false,
	  { 29.5, 30.5, KNOWN_WRONG, "%", 2 } },
	{ "--busy 0.3",
	  "busy 30 % of a core (eBPF)",
	  "30 ± 0.5 %",
	  PROBE_EBPF_CPU_NS,
	  100 / 1e9,
	  false,
	  { 29.5, 30.5, KNOWN_WRONG, "%", 2 } },
	{ "--tick 50",
	  "no leak",
	  "0 ± 8 KiB/s",
	  SLOPE,
	  1,
	  false,
	  { -8, 8, KNOWN_WRONG, "KiB/s", 1 } },
	{ "--tick 50",
	  "50 wakeups/s (voluntary switches)",
	  "50 ± 1.5 /s",
	  PROBE_VOL_SWITCHES,
	  1,
	  false,
	  { 48.5, 51.5, KNOWN_WRONG, "/s", 2 } },
	{ "--tick 50",
	  "50 wakeups/s (eBPF, switches)",
	  "50 ± 1.5 /s",
	  PROBE_EBPF_VOL_SWITCHES,
	  1,
	  false,
	  { 48.5, 51.5, KNOWN_WRONG, "/s", 2 } },
	{ "--pages-at 1 --pages 1000",
	  "1,000 fresh pages (minor faults)",
	  "1,000 … 1,010",
	  PROBE_MINOR_FAULTS,
	  1,
	  true,
	  { 1000, 1010, KNOWN_WRONG, "", 0 } },
	{ "--pages-at 1 --pages 1000",
	  "1,000 fresh pages (eBPF)",
	  "1,000 … 1,010",
	  PROBE_EBPF_FAULTS,
	  1,
	  true,
	  { 1000, 1010, KNOWN_WRONG, "", 0 } },
};

static void add_amount(struct selfcheck *sc, const struct amount *a, const struct looked *l)
{
	struct known *k = known_add(&sc->table, KNOWN_TRUTHS, a->what, a->goal);
	double seconds = (double)(l->ends[1].at_ns - l->ends[0].at_ns) / 1e9, value = NAN;
	int64_t delta;

	if (a->metric == SLOPE) {
		struct estimate est = stats_estimate_median(l->uss_kib_per_s, l->n, 0.95, 1);

		known_estimate(k, &est, &a->range);
		return;
	}
	if (probe_delta(&l->ends[0], &l->ends[1], (enum probe_metric)a->metric, &delta))
		value = (double)delta * a->scale / (a->total ? 1 : seconds);
	else
		snprintf(k->note, sizeof(k->note), "%s", l->ends[1].reason[a->metric]);
	known_value(k, value, 1, &a->range);
}

/* ---- eBPF beside /proc ----------------------------------------------------------------------- */

/* Of a subject that is hardly ever off its core, so that most of its time is in the slice that runs. */
static void add_reconciled(struct selfcheck *sc, const struct looked *l)
{
	static const struct known_range any = { -INFINITY, INFINITY, KNOWN_MISSED, "% apart", 3 };
	static const enum reconcile_id rows[] = { RECONCILE_CPU, RECONCILE_SCHED_CPU };
	static const char *const against[] = { "its CPU clock", "/proc/PID/schedstat" };
	struct reconcile *r = mem_calloc(1, sizeof(*r));

	reconcile(&l->ends[0], &l->ends[1], r);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct reconcile_row *row = &r->rows[rows[i]];
		char what[96];
		struct known *k;

		snprintf(what, sizeof(what), "eBPF against %s, busy 90 %%", against[i]);
		k = known_add(&sc->table, KNOWN_PROBER, what, "CPU within 0.5 % or 1 ms per 10 s");
		snprintf(k->note, sizeof(k->note), "%s", row->why);
		known_value(k, row->there ? row->residual_pct : NAN, 1, &any);
		if (!row->there)
			continue;
		k->verdict = row->within ? KNOWN_OK : KNOWN_MISSED;
		snprintf(k->note, sizeof(k->note), "%.3f ms in %.1f s", (double)row->residual / 1e6,
			 r->seconds);
	}
	free(r);
}

int check_process(struct selfcheck *sc, struct err *e)
{
	struct looked *l = mem_calloc(1, sizeof(*l));
	const char *options = "";
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(amounts); i++) {
		if (strcmp(amounts[i].options, options)) {
			options = amounts[i].options;
			*l = (struct looked){ 0 };
			rc = look_at(sc, options, l, e);
		}
		if (!rc)
			add_amount(sc, &amounts[i], l);
	}
	*l = (struct looked){ 0 };
	rc = rc ? rc : look_at(sc, "--busy 0.9", l, e);
	if (!rc)
		add_reconciled(sc, l);
	free(l);
	return rc;
}
