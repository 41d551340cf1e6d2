/* Tables and plot of a soak; see render_soak.h.  Nothing is computed here but scaling. */
#include "harness/report/render_soak.h"

#include <math.h>
#include <string.h>

#include "harness/report/soak.h"
#include "harness/report/titles.h"

/* What it means to leak. */
static const enum doc_mark leak_marks[MODEL_LEAKS] = {
	[MODEL_LEAK_NO] = DOC_GOOD,
	[MODEL_LEAK_YES] = DOC_BAD,
	[MODEL_LEAK_UNDECIDED] = DOC_NEUTRAL,
};

void render_soak_line(const struct model *m, struct doc *d)
{
	if (!m->n_soaks)
		return;
	doc_item(d);
	doc_text(d, "Soak, leaks at %.0f %%: ", 100 * VERDICT_NOISE_LEVEL);
	for (size_t i = 0; i < m->n_soaks; i++) {
		const struct model_soak *x = &m->soaks[i];

		doc_text(d, "%s%s %s ", i ? ", " : "", event_type_names[x->type],
			 title_of(x->implementation));
		doc_badge(d, leak_marks[x->slopes.leak], "%s", model_leak_names[x->slopes.leak]);
	}
	doc_text(d, ".");
}

static void number(struct doc *d, double v, int decimals)
{
	if (isfinite(v))
		doc_text(d, "%.*f", decimals, v);
	else
		doc_text(d, "–");
}

/* "12.3 [4.5, 20.1], n 60", or why not */
static void estimate_cell(struct doc *d, const struct estimate *e, double scale, int decimals,
			  const char *why)
{
	bool there = e->n && isfinite(e->low);

	doc_cell(d);
	doc_sort_key(d, there ? e->value * scale : NAN);
	if (!e->n) {
		doc_text(d, "unavailable: %s", why);
		return;
	}
	if (!there) {
		doc_text(d, "unavailable: n %zu is too few for an interval", e->n);
		return;
	}
	number(d, e->value * scale, decimals);
	doc_text(d, " [");
	number(d, e->low * scale, decimals);
	doc_text(d, ", ");
	number(d, e->high * scale, decimals);
	doc_text(d, "], n %zu", e->n);
}

static void leak_cell(struct doc *d, const struct model_slopes *s)
{
	doc_cell(d);
	doc_badge(d, leak_marks[s->leak], "%s", model_leak_names[s->leak]);
	if (s->leak_why)
		doc_text(d, ": %s", s->leak_why);
}

static void memory_row(struct doc *d, const struct model_soak *x, const struct model_slopes *s,
		       const char *which)
{
	const char *none = s->stretches	  ? "too few samples"
			   : x->disturbed ? "the host disturbed every stretch"
					  : "no stretch counts";
	const char *no_response =
		s->stretches ? "too few samples with features (or no trace)" : none;

	doc_row(d);
	doc_text_cell(d, "%s", event_type_names[x->type]);
	doc_text_cell(d, "%s", title_of(x->implementation));
	if (which) {
		doc_text(d, ", ");
		doc_strong(d, "%s", which);
	}
	doc_cell(d);
	doc_sort_key(d, s->hours);
	number(d, s->hours, 2);
	doc_text(d, " h, %zu", s->stretches);
	doc_number_cell(d, (double)s->samples, "%zu", s->samples);
	estimate_cell(d, &s->leak_bytes_per_h, 1e-3, 1, none);
	leak_cell(d, s);
	doc_cell(d);
	doc_sort_key(d, s->uss_last_bytes);
	number(d, s->uss_first_bytes / 1e6, 2);
	doc_text(d, " → ");
	number(d, s->uss_last_bytes / 1e6, 2);
	estimate_cell(d, &s->response_drift_us_per_h, 1, 0, no_response);
	estimate_cell(d, &s->response_us, 1, 0, no_response);
	estimate_cell(d, &s->cpu_drift_ns_per_h, 1, 0, none);
	estimate_cell(d, &s->cpu_ns_per_event, 1, 0, none);
}

