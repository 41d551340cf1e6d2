/* decision.json; see decision_json.h.  Objects and lists are written by hand, a member a call. */
#include "harness/judge/decision_json.h"

#include <math.h>
#include <string.h>

#include "harness/judge/decision_words.h"

/* The place between two members: a comma, unless something was just opened. */
static void sep(struct buf *b)
{
	if (b->len && !strchr("[{", b->data[b->len - 1]))
		buf_add_char(b, ',');
}

static void key(struct buf *b, const char *name)
{
	sep(b);
	buf_add_json_string(b, name, strlen(name));
	buf_add_char(b, ':');
}

static void text(struct buf *b, const char *name, const char *value)
{
	key(b, name);
	buf_add_json_string(b, value, strlen(value));
}

static void words(struct buf *b, const char *name, struct buf *value)
{
	text(b, name, buf_str(value));
	buf_release(value);
}

static void number(struct buf *b, const char *name, double v)
{
	key(b, name);
	if (isfinite(v))
		buf_add_double(b, v);
	else
		buf_add_str(b, "null");
}

static void boolean(struct buf *b, const char *name, bool v)
{
	key(b, name);
	buf_add_str(b, v ? "true" : "false");
}

static void range(struct buf *b, const char *name, const struct decision_range *r)
{
	key(b, name);
	if (isnan(r->value)) {
		buf_add_str(b, "null");
		return;
	}
	buf_add_char(b, '{');
	number(b, "low", r->low);
	number(b, "value", r->value);
	number(b, "high", r->high);
	buf_add_char(b, '}');
}

static void rule(struct buf *b, const struct decision *d, const struct decision_extractor *x,
		 enum decision_rule i)
{
	struct buf setting = { 0 }, figures = { 0 };

	decision_setting_words(d, x, i, &setting);
	decision_figure_words(d, x, i, &figures);
	sep(b);
	buf_add_str(b, "\n   {");
	text(b, "name", decision_rule_infos[i].name);
	words(b, "setting", &setting);
	text(b, "state", decision_state_names[x->judged.states[i]]);
	words(b, "figures", &figures);
	buf_add_char(b, '}');
}

static void end_verdict(struct buf *b, const char *name, int verdict)
{
	key(b, name);
	if (verdict < 0)
		buf_add_str(b, "null");
	else
		buf_add_json_string(b, decision_verdict_names[verdict],
				    strlen(decision_verdict_names[verdict]));
}

static void metric(struct buf *b, const struct decision *d, const struct decision_extractor *x,
		   int slot)
{
	const struct decision_figure *f = &x->evidence.figures[slot];
	const struct decision_counted *c = &x->judged.counted[slot];
	struct decision_range cost = { f->cost.low, f->cost.value, f->cost.high };

	sep(b);
	buf_add_str(b, "\n   {");
	text(b, "section", decision_slot_names[slot]);
	text(b, "scenario", f->rule->scenario);
	text(b, "phase", f->rule->phase);
	text(b, "metric", metrics[f->metric].key);
	number(b, "pairs", (double)f->cost.n);
	number(b, "level", f->cost.n >= 2 ? f->cost.level : NAN);
	range(b, "cost", &cost);
	range(b, "cost_apart", &f->apart);
	number(b, "runs_apart", (double)f->apart_runs);
	text(b, "verdict", verdict_names[f->verdict]);
	text(b, "why", f->verdict == VERDICT_TOO_FEW && f->why ? f->why : "");
	number(b, "weight", d->rules->metrics[slot].weight);
	range(b, "gain_counted", &c->gain);
	text(b, "loss", decision_state_names[c->loss]);
	end_verdict(b, "if_worst", x->ends[slot].worst);
	end_verdict(b, "if_best", x->ends[slot].best);
	buf_add_char(b, '}');
}

static void flip(struct buf *b, const struct decision_flip *f)
{
	sep(b);
	buf_add_str(b, "\n   {");
	text(b, "section", f->key.section);
	text(b, "key", f->key.name);
	number(b, "now", f->now);
	number(b, "from", f->from);
	text(b, "direction", f->from < f->now ? "below" : "above");
	text(b, "verdict", decision_verdict_names[f->verdict]);
	buf_add_char(b, '}');
}

static void flips(struct buf *b, const struct decision_flip *f, size_t n)
{
	key(b, "flips");
	buf_add_char(b, '[');
	for (size_t i = 0; i < n; i++)
		flip(b, &f[i]);
	buf_add_char(b, ']');
}

