/*
 * Lines of the checklist's file; see checklist_rules.h.
 *
 * ini.h reads sections, keys and values; a value is taken apart here, from left to
 * right, by small readers that each take one part and say what it must be.
 */
#include "harness/judge/checklist_rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/base/num.h"
#include "harness/ini.h"

const struct checklist_item_info checklist_items[CHECKLIST_ITEMS] = {
	[CHECKLIST_STARTUP] = { "startup", "Start-up" },
	[CHECKLIST_MEMORY] = { "memory", "Memory" },
	[CHECKLIST_CPU] = { "cpu", "CPU" },
	[CHECKLIST_LATENCY] = { "latency", "Feature latency" },
	[CHECKLIST_THROUGHPUT] = { "throughput", "Throughput of 1,000 events" },
	[CHECKLIST_INFLUXDB] = { "influxdb", "InfluxDB" },
	[CHECKLIST_REDIS] = { "redis", "Redis" },
};
const char *const checklist_op_names[CHECKLIST_OPS] = { "", "<=", "<", ">=", ">" };

#define NAME_CHARS                                         \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV" \
	"WXYZ0123456789_+.-"

/* A value that is being read. */
struct reader {
	const char *file;
	const struct ini_pair *pair;
	const char *p; /* the rest */
	struct err *e;
};

static int fail(struct reader *r, const char *fmt, ...) PRINTF(2, 3);
static int fail(struct reader *r, const char *fmt, ...)
{
	char text[360];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(r->e, -EINVAL, "%s:%d: %.60s: %s", r->file, r->pair->line, r->pair->key,
		       text);
}

static void skip_blanks(struct reader *r)
{
	r->p += strspn(r->p, " \t");
}

/* The next character, if it is that one. */
static bool take(struct reader *r, char c)
{
	if (*r->p != c)
		return false;
	r->p++;
	return true;
}

/* A name of scenario, phase or implementation into out[size]. */
static int read_name(struct reader *r, const char *what, char *out, size_t size)
{
	size_t n = strspn(r->p, NAME_CHARS);

	if (!n || n >= size)
		return fail(r, "%s expected, 1 to %zu of A-Z a-z 0-9 _ + . -, at \"%.40s\"", what,
			    size - 1, r->p);
	memcpy(out, r->p, n);
	out[n] = '\0';
	r->p += n;
	return 0;
}

/* scenario[/phase] */
static int read_place(struct reader *r, struct checklist_rule *rule)
{
	int rc = read_name(r, "a scenario's name", rule->scenario, sizeof(rule->scenario));

	if (!rc && take(r, '/'))
		rc = read_name(r, "a phase's name", rule->phase, sizeof(rule->phase));
	skip_blanks(r);
	return rc;
}

/* "an item of scenario integration" */
static int read_asked(struct reader *r, struct checklist_rule *rule)
{
	const char *end = strchr(++r->p, '"');
	size_t n = end ? (size_t)(end - r->p) : 0;

	if (!n || n >= sizeof(rule->asked))
		return fail(r, "an item's name in \"...\" has 1 to %zu bytes",
			    sizeof(rule->asked) - 1);
	if (rule->phase[0])
		return fail(r, "items have no phase: write %s \"%.*s\"", rule->scenario, (int)n,
			    r->p);
	memcpy(rule->asked, r->p, n);
	r->p = end + 1;
	return 0;
}

static int read_figure(struct reader *r, struct checklist_rule *rule)
{
	char key[64];
	const char *near;
	int rc = read_name(r, "a figure or an \"item\"", key, sizeof(key));

	if (rc)
		return rc;
	rule->is_figure = true;
	if (!rule->phase[0])
		return fail(r, "a figure is of a phase: write %s/PHASE %s", rule->scenario, key);
	if (figure_find(key, &rule->figure))
		return 0;
	near = figure_nearest(key);
	if (near)
		return fail(r, "unknown figure \"%s\" (did you mean \"%s\"?)", key, near);
	return fail(r, "unknown figure \"%s\" (scenarios/README.md lists them)", key);
}

/* What it is of: implementation[:implementation][/extractor] */
static int read_subject(struct reader *r, const struct checklist_rule *rule,
			struct checklist_clause *c)
{
	char type[24];
	int rc = read_name(r, "an implementation's name", c->a, sizeof(c->a));

