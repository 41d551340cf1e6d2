/* What speaks against trusting a decision; see decision_words.h.  A new risk is a new row. */
#include <stdio.h>
#include <string.h>

#include "harness/judge/decision_words.h"
#include "harness/report/titles.h"

/* Each appends a line's text, or nothing. */
typedef void (*risk_fn)(const struct decision *d, struct buf *out);

static void unfit(const struct decision *d, struct buf *out)
{
	const char *why = result_fact(d->model->result, RESULT_FACT_UNFIT);

	if (why)
		buf_printf(out, "The host was unfit to measure: %s.", why);
}

static void stopped(const struct decision *d, struct buf *out)
{
	if (!d->model->result->complete)
		buf_printf(out, "The session did not go to its end: %s.",
			   d->model->result->stopped_by);
}

static void short_profile(const struct decision *d, struct buf *out)
{
	if (!strcmp(d->model->result->profile, "quick"))
		buf_add_str(out, "Profile quick: a first look, too short for verdicts.");
}

static void is_virtual(const struct decision *d, struct buf *out)
{
	const char *fact = result_fact(d->model->result, "host.hypervisor");

	if (fact && !strncmp(fact, "virtual", 7))
		buf_add_str(out, "The host is a virtual machine: absolute times and the money made "
				 "of them are this host's, and its neighbours' load is not seen.");
}

static void dirty(const struct decision *d, struct buf *out)
{
	const char *fact = result_fact(d->model->result, "build.commit");
	size_t n = fact ? strlen(fact) : 0;

	if (n > 6 && !strcmp(fact + n - 6, "-dirty"))
		buf_printf(out,
			   "The programs were built from changed sources (%s): the commit does "
			   "not make them again.",
			   fact);
}

static void old_one_failed(const struct decision *d, struct buf *out)
{
	for (int i = 0; i < EVENT_TYPES; i++) {
		const struct decision_record *rec = &d->extractors[i].evidence.record[0];

		if (rec->wrong || rec->failed)
			buf_printf(out,
				   "%s%s %s itself: %lld messages wrong, %zu runs void or failed.",
				   out->len ? " " : "", title_of(d->rules->from),
				   event_type_names[i], (long long)rec->wrong, rec->failed);
	}
}

static void disturbed(const struct decision *d, struct buf *out)
{
	size_t n = 0, runs = 0;

	for (int i = 0; i < EVENT_TYPES; i++)
		for (int side = 0; side < 2; side++) {
			n += d->extractors[i].evidence.record[side].disturbed;
			runs += d->extractors[i].evidence.record[side].runs;
		}
	if (n)
		buf_printf(out,
			   "Other programs or the hypervisor disturbed %zu of %zu runs, which were "
			   "left out.",
			   n, runs);
}

static void without_verdict(const struct decision *d, struct buf *out)
{
	size_t n = 0;

	for (int i = 0; i < EVENT_TYPES; i++)
		for (int k = 0; k < DECISION_SLOTS; k++) {
			const struct decision_figure *f = &d->extractors[i].evidence.figures[k];

			if (!d->extractors[i].measured || f->verdict != VERDICT_TOO_FEW)
				continue;
			buf_printf(out, "%s%s %s", n++ ? ", " : "No verdict (gains not counted): ",
				   event_type_names[i], decision_slot_names[k]);
		}
	if (n)
		buf_add_char(out, '.');
}

static void unavailable_items(const struct decision *d, struct buf *out)
{
	size_t n = 0;

	for (int i = 0; i < EVENT_TYPES; i++)
		n += d->extractors[i].evidence.items.unavailable;
	if (n)
		buf_printf(out, "%zu integration item%s of %s unavailable.", n, n == 1 ? "" : "s",
			   n == 1 ? "the new one is" : "the new ones are");
}

static void no_soak(const struct decision *d, struct buf *out)
{
	size_t none = 0, unsure = 0;
	double hours = 0;

	for (int i = 0; i < EVENT_TYPES; i++) {
		const struct model_soak *soak = d->extractors[i].evidence.soak;

		none += d->extractors[i].measured && !soak;
		if (!soak)
			continue;
		unsure += soak->slopes.leak == MODEL_LEAK_UNDECIDED;
		hours = hours > soak->slopes.hours ? hours : soak->slopes.hours;
	}
	if (none)
		buf_printf(out, "No soak of %zu extractor%s: a slow leak would not have been seen.",
			   none, none == 1 ? "" : "s");
	if (unsure)
		buf_printf(
			out,
			"%sThe soak (%.2f h) leaves it open whether %zu of them leak%s: sign off "
			"after 24 h.",
			out->len ? " " : "", hours, unsure, unsure == 1 ? "s" : "");
}

static void assumed(const struct decision *d, struct buf *out)
{
	buf_printf(out,
		   "Money follows from declared prices, %.0f machines and %.0f events a day: edit "
		   "[cost], [load] and [prices] of the rules.",
		   d->rules->machines, d->rules->events_a_day);
}

static const risk_fn risks[] = { unfit,	     stopped,	      short_profile,
				 is_virtual, dirty,	      old_one_failed,
				 disturbed,  without_verdict, unavailable_items,
				 no_soak,    assumed };

size_t decision_risks(const struct decision *d, void (*add)(void *arg, const char *line), void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(risks); i++) {
		struct buf line = { 0 };

		risks[i](d, &line);
		if (line.len) {
			add(arg, buf_str(&line));
			n++;
		}
		buf_release(&line);
	}
	return n;
}
