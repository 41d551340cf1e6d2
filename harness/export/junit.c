/*
 * JUnit XML: the session, every run, figure, verdict and item of integration as a test case.
 *
 * Source: the schema of Jenkins' xUnit plug-in (junit-10.xsd), which most CI servers follow;
 * Jenkins keeps one <failure> a case.
 * A case fails when the session is unfit or not complete, a run is void or failed, an item
 * failed, or a verdict is "worse" or "void".  It is skipped, with the reason, where something is unavailable, undecided or
 * disturbed.  Against the floor everything is worse, and in a sweep of settings "worse" says
 * what not to choose: such verdicts are told and fail nothing.
 */
#include <math.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/export/export_form.h"
#include "harness/report/paired.h"

enum outcome { PASSED, FAILED, SKIPPED, OUTCOMES };

/* Cases are written while they are counted; the suite's head is written afterwards. */
struct suite {
	struct buf cases;
	size_t by_outcome[OUTCOMES];
	double seconds;
};

/* All suites so far. */
struct suites {
	struct buf text;
	size_t by_outcome[OUTCOMES];
	double seconds;
};

static void add_attribute(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	text_xml(out, value);
	buf_add_char(out, '"');
}

/* A decimal: the schema knows no exponents. */
static void add_seconds(struct buf *out, double seconds)
{
	buf_printf(out, " time=\"%.6f\"", isfinite(seconds) && seconds > 0 ? seconds : 0);
}

/* ---- one case ------------------------------------------------------------------------ */

/* `type`: of a failure; `words`: why it failed or was skipped, or what was seen. */
static void add_case(struct suite *suite, const char *class, const char *name, double seconds,
		     enum outcome outcome, const char *type, const char *words)
{
	struct buf *out = &suite->cases;

	suite->by_outcome[outcome]++;
	suite->seconds += isfinite(seconds) ? seconds : 0;
	buf_add_str(out, "    <testcase");
	add_attribute(out, "classname", class);
	add_attribute(out, "name", name);
	add_seconds(out, seconds);
	buf_add_char(out, '>');
	if (outcome == FAILED) {
		buf_add_str(out, "<failure");
		add_attribute(out, "type", type);
		add_attribute(out, "message", words);
		buf_add_str(out, "/>");
	} else if (outcome == SKIPPED) {
		buf_add_str(out, "<skipped");
		add_attribute(out, "message", words);
		buf_add_str(out, "/>");
	} else if (words[0]) {
		buf_add_str(out, "<system-out>");
		text_xml(out, words);
		buf_add_str(out, "</system-out>");
	}
	buf_add_str(out, "</testcase>\n");
}

/* ---- suites ----------------------------------------------------------------------------- */

static void add_properties(struct buf *out, const struct export_session *s)
{
	const struct {
		const char *name, *value;
	} rows[] = { { "session", s->result->id },
		     { "profile", s->result->profile },
		     { "commit", s->commit } };

	buf_add_str(out, "    <properties>\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		buf_add_str(out, "      <property");
		add_attribute(out, "name", rows[i].name);
		add_attribute(out, "value", rows[i].value);
		buf_add_str(out, "/>\n");
	}
	buf_add_str(out, "    </properties>\n");
}

static void add_counts(struct buf *out, const size_t by_outcome[OUTCOMES])
{
	buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\"",
		   by_outcome[PASSED] + by_outcome[FAILED] + by_outcome[SKIPPED],
		   by_outcome[FAILED]);
}

/* A suite without cases is none. */
static void end_suite(struct suites *all, struct suite *suite, const char *name,
		      const struct export_session *s)
{
	struct buf *out = &all->text;
	char iso[CLOCK_ISO_MAX];

	if (suite->cases.len) {
		clock_format_iso(iso, s->result->started_wall_us);
		iso[strcspn(iso, ".+")] = '\0'; /* the schema wants whole seconds, no zone */
		buf_add_str(out, "  <testsuite");
		add_attribute(out, "name", name);
		add_counts(out, suite->by_outcome);
		buf_printf(out, " skipped=\"%zu\"", suite->by_outcome[SKIPPED]);
		add_seconds(out, suite->seconds);
		buf_printf(out, " timestamp=\"%s\" hostname=\"unavailable: not recorded\">\n", iso);
		add_properties(out, s);
		buf_add(out, suite->cases.data, suite->cases.len);
		buf_add_str(out, "  </testsuite>\n");
	}
	for (int i = 0; i < OUTCOMES; i++)
		all->by_outcome[i] += suite->by_outcome[i];
	all->seconds += suite->seconds;
	buf_release(&suite->cases);
}

/* ---- the session --------------------------------------------------------------------------- */

static void add_session(struct suites *all, const struct export_session *s)
{
	struct suite suite = { 0 };
	struct buf words = { 0 };

	export_objections(s->result, &words);
	add_case(&suite, "session", "session", 0, words.len ? FAILED : PASSED, "session",
		 buf_str(&words));
	end_suite(all, &suite, "session", s);
	buf_release(&words);
}

/* ---- runs ---------------------------------------------------------------------------------- */

static void add_runs(struct suites *all, const struct export_session *s)
{
	static const enum outcome outcomes[] = {
		[RUN_OK] = PASSED,	   [RUN_VOID] = FAILED,	    [RUN_FAILED] = FAILED,
		[RUN_DISTURBED] = SKIPPED, [RUN_STOPPED] = SKIPPED, [RUN_UNFINISHED] = SKIPPED,
	};
	struct suite suite = { 0 };

	for (size_t i = 0; i < s->result->n_runs; i++) {
		const struct run *run = &s->result->runs[i];
		const char *status = run_status_names[run->status];
		struct buf class = { 0 }, words = { 0 };

		buf_printf(&class, "runs.%s", run->scenario);
		if (run->status != RUN_OK)
			buf_printf(&words, "%s: %s", status, run->why);
		add_case(&suite, buf_str(&class), run->id, run->seconds, outcomes[run->status],
			 status, buf_str(&words));
		buf_release(&class);
		buf_release(&words);
	}
	end_suite(all, &suite, "runs", s);
}

