/* Differences of two sessions; see compare_facts.h. */
#include "harness/report/compare_facts.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/buf.h"
#include "extractors/base/mem.h"
#include "harness/report/runs.h"
#include "harness/stats/quantile.h"

/*
 * Plans are drawn from a seed: of a person's minute at 75 events a second two seeds differ
 * by 1 / sqrt(4500) = 1.5 %.  More than this is another size.
 */
#define PLAN_FRAC 0.05

#define SCENARIO_FACT "scenario "

/* ---- kinds of facts --------------------------------------------------------------- */

enum fact_kind {
	FACT_HOST,
	FACT_MEASURED,
	FACT_PART, /* of a scenario or a subject: says nothing where that did not take part */
	FACT_OTHER
};

static enum fact_kind kind_of(const char *key)
{
	static const struct {
		const char *prefix;
		enum fact_kind kind;
	} kinds[] = {
		{ "host.", FACT_HOST },
		{ "cores", FACT_HOST },
		{ "load ", FACT_MEASURED },
		{ "noise score", FACT_MEASURED },
		{ "system calls per event", FACT_MEASURED },
		{ RESULT_FACT_UNFIT, FACT_MEASURED }, /* stands at the top */
		{ SCENARIO_FACT, FACT_PART },
		{ RESULT_FACT_SETTINGS, FACT_PART },
		{ "subject ", FACT_PART },
		{ "latency, ", FACT_PART },
		{ "soak", FACT_PART },
	};

	if (strstr(key, SPLIT_FACT))
		return FACT_MEASURED;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(key, kinds[i].prefix, strlen(kinds[i].prefix)))
			return kinds[i].kind;
	return FACT_OTHER;
}

/* A scenario's fact begins with where its file was, which is no setting. */
static const char *text_of(const char *key, const char *value)
{
	const char *settings = strstr(value, "; ");

	if (!strncmp(key, SCENARIO_FACT, sizeof(SCENARIO_FACT) - 1) && settings)
		return settings + 2;
	return value;
}

static bool same_fact(const struct compare *c, const char *key)
{
	const char *a = result_fact(c->models[COMPARE_A]->result, key);
	const char *b = result_fact(c->models[COMPARE_B]->result, key);

	return a && b ? !strcmp(text_of(key, a), text_of(key, b)) : a == b;
}

bool compare_facts_same_host(const struct compare *c)
{
	for (int s = 0; s < COMPARE_SIDES; s++) {
		const struct result *r = c->models[s]->result;

		for (size_t i = 0; i < r->n_facts; i++)
			if (kind_of(r->facts[i].key) == FACT_HOST && !same_fact(c, r->facts[i].key))
				return false;
	}
	return true;
}

/* ---- rows ------------------------------------------------------------------------------ */

/* How many bytes at the front are the same words in both. */
static size_t common_front(const char *a, const char *b)
{
	size_t words = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (isspace((unsigned char)a[i]))
			words = i + 1;
	return words;
}

/* And at the end of what follows the front. */
static size_t common_end(const char *a, const char *b, size_t front)
{
	size_t n_a = strlen(a), n_b = strlen(b), words = 0;

	for (size_t i = 1; i <= n_a - front && i <= n_b - front; i++) {
		if (a[n_a - i] != b[n_b - i])
			break;
		if (isspace((unsigned char)a[n_a - i]))
			words = i;
	}
	return words;
}

static char *cut_to(const char *text, size_t front, size_t end)
{
	size_t n = strlen(text) - front - end;
	struct buf b = { 0 };
	char *copy;

	buf_printf(&b, "%s%.*s%s", front ? "… " : "", (int)n, text + front, end ? " …" : "");
	copy = mem_strdup(buf_str(&b));
	buf_release(&b);
	return copy;
}

/* Only where they differ: of long texts nobody would find it. */
static void cut_common(const char *const texts[COMPARE_SIDES], char *cut[COMPARE_SIDES])
{
	size_t front = common_front(texts[COMPARE_A], texts[COMPARE_B]);
	size_t end = common_end(texts[COMPARE_A], texts[COMPARE_B], front);

	for (int s = 0; s < COMPARE_SIDES; s++)
		cut[s] = cut_to(texts[s], front, end);
}

static void join(struct compare_difference *d, const char *what)
{
	struct buf b = { 0 };

	if (d->n++ >= COMPARE_NAMED_MAX)
		return;
	buf_printf(&b, "%s, %s", d->what, what);
	free(d->what);
	d->what = mem_strdup(buf_str(&b));
	buf_release(&b);
}

/* Texts that are there already, in one row for all that they are of. */
static void add(struct compare *c, const char *what, const char *const texts[COMPARE_SIDES])
{
	struct compare_difference *d;
	char *cut[COMPARE_SIDES];

	cut_common(texts, cut);
	for (size_t i = 0; i < c->n_differences; i++) {
		d = &c->differences[i];
		if (strcmp(d->sides[COMPARE_A], cut[COMPARE_A]) ||
		    strcmp(d->sides[COMPARE_B], cut[COMPARE_B]))
			continue;
		join(d, what);
		free(cut[COMPARE_A]);
		free(cut[COMPARE_B]);
		return;
	}
	c->differences = mem_realloc(c->differences, c->n_differences + 1, sizeof(*c->differences));
	d = &c->differences[c->n_differences++];
	*d = (struct compare_difference){ .what = mem_strdup(what), .n = 1 };
	memcpy(d->sides, cut, sizeof(cut));
}