	c->extractor = CHECKLIST_ANY;
	if (!rc && take(r, ':'))
		rc = read_name(r, "an implementation's name", c->b, sizeof(c->b));
	if (!rc && c->b[0] && (!rule->is_figure || rule->figure.better != LOWER_IS_BETTER))
		return fail(r, "%s:%s: only of a figure of which less is better", c->a, c->b);
	if (rc || !take(r, '/'))
		return rc;
	rc = read_name(r, "an extractor", type, sizeof(type));
	for (int t = 0; !rc && t < EVENT_TYPES; t++)
		if (!strcmp(event_type_names[t], type))
			c->extractor = t;
	if (!rc && c->extractor == CHECKLIST_ANY)
		return fail(r, "unknown extractor \"%s\": keystroke, mouse or app", type);
	return rc;
}

static enum checklist_op read_op(struct reader *r)
{
	/* Longer ones first. */
	static const enum checklist_op order[] = { CHECKLIST_AT_MOST, CHECKLIST_AT_LEAST,
						   CHECKLIST_LESS, CHECKLIST_MORE };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		size_t n = strlen(checklist_op_names[order[i]]);

		if (!strncmp(r->p, checklist_op_names[order[i]], n)) {
			r->p += n;
			return order[i];
		}
	}
	return CHECKLIST_NO_OP;
}

const char *checklist_unit(const struct checklist_rule *rule, const struct checklist_clause *clause)
{
	return clause->b[0] ? "%" : rule->figure.unit;
}

/* "100 ms", up to the comma or the end */
static int read_target(struct reader *r, const struct checklist_rule *rule,
		       struct checklist_clause *c)
{
	size_t n = strcspn(r->p, " \t,"), unit;
	const char *want = checklist_unit(rule, c);
	char number[32];

	snprintf(number, sizeof(number), "%.*s", (int)n, r->p);
	if (n >= sizeof(number) || !num_parse_double(number, &c->target))
		return fail(r, "a number expected after %s, at \"%.40s\"",
			    checklist_op_names[c->op], r->p);
	r->p += n;
	skip_blanks(r);
	unit = strcspn(r->p, ",");
	while (unit && strchr(" \t", r->p[unit - 1]))
		unit--;
	if (unit != strlen(want) || strncmp(r->p, want, unit))
		return fail(r, "unit \"%.*s\": %s is stated in %s%s%s", unit > 40 ? 40 : (int)unit,
			    r->p, c->b[0] ? "an improvement" : rule->figure.key,
			    want[0] ? "\"" : "no unit", want, want[0] ? "\"" : "");
	r->p += unit;
	return 0;
}

/* One subject with its target, if it has one. */
static int read_clause(struct reader *r, struct checklist_rule *rule)
{
	struct checklist_clause *c = &rule->clauses[rule->n_clauses];
	int rc;

	if (rule->n_clauses == CHECKLIST_CLAUSES_MAX)
		return fail(r, "more than %d subjects in a line", CHECKLIST_CLAUSES_MAX);
	skip_blanks(r);
	rc = read_subject(r, rule, c);
	if (rc)
		return rc;
	for (size_t i = 0; i < rule->n_clauses; i++)
		if (!strcmp(rule->clauses[i].a, c->a) && !strcmp(rule->clauses[i].b, c->b) &&
		    rule->clauses[i].extractor == c->extractor)
			return fail(r, "%s%s%s is named twice", c->a, c->b[0] ? ":" : "", c->b);
	rule->n_clauses++;
	skip_blanks(r);
	c->op = read_op(r);
	skip_blanks(r);
	if (c->op != CHECKLIST_NO_OP && !rule->is_figure)
		return fail(r, "an item passes or fails: it has no target");
	rc = c->op != CHECKLIST_NO_OP ? read_target(r, rule, c) : 0;
	skip_blanks(r);
	if (!rc && *r->p && *r->p != ',')
		return fail(r, "a comma, or <= < >= > and a target, expected at \"%.40s\"", r->p);
	return rc;
}

/* Other bytes would go on into every output. */
static bool is_printable(const char *s)
{
	while (*s == '\t' || (*s >= ' ' && *s <= '~'))
		s++;
	return !*s;
}

static int read_rule(struct reader *r, struct checklist_rule *rule)
{
	int rc;

	if (!is_printable(r->pair->key) || !is_printable(r->pair->value))
		return err_set(r->e, -EINVAL, "%s:%d: has other bytes than printable ASCII",
			       r->file, r->pair->line);
	rc = read_place(r, rule);
	if (!rc)
		rc = *r->p == '"' ? read_asked(r, rule) : read_figure(r, rule);
	skip_blanks(r);
	if (!rc && !take(r, ':'))
		return fail(r, "\":\" and the subjects expected at \"%.40s\"", r->p);
	do
		rc = rc ? rc : read_clause(r, rule);
	while (!rc && take(r, ','));
	return rc;
}

