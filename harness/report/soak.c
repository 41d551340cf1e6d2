/* Slopes of a soak; see soak.h. */
#include "harness/report/soak.h"

#include <math.h>
#include <string.h>

#include "harness/report/sample.h"
#include "harness/stats/quantile.h"
#include "harness/stats/slope.h"

const char *const model_leak_names[MODEL_LEAKS] = { "no", "yes", "undecided" };

/* Enough for a slope, and quick to resample: a bin is the median of what falls into it. */
#define BINS_MAX 400
#define S_PER_H	 3600.0

typedef double (*value_fn)(const struct series *s, size_t i);

static double uss_of(const struct series *s, size_t i)
{
	return s->v[i].uss_bytes;
}

static double response_of(const struct series *s, size_t i)
{
	return s->v[i].response_p50_us;
}

/* CPU time per event since the row before. */
static double cpu_of(const struct series *s, size_t i)
{
	double events = i ? s->v[i].events - s->v[i - 1].events : 0;

	return events > 0 ? (s->v[i].cpu_ns - s->v[i - 1].cpu_ns) / events : NAN;
}

bool soak_run_counts(const struct run *run, bool with_disturbed)
{
	return (run->status == RUN_OK || (run->status == RUN_DISTURBED && with_disturbed) ||
		(run->status == RUN_UNFINISHED && run->ledger.n)) &&
	       !ledger_first_open(&run->ledger) && !run->oracle.wrong;
}

/* What of the run's series its books cover: rows that stay the result's, n = 0 without any. */
static struct series booked(const struct result *r, const struct run *run)
{
	const struct series *all = result_series(r, run);
	struct series s = { 0 };

	if (all) {
		s = *all;
		s.n = run_rows_booked(run, all);
	}
	return s;
}

/* The first row that is not of the stretch's beginning. */
static size_t settled(const struct series *s)
{
	size_t i = 0;

	while (i < s->n && s->v[i].elapsed_s < s->v[0].elapsed_s + s->settle_s)
		i++;
	return i;
}

/* One point a bin: middle of its times, median of its values. */
static void add_bin(struct sample *out, double *x, double *y, size_t n)
{
	if (n)
		sample_add(out, stats_median(x, n), stats_median(y, n));
}

static void bin(const struct series *s, size_t from, value_fn value, struct sample *out)
{
	size_t n = 0;
	size_t per_bin = (s->n - from + BINS_MAX - 1) / BINS_MAX;
	double *x = mem_calloc(per_bin + 1, sizeof(*x)), *y = mem_calloc(per_bin + 1, sizeof(*y));

	for (size_t i = from; i < s->n; i++) {
		double v = value(s, i);

		if (isfinite(v)) {
			x[n] = s->v[i].elapsed_s;
			y[n++] = v;
		}
		if ((i - from + 1) % per_bin == 0) {
			add_bin(out, x, y, n);
			n = 0;
		}
	}
	add_bin(out, x, y, n);
	free(x);
	free(y);
}

#define JOINT 5 /* points whose median is the level at an end of a stretch */

static double level_at(const double *y, size_t n)
{
	double some[JOINT];

	n = n < JOINT ? n : JOINT;
	memcpy(some, y, n * sizeof(*some));
	return stats_median(some, n);
}

/*
 * A slope common to the stretches, a level for each: what comes from point `from` on is
 * put behind what is there, a step later and at the level where that ended, as
 * if nobody had started the subject again.
 */
static void join(struct sample *s, size_t from)
{
	size_t n = s->n - from, before = from < JOINT ? from : JOINT;
	double dx, dy;

	if (!from || n < 2)
		return;
	dx = s->a[from - 1] - s->a[from] + (s->a[from + 1] - s->a[from]);
	dy = level_at(s->b + from - before, before) - level_at(s->b + from, n);
	for (size_t i = from; i < s->n; i++) {
		s->a[i] += dx;
		s->b[i] += dy;
	}
}

static bool is_of(const struct run *run, const struct model_soak *x)
{
	return run->extractor == x->type && !strcmp(run->phase, "soak") &&
	       !strcmp(run->implementation, x->implementation);
}

/* Of which stretches of which subject. */
struct choice {
	const struct result *r;
	const struct model_soak *x;
	bool with_disturbed;
};

static bool is_chosen(const struct choice *c, const struct run *run)
{
	return is_of(run, c->x) && soak_run_counts(run, c->with_disturbed);
}

/* Per hour; *median (may be NULL) of the binned values themselves. */
static struct estimate slope(const struct choice *c, value_fn value, bool later_half,
			     struct estimate *median)
{
	struct sample s = { 0 }, raw = { 0 };
	const struct result *r = c->r;
	struct estimate est;

	for (size_t i = 0; i < r->n_runs; i++) {
		struct series series = booked(r, &r->runs[i]);
		size_t from = s.n, row;

		if (!is_chosen(c, &r->runs[i]))
			continue;
		row = settled(&series);
		bin(&series, later_half ? row + (series.n - row) / 2 : row, value, &s);
		for (size_t k = from; k < s.n; k++)
			sample_add(&raw, s.b[k], 0);
		join(&s, from);
	}
	est = stats_estimate_slope(s.a, s.b, s.n, VERDICT_NOISE_LEVEL, r->seed);
	est.value *= S_PER_H;
	est.low *= S_PER_H;
	est.high *= S_PER_H;
	if (median)
		*median = stats_estimate_median(raw.a, raw.n, VERDICT_NOISE_LEVEL, r->seed);
	sample_release(&s);
	sample_release(&raw);
	return est;
}