static void add_fact(struct compare *c, const char *key)
{
	const char *texts[COMPARE_SIDES];

	for (int s = 0; s < COMPARE_SIDES; s++) {
		const char *value = result_fact(c->models[s]->result, key);

		texts[s] = value ? text_of(key, value) : "not said";
	}
	add(c, key, texts);
}

/* Is the fact of that side to be told?  What both have is A's to tell. */
static bool is_news(const struct compare *c, enum compare_side side, const char *key)
{
	bool both = result_fact(c->models[!side]->result, key);

	return both ? side == COMPARE_A : kind_of(key) != FACT_PART;
}

/* Those of A, and those that B alone has. */
static void add_facts(struct compare *c, enum fact_kind kind)
{
	for (int s = 0; s < COMPARE_SIDES; s++) {
		const struct result *r = c->models[s]->result;

		for (size_t i = 0; i < r->n_facts; i++) {
			const char *key = r->facts[i].key;

			if (kind_of(key) != kind || same_fact(c, key) ||
			    !is_news(c, (enum compare_side)s, key))
				continue;
			add_fact(c, key);
		}
	}
}

static void add_seeds(struct compare *c)
{
	const struct result *a = c->models[COMPARE_A]->result, *b = c->models[COMPARE_B]->result;
	struct buf texts[COMPARE_SIDES] = { { 0 }, { 0 } };

	if (a->seed == b->seed)
		return;
	buf_printf(&texts[COMPARE_A], "%llu", (unsigned long long)a->seed);
	buf_printf(&texts[COMPARE_B], "%llu", (unsigned long long)b->seed);
	add(c, "seed of plans and orders",
	    (const char *[]){ buf_str(&texts[COMPARE_A]), buf_str(&texts[COMPARE_B]) });
	buf_release(&texts[COMPARE_A]);
	buf_release(&texts[COMPARE_B]);
}

/* ---- plans ------------------------------------------------------------------------------ */

/* The median over the section's runs; NaN: it has none. */
static double plan_events(const struct result *r, const struct model_section *x)
{
	struct sample s = { 0 };
	double median = NAN;

	for (size_t i = 0; i < r->n_runs; i++)
		if (runs_belong(&r->runs[i], x))
			sample_add(&s, (double)r->runs[i].plan_events, 0);
	if (s.n)
		median = stats_median(s.a, s.n);
	sample_release(&s);
	return median;
}

static bool other_size(double a, double b)
{
	return fabs(a - b) > PLAN_FRAC * fmax(a, b);
}

static void add_plan(struct compare *c, const struct model_section *x,
		     const struct model_section *y)
{
	double sizes[COMPARE_SIDES] = { plan_events(c->models[COMPARE_A]->result, x),
					plan_events(c->models[COMPARE_B]->result, y) };
	struct buf what = { 0 }, texts[COMPARE_SIDES] = { { 0 }, { 0 } };

	if (!other_size(sizes[COMPARE_A], sizes[COMPARE_B]))
		return;
	buf_printf(&what, "events planned: %s %s %s", x->scenario, x->phase,
		   event_type_names[x->type]);
	for (int s = 0; s < COMPARE_SIDES; s++)
		buf_printf(&texts[s], "%.0f", sizes[s]);
	add(c, buf_str(&what),
	    (const char *[]){ buf_str(&texts[COMPARE_A]), buf_str(&texts[COMPARE_B]) });
	for (int s = 0; s < COMPARE_SIDES; s++)
		buf_release(&texts[s]);
	buf_release(&what);
}

const char *compare_facts_other_work(const struct compare *c, const struct model_section *x,
				     const struct model_section *y)
{
	static const char *const facts[] = { SCENARIO_FACT, RESULT_FACT_SETTINGS };
	bool same = true;

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		struct buf key = { 0 };

		buf_printf(&key, "%s%s", facts[i], x->scenario);
		same &= same_fact(c, buf_str(&key));
		buf_release(&key);
	}
	if (!same)
		return "other settings of the scenario";
	if (other_size(plan_events(c->models[COMPARE_A]->result, x),
		       plan_events(c->models[COMPARE_B]->result, y)))
		return "plans of another size";
	return NULL;
}

void compare_facts_build(struct compare *c)
{
	const struct model *a = c->models[COMPARE_A];
	const char *const profiles[] = { a->result->profile,
					 c->models[COMPARE_B]->result->profile };

	if (strcmp(profiles[COMPARE_A], profiles[COMPARE_B]))
		add(c, "profile", profiles);
	add_facts(c, FACT_HOST);
	add_facts(c, FACT_OTHER);
	add_facts(c, FACT_PART);
	add_seeds(c);
	for (size_t i = 0; i < a->n_sections; i++) {
		const struct model_section *y =
			model_same_section(c->models[COMPARE_B], &a->sections[i]);

		if (y)
			add_plan(c, &a->sections[i], y);
	}
}