static int add_section(struct checklist_rules *rules, enum checklist_item item,
		       const struct ini_pairs *pairs, const char *file, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < pairs->n; i++) {
		struct reader r = {
			.file = file, .pair = &pairs->v[i], .p = pairs->v[i].value, .e = e
		};
		struct checklist_rule *rule;

		rules->v = mem_realloc(rules->v, rules->n + 1, sizeof(*rules->v));
		rule = &rules->v[rules->n++];
		*rule = (struct checklist_rule){ .item = item,
						 .name = mem_strdup(pairs->v[i].key) };
		rc = read_rule(&r, rule);
	}
	return rc;
}

int checklist_rules_parse(struct checklist_rules *rules, const char *text, size_t len,
			  const char *name, struct err *e)
{
	struct ini_pairs pairs[CHECKLIST_ITEMS] = { { 0 } };
	struct ini_section sections[CHECKLIST_ITEMS];
	int rc;

	*rules = (struct checklist_rules){ 0 };
	for (int i = 0; i < CHECKLIST_ITEMS; i++)
		sections[i] = (struct ini_section){ .name = checklist_items[i].name,
						    .flags = INI_OPTIONAL | INI_OPEN,
						    .target = &pairs[i] };
	rc = ini_parse(text, len, name, sections, ARRAY_SIZE(sections), e);
	for (int i = 0; !rc && i < CHECKLIST_ITEMS; i++)
		rc = add_section(rules, (enum checklist_item)i, &pairs[i], name, e);
	if (!rc && !rules->n)
		rc = err_set(e, -EINVAL, "%s: asks for nothing: no section has a line", name);
	for (int i = 0; i < CHECKLIST_ITEMS; i++)
		ini_pairs_release(&pairs[i]);
	return rc;
}

void checklist_rules_release(struct checklist_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++)
		free(rules->v[i].name);
	free(rules->v);
	*rules = (struct checklist_rules){ 0 };
}

bool checklist_applies(const struct checklist_rule *rule, const struct checklist_clause *clause,
		       int extractor)
{
	if (clause->extractor != CHECKLIST_ANY)
		return clause->extractor == extractor;
	for (size_t i = 0; i < rule->n_clauses; i++) {
		const struct checklist_clause *o = &rule->clauses[i];

		if (o->extractor == extractor && !strcmp(o->a, clause->a) &&
		    !strcmp(o->b, clause->b))
			return false;
	}
	return true;
}

void checklist_rules_markdown(struct buf *out)
{
	static const char *const parts[][2] = {
		{ "`NAME`", "what it is called in the checklist; printable ASCII, no `=`" },
		{ "`SCENARIO/PHASE`",
		  "where it is measured: `startup/warm`, `latency/alone-full`, …" },
		{ "`FIGURE`", "what is measured, a key of the table below" },
		{ "`SCENARIO \"ITEM\"`",
		  "instead of phase and figure: an item of scenario `integration`, which passes or fails" },
		{ "`SUBJECT`",
		  "an implementation (`c`) of each extractor, or of one (`c/mouse`), which wins; or `A:B`: "
		  "how many % less B takes than A, from pairs; of merged percentiles, from both sides' samples" },
		{ "`<= < >= >` `TARGET`",
		  "a number in the figure's unit (of `A:B` in %); without: measured, not judged" },
	};

	buf_add_str(
		out,
		"\n### `checklist.ini`: what the performance checklist asks for\n\n"
		"Not a scenario but the rules of `bench checklist`: a section an item, a line a "
		"sub-item, each\n"
		"`NAME = SCENARIO/PHASE FIGURE: SUBJECT TARGET, SUBJECT TARGET, …`. Sections:");
	for (int i = 0; i < CHECKLIST_ITEMS; i++)
		buf_printf(out, "%s `[%s]`", i ? "," : "", checklist_items[i].name);
	buf_add_str(out, ".\n\n| part | meaning |\n|---|---|\n");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		buf_printf(out, "| %s | %s |\n", parts[i][0], parts[i][1]);
	buf_add_char(out, '\n');
	figure_markdown(out);
}