/*
 * Memory comes in pages: over a span, less than one more page cannot be seen.
 * Example: 4,096 bytes over 10 s are 1.5 MB/h, over 2 h 2 kB/h.
 */
static void widen(struct estimate *e, double by)
{
	e->low -= by; /* NaN stays NaN */
	e->high += by;
}

static enum model_leak undecided(struct model_slopes *x, const char *why)
{
	x->leak_why = why;
	return MODEL_LEAK_UNDECIDED;
}

/* A leak goes on: growth that the later half does not show may have been settling. */
static enum model_leak judge(struct model_slopes *x)
{
	const struct estimate *e = &x->leak_bytes_per_h;

	if (x->seen_s < MODEL_LEAK_SPAN_MIN_S)
		return undecided(x, "too short to tell settling from leaking");
	if (isnan(e->low))
		return undecided(x, "too few samples");
	if (e->high < MODEL_LEAK_LIMIT_BYTES_PER_H)
		return MODEL_LEAK_NO;
	if (e->low <= 0)
		return undecided(x, "the interval holds 0 and more than the limit");
	if (!(x->late_bytes_per_h.low > 0)) /* NaN: too few samples of it */
		return undecided(x, "it grew, but the later half alone does not show it");
	return MODEL_LEAK_YES;
}

static void add_series(struct model_slopes *x, const struct series *s, double *page_bytes)
{
	size_t from = settled(s);

	*page_bytes = fmax(*page_bytes, s->page_bytes);
	if (!s->n)
		return;
	if (isnan(x->uss_first_bytes) && from < s->n)
		x->uss_first_bytes = s->v[from].uss_bytes;
	x->uss_last_bytes = s->v[s->n - 1].uss_bytes;
	x->hours += (s->v[s->n - 1].elapsed_s - s->v[0].elapsed_s) / S_PER_H;
	if (from < s->n)
		x->seen_s += s->v[s->n - 1].elapsed_s - s->v[from].elapsed_s;
	x->samples += s->n - from;
}

static void build_slopes(struct model_slopes *x, const struct choice *c)
{
	double page_bytes = 0;

	x->uss_first_bytes = x->uss_last_bytes = NAN;
	for (size_t i = 0; i < c->r->n_runs; i++) {
		struct series s = booked(c->r, &c->r->runs[i]);

		if (!is_chosen(c, &c->r->runs[i]))
			continue;
		x->stretches++;
		add_series(x, &s, &page_bytes);
	}
	x->leak_bytes_per_h = slope(c, uss_of, false, NULL);
	x->late_bytes_per_h = slope(c, uss_of, true, NULL);
	x->resolution_bytes_per_h = page_bytes / x->seen_s * S_PER_H;
	widen(&x->leak_bytes_per_h, x->resolution_bytes_per_h);
	widen(&x->late_bytes_per_h, 2 * x->resolution_bytes_per_h);
	x->leak = judge(x);
	x->response_drift_us_per_h = slope(c, response_of, false, &x->response_us);
	x->cpu_drift_ns_per_h = slope(c, cpu_of, false, &x->cpu_ns_per_event);
}

static void add_run(struct model_soak *x, const struct run *run)
{
	x->stretches++;
	x->checked += run->oracle.checked;
	x->wrong += run->oracle.wrong;
	x->events += run->plan_events;
	if (run->metrics[METRIC_RECONNECTS].there)
		x->reconnects += run->metrics[METRIC_RECONNECTS].value;
	else
		x->reconnects_unknown++;
	x->unfinished += run->status == RUN_UNFINISHED;
	x->counted += soak_run_counts(run, false);
	x->disturbed += soak_run_counts(run, true) && !soak_run_counts(run, false);
	if (!soak_run_counts(run, false) && !x->why)
		x->why = run->why;
}

static void build_one(struct model_soak *x, const struct result *r)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (is_of(&r->runs[i], x))
			add_run(x, &r->runs[i]);
	build_slopes(&x->slopes, &(struct choice){ r, x, false });
	if (x->disturbed)
		build_slopes(&x->with_disturbed, &(struct choice){ r, x, true });
	if (x->disturbed && !x->counted)
		(void)undecided(&x->slopes, "the host disturbed every stretch");
}

size_t soak_subjects(const struct result *r)
{
	const struct run *seen[MODEL_SOAKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];
		size_t k = 0;

		if (strcmp(run->phase, "soak"))
			continue;
		while (k < n && (seen[k]->extractor != run->extractor ||
				 strcmp(seen[k]->implementation, run->implementation)))
			k++;
		if (k == MODEL_SOAKS_MAX)
			return n + 1;
		if (k == n)
			seen[n++] = run;
	}
	return n;
}

static struct model_soak *entry(struct model *m, const struct run *run)
{
	for (size_t i = 0; i < m->n_soaks; i++)
		if (is_of(run, &m->soaks[i]))
			return NULL;
	BUG_ON(m->n_soaks == MODEL_SOAKS_MAX);
	m->soaks[m->n_soaks] = (struct model_soak){ .type = run->extractor,
						    .implementation = run->implementation };
	return &m->soaks[m->n_soaks++];
}

void soak_build(struct model *m, const struct result *r)
{
	for (int t = 0; t < EVENT_TYPES; t++)
		for (size_t i = 0; i < r->n_runs; i++) {
			const struct run *run = &r->runs[i];
			struct model_soak *x = NULL;

			if ((int)run->extractor == t && !strcmp(run->phase, "soak"))
				x = entry(m, run);
			if (x)
				build_one(x, r);
		}
}