static void memory_table(struct doc *d, const struct model *m)
{
	static const struct {
		enum doc_column kind;
		const char *title;
	} columns[] = {
		{ DOC_TEXT, "extractor" },	   { DOC_TEXT, "of" },
		{ DOC_NUMBER, "load, stretches" }, { DOC_NUMBER, "samples" },
		{ DOC_NUMBER, "leak, kB/h" },	   { DOC_TEXT, "leaks at 99 %" },
		{ DOC_NUMBER, "USS, MB" },	   { DOC_NUMBER, "response drift, µs/h" },
		{ DOC_NUMBER, "response, µs" },	   { DOC_NUMBER, "CPU drift, ns/event/h" },
		{ DOC_NUMBER, "CPU, ns/event" },
	};

	doc_table(d);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		doc_column(d, columns[i].kind, "%s", columns[i].title);
	for (size_t i = 0; i < m->n_soaks; i++) {
		const struct model_soak *x = &m->soaks[i];

		memory_row(d, x, &x->slopes, NULL);
		if (x->disturbed)
			memory_row(d, x, &x->with_disturbed, "with disturbed stretches");
	}
}

static void stretches_cell(struct doc *d, const struct model_soak *x)
{
	doc_text_cell(d, "%zu of %zu stretches count", x->counted, x->stretches);
	if (x->unfinished)
		doc_text(d, "; %zu cut off: books as of its last segment", x->unfinished);
	if (x->disturbed)
		doc_text(d, "; %zu left out, on a disturbed host", x->disturbed);
	if (x->why) {
		doc_text(d, "; ");
		doc_strong(d, "%s", x->why);
	}
}

static void work_row(struct doc *d, const struct model_soak *x)
{
	doc_row(d);
	doc_text_cell(d, "%s", event_type_names[x->type]);
	doc_text_cell(d, "%s", title_of(x->implementation));
	doc_number_cell(d, (double)x->events, "%lld", (long long)x->events);
	doc_number_cell(d, (double)x->checked, "%lld, %lld wrong", (long long)x->checked,
			(long long)x->wrong);
	if (x->reconnects_unknown)
		doc_number_cell(d, NAN, "unavailable: %zu stretch(es) without final counters",
				x->reconnects_unknown);
	else
		doc_number_cell(d, x->reconnects, "%.0f", x->reconnects);
	stretches_cell(d, x);
}

static void work_table(struct doc *d, const struct model *m)
{
	doc_table(d);
	doc_column(d, DOC_TEXT, "extractor");
	doc_column(d, DOC_TEXT, "of");
	doc_column(d, DOC_NUMBER, "events sent");
	doc_column(d, DOC_NUMBER, "messages checked");
	doc_column(d, DOC_NUMBER, "reconnects");
	doc_column(d, DOC_TEXT, "ledger and oracle");
	for (size_t i = 0; i < m->n_soaks; i++)
		work_row(d, &m->soaks[i]);
}

/* How intervals were made, by the first that has one. */
static enum stats_method method_of(const struct model *m)
{
	for (size_t i = 0; i < m->n_soaks; i++) {
		const struct model_soak *x = &m->soaks[i];

		if (isfinite(x->slopes.leak_bytes_per_h.low))
			return x->slopes.leak_bytes_per_h.method;
		if (x->disturbed && isfinite(x->with_disturbed.leak_bytes_per_h.low))
			return x->with_disturbed.leak_bytes_per_h.method;
	}
	return STATS_GROWTHS; /* of none, what it would have been */
}

static void how_slopes_are_made(struct doc *d, const struct model *m)
{
	doc_paragraph(d);
	doc_text(
		d,
		"Slopes are common to the stretches, each with its own level; intervals at %.0f %% by "
		"%s, that of memory widened by one page over the time seen. ",
		100 * VERDICT_NOISE_LEVEL, stats_method_names[method_of(m)]);
	doc_emphasis(d, "Leaks");
	doc_text(d, ": ");
	doc_emphasis(d, "no");
	doc_text(d, " when the whole interval is below %.0f kB/h, ",
		 MODEL_LEAK_LIMIT_BYTES_PER_H / 1e3);
	doc_emphasis(d, "yes");
	doc_text(
		d,
		" when it reaches above that and is wholly above 0, in the later half alone, too; else, "
		"and always below %.0f s of load, ",
		MODEL_LEAK_SPAN_MIN_S);
	doc_emphasis(d, "undecided");
	doc_text(
		d,
		". Stretches on a disturbed host are left out; a line beside has them in. Responses are "
		"medians of each sample, from the intended time of the event that triggers a feature "
		"message to its receipt. CPU is of all events, those of other types too. The medians of "
		"both are of a slope's points, their intervals (%.0f %%, as if points were independent) "
		"by bootstrap or wider by order statistics. Every sample is in ",
		100 * VERDICT_NOISE_LEVEL);
	doc_code(d, "soak/*.csv");
	doc_text(d, ".");
}

void render_soak(const struct model *m, struct doc *d)
{
	memory_table(d, m);
	work_table(d, m);
	how_slopes_are_made(d, m);
}
