/* The checklist for programs; see checklist_json.h. */
#include "harness/judge/checklist_json.h"

#include <math.h>
#include <string.h>

#include "extractors/base/clock.h"

#define FORMAT_NAME    "seclyzer-bench-checklist"
#define FORMAT_VERSION 1

/* `,"name":` or, as the first member, without the comma. */
static void name(struct buf *out, const char *key)
{
	if (out->data[out->len - 1] != '{')
		buf_add_char(out, ',');
	buf_printf(out, "\"%s\":", key);
}

static void add_text(struct buf *out, const char *key, const char *value)
{
	name(out, key);
	if (value)
		buf_add_json_string(out, value, strlen(value));
	else
		buf_add_str(out, "null");
}

static void add_number(struct buf *out, const char *key, double v)
{
	name(out, key);
	if (isfinite(v))
		buf_add_double(out, v);
	else
		buf_add_str(out, "null");
}

static void add_count(struct buf *out, const char *key, size_t n)
{
	name(out, key);
	buf_add_i64(out, (int64_t)n);
}

static void write_origin(const struct checklist *c, struct buf *out)
{
	static const char *const facts[][2] = {
		{ "commit", "build.commit" },	   { "variant", "build.variant" },
		{ "tree", "git.state" },	   { "kernel", "host.kernel" },
		{ "cpu_model", "host.cpu_model" }, { "cpus", "host.cpus" },
	};
	const struct result *r = c->model->result;
	char at[CLOCK_ISO_MAX];

	clock_format_iso(at, r->started_wall_us);
	buf_add_str(out, ",\n\"session\":{");
	add_text(out, "id", r->id);
	add_text(out, "profile", r->profile);
	add_text(out, "started", at);
	add_text(out, "incomplete", c->cut[0] ? c->cut : NULL);
	add_text(out, "unfit", c->unfit[0] ? c->unfit : NULL);
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		add_text(out, facts[i][0], result_fact(r, facts[i][1]));
	buf_add_char(out, '}');
}

static void write_target(const struct checklist_row *row, struct buf *out)
{
	const struct checklist_clause *c = row->clause;

	name(out, "target");
	if (c->op == CHECKLIST_NO_OP) {
		buf_add_str(out, "null");
		return;
	}
	buf_add_char(out, '{');
	add_text(out, "op", checklist_op_names[c->op]);
	add_number(out, "value", c->target);
	add_text(out, "unit", checklist_unit(row->rule, c));
	buf_add_char(out, '}');
}

static void write_measured(const struct checklist_row *row, struct buf *out)
{
	const struct checklist_value *v = &row->value;

	name(out, "measured");
	if (!row->rule->is_figure || !v->there) {
		buf_add_str(out, "null");
		return;
	}
	buf_add_char(out, '{');
	add_number(out, "value", v->value);
	add_number(out, "low", v->low);
	add_number(out, "high", v->high);
	add_text(out, "unit", checklist_unit(row->rule, row->clause));
	add_count(out, "n", v->n);
	add_number(out, "level", v->level);
	add_text(out, "method", v->method);
	buf_add_char(out, '}');
}

static void write_evidence(const struct checklist *c, const struct checklist_row *row,
			   struct buf *out)
{
	const struct checklist_evidence *ev = &row->evidence;
	const struct checklist_bad *bad = checklist_bad_of(c, row);

	name(out, "evidence");
	buf_add_char(out, '{');
	add_count(out, "runs", ev->runs);
	add_text(out, "first", ev->first);
	add_text(out, "last", ev->last);
	add_text(out, "nearest", ev->nearest);
	add_count(out, "void", bad ? bad->voids : 0);
	add_count(out, "failed", bad ? bad->failed : 0);
	buf_add_char(out, '}');
}

static void write_row(const struct checklist *c, const struct checklist_row *row, struct buf *out)
{
	const struct checklist_rule *rule = row->rule;
	const struct checklist_clause *cl = row->clause;

	buf_add_str(out, "\n  {");
	add_text(out, "item", checklist_items[rule->item].name);
	add_text(out, "name", rule->name);
	add_text(out, "extractor", event_type_names[row->extractor]);
	add_text(out, "implementation", cl->b[0] ? cl->b : cl->a);
	add_text(out, "against", cl->b[0] ? cl->a : NULL);
	add_text(out, "scenario", rule->scenario);
	add_text(out, "phase", rule->phase[0] ? rule->phase : NULL);
	add_text(out, rule->is_figure ? "figure" : "check",
		 rule->is_figure ? rule->figure.key : rule->asked);
	write_target(row, out);
	write_measured(row, out);
	add_text(out, "seen", row->seen[0] ? row->seen : NULL);
	add_text(out, "verdict", checklist_verdict_names[row->verdict]);
	add_text(out, "why", row->why[0] ? row->why : NULL);
	write_evidence(c, row, out);
	buf_add_char(out, '}');
}

static void write_bad(const struct checklist_bad *b, struct buf *out)
{
	buf_add_str(out, "\n  {");
	add_text(out, "scenario", b->scenario);
	add_text(out, "extractor", event_type_names[b->extractor]);
	add_text(out, "implementation", b->implementation);
	add_count(out, "void", b->voids);
	add_count(out, "failed", b->failed);
	add_text(out, "run", b->first->id);
	add_text(out, "why", b->first->why);
	buf_add_char(out, '}');
}

void checklist_write_json(const struct checklist *c, struct buf *out)
{
	static const char *const counts[CHECKLIST_VERDICTS] = { "pass", "fail", "undecided",
								"no_target" };

	buf_printf(out, "{\"format\":\"%s\",\"version\":%d,\n\"verdict\":\"%s\",\n\"counts\":{",
		   FORMAT_NAME, FORMAT_VERSION, checklist_verdict_names[c->verdict]);
	for (int i = 0; i < CHECKLIST_VERDICTS; i++)
		add_count(out, counts[i], c->by_verdict[i]);
	buf_add_char(out, '}');
	write_origin(c, out);
	buf_add_str(out, ",\n\"rows\":[");
	for (size_t i = 0; i < c->n_rows; i++) {
		buf_add_str(out, i ? "," : "");
		write_row(c, &c->rows[i], out);
	}
	buf_add_str(out, "],\n\"bad_runs\":[");
	for (size_t i = 0; i < c->n_bad; i++) {
		buf_add_str(out, i ? "," : "");
		write_bad(&c->bad[i], out);
	}
	buf_add_str(out, "]}\n");
}