static void whole_payback(struct buf *b, const struct decision *d)
{
	struct buf setting = { 0 }, figures = { 0 };

	decision_whole_setting_words(d, &setting);
	decision_whole_figure_words(d, &figures);
	key(b, "payback");
	buf_add_char(b, '{');
	words(b, "setting", &setting);
	text(b, "state", decision_state_names[d->whole.pays]);
	words(b, "figures", &figures);
	buf_add_char(b, '}');
}

static void saving(struct buf *b, const struct decision_saving *s)
{
	range(b, "cpu_s_a_day", &s->cpu_s_a_day);
	range(b, "memory_bytes", &s->memory_bytes);
	range(b, "money_a_month", &s->money_a_month);
	text(b, "why", s->why ? s->why : "");
}

static void advice(struct buf *b, const struct decision_advice *a)
{
	key(b, "pairs_missing");
	if (a->slot < 0) {
		buf_add_str(b, "null");
		return;
	}
	buf_add_char(b, '{');
	text(b, "section", decision_slot_names[a->slot]);
	boolean(b, "of_aa", a->of_aa);
	number(b, "have", (double)a->have);
	number(b, "want", a->want ? (double)a->want : NAN);
	buf_add_char(b, '}');
}

static void extractor(struct buf *b, const struct decision *d, int type)
{
	const struct decision_extractor *x = &d->extractors[type];
	const struct decision_judgement *j = &x->judged;
	struct buf next = { 0 };

	decision_next_of(d, x, &next);
	sep(b);
	buf_add_str(b, "\n  {");
	text(b, "extractor", event_type_names[type]);
	boolean(b, "measured", x->measured);
	text(b, "verdict", decision_verdict_names[j->verdict]);
	text(b, "rule", decision_rule_infos[j->deciding].name);
	words(b, "next", &next);
	range(b, "gain", &j->gain);
	advice(b, &x->advice);
	key(b, "rules");
	buf_add_char(b, '[');
	for (int i = 0; i < DECISION_RULES; i++)
		rule(b, d, x, (enum decision_rule)i);
	buf_add_char(b, ']');
	key(b, "metrics");
	buf_add_char(b, '[');
	for (int i = 0; i < DECISION_SLOTS; i++)
		metric(b, d, x, i);
	buf_add_char(b, ']');
	flips(b, x->flips, x->n_flips);
	key(b, "saving");
	buf_add_char(b, '{');
	saving(b, &j->saving);
	range(b, "payback_months", &j->payback_months);
	buf_add_str(b, "}}");
}

static void total(struct buf *b, const char *name, const struct decision_total *t)
{
	key(b, name);
	buf_add_char(b, '{');
	number(b, "extractors", (double)t->extractors);
	saving(b, &t->saving);
	number(b, "change_price", t->change_price);
	number(b, "two_languages_a_year", t->two_languages_a_year);
	range(b, "payback_months", &t->payback_months);
	buf_add_char(b, '}');
}

static void risk(void *arg, const char *line)
{
	struct buf *b = arg;

	sep(b);
	buf_add_str(b, "\n  ");
	buf_add_json_string(b, line, strlen(line));
}

void decision_write_json(const struct decision *d, struct buf *out)
{
	struct buf b = { 0 }, next = { 0 }; /* of its own: sep() looks at what is before */

	decision_next(d, &next);
	buf_add_char(&b, '{');
	number(&b, "version", 1);
	text(&b, "session", d->model->result->id);
	text(&b, "profile", d->model->result->profile);
	text(&b, "from", d->rules->from);
	text(&b, "to", d->rules->to);
	text(&b, "verdict", decision_verdict_names[d->whole.verdict]);
	words(&b, "next", &next);
	key(&b, "extractors");
	buf_add_char(&b, '[');
	for (int i = 0; i < EVENT_TYPES; i++)
		extractor(&b, d, i);
	buf_add_char(&b, ']');
	number(&b, "machines", d->rules->machines);
	text(&b, "currency", d->rules->currency);
	total(&b, "switched", &d->whole.switched);
	total(&b, "all", &d->all);
	whole_payback(&b, d);
	flips(&b, d->flips, d->n_flips);
	key(&b, "risks");
	buf_add_char(&b, '[');
	decision_risks(d, risk, &b);
	buf_add_str(&b, "]}\n");
	buf_add(out, b.data, b.len);
	buf_release(&b);
}
