/*
 * The first screen; see render_top.h.
 *
 * What the figures are is decided in headlines.c; details are left to the sections below.
 */
#include "harness/report/render_top.h"

#include <math.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/report/headlines.h"
#include "harness/report/render_items.h"
#include "harness/report/render_runs.h"
#include "harness/report/render_soak.h"
#include "harness/report/render_trials.h"
#include "harness/report/render_tuning.h"
#include "harness/report/render_words.h"
#include "harness/report/titles.h"

/* ---- what was compared -------------------------------------------------------------- */

#define NAMES_MAX 24

struct names {
	size_t n, left_out;
	const char *v[NAMES_MAX];
};

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			return;
	if (names->n < NAMES_MAX)
		names->v[names->n++] = name;
	else
		names->left_out++;
}

/* The relay is the floor of latency. */
static void add_implementation(struct names *names, const char *implementation)
{
	add_name(names, model_is_floor(implementation) ? "floor" : title_of(implementation));
}

static void write_names(struct doc *d, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		doc_text(d, "%s%s", i ? ", " : "", names->v[i]);
	if (names->left_out)
		doc_text(d, " and others");
}

/* By runs, so that a scenario without comparisons (soak, integration) is named as well. */
static void compared_line(struct doc *d, const struct model *m)
{
	struct names implementations = { 0 }, extractors = { 0 }, scenarios = { 0 };
	const struct result *r = m->result;
	bool has_type[EVENT_TYPES] = { false };

	for (size_t i = 0; i < m->n_sections; i++)
		for (size_t k = 0;
		     !m->sections[i].of_tuning && k < m->sections[i].n_implementations; k++)
			add_implementation(&implementations, m->sections[i].implementations[k]);
	for (size_t i = 0; i < m->n_soaks; i++)
		add_implementation(&implementations, m->soaks[i].implementation);
	for (size_t i = 0; i < r->n_runs; i++) {
		has_type[r->runs[i].extractor] = true;
		add_name(&scenarios, r->runs[i].scenario);
	}
	for (int type = 0; type < EVENT_TYPES; type++)
		if (has_type[type])
			add_name(&extractors, event_type_names[type]);
	if (!implementations.n || !r->n_runs)
		return;
	doc_paragraph(d);
	doc_text(d, "Compared: ");
	write_names(d, &implementations);
	doc_text(d, "; each as ");
	write_names(d, &extractors);
	doc_text(d, "; in ");
	write_names(d, &scenarios);
	doc_text(d, ".");
}

static void add_date(struct doc *d, int64_t wall_us)
{
	char iso[CLOCK_ISO_MAX];
	size_t n = clock_format_iso(iso, wall_us / US_PER_S * US_PER_S);

	doc_text(d, "%.*s", (int)n, iso);
}

/* ", took 2 min 49 s" */
static void add_duration(struct doc *d, int64_t us)
{
	int s = (int)(us / US_PER_S);

	if (s >= 60)
		doc_text(d, ", took %d min %d s", s / 60, s % 60);
	else
		doc_text(d, ", took %d s", s);
}

static void session_line(struct doc *d, const struct result *r)
{
	doc_paragraph(d);
	doc_text(d, "Session ");
	doc_code(d, "%s", r->id);
	doc_text(d, ", profile %s, started ", r->profile);
	add_date(d, r->started_wall_us);
	if (r->finished_wall_us > r->started_wall_us)
		add_duration(d, r->finished_wall_us - r->started_wall_us);
	doc_text(d, ", seed %llu.", (unsigned long long)r->seed);
}

void render_session(const struct model *m, struct doc *d)
{
	const struct result *r = m->result;
	const char *unfit = result_fact(r, RESULT_FACT_UNFIT);

	compared_line(d, m);
	session_line(d, r);
	if (unfit) {
		doc_warning(d);
		doc_strong(d, "The host was unfit to measure: %s.", unfit);
		doc_text(d, " The session was told to go on anyway; its figures are not for "
			    "decisions.");
	}
	if (!r->complete) {
		doc_warning(d);
		doc_strong(d, "Not complete: %s.", r->stopped_by);
		doc_text(d, " What was measured until then is below.");
	}
}

/* ---- what came out ------------------------------------------------------------------ */

/* The floor is a bound and no rival: to be worse than it is no fault. */
static enum doc_mark mark_in(const struct headline_table *t, enum verdict v)
{
	return t->of_floor && v != VERDICT_VOID ? DOC_NEUTRAL : render_mark(v);
}