/* ---- figures --------------------------------------------------------------------------------- */

static void add_words(struct buf *out, const struct estimate *est, const char *unit)
{
	text_number(out, est->value);
	if (est->n >= 2 && isfinite(est->low) && isfinite(est->high)) {
		buf_add_str(out, " [");
		text_number(out, est->low);
		buf_add_str(out, ", ");
		text_number(out, est->high);
		buf_add_char(out, ']');
	}
	buf_printf(out, " %s, n = %zu", unit, est->n);
}

static void add_figure(struct suite *suite, const struct export_values *all,
		       const struct export_value *v)
{
	struct buf name = { 0 }, words = { 0 };

	value_name(all, v, &name);
	if (v->why)
		buf_printf(&words, "unavailable: %s", v->why);
	else
		add_words(&words, &v->est, v->unit->name);
	add_case(suite, "figures", buf_str(&name), 0, v->why ? SKIPPED : PASSED, "",
		 buf_str(&words));
	buf_release(&name);
	buf_release(&words);
}

static void add_figures(struct suites *all, const struct export_session *s)
{
	struct suite suite = { 0 };

	for (size_t i = 0; i < s->values.n; i++)
		add_figure(&suite, &s->values, &s->values.v[i]);
	end_suite(all, &suite, "figures", s);
}

/* ---- verdicts ----------------------------------------------------------------------------------- */

static bool is_floor(const char *implementation)
{
	return !strcmp(implementation, "null") || !strcmp(implementation, "relay");
}

static enum outcome verdict_outcome(const struct model_section *x, const struct model_ratio *ratio)
{
	bool counts = !x->of_tuning && !is_floor(ratio->a) && !is_floor(ratio->b);

	if (ratio->verdict == VERDICT_VOID)
		return FAILED;
	if (ratio->verdict == VERDICT_TOO_FEW)
		return SKIPPED;
	return ratio->verdict == VERDICT_WORSE && counts ? FAILED : PASSED;
}

static void add_verdict(struct suite *suite, const struct model_section *x,
			const struct model_row *row, const struct model_ratio *ratio)
{
	struct buf name = { 0 }, words = { 0 };

	if (paired_is_aa(ratio->comparison))
		return;
	buf_printf(&name, "%s/%s/%s/%s:%s/%s", x->scenario, x->phase, event_type_names[x->type],
		   ratio->a, ratio->b, metrics[row->metric].key);
	buf_add_str(&words, verdict_names[ratio->verdict]);
	if (ratio->why && ratio->verdict == VERDICT_TOO_FEW)
		buf_printf(&words, ": %s", ratio->why);
	if (ratio->est.n && isfinite(ratio->est.value)) {
		buf_add_str(&words, ": ");
		add_words(&words, &ratio->est, "B/A");
	}
	add_case(suite, "verdicts", buf_str(&name), 0, verdict_outcome(x, ratio),
		 verdict_names[ratio->verdict], buf_str(&words));
	buf_release(&name);
	buf_release(&words);
}

static void add_verdicts(struct suites *all, const struct export_session *s)
{
	struct suite suite = { 0 };

	for (size_t i = 0; i < s->model->n_sections; i++) {
		const struct model_section *x = &s->model->sections[i];

		for (size_t k = 0; k < x->n_rows; k++)
			for (size_t j = 0; j < x->rows[k].n_ratios; j++)
				add_verdict(&suite, x, &x->rows[k], &x->rows[k].ratios[j]);
	}
	end_suite(all, &suite, "verdicts", s);
}

/* ---- items ------------------------------------------------------------------------------------------ */

static void add_items(struct suites *all, const struct export_session *s)
{
	static const enum outcome outcomes[] = {
		[ITEM_PASS] = PASSED,
		[ITEM_FAIL] = FAILED,
		[ITEM_UNAVAILABLE] = SKIPPED,
	};
	struct suite suite = { 0 };

	for (size_t i = 0; i < s->result->n_items; i++) {
		const struct item_result *item = &s->result->items[i];
		struct buf class = { 0 }, words = { 0 };

		buf_printf(&class, "items.%s.%s.%s", item->scenario,
			   event_type_names[item->extractor], item->implementation);
		if (item->outcome == ITEM_UNAVAILABLE)
			buf_add_str(&words, "unavailable: ");
		buf_add_str(&words, item->value);
		add_case(&suite, buf_str(&class), item->item, 0, outcomes[item->outcome],
			 item_outcome_names[item->outcome], buf_str(&words));
		buf_release(&class);
		buf_release(&words);
	}
	end_suite(all, &suite, "items", s);
}

void export_junit(const struct export_format *f, const struct export_session *s, size_t n UNUSED,
		  struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);
	struct suites all = { 0 };

	add_session(&all, s);
	add_runs(&all, s);
	add_figures(&all, s);
	add_verdicts(&all, s);
	add_items(&all, s);
	buf_add_str(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	add_attribute(text, "name", s->result->id);
	add_counts(text, all.by_outcome);
	add_seconds(text, all.seconds);
	buf_add_str(text, ">\n");
	buf_add(text, all.text.data, all.text.len);
	buf_add_str(text, "</testsuites>\n");
	for (int i = 0; i < OUTCOMES; i++)
		out->exported += all.by_outcome[i];
	buf_release(&all.text);
}
