/*
 * The rules of the performance checklist: what is asked of whom, with which target.
 *
 * A file of sections, one an item of the checklist; each line is a sub-item:
 *
 *	[startup]
 *	exec to ready = startup/warm ready_ms: c <= 100 ms, python, python:c >= 80 %
 *	[redis]
 *	right JSON    = integration "valid JSON": c, python
 *
 *	checklist.ini:12: exec to ready: unknown figure "redy_ms" (did you mean "ready_ms"?)
 *
 * scenarios/README.md has the grammar; it is generated from here.
 * Ownership: checklist_rules_parse() allocates, checklist_rules_release() frees, also
 * after an error.  Pure.
 */
#ifndef JUDGE_CHECKLIST_RULES_H
#define JUDGE_CHECKLIST_RULES_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"
#include "harness/judge/figure.h"

/* What the project's performance checklist asks for, in its order. */
enum checklist_item {
	CHECKLIST_STARTUP,
	CHECKLIST_MEMORY,
	CHECKLIST_CPU,
	CHECKLIST_LATENCY,
	CHECKLIST_THROUGHPUT,
	CHECKLIST_INFLUXDB,
	CHECKLIST_REDIS,
	CHECKLIST_ITEMS
};

struct checklist_item_info {
	const char *name, *title; /* section of the file; for people */
};
extern const struct checklist_item_info checklist_items[CHECKLIST_ITEMS];

/* How the figure must stand to the target; CHECKLIST_NO_OP: there is none. */
enum checklist_op {
	CHECKLIST_NO_OP,
	CHECKLIST_AT_MOST,
	CHECKLIST_LESS,
	CHECKLIST_AT_LEAST,
	CHECKLIST_MORE,
	CHECKLIST_OPS
};
extern const char *const checklist_op_names[CHECKLIST_OPS];

#define CHECKLIST_CLAUSES_MAX 16 /* of a line */
#define CHECKLIST_ANY	      (-1)

/* One subject of a line, "c <= 100 ms", or one comparison, "python:c >= 80 %". */
struct checklist_clause {
	char a[24], b[24]; /* b: "" when it is no comparison */
	int extractor;	   /* enum event_type, or CHECKLIST_ANY: those that no other clause names */
	enum checklist_op op;
	double target; /* in the figure's unit; of a comparison in % */
};

struct checklist_rule {
	enum checklist_item item;
	char *name;
	char scenario[24], phase[16]; /* phase: "" of an integration item */
	bool is_figure;
	struct figure figure; /* when it is one */
	char asked[64];	      /* else the integration item's name */
	size_t n_clauses;
	struct checklist_clause clauses[CHECKLIST_CLAUSES_MAX];
};

struct checklist_rules {
	size_t n;
	struct checklist_rule *v; /* in the order of items, then of the file */
};

/* `name` stands before the line number in errors.  -EINVAL for a wrong file. */
int checklist_rules_parse(struct checklist_rules *rules, const char *text, size_t len,
			  const char *name, struct err *e) MUST_CHECK;
void checklist_rules_release(struct checklist_rules *rules);

/* The unit of a clause's target and value. */
const char *checklist_unit(const struct checklist_rule *rule,
			   const struct checklist_clause *clause);
/* Does it speak for the extractor?  One that names it comes before one that names none. */
bool checklist_applies(const struct checklist_rule *rule, const struct checklist_clause *clause,
		       int extractor);

/* The generated part of scenarios/README.md about it. */
void checklist_rules_markdown(struct buf *out);

#endif