static void table_title(struct buf *out, const struct headline_table *t)
{
	buf_reset(out);
	buf_printf(out, "%s / %s", title_of(t->b), t->of_floor ? "floor" : title_of(t->a));
}

static void count_words(struct doc *d, const struct headline_table *t, enum event_type type)
{
	bool any = false;

	for (int v = 0; v < VERDICTS; v++) {
		size_t n = t->by_verdict[type][v];

		if (!n)
			continue;
		doc_text(d, "%s", any ? ", " : "");
		doc_badge(d, mark_in(t, (enum verdict)v), "%zu %s", n, verdict_names[v]);
		any = true;
	}
}

/* "mouse: C / Python 5 better, 1 undecided": one item an extractor; floors only if there is no other. */
static void verdict_items(struct doc *d, const struct headlines *h)
{
	bool floors_alone = h->n && h->tables[0].of_floor;
	struct buf title = { 0 };

	for (int type = 0; type < EVENT_TYPES; type++) {
		bool any = false;

		for (size_t i = 0; i < h->n; i++) {
			const struct headline_table *t = &h->tables[i];

			if (!t->has_type[type] || (t->of_floor && !floors_alone))
				continue;
			if (!any) {
				doc_item(d);
				doc_strong(d, "%s", event_type_names[type]);
			}
			table_title(&title, t);
			doc_text(d, "%s%s: ", any ? "; " : ", ", buf_str(&title));
			count_words(d, t, (enum event_type)type);
			any = true;
		}
		if (any)
			doc_text(d, ".");
	}
	buf_release(&title);
}

static void figure_cell(struct doc *d, const struct headline_table *t, const struct model_ratio *r)
{
	doc_cell(d);
	if (!r) {
		doc_text(d, "–");
		doc_sort_key(d, NAN);
		return;
	}
	doc_sort_key(d, r->est.n ? r->est.value : NAN);
	if (r->est.n) {
		doc_text(d, "%s%.*f× ", render_bound(r), render_ratio_decimals(r->est.value),
			 r->est.value);
		doc_badge(d, mark_in(t, r->verdict), "%s", verdict_names[r->verdict]);
		return;
	}
	doc_text(d, "unavailable: %s", r->why ? r->why : "no pair with both sides valid");
	if (r->verdict == VERDICT_VOID) {
		doc_text(d, " ");
		doc_badge(d, DOC_VOID, "%s", verdict_names[r->verdict]);
	}
}

static void headline_row(struct doc *d, const struct headline_table *t, const struct headline *x)
{
	static const char *const wants[] = {
		[HIGHER_IS_BETTER] = "more",
		[LOWER_IS_BETTER] = "less",
		[NEITHER_IS_BETTER] = "",
	};

	doc_row(d);
	doc_cell(d);
	if (strcmp(x->section->scenario, x->section->phase))
		doc_text(d, "%s, ", x->section->scenario);
	doc_text(d, "%s: %s", x->section->phase, metrics[x->metric].title);
	for (int type = 0; type < EVENT_TYPES; type++)
		if (t->has_type[type])
			figure_cell(d, t, x->ratios[type]);
	doc_text_cell(d, "%s", wants[metrics[x->metric].better]);
}

static void headline_table(struct doc *d, const struct headline_table *t)
{
	struct buf title = { 0 };

	table_title(&title, t);
	doc_heading(d, 3, "%s", buf_str(&title));
	buf_release(&title);
	doc_paragraph(d);
	doc_text(d, "%s divided by %s: 0.50× is half as much.", title_of(t->b),
		 t->of_floor ? "the floor" : title_of(t->a));
	if (t->of_floor)
		doc_text(d, " The floor does the least work possible: how far it is away, not who "
			    "wins.");
	doc_table(d);
	doc_column(d, DOC_TEXT, "figure");
	for (int type = 0; type < EVENT_TYPES; type++)
		if (t->has_type[type])
			doc_column(d, DOC_NUMBER, "%s", event_type_names[type]);
	doc_column(d, DOC_TEXT, "better is");
	for (size_t i = 0; i < t->n; i++)
		headline_row(d, t, &t->rows[i]);
}

static void what_came_out(struct doc *d, const struct model *m, const struct headlines *h)
{
	doc_heading(d, 2, "What came out");
	verdict_items(d, h);
	render_items_line(&m->items, d);
	render_soak_line(m, d);
	if (!h->n && !m->items.n_rows && !m->n_soaks) {
		doc_paragraph(d);
		doc_text(d, "Nothing that is compared at a glance; what was measured is below.");
	}
	for (size_t i = 0; i < h->n; i++)
		headline_table(d, &h->tables[i]);
}

