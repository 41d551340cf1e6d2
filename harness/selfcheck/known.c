/* The table of a self-check; see known.h. */
#include "harness/selfcheck/known.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/mem.h"

const char *const known_verdict_names[KNOWN_VERDICTS] = { "ok", "missed", "WRONG", "unavailable" };

static const char *const section_titles[KNOWN_SECTIONS] = {
	[KNOWN_TRUTHS] = "What is known of the subjects",
	[KNOWN_LOADGEN] = "The load generator",
	[KNOWN_PROBER] = "The prober",
	[KNOWN_JUDGEMENT] = "The judgement",
};

void known_release(struct known_table *t)
{
	free(t->v);
	*t = (struct known_table){ 0 };
}

struct known *known_add(struct known_table *t, enum known_section section, const char *what,
			const char *goal)
{
	struct known *k;

	t->v = mem_realloc(t->v, t->n + 1, sizeof(*t->v));
	k = &t->v[t->n++];
	*k = (struct known){ .section = section };
	snprintf(k->what, sizeof(k->what), "%s", what);
	snprintf(k->goal, sizeof(k->goal), "%s", goal);
	return k;
}

void known_unavailable(struct known_table *t, enum known_section section, const char *what,
		       const char *goal, const char *why_fmt, ...)
{
	struct known *k = known_add(t, section, what, goal);
	va_list ap;

	k->verdict = KNOWN_UNAVAILABLE;
	va_start(ap, why_fmt);
	vsnprintf(k->note, sizeof(k->note), why_fmt, ap);
	va_end(ap);
}

void known_value(struct known *k, double value, size_t n, const struct known_range *r)
{
	k->n = n;
	if (isnan(value)) {
		k->verdict = KNOWN_UNAVAILABLE;
		if (!k->note[0])
			snprintf(k->note, sizeof(k->note), "nothing was measured");
		return;
	}
	snprintf(k->reached, sizeof(k->reached), "%.*f%s%s", r->decimals, value,
		 r->unit[0] ? " " : "", r->unit);
	k->verdict = value >= r->low && value <= r->high ? KNOWN_OK : r->otherwise;
}

void known_estimate(struct known *k, const struct estimate *est, const struct known_range *r)
{
	known_value(k, est->value, est->n, r);
	if (est->n >= 2)
		snprintf(k->interval, sizeof(k->interval), "%.*f … %.*f, %.1f %%, %s", r->decimals,
			 est->low, r->decimals, est->high, 100 * est->level,
			 stats_method_names[est->method]);
}

void known_ratio(struct known *k, const struct estimate *est, const struct known_truth *truth)
{
	static const struct known_range any = { 0, INFINITY, KNOWN_WRONG, "×", 4 };

	known_estimate(k, est, &any);
	if (k->verdict != KNOWN_OK)
		return;
	/* Asked this way round, what is NaN is not right. */
	if (!(est->low <= truth->high && est->high >= truth->low))
		k->verdict = KNOWN_WRONG;
	else if (truth->differs && est->low <= 1 && est->high >= 1)
		k->verdict = KNOWN_MISSED;
}

struct estimate known_difference(const struct estimate *with, const struct estimate *without)
{
	return (struct estimate){
		.n = with->n < without->n ? with->n : without->n,
		.value = with->value - without->value,
		.low = with->low - without->high,
		.high = with->high - without->low,
		.level = fmax(0, with->level + without->level - 1),
		.se = hypot(with->se, without->se),
		.method = with->method,
	};
}

size_t known_count(const struct known_table *t, enum known_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->v[i].verdict == verdict;
	return n;
}

static void write_row(const struct known *k, struct buf *out)
{
	buf_printf(out, "| %s | %s | ", k->what, k->goal);
	if (k->verdict == KNOWN_UNAVAILABLE)
		buf_printf(out, "unavailable: %s | – | – | – | |\n", k->note);
	else if (k->n)
		buf_printf(out, "%s | %s | %zu | %s | %s |\n", k->reached,
			   k->interval[0] ? k->interval : "–", k->n,
			   known_verdict_names[k->verdict], k->note);
	else
		buf_printf(out, "%s | – | – | %s | %s |\n", k->reached,
			   known_verdict_names[k->verdict], k->note);
}

void known_write(const struct known_table *t, struct buf *out)
{
	for (int s = 0; s < KNOWN_SECTIONS; s++) {
		buf_printf(out,
			   "\n## %s\n\n| what | known or goal | reached | interval | n | | note |\n"
			   "|---|---|---|---|---|---|---|\n",
			   section_titles[s]);
		for (size_t i = 0; i < t->n; i++)
			if (t->v[i].section == (enum known_section)s)
				write_row(&t->v[i], out);
	}
}