/* ---- how sure it is ------------------------------------------------------------------- */

static void oracle_line(struct doc *d, const struct model *m)
{
	doc_item(d);
	doc_text(d, "The oracle checked %lld feature messages, member by member: ",
		 (long long)m->messages_checked);
	if (m->messages_wrong)
		doc_badge(d, DOC_BAD, "%lld wrong", (long long)m->messages_wrong);
	else
		doc_text(d, "0 wrong");
	doc_text(d, ", %lld could not be checked.", (long long)m->messages_unchecked);
}

static void host_line(struct doc *d, const struct result *r)
{
	const char *unfit = result_fact(r, RESULT_FACT_UNFIT);
	const char *noise = result_fact(r, "noise score");

	doc_item(d);
	if (unfit) {
		doc_text(d, "The host: ");
		doc_badge(d, DOC_BAD, "unfit");
		doc_text(d, ", %s.", unfit);
	} else if (noise) {
		doc_text(d, "The host: nothing spoke against measuring; noise score %s.", noise);
	} else {
		doc_text(d, "The host: unavailable: it was not examined.");
	}
}

static void noise_line(struct doc *d, const struct headlines *h)
{
	const struct headline_noise *noise = &h->noise;

	if (!h->figures)
		return;
	doc_item(d);
	if (!noise->n) {
		doc_text(
			d,
			"Noise: unavailable: no figure above has an A/A (a subject against itself) "
			"of enough pairs, so none of them can be called better or worse.");
		return;
	}
	doc_text(
		d,
		"Noise: by A/A (a subject against itself, at %.0f %%) a figure must differ by more than "
		"%.1f to %.1f %%, depending on the figure (%zu of them)",
		100 * VERDICT_NOISE_LEVEL, 100 * noise->least_frac, 100 * noise->most_frac,
		noise->n);
	if (noise->missing)
		doc_text(d, "; %zu %s no A/A of enough pairs and cannot be called better or worse",
			 noise->missing, noise->missing == 1 ? "has" : "have");
	doc_text(d, ".");
}

static void how_sure(struct doc *d, const struct model *m, const struct headlines *h)
{
	doc_heading(d, 2, "How sure it is");
	render_runs_line(m, d);
	render_trials_line(m, d);
	oracle_line(d, m);
	host_line(d, m->result);
	noise_line(d, h);
}

/* ---- what to do ------------------------------------------------------------------------- */

static const char *more_pairs(const char *profile)
{
	static const char *const next[][2] = { { "quick", "make bench PROFILE=standard" },
					       { "standard", "make bench PROFILE=full" } };

	for (size_t i = 0; i < ARRAY_SIZE(next); i++)
		if (!strcmp(profile, next[i][0]))
			return next[i][1];
	return NULL;
}

static void undecided_item(struct doc *d, const struct model *m, const struct headlines *h)
{
	const char *command = more_pairs(m->result->profile);

	doc_item(d);
	doc_text(d, "%zu of %zu figures above are undecided; the table of each phase says why. ",
		 h->undecided, h->figures);
	if (command) {
		doc_text(d, "More pairs decide more: ");
		doc_code(d, "%s", command);
		doc_text(d, ".");
	} else {
		doc_text(d, "A quieter host decides more.");
	}
}

static void bad_runs_item(struct doc *d, size_t n)
{
	doc_item(d);
	doc_badge(d, DOC_VOID, "%zu run%s void or failed", n, plural(n));
	doc_text(d, ": read why under ");
	doc_link_to(d, RUNS_HEADING, "%s", RUNS_HEADING);
	doc_text(d, " before a figure of that subject is used.");
}

static void what_to_do(struct doc *d, const struct report_parts *parts, const struct headlines *h)
{
	const struct model *m = parts->model;
	size_t bad = m->by_status[RUN_VOID] + m->by_status[RUN_FAILED];

	if (!m->n_tunings && !h->undecided && !bad)
		return;
	doc_heading(d, 2, "What to do");
	if (bad)
		bad_runs_item(d, bad);
	if (h->undecided)
		undecided_item(d, m, h);
	render_tuning_lines(m, d);
}

void render_top(const struct report_parts *parts, struct doc *d)
{
	struct headlines h;

	headlines_build(&h, parts->model);
	if (parts->judgement) {
		doc_heading(d, 2, "Verdict");
		parts->judgement(parts->judgement_ctx, d);
	}
	what_came_out(d, parts->model, &h);
	how_sure(d, parts->model, &h);
	what_to_do(d, parts, &h);
	headlines_release(&h);
}
